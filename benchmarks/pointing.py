"""How often is the first passage the sentence that answers? Measured on development data.

Run by hand; it takes twenty minutes on one busy core, and can be stopped and resumed::

    python -m benchmarks pointing --data PATH [--kept FILE]

``PATH`` is the folder that `evaluation_data` describes; its whole Wikipedia articles with
questions (``squad_long``) are read. BM25 and MaxSim, in the ways of `pointing_ways`, rank the
sentences of an article for each of its questions. Every other article is for choosing a way, the
others are for reporting what the chosen one gives. ``FILE`` keeps the ranks of each finished
article; started again with it, only the others are read.

What it gave (252 questions, 120 of them reported; first passage is the answer's): BM25 .742,
MaxSim as it is (windows of 512 tokens) .733, a tie. Less context points better. Chosen was each
sentence read with its two neighbours (.833 where ways were chosen), which gives .792, +.058 +-
.025 to MaxSim as it is; only the best ten sentences so encoded again (`reencode_passages` with
``neighbours=1``) the same; each sentence quite alone .792 as well (chosen on: .818). Windows of
128 give .775, +.042 +- .025. To BM25 these are +.050 +- .042, +.050 +- .041 and +.033 +- .043,
ties all. Other layers, no stop words and rare words counting more gave nothing beyond the error.
The right sentence is one of the first five for .917 by BM25 and by MaxSim as it is, for .967 when
they are encoded again. Of the 64 questions that BM25 misses, MaxSim as it is answers .469, with
neighbours .531, alone and with windows of 128 .500.

Windows of 128 did not become the encoder's: another one was chosen, they would change the score of
every text beyond 128 tokens, and what they do to ranking documents was not measured.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import evaluation_data as data_sets
from benchmarks.bm25 import bm25_scores
from benchmarks.paired_statistics import Measured, mean
from benchmarks.pointing_ways import BARE, CONTEXTS, LAYERS, WAYS, cosines, read, scores_of_ways
from colbert_explain.encoders import TextEncoder, load_encoder
from colbert_explain.explanation import Explanation, explain

NAMES = ["BM25", "Explanation.passages, by its own sentences", *map(str, WAYS)]
BM25, START = 0, 2


def rank_of_best(scores: np.ndarray, gold: list[int]) -> int:
    """Rank, from 1, of the best gold entry; equal scores do not push it down."""
    return 1 + int((scores > scores[gold].max()).sum())


def rank_in_package(explanation: Explanation, gold: list[data_sets.Span]) -> int:
    """Rank of the first passage that shares text with a gold sentence."""
    for passage in explanation.passages(k=len(explanation.document)):
        if any(passage.start < end and start < passage.end for start, end in gold):
            return passage.rank
    return len(explanation.document)


def article_ranks(encoder: TextEncoder, article: data_sets.Article) -> Iterator[list[int]]:
    """Yield, for each question, the rank of its sentence by every one of `NAMES`."""
    texts = [article.text[start:end] for start, end in article.sentences]
    readings = {context: read(encoder, article, context) for context in CONTEXTS}
    encoder._ready().window = CONTEXTS[BARE.context]
    document = encoder.embed_document(article.text)
    for question in article.questions:
        query = encoder.embed_query(question.text)
        explanation = Explanation(
            *(query.tokens, document.tokens, cosines(query.vectors, document.vectors, BARE.layers)),
            encoder.provenance,
        )
        yield [
            rank_of_best(bm25_scores(question.text, texts), question.gold),
            rank_in_package(explanation, [article.sentences[i] for i in question.gold]),
            *(
                rank_of_best(scores, question.gold)
                for scores in scores_of_ways(query, readings, len(texts))
            ),
        ]


def share_within(ranks: np.ndarray, k: int) -> Measured:
    """Share of the questions, shape ``(questions, names)``, whose sentence is among the first k."""
    return mean((ranks <= k).astype(float), np.arange(len(ranks)))


def print_table(ranks: np.ndarray, choosing: np.ndarray) -> None:
    """Print a row per way; differences are paired, with standard errors, on the reported half."""
    bare = START + WAYS.index(BARE)
    chosen = START + int((ranks[choosing, START:] == 1).mean(axis=0).argmax())
    rest = ranks[~choosing]
    first, five, tuned = share_within(rest, 1), share_within(rest, 5), share_within(ranks, 1)
    missed = share_within(ranks[ranks[:, BM25] > 1], 1)
    half = share_within(ranks[choosing], 1)
    header = [
        "",
        f"chosen on (n {half.n_items})",
        f"first (n {first.n_items})",
        "to BM25",
        "to the first way",
        "first five",
        f"both halves: first (n {tuned.n_items})",
        "to BM25",
        "to the first way",
        f"BM25 misses (n {missed.n_items})",
    ]
    print("|", " | ".join(header), "|")
    print("|", " | ".join(["---"] * len(header)), "|")

    def difference(measured: Measured, i: int, baseline: int) -> str:
        if i == baseline:
            return ""
        return f"{measured.differences(baseline)[i]:+.3f} ± {measured.errors(baseline)[i]:.3f}"

    for i, name in enumerate(NAMES):
        cells = [
            f"**{name}**" if i == chosen else name,
            f"{half.figures[i]:.3f}",
            *(f"{first.figures[i]:.3f}", difference(first, i, BM25), difference(first, i, bare)),
            f"{five.figures[i]:.3f}",
            *(f"{tuned.figures[i]:.3f}", difference(tuned, i, BM25), difference(tuned, i, bare)),
            f"{missed.figures[i]:.3f}",
        ]
        print("|", " | ".join(cells), "|")


def all_ranks(
    encoder: TextEncoder, articles: list[data_sets.Article], kept: Path | None
) -> Iterator[list[list[int]]]:
    """Yield the ranks of each article, read from ``kept`` where they are there."""
    found: dict[str, list[list[int]]] = {}
    if kept is not None and kept.exists():
        found = dict(map(json.loads, kept.read_text(encoding="utf-8").splitlines()))
    for number, article in enumerate(articles, start=1):
        made_from = [article, NAMES, encoder.provenance.sentence()]
        key = hashlib.sha256(json.dumps(made_from).encode("ascii")).hexdigest()
        if key not in found:
            found[key] = list(article_ranks(encoder, article))
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([key, found[key]]) + "\n")
        print(f"article {number} of {len(articles)}", file=sys.stderr, flush=True)
        yield found[key]


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--kept", type=Path, help="file that keeps finished articles' ranks")
    options, began = parser.parse_args(), time.perf_counter()

    encoder, articles = load_encoder(layers=LAYERS), data_sets.squad_articles(options.data)
    ranks, numbers = [], []
    for number, rows in enumerate(all_ranks(encoder, articles, options.kept)):
        ranks += rows
        numbers += [number] * len(rows)
    print_table(np.array(ranks), np.array(numbers) % 2 == 0)
    print("\nDifferences ± paired standard errors (jackknife over questions). Bold: best where")
    print(f"ways were chosen. {encoder!r}; {time.perf_counter() - began:.0f} s")
    print(f"\nFirst passage of a text about elephants for {data_sets.REFERENCE_QUERY!r}:")
    print(first_passage(options.data))


def first_passage(data: Path) -> str:
    """Return the first passage of the encyclopedia's article on the Indian elephant."""
    text = (data / "long_texts" / "indian_elephant.txt").read_text(encoding="utf-8")
    encoder = load_encoder()
    return explain(data_sets.REFERENCE_QUERY, text, encoder).passages(k=1)[0].text


if __name__ == "__main__":
    main()
