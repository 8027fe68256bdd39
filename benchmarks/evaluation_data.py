"""Readers for the development data that the benchmarks measure on; none of it is kept here.

The folder given to a reader holds one folder per data set, each with a ``SOURCE.txt`` that says
where it comes from and under which licence: ``squad_long``, ``scifact``, ``sts_b``,
``align_edinburgh``, ``evidence_inference``. Only development files are opened.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

#: A query and five documents with the scores that jina-colbert-v1-en gave them.
REFERENCE_QUERY = "Elephants eat 150 kg of food per day."
REFERENCE_SCORES = {
    "Elephants eat 150 kg of food per day.": 11.156,
    "Every day, the average elephant consumes roughly 150 kg of food.": 9.633,
    "Cats eat 50 g of food per day.": 8.367,
    "Employees eat at the company canteen.": 3.734,
    "The rain in Spain falls mainly on the plain.": 1.568,
}

Span = tuple[int, int]


class Question(NamedTuple):
    """A question and the sentences, by number, in which an annotator marked its answer."""

    text: str
    gold: list[int]


class Article(NamedTuple):
    """A long document, the character spans of its sentences, and questions about it."""

    text: str
    sentences: list[Span]
    questions: list[Question]


class Claim(NamedTuple):
    """A claim, the abstracts to rank for it, and which of them are relevant, by id."""

    text: str
    candidates: list[str]
    relevant: set[str]


class Pair(NamedTuple):
    """Two sentences and how similar people find them, 0 to 5."""

    a: str
    b: str
    score: float


class AlignedPair(NamedTuple):
    """Two sentences, split into words, and the links that a person was sure of."""

    words_a: list[str]
    words_b: list[str]
    sure: list[tuple[int, int]]


def squad_articles(data: Path) -> list[Article]:
    """Read the articles; a question's gold sentences are those where a marked answer starts."""
    return [
        Article(
            record["text"],
            [(start, end) for start, end in record["sentences"]],
            [
                Question(question["question"], _gold(question, record["sentences"]))
                for question in record["questions"]
            ],
        )
        for record in _json_lines(data / "squad_long" / "dev.jsonl")
    ]


def _gold(question: dict[str, Any], sentences: list[list[int]]) -> list[int]:
    starts = [answer["start"] for answer in question["answers"]]
    marked = {i for i, (a, b) in enumerate(sentences) if any(a <= start < b for start in starts)}
    return sorted(marked | {question["sentence"]})


def scifact_claims(data: Path) -> list[Claim]:
    """Read the claims, each with its pool: the BM25 top 20 and all relevant abstracts."""
    folder = data / "scifact"
    pools = {pool["id"]: pool["candidates"] for pool in _json_lines(folder / "dev.pool.jsonl")}
    return [
        Claim(record["claim"], pools[record["id"]], set(record["relevant"]))
        for record in _json_lines(folder / "dev.jsonl")
    ]


def scifact_abstracts(data: Path) -> Iterator[tuple[str, str]]:
    """Yield the id and text of every abstract: title and sentences, joined by spaces."""
    for record in _json_lines(data / "scifact" / "corpus.jsonl.gz"):
        yield record["doc_id"], " ".join([record["title"], *record["sentences"]])


def trial_articles(data: Path) -> list[str]:
    """Read whole articles on medical trials, 3,000 to 8,000 wordpieces each."""
    return [record["text"] for record in _json_lines(data / "evidence_inference" / "dev.jsonl")]


def sts_pairs(data: Path) -> list[Pair]:
    """Read the caption pairs of the STS Benchmark."""
    return [
        Pair(record["text_a"], record["text_b"], record["score"])
        for record in _json_lines(data / "sts_b" / "dev.jsonl")
    ]


def edinburgh_pairs(data: Path) -> list[AlignedPair]:
    """Read the word-aligned paraphrases."""
    return [
        AlignedPair(record["tokens_a"], record["tokens_b"], [(i, j) for i, j in record["sure"]])
        for record in _json_lines(data / "align_edinburgh" / "dev.jsonl")
    ]


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    yield from map(json.loads, content.splitlines())
