"""Ways to score the sentences of an article by MaxSim: what is read, and what counts how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks import evaluation_data as data_sets
from benchmarks.bm25 import STOP_WORDS
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.encoders import TextEncoder
from colbert_explain.tokens import TokenSequence

#: All layers above the embeddings; a token's vector is their unit vectors side by side.
LAYERS = (1, 2, 3, 4, 5, 6)
#: What a sentence is read with: as much of the article as fits a window of so many tokens, or
#: so many sentences on both sides of it.
CONTEXTS = {
    **{f"window of {size}": size for size in (512, 256, 128, 64)},
    **{"the sentence alone": 0, "one sentence on each side": 1},
}
#: Layers and what each one's cosine counts.
Layers = tuple[tuple[int, float], ...]


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
        Another context in which the best ten sentences are encoded again, if any.
    share
        What the second reading's score counts; the first one's counts the rest.
    """

    context: str = "window of 512"
    layers: Layers = ((3, 0.5), (6, 0.5))
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


@dataclass(frozen=True, slots=True)
class Reading:
    """The scored tokens of an article: vectors, ids, and the number of each one's sentence."""

    vectors: np.ndarray
    ids: np.ndarray
    sentences: np.ndarray


def read(encoder: TextEncoder, article: data_sets.Article, context: str) -> Reading:
    """Encode an article so that each sentence sees ``context``."""
    extent = CONTEXTS[context]
    if context.startswith("window"):
        encoder._ready().window = extent
        parts = [(0, encoder.embed_document(article.text))]
        kept = [range(len(article.sentences))]
    else:
        encoder._ready().window, spans, parts, kept = 512, article.sentences, [], []
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


def cosines(query: np.ndarray, document: np.ndarray, layers: Layers) -> np.ndarray:
    """Similarity of every pair of tokens by layers and what each counts."""
    size = query.shape[1] // len(LAYERS)
    total = np.zeros((len(query), len(document)), dtype=np.float32)
    for layer, share in layers:
        part = slice((layer - 1) * size, layer * size)
        # Side by side, each layer's unit vector was scaled by 1 / sqrt(6).
        total += share * len(LAYERS) * (query[:, part] @ document[:, part].T)
    return total


def layer_maxima(query: np.ndarray, reading: Reading, layers: Layers) -> np.ndarray:
    """Largest similarity of each query token in each sentence that has scored tokens."""
    _, first = np.unique(reading.sentences, return_index=True)
    return np.maximum.reduceat(cosines(query, reading.vectors, layers), first, axis=1)


def sentence_scores(
    query: TokenEmbeddings, reading: Reading, n: int, maxima: np.ndarray, weighting: str
) -> np.ndarray:
    """MaxSim restricted to each of ``n`` sentences, per unit of weight; -1 where none is scored."""
    weights = query_weights(query.tokens, reading, n, weighting)[query.tokens.scored_mask]
    scores = np.full(n, -1.0)
    scores[np.unique(reading.sentences)] = weights @ maxima / weights.sum()
    return scores


def query_weights(tokens: TokenSequence, reading: Reading, n: int, kind: str) -> np.ndarray:
    """Say what each query token counts, shape ``(n_query,)``."""
    if kind == "no stop words":
        weights = np.array([float(t.text.lower() not in STOP_WORDS) for t in tokens])
        return weights if weights[tokens.scored_mask].any() else np.ones(len(tokens))
    if kind == "rare words":
        found = [len(np.unique(reading.sentences[reading.ids == token.id])) for token in tokens]
        return np.log(1 + (n - np.array(found) + 0.5) / (np.array(found) + 0.5))  # BM25's
    return np.ones(len(tokens))


def scores_of_ways(
    query: TokenEmbeddings, readings: dict[str, Reading], n: int
) -> Iterator[np.ndarray]:
    """Score the sentences in each of `WAYS`; what is not among the best ten stays behind them."""
    vectors = query.vectors[query.tokens.scored_mask]
    maxima: dict[tuple[str, Layers], np.ndarray] = {}

    def scores_in(context: str, way: Way) -> np.ndarray:
        key, reading = (context, way.layers), readings[context]
        if key not in maxima:
            maxima[key] = layer_maxima(vectors, reading, way.layers)
        return sentence_scores(query, reading, n, maxima[key], way.weights)

    for way in WAYS:
        scores = scores_in(way.context, way)
        if way.again:
            best = np.argsort(-scores, kind="stable")[:10]
            combined = (1 - way.share) * scores[best]
            combined += way.share * scores_in(way.again, way)[best]
            scores -= 10
            scores[best] = combined
        yield scores
