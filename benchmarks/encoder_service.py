"""Time an encoder service: until it is ready, the first text, and ten clients at once.

Each line has the figure, what it is compared with, and their ratio. The service and the plain
process keep no embeddings, so every text is encoded. ``--threads 1 2`` compares services with one
and two threads for each text instead: alone, with another text, and beside a busy program.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from colbert_explain.encoder_service.child import EncoderChild
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder

QUERY = "What do elephants eat?"
DOCUMENT = "Elephants eat about 150 kg of grass, bark and fruit per day. " * 10
FIRST_EXPLAIN = f"import colbert_explain as ce; ce.explain({QUERY!r}, {DOCUMENT!r})"
N_CLIENTS = 10


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is printed")
    parser.add_argument(
        "--threads", type=int, nargs="+", default=[], help="compare services with so many threads"
    )
    options = parser.parse_args()
    environment = os.environ | {"COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "0"}
    if options.threads:
        compare_threads(environment, options.threads, options.rounds)
    else:
        measure(environment, options.rounds)


def compare_threads(environment: dict[str, str], threads: list[int], rounds: int) -> None:
    """Print a line for each number of threads: medians of the time of one short text."""
    names = ["alone", "two at once", "alone, beside a busy program", "two at once, beside it"]
    print(f"{'threads':8}" + "".join(f"{name:>30}" for name in names))
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(2))
        services = {}
        for number in threads:
            with_threads = environment | {"COLBERT_EXPLAIN_ENCODER_THREADS": str(number)}
            child = stack.enter_context(EncoderChild(environment=with_threads))
            child.wait_until_ready(600)
            services[number] = [ServiceEncoder(child.address) for _ in range(2)]
        taken: dict[tuple[int, str], list[float]] = {}
        for is_busy in (False, True):
            busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if is_busy else None
            for turn in range(rounds):
                for number, clients in services.items():  # in turns, so that they share conditions
                    texts = [f"{DOCUMENT} {is_busy} {turn} {n}" for n in range(4)]
                    one = seconds(lambda c=clients, t=texts: c[0].embed_document(t[0]))
                    both = seconds(
                        lambda c=clients, t=texts: list(
                            pool.map(ServiceEncoder.embed_document, c, t[1:3])
                        )
                    )
                    for name, value in zip(names[2 * is_busy :], (one, both), strict=False):
                        taken.setdefault((number, name), []).append(value)
            if busy is not None:
                busy.kill()
                busy.wait()
    for number in threads:
        medians = (statistics.median(taken[number, name]) for name in names)
        print(f"{number:<8}" + "".join(f"{1000 * value:27.0f} ms" for value in medians))


def measure(environment: dict[str, str], rounds: int) -> None:
    """Print the lines for a service with these variables."""
    plain, ready, first, second = [], [], [], []
    for _ in range(rounds):
        command = [sys.executable, "-c", FIRST_EXPLAIN]
        plain.append(seconds(lambda c=command: subprocess.run(c, env=environment, check=True)))
        started = time.perf_counter()
        with EncoderChild(environment=environment) as child:
            child.wait_until_ready(600)
            ready.append(time.perf_counter() - started)
            encoder = ServiceEncoder(child.address)
            first.append(seconds(lambda e=encoder: explain_with(e, "first")))
            second.append(seconds(lambda e=encoder: explain_with(e, "second")))
    say("ready, against a plain process's first explain", ready, plain)
    say("first text of a client, against the second", first, second)

    alone, together = [], []
    with EncoderChild(environment=environment) as child, ThreadPoolExecutor(N_CLIENTS) as pool:
        child.wait_until_ready(600)
        clients = [ServiceEncoder(child.address) for _ in range(N_CLIENTS)]
        for client in clients:
            client.load()
        for number in range(rounds):
            alone.append(seconds(lambda n=number: explain_with(clients[0], f"alone {n}")))
            texts = [f"client {client} round {number}" for client in range(N_CLIENTS)]
            together.append(seconds(lambda t=texts: list(pool.map(explain_with, clients, t))))
    say(f"{N_CLIENTS} clients at once, against one alone", together, alone)


def explain_with(encoder: ServiceEncoder, what: str) -> None:
    """Encode a query and a document that no other call encodes."""
    encoder.embed_query(f"{QUERY} {what}")
    encoder.embed_document(f"{DOCUMENT} {what}")


def seconds(work: Callable[[], object]) -> float:
    """Return how long work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def say(what: str, these: list[float], those: list[float]) -> None:
    """Print two medians and their ratio."""
    this, that = statistics.median(these), statistics.median(those)
    print(f"{what:50} {this:8.3f} s {that:8.3f} s {this / that:6.2f}")


if __name__ == "__main__":
    main()
