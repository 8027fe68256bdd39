import threading

import pytest

from colbert_explain.app.jobs.job import Cancelled, Job, Status, Watch
from colbert_explain.app.jobs.main_thread import MainThread


class Page(list):
    """What a job has shown, in order."""

    @property
    def now(self):
        return self[-1]


@pytest.fixture
def page():
    return Page()


@pytest.fixture
def job(page):
    made = Job(MainThread(), page.append)
    yield made
    made.wait(120.0)


def test_a_result_is_delivered_and_progress_told(page, job):
    done = []

    def work(watch):
        watch.report("half", 0.5)
        return 7

    job.start(work, done.append, "Starting …")
    job.wait(120.0)
    assert done == [7]
    assert page == [Status(True, "Starting …"), Status(True, "half", 0.5), Status()]
    assert job.status == Status()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("query must be short, got <b>"), "Query must be short, got <b>."),
        (KeyError("x"), "Something went wrong: KeyError: 'x'"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_goes_wrong_is_said_wherever_it_happens(page, job, error, sentence, late):
    def fail(_):
        raise error

    job.start((lambda _: 1) if late else fail, fail if late else pytest.fail)
    job.wait(120.0)
    assert page.now == Status(problem=sentence)


class Gate:
    """Work that waits until the test lets it go on, and does not look whether it still may."""

    def __init__(self):
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, watch):
        self.reached.set()
        self.go_on.wait(120.0)
        watch.report("too late", 1.0)
        return "old"


@pytest.mark.parametrize("end", ["cancel", "forget", "start", "fail"])
def test_what_was_cancelled_is_never_delivered_nor_told(page, job, end):
    gate, done = Gate(), []
    job.start(gate, done.append)
    assert gate.reached.wait(120.0)
    first = job._worker
    if end == "start":
        job.start(lambda _: "new", done.append)
        job.wait(120.0)
    elif end == "fail":
        job.fail("Enter a query first.")
    else:
        getattr(job, end)()
    expected = {
        "cancel": Status(text="Cancelled."),
        "fail": Status(problem="Enter a query first."),
    }.get(end, Status())
    assert page.now == expected
    gate.go_on.set()
    first.join(120.0)
    assert page.now == expected
    assert done == (["new"] if end == "start" else [])


def test_cancel_after_the_end_says_nothing(page, job):
    job.start(lambda _: 1, lambda _: None)
    job.wait(120.0)
    job.cancel()
    assert page.now == Status()


def test_a_problem_that_comes_again_is_announced_again(page, job):
    job.fail("No.")
    job.fail("No.")
    assert page == [Status(), Status(problem="No.")] * 2


def test_waiting_has_an_end(job):
    gate = Gate()
    job.start(gate, pytest.fail)
    with pytest.raises(TimeoutError, match=r"not finished after 0\.05 s"):
        job.wait(0.05)
    job.cancel()
    gate.go_on.set()


def test_a_watch_stops_the_work():
    watch = Watch(lambda *_: None)
    watch.check()
    watch.stop()
    assert watch.stopped
    with pytest.raises(Cancelled):
        watch.check()
