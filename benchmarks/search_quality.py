"""How good searches of SciFact's 5,183 abstracts are, and how long they take.

Run by hand; the first time it encodes all abstracts, a quarter of an hour or more::

    python -m benchmarks search_quality --data PATH --collections FOLDER

``PATH`` is the folder that `evaluation_data` describes; the claims are those of its development
half. ``FOLDER`` keeps the collections, some 10 GB: one that holds the vectors as they are, and one
for each compression. What is there is not encoded again, and a build that was cut off continues.
Without ``FOLDER`` the collection is in memory, and nothing is compressed; ``--most 200`` takes as
many abstracts only, those that are relevant first.

The first table holds BM25 with other treatments of words. The second holds searches. A time is
that of a whole query, with its encoding, on the threads that NumPy takes. The third holds paired
differences with their standard errors.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from snowballstemmer.english_stemmer import EnglishStemmer

from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.encoders import load_encoder
from colbert_explain.evaluation import Evaluation, Run, evaluate, read_qrels, read_queries, run_of
from colbert_explain.search import Collection, CollectionError, Document, open_collection
from colbert_explain.search.best import best_positions
from colbert_explain.search.readers import documents_in

MEASURES = ("nDCG@10", "RR@10", "R@100")
#: Documents of a query: as many as R@100 sees, and as a first stage chooses.
DEPTH = 100
COMPRESSIONS = ("map+int8",)
#: Stemming, stop words of bm25s, and k1 and b: Anserini's for passages, Lucene's, bm25s's.
STEMMED = (True, False)
STOP_WORDS = ("en", None)
PARAMETERS = ((0.9, 0.4), (1.2, 0.75), (1.5, 0.75))
Qrels = dict[str, dict[str, int]]


class KeptVectors:
    """An encoder that takes the vectors of documents from a collection that holds their texts."""

    def __init__(self, encoder: Encoder, collection: Collection) -> None:
        self._encoder, self._collection = encoder, collection
        self.name, self.dim = encoder.name, encoder.dim
        self.document_length = encoder.document_length
        self._id_of = {document.text: document.id for document in collection}

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a query."""
        return self._encoder.embed_query(text, progress=progress)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Return the vectors of a text."""
        return self._collection.embeddings(self._id_of[text]).embeddings


def abstracts(data: Path, qrels: Qrels, most: int | None) -> list[Document]:
    """Read title and abstract of each document; of fewer, the relevant ones first."""
    found = documents_in(data / "scifact" / "corpus.jsonl.gz").items
    documents = [one for one in found if isinstance(one, Document)]
    relevant = {id_ for judged in qrels.values() for id_, grade in judged.items() if grade > 0}
    kept = sorted(documents, key=lambda one: one.id not in relevant)[:most]
    ids = {one.id for one in kept}
    return [one for one in documents if one.id in ids]


def bm25_run(
    documents: Sequence[Document],
    queries: dict[str, str],
    settings: tuple[bool, str | None, tuple[float, float]],
) -> Run:
    """Rank by BM25 with a treatment of words and parameters."""
    stemmed, stop_words, (k1, b) = settings

    def terms(texts: Iterable[str]) -> list[list[str]]:
        return bm25s.tokenize(
            list(texts),
            token_pattern=r"\w+",
            stopwords=stop_words,
            stemmer=EnglishStemmer().stemWords if stemmed else None,
            return_ids=False,
            show_progress=False,
        )

    ranker = bm25s.BM25(method="lucene", k1=k1, b=b)
    ranker.index(terms(one.text for one in documents), show_progress=False)
    ranked = {}
    for query, asked in zip(queries, terms(queries.values()), strict=True):
        found = ranker.get_scores(asked).astype(np.float64) if asked else np.zeros(len(documents))
        best = best_positions(np.where(found > 0, found, -np.inf), DEPTH)
        ranked[query] = [(documents[i].id, float(found[i])) for i in best]
    name = f"{'stemmed' if stemmed else 'as written'}, stop words {'out' if stop_words else 'in'}"
    return Run.from_ranked(ranked, name=f"{name}, k1 {k1}, b {b}")


def print_measures(rows: Iterable[tuple[str, Evaluation, float | None]]) -> None:
    """Print a table with a row for each way to search, and milliseconds a query."""
    print(f"| way | {' | '.join(MEASURES)} | ms a query |\n|{'---|' * (len(MEASURES) + 2)}")
    for name, found, seconds in rows:
        values = " | ".join(f"{found.means[measure]:.4f}" for measure in MEASURES)
        each = "" if seconds is None else f"{1000 * seconds / len(found.per_query):,.0f}"
        print(f"| {name} | {values} | {each} |", flush=True)
        for note in found.notes:
            print(f"  {note}")


def print_differences(found: dict[str, Evaluation], pairs: Iterable[tuple[str, str]]) -> None:
    """Print paired differences, first less second, with their standard errors."""
    print(f"\n| difference | {' | '.join(MEASURES)} | won / lost / equal by {MEASURES[0]} |")
    print(f"|{'---|' * (len(MEASURES) + 2)}")
    for one, other in pairs:
        summary = found[one].compare(found[other]).summary
        values = [
            f"{row['difference']:+.4f} ± {row['standard_error']:.4f}"
            for _, row in summary.iterrows()
        ]
        counts = " / ".join(f"{summary.iloc[0][name]:.0f}" for name in ("won", "lost", "equal"))
        print(f"| {one} less {other} | {' | '.join(values)} | {counts} |")


def built(
    documents: Sequence[Document], encoder: Encoder, folder: Path, compression: str | None
) -> Collection:
    """Open a collection in a folder, or build it; vectors are taken from the plain one."""
    path = folder / (compression or "exact").replace("+", "_")
    try:
        return open_collection(path, encoder)
    except CollectionError:  # there is none, or its build was cut off
        if compression is None:
            return Collection.build(documents, encoder, path=path)
        kept = KeptVectors(encoder, built(documents, encoder, folder, None))
        return Collection.build(documents, kept, path=path, compression=compression)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--collections", type=Path, help="folder that keeps the collections")
    parser.add_argument("--most", type=int, help="number of abstracts, by default all")
    parser.add_argument("--compressions", nargs="*", default=COMPRESSIONS, help="which to try")
    parser.add_argument("--words-only", action="store_true", help="print the first table only")
    options = parser.parse_args()
    folder = options.data / "scifact"
    queries, qrels = read_queries(folder / "dev.queries.tsv"), read_qrels(folder / "dev.qrels.tsv")
    documents = abstracts(options.data, qrels, options.most)
    print(f"{len(documents):,} abstracts, {len(queries)} claims\n")

    def measured(run: Run) -> Evaluation:
        return evaluate(run, queries, qrels, MEASURES)

    word_runs = (
        bm25_run(documents, queries, settings)
        for settings in itertools.product(STEMMED, STOP_WORDS, PARAMETERS)
    )
    print_measures((run.name, measured(run), None) for run in word_runs)
    if options.words_only:
        return

    encoder, began = load_encoder(), time.perf_counter()
    if options.collections is None:
        exact, compressed = Collection.build(documents, encoder), {}
    else:
        options.collections.mkdir(parents=True, exist_ok=True)
        exact = built(documents, encoder, options.collections, None)
        compressed = {
            name: built(documents, encoder, options.collections, name)
            for name in options.compressions
        }
    print(f"\nBuilt or opened in {time.perf_counter() - began:,.0f} s: {exact}\n")

    ways: dict[str, Callable[[], Run]] = {
        "BM25": lambda: run_of(exact, queries, DEPTH, first_stage="bm25", rescore=False),
        "pooled": lambda: run_of(exact, queries, DEPTH, first_stage="pooled", rescore=False),
        "exact": lambda: run_of(exact, queries, DEPTH),
        "BM25's 100, exact": lambda: run_of(exact, queries, DEPTH, first_stage="bm25"),
        "pooled's 100, exact": lambda: run_of(exact, queries, DEPTH, first_stage="pooled"),
    }
    pairs = [("exact", "BM25"), ("exact", "pooled")]
    pairs += [("BM25's 100, exact", "exact"), ("pooled's 100, exact", "exact")]
    for name, collection in compressed.items():
        ways |= {
            f"{name} alone": lambda c=collection: run_of(c, queries, DEPTH, rescore=False),
            f"{name}'s 100, exact": lambda c=collection: run_of(c, queries, DEPTH),
        }
        pairs += [(f"{name} alone", "exact"), (f"{name}'s 100, exact", "exact")]
    for collection in (exact, *compressed.values()):
        collection.candidates("warm", 1, first_stage="bm25")  # makes the index of words
        collection.candidates("warm", 1)  # reads the files
    found: dict[str, Evaluation] = {}
    rows = []
    for name, search in ways.items():
        began = time.perf_counter()
        run = search()
        rows.append((name, measured(run), time.perf_counter() - began))
        found[name] = rows[-1][1]
    print_measures(rows)
    print_differences(found, pairs)
    print(f"\n{encoder!r}")


if __name__ == "__main__":
    main()
