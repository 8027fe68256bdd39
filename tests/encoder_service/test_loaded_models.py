import asyncio
import threading
from contextlib import AsyncExitStack

import pytest

from colbert_explain.encoder_service.loaded_models import LoadedModels
from colbert_explain.encoders.remote.protocol import NamedModel


class Loader:
    """Makes objects in place of encoders; a model called "held" waits until it is let go."""

    def __init__(self):
        self.loaded, self.go = [], threading.Event()

    def __call__(self, named):
        if named.model == "held":
            self.go.wait(60)
        if named.model == "bad":
            raise ValueError("its weights are damaged")
        self.loaded.append(named.model)
        return f"encoder {named.model}"


def models_of(most=2):
    loader = Loader()
    return LoadedModels(loader, most), loader


async def used(models, name, said=None):
    async with models.use(NamedModel(name), (said if said is not None else []).append) as encoder:
        return encoder


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


def names(models):
    return [place["model"] for place in models.names()]


async def ask_and_give_up(models, name, said):
    """Ask for a model, and cancel the request once something has been said to it."""
    request = asyncio.create_task(used(models, name, said))
    await until(lambda: said)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request


def test_the_model_unused_for_longest_goes_and_the_others_are_loaded_once():
    async def test():
        models, loader = models_of()
        for name in ("a", "b", "a", "c", "a"):
            assert await used(models, name) == f"encoder {name}"
        assert loader.loaded == ["a", "b", "c"]
        assert names(models) == ["a", "c"]

    asyncio.run(test())


def test_those_who_want_the_same_model_share_one_load_and_hear_of_it():
    async def test():
        models, loader = models_of()
        said = [[] for _ in range(5)]
        tasks = [asyncio.create_task(used(models, "held", notes)) for notes in said]
        await until(lambda: all(said))
        assert {notes[-1]().split(":")[0] for notes in said} == {"Loading held"}
        loader.go.set()
        assert set(await asyncio.gather(*tasks)) == {"encoder held"}
        assert loader.loaded == ["held"]
        assert said[0][-1]() == ""

    asyncio.run(test())


def test_a_model_in_use_stays_until_it_is_not_and_who_wants_it_again_waits():
    async def test():
        models, loader = models_of()
        async with AsyncExitStack() as stack:
            for name in ("a", "b"):
                await stack.enter_async_context(models.use(NamedModel(name), lambda note: None))
            said = []
            third = asyncio.create_task(used(models, "c", said))
            await until(lambda: said)
            assert "another model" in said[-1]()
            again = asyncio.create_task(used(models, "a"))
            await asyncio.sleep(0)
            assert loader.loaded == ["a", "b"]
        assert await third == "encoder c"
        assert await again == "encoder a"
        assert len(names(models)) == 2

    asyncio.run(test())


def test_a_model_that_cannot_be_loaded_takes_no_place_and_may_be_tried_again():
    async def test():
        models, _ = models_of(most=1)
        for _ in range(2):
            with pytest.raises(ValueError, match="damaged"):
                await used(models, "bad")
        assert names(models) == []
        assert await used(models, "a") == "encoder a"

    asyncio.run(test())


def test_a_load_that_nobody_waits_for_any_more_still_counts():
    async def test():
        models, loader = models_of(most=1)
        said = []
        await ask_and_give_up(models, "held", said)
        next_one = asyncio.create_task(used(models, "a", said))
        await until(lambda: len(said) > 1)
        assert loader.loaded == []
        loader.go.set()
        assert await next_one == "encoder a"
        assert names(models) == ["a"]

    asyncio.run(test())


def test_settings_make_models_of_their_own():
    async def test():
        models, loader = models_of()
        for arguments in ({}, {"document_length": 9}, {}):
            async with models.use(NamedModel("a", arguments), lambda note: None):
                pass
        assert loader.loaded == ["a", "a"]

    asyncio.run(test())


def test_a_model_that_is_to_be_kept_goes_only_where_no_other_can():
    async def test():
        models, loader = models_of()
        models.keep(NamedModel("a"))
        for name in ("a", "b", "c", "d", "a"):
            await used(models, name)
        assert loader.loaded == ["a", "b", "c", "d"]
        async with models.use(NamedModel("d"), lambda note: None):
            said = []
            waits = asyncio.create_task(used(models, "e", said))
            await until(lambda: said)
            assert names(models) == ["a", "d"]
        assert await waits == "encoder e"
        assert names(models) == ["a", "e"]

        alone, loader = models_of(most=1)
        alone.keep(NamedModel("a"))
        for name in ("a", "b", "a"):
            await used(alone, name)
        assert loader.loaded == ["a", "b", "a"]

    asyncio.run(test())


def test_who_came_first_gets_the_next_place():
    async def test():
        models, loader = models_of(most=1)
        async with models.use(NamedModel("a"), lambda note: None):
            said = [[] for _ in range(6)]
            tasks = []
            for name, notes in zip("bcdaef", said, strict=True):
                tasks.append(asyncio.create_task(used(models, name, notes)))
                await until(lambda notes=notes: notes)
            tasks[1].cancel()
        await used(models, "g")  # asks before any of the others has heard that a place is free
        await asyncio.gather(*tasks, return_exceptions=True)
        assert loader.loaded == list("abdaefg")

    asyncio.run(test())


def test_a_model_stays_if_who_needed_its_place_has_gone():
    async def test():
        models, loader = models_of(most=1)
        async with models.use(NamedModel("a"), lambda note: None):
            said = []
            await ask_and_give_up(models, "b", said)
            async with asyncio.timeout(60):
                assert await used(models, "a") == "encoder a"
        assert await used(models, "a") == "encoder a"
        assert loader.loaded == ["a"]

    asyncio.run(test())
