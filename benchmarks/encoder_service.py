"""Time an encoder service: until it is ready, the first text, and ten clients at once.

Each line has the figure, what it is compared with, and their ratio. The service and the plain
process keep no embeddings, so every text is encoded.
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
        "--threads", type=int, nargs="*", default=[None], help="threads of the service to compare"
    )
    options = parser.parse_args()
    for threads in options.threads:
        environment = os.environ | {"COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "0"}
        if threads is not None:
            environment |= {"COLBERT_EXPLAIN_ENCODER_THREADS": str(threads)}
            print(f"{threads} threads")
        measure(environment, options.rounds)


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
