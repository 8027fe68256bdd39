import pytest

from colbert_explain.app.jobs.counted_progress import CountedProgress
from colbert_explain.app.jobs.job import Cancelled, Watch


def test_it_tells_how_far_the_work_is_but_not_every_step():
    told = []
    progress = CountedProgress(Watch(lambda text, share: told.append((text, share))), "Query")
    for done in range(1001):
        progress(done, 1000)
    assert told[0] == ("Query 0 of 1,000", 0.0)
    assert told[-1] == ("Query 1,000 of 1,000", 1.0)
    assert len(told) < 500


def test_it_says_how_long_the_rest_takes(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    told = []
    progress = CountedProgress(Watch(lambda text, share: told.append(text)), "Document", 10)
    now[0] += 20
    progress(20, 50)  # ten in 20 seconds, thirty are left
    assert told == ["Document 20 of 50, 60 seconds left"]
    now[0] += 400
    progress(24, 50)
    assert told[-1] == "Document 24 of 50, 13 minutes left"


def test_it_stops_work_that_was_cancelled():
    watch = Watch(lambda text, share: None)
    watch.stop()
    with pytest.raises(Cancelled):
        CountedProgress(watch, "Query")(0, 10)
