"""Check that percentiles are uniform on unrelated pairs the calibration has never seen.

Run by hand; it takes ten minutes on one core::

    python -m benchmarks calibration_fit --data PATH [--half reported]

``PATH`` is the folder that `evaluation_data` describes. Queries are SQuAD questions, SciFact
claims and image captions; documents are passages of SQuAD's articles, SciFact abstracts and
captions. A question is paired with articles other than its own, a claim with abstracts outside
its pool, a caption with captions of other pairs, and each of them with the documents of the
other two. The first distance is over questions and claims, which look for something in such
documents; pairs with captions are shown beside it. Captions resemble one another (somebody does
something somewhere) and nothing else, so they show how far the kind of text moves a percentile.

Every length holds the same kinds of pairs. Abstracts end at some 300 tokens; further on articles on
medical trials stand for them. Without these, claims would meet articles on other subjects only,
where the words of medicine are rare: a mean percentile of .36, and distances of .10 to .11 from
512 tokens on, however many queries. In medical texts the same claims find more than most (.6).

Beyond the packaged texts a calibration leans on a straight line and on one long sample. The line's
weight, ``LINE_WEIGHT``, was chosen on the half ``looked`` among .5, .6, ... 1: the largest distance
over questions and claims was .104, .100, .096, .093, .089, .091, that over questions against
articles alone .065, .061, .057, .057, .069, .083; .8 has the smallest sum.

The half ``looked`` may be looked at while the calibration is being made, the half
``reported`` only to report.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import evaluation_data as data_sets
from colbert_explain.analysis.calibration import Calibration, calibrate
from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.encoders import load_encoder

LENGTHS = [2**i for i in range(3, 14)]
N_QUERIES, N_DOCUMENTS, N_TRIALS, N_DRAWS = 120, 24, 12, 50
#: Scored tokens of all documents of one kind and length, at most.
N_TOKENS = 49_152
#: The longest length that enough abstracts reach.
LONGEST_ABSTRACT = 256
Kinds = tuple[str, str]
KINDS = ("SQuAD", "SciFact", "captions")
#: Most that a distance over questions and claims should be, at any length.
LIMIT = 0.1
#: The document of a long text may fall this far short of a length and still stand for it.
LONG_ENOUGH = 0.7


class Query(NamedTuple):
    """Scored vectors of a query, and what it must not be paired with."""

    kind: str
    vectors: np.ndarray
    excluded: set[str]


class Document(NamedTuple):
    """Scored vectors of a document, where it comes from, and the length it stands for."""

    kind: str
    identifier: str
    length: int
    vectors: np.ndarray


def queries(encoder: Encoder, data: Path, half: int, rng: np.random.Generator) -> list[Query]:
    """Encode queries of three kinds, equally many of each."""
    texts: dict[str, list[tuple[str, set[str]]]] = {
        "SQuAD": [
            (question.text, {f"article {number}"})
            for number, article in enumerate(data_sets.squad_articles(data))
            if number % 2 == half
            for question in article.questions
        ],
        "SciFact": [
            (claim.text, {*claim.candidates, *claim.relevant})
            for claim in data_sets.scifact_claims(data)[half::2]
        ],
        "captions": [
            (pair.a, {f"pair {number}"})
            for number, pair in enumerate(data_sets.sts_pairs(data))
            if number % 2 == half
        ],
    }
    return [
        Query(kind, scored(encoder.embed_query(texts[kind][i][0])), texts[kind][i][1])
        for kind in KINDS
        for i in sample(rng, len(texts[kind]), N_QUERIES)
    ]


def documents(
    encoder: Encoder, data: Path, half: int, rng: np.random.Generator
) -> Iterator[Document]:
    """Encode documents of each length; what is cut from a longer text is encoded as cut."""
    articles = [
        (f"article {number}", article.text)
        for number, article in enumerate(data_sets.squad_articles(data))
        if number % 2 == half
    ]
    abstracts = list(data_sets.scifact_abstracts(data))[half::2]
    abstracts = [abstracts[i] for i in sample(rng, len(abstracts), N_DOCUMENTS)]
    trials = [
        (f"trial {number}", text)
        for number, text in enumerate(data_sets.trial_articles(data))
        if number % 2 == half
    ][:N_TRIALS]
    for kind, texts in (("SQuAD", articles), ("SciFact", abstracts), ("SciFact", trials)):
        wholes = [(name, encoder.embed_document(text)) for name, text in texts]
        for length in LENGTHS:
            if kind == "SciFact" and (length > LONGEST_ABSTRACT) != (texts is trials):
                continue
            pieces = [(name, piece) for name, whole in wholes for piece in cut(whole, length)]
            for i in sample(rng, len(pieces), min(N_DOCUMENTS, N_TOKENS // length)):
                name, piece = pieces[i]
                yield Document(kind, name, length, scored(encoder.embed_document(piece)))
    captions = [
        (f"pair {number}", pair.b)
        for number, pair in enumerate(data_sets.sts_pairs(data))
        if number % 2 == half
    ]
    for i in sample(rng, len(captions), 2 * N_DOCUMENTS):
        vectors = scored(encoder.embed_document(captions[i][1]))
        yield Document("captions", captions[i][0], nearest(len(vectors)), vectors)


def cut(whole: TokenEmbeddings, length: int) -> list[str]:
    """Cut a text into texts of ``length`` scored tokens, each from the start of a sentence on."""
    text = whole.tokens.text
    spans = [(token.start, token.end) for token in whole.tokens if token.scored]
    pieces, i = [], 0
    while len(spans) - i >= LONG_ENOUGH * length:
        last = min(i + length, len(spans)) - 1
        pieces.append(text[spans[i][0] : spans[last][1]])
        i = last + 1
        while i < len(spans) and "." not in text[spans[i - 1][1] : spans[i][0]]:
            i += 1
    return pieces


def scored(embedded: TokenEmbeddings) -> np.ndarray:
    """Vectors of the tokens that are scored, shape ``(tokens, dim)``."""
    return embedded.vectors[embedded.tokens.scored_mask]


def sample(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    """Positions of ``size`` of ``n`` things, or of all."""
    return rng.choice(n, min(n, size), replace=False)


def nearest(n_tokens: int) -> int:
    """Choose the length that a document of so many tokens stands for."""
    return min(LENGTHS, key=lambda length: abs(np.log(length / n_tokens)))


class Group(NamedTuple):
    """Percentiles of pairs of one kind, here 0 to 1, and the numbers of their queries and texts."""

    values: np.ndarray
    queries: np.ndarray
    texts: np.ndarray


def distance_from_uniform(
    groups: list[Group], drawn: tuple[np.ndarray, np.ndarray] | None = None
) -> float:
    """Kolmogorov-Smirnov distance of percentiles from uniform.

    Parameters
    ----------
    groups
        Each weighs the same.
    drawn
        How often each query and each text was drawn; once if not given.
    """
    values = np.concatenate([group.values for group in groups])
    weights = np.concatenate([_weights(group, drawn) for group in groups])
    order = values.argsort()
    weights = weights[order] / weights.sum()
    above = np.cumsum(weights)
    return float(np.maximum(above - values[order], values[order] - above + weights).max())


def _weights(group: Group, drawn: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    if drawn is None:
        return np.full(len(group.values), 1 / len(group.values))
    counts = drawn[0][group.queries] * drawn[1][group.texts]
    return counts / max(counts.sum(), 1.0)


def standard_error(groups: list[Group], rng: np.random.Generator) -> float:
    """Estimate the standard error of a distance by drawing queries and texts anew."""

    def draw(numbers: list[np.ndarray]) -> np.ndarray:
        counts = np.zeros(1 + max(found.max() for found in numbers))
        for members in {tuple(np.unique(found).tolist()) for found in numbers}:
            np.add.at(counts, rng.choice(members, len(members)), 1)
        return counts

    queries, texts = [g.queries for g in groups], [g.texts for g in groups]
    drawn = [(draw(queries), draw(texts)) for _ in range(N_DRAWS)]
    return float(np.std([distance_from_uniform(groups, counts) for counts in drawn]))


def measure(
    calibration: Calibration, asked: list[Query], read: Iterator[Document]
) -> dict[int, dict[Kinds, Group]]:
    """Percentiles of every unrelated pair's maxima, by length and kinds of query and document."""
    found: dict[int, dict[Kinds, list[Group]]] = defaultdict(lambda: defaultdict(list))
    vectors = np.concatenate([query.vectors for query in asked])
    owners = np.repeat(np.arange(len(asked)), [len(query.vectors) for query in asked])
    kinds = np.array([query.kind for query in asked])[owners]
    numbers: dict[str, int] = {}
    for document in read:
        number = numbers.setdefault(document.identifier, len(numbers))
        maxima = (vectors @ document.vectors.T).max(axis=1)
        fractions = calibration.percentiles(maxima, len(document.vectors)) / 100
        related = np.array([document.identifier in query.excluded for query in asked])[owners]
        for kind in KINDS:
            kept = (kinds == kind) & ~related
            found[document.length][kind, document.kind].append(
                Group(fractions[kept], owners[kept], np.full(kept.sum(), number))
            )
    return {
        length: {
            pair: Group(*map(np.concatenate, zip(*parts, strict=True)))
            for pair, parts in groups.items()
        }
        for length, groups in sorted(found.items())
    }


def print_table(found: dict[int, dict[Kinds, Group]]) -> float:
    """Print a row per length: distance over questions and claims, then of each kind of pair.

    Returns
    -------
    float
        The largest distance over questions and claims.
    """
    rng = np.random.default_rng(1)
    kinds = [(query, document) for document in KINDS for query in KINDS]
    names = [f"{query} in {document}" for query, document in kinds]
    print("|", " | ".join(["scored tokens", "questions and claims", "above .95", *names]), "|")
    print("|", " | ".join(["---"] * (len(kinds) + 3)), "|")
    largest = 0.0
    for length, groups in found.items():
        alike = [group for pair, group in groups.items() if "captions" not in pair]
        distance = distance_from_uniform(alike)
        above = np.mean([np.mean(group.values > 0.95) for group in alike])
        cells = [
            f"{distance_from_uniform([groups[k]]):.3f} ({groups[k].values.mean():.2f})"
            if k in groups
            else ""
            for k in kinds
        ]
        print(
            f"| {length:,} | {distance:.3f} ± {standard_error(alike, rng):.3f} "
            f"| {above:.3f} | " + " | ".join(cells) + " |"
        )
        largest = max(largest, distance)
    return largest


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--half", choices=("looked", "reported"), default="reported")
    options = parser.parse_args()
    half, rng = ("looked", "reported").index(options.half), np.random.default_rng(0)

    encoder, began = load_encoder(), time.perf_counter()
    calibration = calibrate(encoder)
    took = time.perf_counter() - began
    asked = queries(encoder, options.data, half, rng)
    found = measure(calibration, asked, documents(encoder, options.data, half, rng))
    largest = print_table(found)
    print(
        "\nKolmogorov-Smirnov distance of percentiles from uniform ± standard error, every kind of"
    )
    print("pair weighing the same; in brackets the mean percentile, .5 if all is well.")
    print(f"Largest over questions and claims: {largest:.3f}; it should be at most {LIMIT}.")
    print(f"{calibration!r}, in {took:.1f} s (0 if it was cached); half {options.half};")
    print(f"{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
