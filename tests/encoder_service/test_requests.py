import asyncio
from types import SimpleNamespace

from colbert_explain.encoder_service import requests
from colbert_explain.encoder_service.requests import BETWEEN_REPORTS, Asked, Request


def test_progress_is_reported_at_most_ten_times_a_second(monkeypatch):
    now = 100.0
    monkeypatch.setattr(requests, "time", SimpleNamespace(monotonic=lambda: now))

    async def run():
        nonlocal now
        request = Request(Asked("toy"), "client")
        for done in range(30):  # three steps between two reports
            request.report(done, 30)
            now += BETWEEN_REPORTS / 3 + 1e-9
        request.tell({"event": "result"})
        return await request.next_events(60)

    events = asyncio.run(run())
    done = [event["done"] for event in events if event["event"] == "progress"]
    assert done == [3, 6, 9, 12, 15, 18, 21, 24, 27]
    assert events[-1] == {"event": "result"}
