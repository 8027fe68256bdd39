"""Time `maxsim_scores` beside the plain loop that it has to keep up with.

1,000 documents of 60 to 540 tokens, 32 query tokens, at 128 and at 768 dimensions. Runs are
interleaved, medians are compared, and the scores are held against those of the loop.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from colbert_explain import TokenEmbeddings, TokenSequence, maxsim_scores
from colbert_explain.similarity import TIE_TOLERANCE

N_QUERY = 32


def unit_rows(rng: np.random.Generator, rows: int, dim: int) -> np.ndarray:
    """Make random unit-length vectors, float32."""
    vectors = rng.normal(size=(rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def with_tokens(vectors: np.ndarray) -> TokenEmbeddings:
    """Give vectors tokens, as an encoder does."""
    return TokenEmbeddings(TokenSequence.from_strings(["a"] * len(vectors)), vectors)


def measure(dim: int, n_documents: int, rounds: int) -> None:
    """Print medians of all ways at one number of dimensions."""
    rng = np.random.default_rng(0)
    query = unit_rows(rng, N_QUERY, dim)
    documents = [unit_rows(rng, n, dim) for n in rng.integers(60, 541, n_documents)]
    checked_query, checked = with_tokens(query), [with_tokens(d) for d in documents]
    ways: dict[str, Callable[[], object]] = {
        "plain loop": lambda: [(query @ d.T).max(1).sum() for d in documents],
        "TokenEmbeddings": lambda: maxsim_scores(checked_query, checked),
        "raw arrays": lambda: maxsim_scores(query, documents),
    }
    expected = np.array(ways["plain loop"]())
    for name, way in ways.items():
        furthest = float(np.abs(np.asarray(way()) - expected).max())
        if furthest > N_QUERY * TIE_TOLERANCE:
            raise SystemExit(f"{name}: a score differs from the plain loop's by {furthest:.2g}")
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["plain loop"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{dim:4} dimensions  {name:16} {1000 * median:7.1f} ms  {median / base:5.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    for dim in (128, 768):
        measure(dim, options.documents, options.rounds)


if __name__ == "__main__":
    main()
