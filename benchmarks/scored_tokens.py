"""Which tokens should the bundled encoder score? Measured on development data.

Run by hand; it takes eight minutes on two busy cores::

    python -m benchmarks scored_tokens --data PATH

``PATH`` is the folder that `evaluation_data` describes. Every text is encoded once: which tokens
are scored is a mask, so all variants are measured on the same vectors.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks import evaluation_data as data_sets
from benchmarks.paired_statistics import Measured, mean, spearman
from benchmarks.variants import BASELINE, HEADER, VARIANTS, Reader, Text, totals
from colbert_explain.encoders import load_encoder
from colbert_explain.similarity import maxsim, similarity_matrix


def rank_of_best(scores: np.ndarray, gold: list[int]) -> int:
    """Rank, from 1, of the best gold entry; equal scores do not push it down."""
    return 1 + int((scores > scores[gold].max()).sum())


def squad(reader: Reader, data: Path) -> dict[str, Measured]:
    """Find the sentence that answers a question, by MaxSim restricted to each sentence."""
    ranks = []
    for article in data_sets.squad_articles(data):
        document = reader.document(article.text)
        starts, ends = np.array(article.sentences).T
        sentence_of = np.searchsorted(starts, document.starts, side="right") - 1
        inside = (sentence_of >= 0) & (document.starts < ends[sentence_of])
        masks = [inside & variant.mask(document, "document") for variant in VARIANTS]
        for question in article.questions:
            query = reader.query(question.text)
            similarity = similarity_matrix(query.vectors, document.vectors)
            row = []
            for variant, mask in zip(VARIANTS, masks, strict=True):
                part = similarity[np.ix_(variant.mask(query, "query"), mask)]
                present, first = np.unique(sentence_of[mask], return_index=True)
                scores = np.full(len(starts), -np.inf)  # where no token of a sentence is scored
                scores[present] = np.maximum.reduceat(part, first, axis=1).sum(axis=0)
                row.append(rank_of_best(scores, question.gold))
            ranks.append(row)
    found, units = np.array(ranks), np.arange(len(ranks))
    return {f"SQuAD sentence@{k}": mean((found <= k).astype(float), units) for k in (1, 5)}


def scifact(reader: Reader, data: Path) -> dict[str, Measured]:
    """Rerank each claim's pool; an abstract is encoded once, scored for its claims, dropped."""
    claims = data_sets.scifact_claims(data)
    queries = [reader.query(claim.text) for claim in claims]
    places = defaultdict(list)
    for number, claim in enumerate(claims):
        for position, candidate in enumerate(claim.candidates):
            places[candidate].append((number, position))
    scores = [np.full((len(VARIANTS), len(claim.candidates)), -np.inf) for claim in claims]
    for identifier, abstract in data_sets.scifact_abstracts(data):
        if identifier in places:
            document = reader.document(abstract)
            for number, position in places[identifier]:
                scores[number][:, position] = totals(queries[number], document)[0]
    gains = []
    for claim, rows in zip(claims, scores, strict=True):
        gold = [i for i, candidate in enumerate(claim.candidates) if candidate in claim.relevant]
        ranks = np.array([rank_of_best(row, gold) for row in rows])
        gains.append(np.where(ranks <= 10, 1 / ranks, 0))
    return {"SciFact MRR@10": mean(np.array(gains), np.arange(len(claims)))}


def sts(reader: Reader, data: Path) -> dict[str, Measured]:
    """Correlate the mean contribution, averaged over both directions, with human similarity."""
    pairs = data_sets.sts_pairs(data)
    means, itself = [], []
    for pair in pairs:
        a, b = reader.query(pair.a), reader.query(pair.b)
        as_a, as_b = reader.document(pair.a), reader.document(pair.b)
        means.append((totals(a, as_b)[1] + totals(b, as_a)[1]) / 2)
        itself.append(np.abs(totals(a, as_a)[1] - 1) < 1e-5)
    return {
        "STS-B Spearman": spearman(np.array(means), np.array([pair.score for pair in pairs])),
        "same text: 1 per token": mean(np.array(itself, float), np.arange(len(pairs))),
    }


def edinburgh(reader: Reader, data: Path) -> dict[str, Measured]:
    """Follow each linked word's first token to its best match: count those in a linked word.

    The first two figures are over the words that every variant scores, so only what may be
    matched differs; the third is over whatever a variant scores, punctuation marks included.
    """
    hits, units, words, differing = [], [], [], []
    for unit, pair in enumerate(data_sets.edinburgh_pairs(data)):
        spans_a, spans_b = word_spans(pair.words_a), word_spans(pair.words_b)
        query = reader.query(" ".join(pair.words_a))
        document = reader.document(" ".join(pair.words_b))
        similarity = similarity_matrix(query.vectors, document.vectors)
        results = [
            maxsim(
                similarity,
                query_mask=variant.mask(query, "query"),
                document_mask=variant.mask(document, "document"),
            )
            for variant in VARIANTS
        ]
        for i in sorted({i for i, _ in pair.sure}):
            linked = [j for k, j in pair.sure if k == i]
            goals = [spans_b[j] for j in linked]
            row = int((query.starts >= spans_a[i][0]).argmax())
            hits.append([hit(document, result.alignment[row], goals) for result in results])
            units.append(unit)
            words.append(query.kinds[row] == "word")
            same = {pair.words_b[j].lower() for j in linked}
            differing.append(words[-1] and pair.words_a[i].lower() not in same)
    values, numbers = np.array(hits, float), np.array(units)
    return {
        "word alignment": mean(values[words], numbers[words]),
        "of differing words": mean(values[differing], numbers[differing]),
        "of all that is scored": mean(values, numbers),
    }


def word_spans(words: list[str]) -> list[data_sets.Span]:
    """Character span of each word in the words joined by single spaces."""
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    return [(int(end) - len(word), int(end)) for word, end in zip(words, ends, strict=True)]


def hit(document: Text, position: int, goals: list[data_sets.Span]) -> float:
    """1 if the document token at ``position`` starts in a goal, 0 if not, NaN if it is -1."""
    if position < 0:
        return np.nan
    return float(any(start <= document.starts[position] < end for start, end in goals))


def reference(reader: Reader) -> list[str]:
    """Compare five scores with a trained ColBERT's: Pearson correlation and order, in words."""
    query = reader.query(data_sets.REFERENCE_QUERY)
    pairs = [totals(query, reader.document(text)) for text in data_sets.REFERENCE_SCORES]
    cells = []
    for scores, means in np.array(pairs).transpose(2, 1, 0):
        pearson = np.corrcoef(scores, list(data_sets.REFERENCE_SCORES.values()))[0, 1]
        order = "same order" if (np.diff(scores) < 0).all() else "other order"
        cells.append(f"{order}, r {pearson:.4f}, itself {means[0]:.3f} per token")
    return cells


def print_table(measures: dict[str, Measured], pairs: list[str]) -> None:
    """Print a row per variant: figures and, in brackets, differences from the baseline."""
    columns = [f"{name} (n {measured.n_items})" for name, measured in measures.items()]
    print("|", " | ".join([HEADER, *columns, "five reference pairs"]), "|")
    print("|", " | ".join(["---"] * (len(columns) + 4)), "|")
    for i, variant in enumerate(VARIANTS):
        cells = [
            f"{measured.figures[i]:.3f}"
            + (
                ""
                if i == BASELINE
                else f" ({measured.differences(BASELINE)[i]:+.3f} ± "
                f"{measured.errors(BASELINE)[i]:.3f})"
            )
            for measured in measures.values()
        ]
        print("|", " | ".join([str(variant), *cells, pairs[i]]), "|")


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    data, began = parser.parse_args().data, time.perf_counter()

    reader, measures = Reader(load_encoder()), {}
    for measure in (squad, scifact, sts, edinburgh):
        measures |= measure(reader, data)
    print_table(measures, reference(reader))
    print("\nIn brackets: difference from the first row ± its paired standard error (jackknife).")
    print("All data was used. Tokens read:", dict(reader.counts.most_common()))
    print(f"{reader.encoder!r}; {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
