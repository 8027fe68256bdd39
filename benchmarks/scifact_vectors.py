"""Encode SciFact's abstracts and claims once, for the benchmarks of collections.

Run by hand; the pool takes five minutes on one core, all abstracts a quarter of an hour::

    python -m benchmarks scifact_vectors --data PATH --vectors FOLDER [--abstracts N]

``PATH`` is the folder that `evaluation_data` describes; only the development half is read. The
abstracts of its pools come first, then the others. A run that was stopped goes on where it was.

``FOLDER`` then holds ``vectors.npy``, the scored vectors of all abstracts behind one another as
float16 (its tail is empty: ``starts`` counts), and ``documents.npz`` with ``ids`` and ``starts``;
``queries.npz`` holds the scored vectors of the claims as float32, with ``ids`` and ``starts``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import evaluation_data as data_sets
from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.encoders import load_encoder

DIM = 768
#: More tokens than all abstracts have; what is not written takes no room on the disk.
MOST_TOKENS = 3_000_000
#: Abstracts between two notes of how far the work is.
NOTED = 50


class Vectors(NamedTuple):
    """Scored vectors of texts, packed, and where each text begins."""

    ids: list[str]
    vectors: np.ndarray
    starts: np.ndarray


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


def main() -> None:
    """Encode what is not encoded yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--vectors", type=Path, required=True, help="folder for the vectors")
    parser.add_argument("--abstracts", type=int, help="how many at most; by default all")
    options = parser.parse_args()
    options.vectors.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder()
    _encode_queries(encoder, options.data, options.vectors)

    texts = dict(data_sets.scifact_abstracts(options.data))
    pool = [id_ for id_ in pool_ids(options.data) if id_ in texts]
    order = list(dict.fromkeys([*pool, *texts]))[: options.abstracts]
    noted = options.vectors / "documents.npz"
    ids, starts = [], [0]
    if noted.exists():
        found = documents(options.vectors)
        ids, starts = found.ids, found.starts.tolist()
    path = options.vectors / "vectors.npy"
    packed = np.lib.format.open_memmap(
        path, "r+" if path.exists() else "w+", np.float16, (MOST_TOKENS, DIM)
    )
    began, first = time.perf_counter(), len(ids)
    for id_ in order[first:]:
        vectors = _scored(encoder.embed_document(texts[id_]))
        packed[starts[-1] : starts[-1] + len(vectors)] = vectors
        ids.append(id_)
        starts.append(starts[-1] + len(vectors))
        if len(ids) % NOTED == 0 or len(ids) == len(order):
            packed.flush()
            _note(noted, ids, starts)
            each = (time.perf_counter() - began) / (len(ids) - first)
            print(f"{len(ids):,} of {len(order):,} abstracts, {each:.3f} s each", flush=True)


def _note(path: Path, ids: list[str], starts: list[int]) -> None:
    # Renamed, so that a run that is stopped here leaves the notes of the step before.
    unfinished = path.with_name("unfinished.npz")
    np.savez(unfinished, ids=np.array(ids), starts=np.array(starts))
    unfinished.replace(path)


def _encode_queries(encoder: Encoder, data: Path, folder: Path) -> None:
    texts = query_texts(data)
    vectors = [_scored(encoder.embed_query(text)) for text in texts.values()]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in vectors])])
    np.savez(
        folder / "queries.npz",
        ids=np.array(list(texts)),
        starts=starts,
        vectors=np.concatenate(vectors),
    )


def _scored(embedded: TokenEmbeddings) -> np.ndarray:
    return embedded.vectors[embedded.tokens.scored_mask]


if __name__ == "__main__":
    main()
