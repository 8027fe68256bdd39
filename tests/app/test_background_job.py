import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from colbert_explain.app.background_job import BackgroundJob, Cancelled, MainThread, check_stop


@pytest.fixture
def page():
    return SimpleNamespace(busy=False, status="", progress=None, problem="")


@pytest.fixture
def job(page):
    made = BackgroundJob(page, MainThread())
    yield made
    made.wait(120.0)


def test_a_result_is_delivered_and_progress_told(page, job):
    told, done = [], []

    def work(_, report):
        assert page.busy
        report("half", 0.5)
        told.append((page.status, page.progress))
        return 7

    job.start(work, done.append)
    job.wait(120.0)
    assert (done, told) == ([7], [("half", 0.5)])
    assert (page.busy, page.status, page.problem) == (False, "Done.", "")


def test_what_is_said_at_once_is_one_message_to_a_page(page):
    messages = []

    @contextmanager
    def hold_sync():
        yield
        messages.append((page.busy, page.status, page.progress))

    page.hold_sync = hold_sync
    job = BackgroundJob(page, MainThread())
    job.start(lambda _, report: report("half", 0.5), lambda _: None)
    job.wait(120.0)
    assert messages == [(True, "Starting …", None), (True, "half", 0.5), (False, "Done.", 0.5)]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("query must be short, got <b>"), "Query must be short, got <b>."),
        (KeyError("x"), "Something went wrong: KeyError: 'x'"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_goes_wrong_is_said_wherever_it_happens(page, job, error, sentence, late):
    def fail(*_):
        raise error

    job.start((lambda *_: 1) if late else fail, fail if late else pytest.fail)
    job.wait(120.0)
    assert (page.busy, page.status, page.problem) == (False, "", sentence)


class Gate:
    """Work that waits until the test lets it go on, and does not look whether it still may."""

    def __init__(self):
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, stop, report):
        self.reached.set()
        self.go_on.wait(120.0)
        report("too late", 1.0)
        return "old"


@pytest.mark.parametrize("end", ["cancel", "forget", "start"])
def test_what_was_given_up_is_never_delivered_nor_told(page, job, end):
    gate, done = Gate(), []
    job.start(gate, done.append)
    assert gate.reached.wait(120.0)
    first = job._worker
    if end == "start":
        job.start(lambda *_: "new", done.append)
        job.wait(120.0)
    else:
        getattr(job, end)()
    said = {"cancel": "Cancelled.", "forget": "", "start": "Done."}[end]
    assert (page.busy, page.status) == (False, said)
    gate.go_on.set()
    first.join(120.0)
    assert (page.busy, page.status, page.problem) == (False, said, "")
    assert done == (["new"] if end == "start" else [])


def test_cancel_after_the_end_says_nothing(page, job):
    job.start(lambda *_: 1, lambda _: None)
    job.wait(120.0)
    job.cancel()
    assert page.status == "Done."


def test_waiting_has_an_end(job):
    gate = Gate()
    job.start(gate, pytest.fail)
    with pytest.raises(TimeoutError, match=r"not finished after 0\.05 seconds"):
        job.wait(0.05)
    job.cancel()
    gate.go_on.set()


def test_the_event_stops_the_work():
    stop = threading.Event()
    check_stop(stop)
    stop.set()
    with pytest.raises(Cancelled):
        check_stop(stop)
