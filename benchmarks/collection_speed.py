"""Time building and searching a collection, compared with the work that cannot be avoided.

Texts of about 60 tokens are made from the words of the samples. Building in a folder is compared
with encoding the same texts: each hundred is encoded alone just before it is added, so that both
meet the same machine. Searching in memory, and in a folder that was read once, is compared with the
matrix product of the query and all vectors; the searched vectors are made up, one per word. Runs
are interleaved, medians are compared. Private memory (USS) is read during the build.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil

from colbert_explain import (
    Provenance,
    Token,
    TokenEmbeddings,
    TokenSequence,
    load_encoder,
    load_samples,
)
from colbert_explain.embeddings import Encoder, Progress
from colbert_explain.search import Collection, open_collection

#: Words of a text, which become about 60 tokens; texts per timed batch.
N_WORDS, BATCH = 42, 100
DIM = 768
WORDS = sorted(
    {word for one in load_samples() for word in re.findall("[a-z]+", f"{one.query} {one.document}")}
)
LIMITS = {"build": 1.15, "memory": 1.3, "disk": 1.6, "private memory": 1.1}


def texts(n: int) -> list[tuple[str, str]]:
    """Make ids and texts, the same in every run."""
    rng = np.random.default_rng(0)
    return [
        (f"d{i}", " ".join(rng.choice(WORDS, N_WORDS + rng.integers(-10, 11)))) for i in range(n)
    ]


class MadeUpEncoder:
    """One random vector per word, at once."""

    name, dim, document_length = "made up", DIM, 512

    def __init__(self) -> None:
        vectors = np.random.default_rng(0).normal(size=(len(WORDS), DIM)).astype(np.float32)
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        self._number = {word: i for i, word in enumerate(WORDS)}

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Look up a query's words."""
        return self.embed_document(text)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Look up a text's words."""
        words, tokens, start = text.split(), [], 0
        for word in words:
            tokens.append(Token(self._number[word], word, word, start, start + len(word)))
            start += len(word) + 1
        vectors = self._vectors[[token.id for token in tokens]]
        return TokenEmbeddings(
            TokenSequence(text, tuple(tokens)), vectors, Provenance("made up", dim=DIM)
        )


class Building:
    """Gives texts to a build, and times what happens between them."""

    def __init__(self, given: list[tuple[str, str]], encoder: Encoder) -> None:
        self._given = given
        self._encoder = encoder
        self.alone = self.inside = 0.0
        self.memory: list[int] = []

    def __iter__(self) -> Iterator[tuple[str, str]]:
        process = psutil.Process()
        for first in range(0, len(self._given), BATCH):
            began = time.perf_counter()
            batch = self._given[first : first + BATCH]
            for _, text in batch:
                self._encoder.embed_document(text, progress=lambda *_: None)
            ended = time.perf_counter()
            self.alone += ended - began
            self.memory.append(process.memory_full_info().uss)
            self.inside += time.perf_counter() - began
            yield from batch


def measure_build(n: int, folder: Path, encoder: Encoder) -> None:
    """Print what building costs beside encoding, and how private memory grows."""
    encoder.embed_document(texts(1)[0][1])  # loads the model
    building = Building(texts(n), encoder)
    began = time.perf_counter()
    Collection.build(building, encoder, folder, progress=lambda *_: None).close()
    build = time.perf_counter() - began - building.inside
    show("encoding alone", building.alone)
    show("build", build, building.alone, LIMITS["build"])
    second = np.array(building.memory[len(building.memory) // 2 :]) / 1e6
    print(
        f"private memory in the second half: {second.min():,.0f} to {second.max():,.0f} MB, "
        f"ratio {second.max() / second.min():.2f} (at most {LIMITS['private memory']})"
    )


def measure_search(n: int, folder: Path, rounds: int) -> None:
    """Print what exact searches cost beside the product."""
    encoder, given = MadeUpEncoder(), texts(n)
    began = time.perf_counter()
    Collection.build(given, encoder, folder, progress=lambda *_: None).close()
    show(f"build of {n:,} with made-up vectors", time.perf_counter() - began)
    began = time.perf_counter()
    disk = open_collection(folder, encoder)
    show("opening it", time.perf_counter() - began)
    query = encoder.embed_query(" ".join(WORDS[:20]))
    began = time.perf_counter()
    hits = disk.search(query)
    show("first search, which checks all digests", time.perf_counter() - began)
    memory = Collection.build(given, encoder, progress=lambda *_: None)
    if memory.search(query).names != hits.names:
        raise SystemExit("the engines found different documents")
    vectors = np.concatenate([memory.embeddings(id_).embeddings.vectors for id_, _ in given])
    ways: dict[str, Callable[[], object]] = {
        "product": lambda: [
            query.vectors @ vectors[first : first + 4096].T
            for first in range(0, len(vectors), 4096)
        ],
        "memory": lambda: memory.engine.search(query.vectors, 10),
        "disk": lambda: disk.engine.search(query.vectors, 10),
        "hits in memory": lambda: memory.search(query),
        "hits on disk": lambda: disk.search(query),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    base = statistics.median(times["product"])
    for name, taken in times.items():
        show(name, statistics.median(taken), base, LIMITS.get(name))


def show(name: str, seconds: float, base: float | None = None, limit: float | None = None) -> None:
    """Print a time, how many times as long it is as another, and how many it may be."""
    ratio = "" if base is None else f"{seconds / base:7.2f}"
    print(f"{name:44} {seconds:9.3f} s{ratio}{f' (at most {limit})' if limit else ''}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000, help="to encode and build")
    parser.add_argument("--searched", type=int, default=20_000, help="to search; 180 kB each")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, help="where to build; by default a temporary folder")
    parser.add_argument("--made-up", action="store_true", help="build without a model too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        if options.documents:
            encoder = MadeUpEncoder() if options.made_up else load_encoder()
            measure_build(options.documents, Path(folder) / "built", encoder)
        if options.searched:
            measure_search(options.searched, Path(folder) / "searched", options.rounds)


if __name__ == "__main__":
    main()
