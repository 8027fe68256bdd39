"""Encode SciFact's abstracts and claims once, for the benchmarks of collections.

Run by hand; the pool takes five minutes on one core, all abstracts a quarter of an hour::

    python -m benchmarks scifact_vectors --data PATH --vectors FOLDER [--abstracts N]

``PATH`` is the folder that `evaluation_data` describes; only the development half is read. The
abstracts of its pools come first, then the others. A run that was stopped goes on where it was.
`scifact_collection` says what the folder then holds.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks import evaluation_data as data_sets
from benchmarks import scifact_collection as scifact
from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.encoders import load_encoder

DIM = 768
#: More tokens than all abstracts have; what is not written takes no room on the disk.
MOST_TOKENS = 3_000_000
#: Abstracts between two notes of how far the work is.
NOTED = 50


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
    pool = [id_ for id_ in scifact.pool_ids(options.data) if id_ in texts]
    order = list(dict.fromkeys([*pool, *texts]))[: options.abstracts]
    noted = options.vectors / "documents.npz"
    ids, starts = [], [0]
    if noted.exists():
        found = scifact.documents(options.vectors)
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
    texts = scifact.query_texts(data)
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
