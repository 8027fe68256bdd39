import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress

import httpx
import psutil
import pytest

from colbert_explain.encoders import load_encoder
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
from tests import patience
from tests.encoder_service.programs import wait_for

#: A thousand are asked for by TESTS_SERVICE_REQUESTS=1000.
N_REQUESTS = int(os.environ.get("TESTS_SERVICE_REQUESTS", "300"))
N_CLIENTS = 10


class CutError(Exception):
    """A client that leaves."""


class Visitor:
    """Sends requests of all kinds, decided by a seed, and counts how each ended."""

    def __init__(self, service, seed):
        self.service, self.random = service, random.Random(seed)
        self.encoder = ServiceEncoder(service.address)

    def request(self, number):
        """Send a request; return how it ended."""
        kind = self.random.choices(("short", "long", "cancel", "cut"), (5, 2, 2, 2))[0]
        words = self.random.randint(1, 30) if kind == "short" else self.random.randint(300, 900)
        text = f"number {number} " + "some word " * words
        left = self.random.randint(1, 15)

        def progress(done, total):
            nonlocal left
            left -= 1
            if kind == "cancel" and left <= 0:
                raise CutError

        try:
            if kind == "cut":
                return self.cut(text)
            found = self.encoder.embed_document(text, progress=progress)
        except CutError:
            return "cancelled"
        except ConnectionError as error:
            return str(error)
        assert found.tokens.text == text
        return "encoded"

    def cut(self, text):
        """Close the connection after the first bytes of the answer, or before them."""
        # The kill comes before the cut, now and then.
        with suppress(httpx.TransportError), self.service.client() as client:
            body = {"side": "document", "text": text}
            with client.stream("POST", "/encode", json=body) as answer:
                if self.random.random() < 0.5:
                    events = answer.iter_bytes()
                    next(events)
        return "cut"


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # httpx leaves what a kill has cut open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_cancels_cuts_and_a_kill_leave_no_request_and_no_memory(start):
    service = start(environment={"COLBERT_EXPLAIN_ENCODER_QUEUE": "100"})
    visitors = [Visitor(service, seed) for seed in range(N_CLIENTS)]
    shares = N_REQUESTS // N_CLIENTS // 2
    memory = []

    def many(visitor, first):
        return [visitor.request(first + n) for n in range(shares)]

    def half(first):
        with ThreadPoolExecutor(N_CLIENTS) as pool:
            started = [pool.submit(many, visitor, first) for visitor in visitors]
            ended = as_completed(started, timeout=patience.seconds(300))
            return [outcome for each in ended for outcome in each.result()]

    half(0)  # before memory is measured, every kind of request has been there
    memory.append(psutil.Process(service.process.pid).memory_info().rss)
    outcomes = half(1000)
    service.wait_until(requests=0, waiting=0)
    memory.append(psutil.Process(service.process.pid).memory_info().rss)
    assert len(outcomes) == shares * N_CLIENTS
    assert set(outcomes) == {"encoded", "cancelled", "cut"}, set(outcomes)
    assert memory[1] < 1.1 * memory[0], memory

    killer = threading.Thread(target=_kill_when_busy, args=(service,))
    killer.start()
    try:
        outcomes = half(2000)
    finally:
        killer.join()
    said = set(outcomes) - {"encoded", "cancelled", "cut"}
    assert said, "the kill must reach somebody"
    assert all("try again" in each or "no encoder service answers" in each for each in said), said
    assert load_encoder(service.address).embed_document("after all").tokens
    service.wait_until(requests=0, waiting=0)
    wait_for(lambda: threading.active_count() < 20, "threads must end")


def _kill_when_busy(service):
    wait_for(lambda: service.health()["requests"] >= 3, "requests must wait")
    service.kill()
    service.start()
