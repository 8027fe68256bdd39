"""Many requests, some of which are cancelled or cut, while the service is killed again and again.

By default 300 requests to toys. Other numbers, and the bundled encoder in the place of the toys:

    TESTS_SERVICE_REQUESTS=1000 TESTS_SERVICE_SEED=7 TESTS_SERVICE_BUNDLED=1 \\
        pytest tests/encoder_service/test_stress.py -s
"""

import os
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress

import httpx
import psutil
import pytest

from colbert_explain.encoders import load_encoder
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
from tests import patience
from tests.encoder_service.programs import TOY_SERVICE, wait_for

N_REQUESTS = int(os.environ.get("TESTS_SERVICE_REQUESTS", "300"))
SEED = int(os.environ.get("TESTS_SERVICE_SEED", "0"))
IS_BUNDLED = os.environ.get("TESTS_SERVICE_BUNDLED") == "1"
N_CLIENTS = 10
#: Seconds for all requests, and for the service to be there again.
TO_END, TO_RETURN = 2 * N_REQUESTS, 300
#: Requests between two kills, about; before the first kill there are twice as many.
PER_LIFE = 60
#: Words of a request: after a kill the same text must be encoded at the next try.
TRY_AGAIN = ("try again", "no encoder service answers")


def said(error):
    """Return whether an error tells what to do after a kill."""
    return any(words in str(error) for words in TRY_AGAIN)


class CutError(Exception):
    """A client that leaves."""


class Visitor:
    """Sends requests of all kinds, decided by a seed."""

    def __init__(self, stress, seed):
        self.stress, self.random = stress, random.Random(seed)
        self.encoder = ServiceEncoder(stress.service.address)

    def request(self, number):
        """Send a request; return how it ended."""
        kind = self.random.choices(("short", "long", "cancel", "cut"), (5, 2, 2, 2))[0]
        words = self.random.randint(1, 30) if kind == "short" else self.random.randint(200, 500)
        # The toy is held until it is cancelled; else nothing would be reported before its result.
        start = f"wait until-cancelled {number} " if kind == "cancel" else f"number {number} "
        text = start + "some word " * words
        left = self.random.randint(1, 2)

        def progress(done, total):
            nonlocal left
            left -= 1
            if kind == "cancel" and left <= 0:
                raise CutError

        if kind == "cut":
            return self.cut(text)
        n_killed = 0
        while True:
            life = self.stress.life
            try:
                found = self.encoder.embed_document(text, progress=progress)
            except CutError:
                return "cancelled"
            except ConnectionError as error:
                # Only a kill is an excuse, and one kill for one failure only.
                if not (said(error) and self.stress.wait_for_life_after(life)):
                    raise
                n_killed += 1
                continue
            assert found.tokens.text == text
            return "encoded after a kill" if n_killed else "encoded"

    def cut(self, text):
        """Close the connection after the first bytes of the answer, or before them."""
        # The kill comes before the cut, now and then.
        with suppress(httpx.TransportError), self.stress.service.client() as client:
            body = {"side": "document", "text": text}
            with client.stream("POST", "/encode", json=body) as answer:
                if self.random.random() < 0.5:
                    events = answer.iter_bytes()
                    next(events)
        return "cut"


class Stress:
    """A service that is killed at random moments, and what was seen of it."""

    def __init__(self, service):
        self.service, self.random = service, random.Random(SEED)
        self.life = 0  # counts starts; grows once the service is ready again
        self.n_ended = 0
        self.n_files_at_first = 0
        self.spans = []  # memory in the middle and at the end of each life
        self._changed = threading.Condition()

    def ended(self):
        with self._changed:
            self.n_ended += 1
            self._changed.notify_all()

    def wait_for_life_after(self, life):
        with self._changed:
            return self._changed.wait_for(lambda: self.life > life, patience.seconds(TO_RETURN))

    def kill_at_random(self, n_requests):
        """Kill and restart the service until so many requests have ended; measure each life."""
        begin = 0
        while True:
            span = self.random.randint(PER_LIFE // 2, 3 * PER_LIFE // 2) + (not begin) * PER_LIFE
            if begin + span > n_requests - PER_LIFE // 2:
                span = n_requests - begin  # the last life ends in peace
            self._wait_until(begin + span // 2)
            middle = self.memory()
            self._wait_until(begin + span)
            begin += span
            self.spans.append((span, middle, self.memory()))
            if begin == n_requests:
                return
            time.sleep(self.random.uniform(0, 0.05))
            self.service.kill()
            self.service.start()
            self.n_files_at_first = self.n_files()
            with self._changed:
                self.life += 1
                self._changed.notify_all()

    def _wait_until(self, n_ended):
        with self._changed:
            assert self._changed.wait_for(lambda: self.n_ended >= n_ended, patience.seconds(TO_END))

    def n_files(self):
        return psutil.Process(self.service.process.pid).num_fds()

    def memory(self):
        return psutil.Process(self.service.process.pid).memory_info().rss


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # httpx leaves what a kill has cut open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_cancels_cuts_and_kills_leave_no_request_no_file_and_no_memory(start):
    service = start(
        "colbert_explain.encoder_service" if IS_BUNDLED else TOY_SERVICE,
        {"COLBERT_EXPLAIN_ENCODER_QUEUE": "100", "COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "0"},
    )
    stress = Stress(service)
    numbers = iter(range(N_REQUESTS))
    one_at_a_time = threading.Lock()

    def visit(seed):
        visitor, outcomes = Visitor(stress, seed), []
        while True:
            with one_at_a_time:
                number = next(numbers, None)
            if number is None:
                return outcomes
            outcomes.append(visitor.request(number))
            stress.ended()

    with ThreadPoolExecutor(N_CLIENTS + 1) as pool:
        killer = pool.submit(stress.kill_at_random, N_REQUESTS)
        visits = [pool.submit(visit, N_CLIENTS * SEED + n) for n in range(N_CLIENTS)]
        outcomes = Counter()
        for each in as_completed(visits, timeout=patience.seconds(TO_END)):
            outcomes.update(each.result())
        killer.result()

    growth = [f"{end / middle - 1:+.1%} of {n}" for n, middle, end in stress.spans]
    sys.stdout.write(f"{dict(outcomes)}, memory of each life: {', '.join(growth)}\n")  # with -s
    assert outcomes.total() == N_REQUESTS
    assert set(outcomes) == {"encoded", "encoded after a kill", "cancelled", "cut"}
    assert stress.life >= 2, "it must be killed more than once"
    service.wait_until(requests=0, waiting=0)
    for n_requests, middle, end in stress.spans:
        assert end < 1.1 * middle, f"memory grew from {middle} to {end} within {n_requests}"
    wait_for(lambda: stress.n_files() <= stress.n_files_at_first, "connections must be closed")
    assert load_encoder(service.address).embed_document("after all").tokens
    wait_for(lambda: threading.active_count() < 20, "threads must end")
