"""How often is the first passage the sentence that answers? Measured on development data.

Run by hand; it takes about an hour on two busy cores::

    python benchmarks/pointing.py --data PATH

``PATH`` is the folder that `evaluation_data` describes; its whole Wikipedia articles with
questions (``squad_long``) are read. BM25 and MaxSim, in the ways of `WAYS`, rank the sentences
of an article for each of its questions. Every other article is for choosing a way, the others
are for reporting what the chosen one gives.

Measured with these definitions, in batches and with similarities kept in float16, before this
script was written (252 questions, 120 of them reported; first passage is the answer's): BM25
.742, MaxSim as it is (windows of 512 tokens) .733, a tie. Less context points better: windows of
128 .775, +.042 +- .025 to MaxSim as it is; the best ten sentences each read again alone .792,
+.058 +- .027. To BM25 these are +.033 +- .043 and +.050 +- .041, ties as well. Other layers,
no stop words and rare words counting more gave nothing beyond the error. The best where ways were
chosen, windows of 128 with layer 6 alone (.833), fell to .758; rereading (.818 there) was taken
because it needs no other encoder. Of the 64 questions that BM25 misses,
MaxSim as it is answers .469, windows of 128 and rereading .500.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import evaluation_data as data_sets
import numpy as np
from bm25 import STOP_WORDS, bm25_scores, inverse_frequency
from paired_statistics import Measured, mean

from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.encoders import load_encoder
from colbert_explain.encoders.pipeline import PipelineEncoder
from colbert_explain.explanation import Explanation
from colbert_explain.tokens import TokenSequence

#: All layers above the embeddings; a token's vector is their unit vectors side by side.
LAYERS = (1, 2, 3, 4, 5, 6)
#: What a sentence is read with: as much of the article as fits a window of so many tokens, or
#: so many sentences on both sides of it.
CONTEXTS = {
    **{f"window of {size}": size for size in (512, 256, 128, 64)},
    **{"the sentence alone": 0, "one sentence on each side": 1},
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to score the sentences of an article by MaxSim.

    Parameters
    ----------
    context
        One of `CONTEXTS`.
    layers
        Layers and what each one's cosine counts.
    weights
        What a query token counts: ``"equal"``, ``"no stop words"``, or ``"rare words"`` (the
        inverse of how many sentences of the article have it). All but the first change what is
        scored: they no longer explain the score of a document.
    again
        Another context in which the best ten sentences are read again, if any.
    share
        What the second reading's score counts; the first one's counts the rest.
    """

    context: str = "window of 512"
    layers: tuple[tuple[int, float], ...] = ((3, 0.5), (6, 0.5))
    weights: str = "equal"
    again: str = ""
    share: float = 1.0

    def __str__(self) -> str:
        layers = " + ".join(
            f"{layer}" if share in (0.5, 1) else f"{share} x {layer}"
            for layer, share in self.layers
        )
        again = f"; best 10 again: {self.again}, counts {self.share}" if self.again else ""
        weights = f"; {self.weights}" if self.weights != "equal" else ""
        return f"{self.context}; layers {layers}{weights}{again}"


BARE = Way()
SECOND = ("the sentence alone", "one sentence on each side", "window of 128")
WAYS = [
    BARE,
    *(Way(context) for context in list(CONTEXTS)[1:]),
    *(Way(layers=((layer, 1.0),)) for layer in (3, 6)),
    *(Way(layers=pair) for pair in (((4, 0.5), (6, 0.5)), ((3, 0.3), (6, 0.7)))),
    *(Way(weights=weights) for weights in ("no stop words", "rare words")),
    *(Way(again=again, share=share) for again in SECOND for share in (0.5, 1.0)),
    Way("window of 128", layers=((6, 1.0),)),
    Way("window of 128", weights="rare words"),
    Way("window of 128", again="the sentence alone", share=0.5),
    Way("window of 128", again="the sentence alone"),
]
NAMES = ["BM25", "Explanation.passages, by its own sentences", *map(str, WAYS)]
BM25, START = 0, 2


@dataclass(frozen=True, slots=True)
class Reading:
    """The scored tokens of an article: vectors, ids, and the number of each one's sentence."""

    vectors: np.ndarray
    ids: np.ndarray
    sentences: np.ndarray


def read(encoder: PipelineEncoder, article: data_sets.Article, context: str) -> Reading:
    """Encode an article so that each sentence sees ``context``."""
    extent = CONTEXTS[context]
    if context.startswith("window"):
        encoder.window = extent
        parts = [(0, encoder.embed_document(article.text))]
        kept = [range(len(article.sentences))]
    else:
        encoder.window, spans, parts, kept = 512, article.sentences, [], []
        for i in range(len(spans)):
            start, end = spans[max(0, i - extent)][0], spans[min(len(spans) - 1, i + extent)][1]
            parts.append((start, encoder.embed_document(article.text[start:end])))
            kept.append(range(i, i + 1))
    readings = [
        scored_tokens(embedded, offset, article.sentences, numbers)
        for (offset, embedded), numbers in zip(parts, kept, strict=True)
    ]
    return Reading(
        *(np.concatenate([getattr(r, name) for r in readings]) for name in Reading.__slots__)
    )


def scored_tokens(
    embedded: TokenEmbeddings, offset: int, spans: list[data_sets.Span], numbers: range
) -> Reading:
    """Keep the scored tokens that lie in the sentences ``numbers`` of the article."""
    starts, ends = np.array(spans).T
    at = np.array([-1 if t.start is None else t.start + offset for t in embedded.tokens])
    sentence = np.searchsorted(starts, at, side="right") - 1
    keep = embedded.tokens.scored_mask & np.isin(sentence, numbers) & (at < ends[sentence])
    ids = np.array([-1 if t.id is None else t.id for t in embedded.tokens])
    return Reading(embedded.vectors[keep], ids[keep], sentence[keep])


def cosines(query: np.ndarray, document: np.ndarray, way: Way) -> np.ndarray:
    """Similarity of every pair of tokens by the layers of a way."""
    size = query.shape[1] // len(LAYERS)
    total = np.zeros((len(query), len(document)), dtype=np.float32)
    for layer, share in way.layers:
        part = slice((layer - 1) * size, layer * size)
        # Side by side, each layer's unit vector was scaled by 1 / sqrt(6).
        total += share * len(LAYERS) * (query[:, part] @ document[:, part].T)
    return total


def sentence_scores(query: TokenEmbeddings, reading: Reading, n: int, way: Way) -> np.ndarray:
    """MaxSim restricted to each of ``n`` sentences, per unit of weight; -1 where none is scored."""
    mask = query.tokens.scored_mask
    weights = query_weights(query.tokens, reading, n, way.weights)[mask]
    present, first = np.unique(reading.sentences, return_index=True)
    maxima = np.maximum.reduceat(cosines(query.vectors[mask], reading.vectors, way), first, axis=1)
    scores = np.full(n, -1.0)
    scores[present] = weights @ maxima / weights.sum()
    return scores


def query_weights(tokens: TokenSequence, reading: Reading, n: int, kind: str) -> np.ndarray:
    """Say what each query token counts, shape ``(n_query,)``."""
    if kind == "no stop words":
        weights = np.array([float(not STOP_WORDS.fullmatch(t.text.lower())) for t in tokens])
        return weights if weights[tokens.scored_mask].any() else np.ones(len(tokens))
    if kind == "rare words":
        found = [len(np.unique(reading.sentences[reading.ids == token.id])) for token in tokens]
        return np.array([inverse_frequency(count, n) for count in found])
    return np.ones(len(tokens))


def scores_of(way: Way, query: TokenEmbeddings, readings: dict[str, Reading], n: int) -> np.ndarray:
    """Score the sentences in one way; what is not among the best ten stays behind them."""
    scores = sentence_scores(query, readings[way.context], n, way)
    if way.again:
        again = sentence_scores(query, readings[way.again], n, way)
        best = np.argsort(-scores, kind="stable")[:10]
        combined = (1 - way.share) * scores[best] + way.share * again[best]
        scores -= 10
        scores[best] = combined
    return scores


def rank_of_best(scores: np.ndarray, gold: list[int]) -> int:
    """Rank, from 1, of the best gold entry; equal scores do not push it down."""
    return 1 + int((scores > scores[gold].max()).sum())


def rank_in_package(explanation: Explanation, gold: list[data_sets.Span]) -> int:
    """Rank of the first passage that shares text with a gold sentence."""
    for passage in explanation.passages(k=len(explanation.document)):
        if any(passage.start < end and start < passage.end for start, end in gold):
            return passage.rank
    return len(explanation.document)


def article_ranks(encoder: PipelineEncoder, article: data_sets.Article) -> Iterator[list[int]]:
    """Yield, for each question, the rank of its sentence by every one of `NAMES`."""
    texts = [article.text[start:end] for start, end in article.sentences]
    readings = {context: read(encoder, article, context) for context in CONTEXTS}
    encoder.window = CONTEXTS[BARE.context]
    document = encoder.embed_document(article.text)
    for question in article.questions:
        query = encoder.embed_query(question.text)
        explanation = Explanation(
            *(query.tokens, document.tokens, cosines(query.vectors, document.vectors, BARE)),
            encoder.provenance,
        )
        yield [
            rank_of_best(bm25_scores(question.text, texts), question.gold),
            rank_in_package(explanation, [article.sentences[i] for i in question.gold]),
            *(
                rank_of_best(scores_of(way, query, readings, len(texts)), question.gold)
                for way in WAYS
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


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    data, began = parser.parse_args().data, time.perf_counter()

    encoder = load_encoder(layers=LAYERS)
    ranks, numbers = [], []
    for number, article in enumerate(data_sets.squad_articles(data)):
        for row in article_ranks(encoder, article):
            ranks.append(row)
            numbers.append(number)
    print_table(np.array(ranks), np.array(numbers) % 2 == 0)
    print("\nDifferences ± paired standard errors (jackknife over questions). Bold: best where")
    print(f"ways were chosen. {encoder!r}; {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
