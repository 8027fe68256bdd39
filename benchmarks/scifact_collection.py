"""SciFact as a collection: claims, judgments, and vectors that `scifact_vectors` has kept.

The folder of the vectors holds ``vectors.npy``, the scored vectors of all abstracts behind one
another as float16 (its tail is empty: ``starts`` counts), and ``documents.npz`` with ``ids`` and
``starts``; ``queries.npz`` holds the scored vectors of the claims as float32, with ``ids`` and
``starts``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import evaluation_data as data_sets


class Vectors(NamedTuple):
    """Scored vectors of texts, packed, and where each text begins."""

    ids: list[str]
    vectors: np.ndarray
    starts: np.ndarray


def selected(found: Vectors, ids: list[str]) -> Vectors:
    """Return the vectors of some of the texts."""
    positions = [found.ids.index(id_) for id_ in ids]
    parts = [found.vectors[found.starts[i] : found.starts[i + 1]] for i in positions]
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return Vectors(ids, np.concatenate(parts), starts)


def documents(folder: Path) -> Vectors:
    """Open the vectors of the abstracts that were encoded, as a float16 memory map."""
    with np.load(folder / "documents.npz") as noted:
        ids, starts = noted["ids"].tolist(), noted["starts"]
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    return Vectors(ids, vectors[: starts[-1]], starts)


def queries(folder: Path) -> Vectors:
    """Read the vectors of the claims."""
    with np.load(folder / "queries.npz") as found:
        return Vectors(found["ids"].tolist(), found["vectors"], found["starts"])


def pool_ids(data: Path) -> list[str]:
    """List the abstracts of the pools, each once."""
    claims = data_sets.scifact_claims(data)
    return list(dict.fromkeys(id_ for claim in claims for id_ in claim.candidates))


def query_texts(data: Path) -> dict[str, str]:
    """Read the claims by the ids that the judgments use."""
    lines = (data / "scifact" / "dev.queries.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def judgments(data: Path) -> dict[str, dict[str, int]]:
    """Read which abstracts are relevant to a claim."""
    found: dict[str, dict[str, int]] = {}
    for line in (data / "scifact" / "dev.qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, _, document, relevance = line.split()
        found.setdefault(query, {})[document] = int(relevance)
    return found
