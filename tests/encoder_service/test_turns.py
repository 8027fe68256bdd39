import asyncio
import threading

import pytest

from colbert_explain.encoder_service.turns import Stopped, Together, Turns


class Held:
    """Work that waits in its first window until it is let go, and notes that it ran."""

    def __init__(self, name, ran, windows=1):
        self.name, self.ran, self.windows = name, ran, windows
        self.began, self.go = threading.Event(), threading.Event()

    def __call__(self, turn):
        self.began.set()
        while not self.go.wait(0.005):
            turn.check()
        for window in range(self.windows):
            turn.between_windows()
            self.ran.append(f"{self.name}{window}" if self.windows > 1 else self.name)
        return self.name


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


def in_a_loop(test, at_once=1):
    """Run a coroutine with new turns, and check that their threads end."""

    async def run():
        turns = Turns(at_once)
        try:
            await test(turns)
        finally:
            turns.close()
            assert await asyncio.to_thread(turns.join, 60)

    asyncio.run(run())


def noting(name, ran):
    return lambda turn: ran.append(name)


def test_clients_take_turns():
    async def test(turns):
        ran = []
        first = Held("first", ran)
        tasks = [asyncio.create_task(turns.run("a", False, first))]
        await until(first.began.is_set)
        for client, names in (("a", "123"), ("b", "45"), ("c", "6")):
            for name in names:
                work = noting(client + name, ran)
                tasks.append(asyncio.create_task(turns.run(client, False, work)))
        await until(lambda: turns.n_waiting == 6)
        first.go.set()
        await asyncio.gather(*tasks)
        assert ran == ["first", "a1", "b4", "c6", "a2", "b5", "a3"]

    in_a_loop(test)


def test_short_texts_run_between_windows_one_of_each_client_at_a_time():
    async def test(turns):
        ran = []
        long = Held("long", ran, windows=3)
        tasks = [asyncio.create_task(turns.run("a", False, long))]
        await until(long.began.is_set)
        for client, name in (("b", "b1"), ("b", "b2"), ("a", "a1"), ("c", "other long")):
            work = noting(name, ran)
            tasks.append(asyncio.create_task(turns.run(client, "long" not in name, work)))
        await until(lambda: turns.n_waiting == 4)
        long.go.set()
        await asyncio.gather(*tasks)
        assert ran == ["b1", "a1", "long0", "b2", "long1", "long2", "other long"]

    in_a_loop(test)


def test_a_short_text_lets_nobody_pass():
    async def test(turns):
        ran = []
        short = Held("short", ran, windows=2)
        tasks = [asyncio.create_task(turns.run("a", True, short))]
        await until(short.began.is_set)
        tasks.append(asyncio.create_task(turns.run("b", True, noting("next", ran))))
        await until(lambda: turns.n_waiting == 1)
        short.go.set()
        await asyncio.gather(*tasks)
        assert ran == ["short0", "short1", "next"]

    in_a_loop(test)


def alike(key, item, ran, most=3):
    """How a turn is worked on with others; an item "bad" is an error of its own."""

    def work(turns, items):
        ran.append(" ".join(items))
        return [ValueError(item) if item == "bad" else item.upper() for item in items]

    return Together(key, most, item, work)


def test_turns_of_different_clients_that_can_share_their_work_do():
    async def test(turns):
        ran = []
        first = Held("first", ran)
        tasks = [asyncio.create_task(turns.run("z", True, first))]
        await until(first.began.is_set)
        for client, key, item in (
            ("a", 1, "a1"),
            ("a", 1, "a2"),  # the same client: its turn comes later
            ("b", 2, "b1"),
            ("b", 1, "bad"),
            ("c", 1, "c1"),
            ("d", 1, "d1"),  # one more than may share
        ):
            together = alike(key, item, ran)
            work = noting(f"{item} alone", ran)
            tasks.append(asyncio.create_task(turns.run(client, True, work, together)))
        await until(lambda: turns.n_waiting == 6)
        first.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert ran == ["first", "a1 bad c1", "b1 alone", "d1 a2"]
        assert (results[1], results[5]) == ("A1", "C1")
        assert isinstance(results[4], ValueError)

    in_a_loop(test)


def test_short_texts_between_windows_share_their_work_too():
    async def test(turns):
        ran = []
        long = Held("long", ran, windows=2)
        tasks = [asyncio.create_task(turns.run("z", False, long))]
        await until(long.began.is_set)
        for client, key, item in (("a", 1, "a1"), ("b", 2, "b1"), ("c", 1, "c1"), ("c", 1, "c2")):
            together = alike(key, item, ran)
            work = noting(f"{item} alone", ran)
            tasks.append(asyncio.create_task(turns.run(client, True, work, together)))
        await until(lambda: turns.n_waiting == 4)
        long.go.set()
        await asyncio.gather(*tasks)
        assert ran == ["a1 c1", "b1 alone", "long0", "c2 alone", "long1"]

    in_a_loop(test)


def test_a_cancelled_turn_leaves_the_work_that_it_shares_to_the_others():
    async def test(turns):
        ran, began, go = [], threading.Event(), threading.Event()

        def shared(turns, items):
            began.set()
            assert go.wait(60)
            ran.append([turn.is_stopped for turn in turns])
            return items

        first = Held("first", ran)
        tasks = [asyncio.create_task(turns.run("z", True, first))]
        await until(first.began.is_set)
        for client in "abc":
            together = Together(1, 3, client, shared)
            tasks.append(asyncio.create_task(turns.run(client, True, noting("x", ran), together)))
        await until(lambda: turns.n_waiting == 3)
        tasks[1].cancel()  # before its turn
        await until(lambda: turns.n_waiting == 2)
        first.go.set()
        await until(began.is_set)
        tasks[2].cancel()  # in its turn
        await asyncio.sleep(0)
        go.set()
        assert await tasks[3] == "c"
        assert ran == ["first", [True, False]]
        assert all(task.cancelled() for task in tasks[1:3])

    in_a_loop(test)


def test_a_client_keeps_its_place_when_a_later_text_of_its_own_was_taken():
    async def test(turns):
        ran = []
        tasks = []

        def ask(client, is_short, work, together=None):
            tasks.append(asyncio.create_task(turns.run(client, is_short, work, together)))

        held = [Held(name, ran) for name in ("a1", "c1")]
        ask("a", False, held[0])
        await until(held[0].began.is_set)
        ask("b", False, noting("b long", ran))
        ask("b", True, noting("b short", ran))
        ask("c", False, held[1])
        await until(lambda: turns.n_waiting == 3)
        for one in held:
            one.go.set()
        await asyncio.gather(*tasks)
        assert ran == ["b short", "a1", "b long", "c1"]

    in_a_loop(test)


@pytest.mark.parametrize("fault", [RuntimeError("no memory"), "one result too few"])
def test_turns_whose_shared_work_fails_are_worked_on_alone(fault):
    async def test(turns):
        ran = []

        def shared(turns, items):
            ran.append("shared")
            if isinstance(fault, Exception):
                raise fault
            return items[1:]

        def fail(turn):
            raise ValueError("b is at fault")

        first = Held("first", ran)
        tasks = [asyncio.create_task(turns.run("z", True, first))]
        await until(first.began.is_set)
        for client, work in (("a", noting("a alone", ran)), ("b", fail)):
            together = Together(1, 2, client, shared)
            tasks.append(asyncio.create_task(turns.run(client, True, work, together)))
        await until(lambda: turns.n_waiting == 2)
        first.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert ran == ["first", "shared", "a alone"]
        assert str(results[2]) == "b is at fault"

    in_a_loop(test)


def test_who_is_cancelled_leaves_the_queue_or_ends_at_the_next_step():
    async def test(turns):
        ran = []
        held, never = Held("held", ran), Held("never", ran)
        running = asyncio.create_task(turns.run("a", False, held))
        await until(held.began.is_set)
        waiting = asyncio.create_task(turns.run("b", False, never))
        last = asyncio.create_task(turns.run("b", False, noting("last", ran)))
        await until(lambda: turns.n_waiting == 2)
        for task in (waiting, running):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await last
        assert ran == ["last"]
        assert turns.n_waiting == 0
        assert not never.began.is_set()

    in_a_loop(test)


def test_a_cancelled_short_text_that_was_taken_to_run_does_not_run():
    async def test(turns):
        ran = []
        long = Held("long", ran)
        task = asyncio.create_task(turns.run("a", False, long))
        await until(long.began.is_set)
        short = asyncio.create_task(turns.run("b", True, noting("short", ran)))
        await until(lambda: turns.n_waiting == 1)
        short.cancel()
        with pytest.raises(asyncio.CancelledError):
            await short
        long.go.set()
        assert await task == "long"
        assert ran == ["long"]

    in_a_loop(test)


def test_errors_reach_who_asked_and_no_turn_is_lost():
    async def test(turns):
        def fail(turn):
            raise ValueError("no text")

        def give_up(turn):
            raise Stopped

        for work, error in ((fail, ValueError), (give_up, Stopped)):
            with pytest.raises(error):
                await turns.run("a", False, work)
        assert await turns.run("a", False, lambda turn: 5) == 5

    in_a_loop(test)


def test_as_many_run_at_once_as_may():
    async def test(turns):
        ran = []
        held = [Held(str(n), ran) for n in range(3)]
        tasks = [asyncio.create_task(turns.run("a", False, each)) for each in held]
        await until(lambda: held[0].began.is_set() and held[1].began.is_set())
        assert not held[2].began.is_set()
        assert turns.n_waiting == 1
        held[1].go.set()
        await until(held[2].began.is_set)
        for each in held:
            each.go.set()
        assert await asyncio.gather(*tasks) == ["0", "1", "2"]

    in_a_loop(test, at_once=2)
