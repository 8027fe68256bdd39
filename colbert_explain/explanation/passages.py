"""Which sentences of a document answer for its score: MaxSim, restricted to each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from colbert_explain import argument_checks as check
from colbert_explain.display_hook import ShownTuple, ShowsItself
from colbert_explain.explanation.scores import PairScores, share_of
from colbert_explain.similarity import first_best, ordered
from colbert_explain.text.sentences import sentences_with_headers
from colbert_explain.text.wording import shorten
from colbert_explain.tokens import TokenSequence


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Passage(ShowsItself):
    """A sentence of a document, and the score it would have if only its tokens could be matched.

    The tokens keep the vectors that they have in the whole text: the score says where the evidence
    is, not what the sentence would score alone.

    Parameters
    ----------
    text
        The sentence, as the user wrote it.
    start, end
        Its character span in the document.
    score
        MaxSim restricted to the sentence; at most the score of the document.
    share
        ``score`` as a fraction of the document's score; NaN if that is not above 0.
    rank
        Place among the sentences of the document, from 1.
    first_token, last_token
        Positions of its first and its last token, scored or not.
    contributions
        Shape ``(n_query,)``: each query token's largest similarity within the sentence; they sum
        to ``score``; 0 where a query token is not scored.
    alignment
        Shape ``(n_query,)``: the document token with that similarity, the first if several are
        equal; -1 where not scored.
    header
        The line that names the columns, if this is a row of a table below it; else "".
    """

    text: str
    start: int
    end: int
    score: float
    share: float
    rank: int
    first_token: int
    last_token: int
    contributions: Float[np.ndarray, " query"]
    alignment: Int[np.ndarray, " query"]
    header: str = ""

    def __repr__(self) -> str:
        shown = shorten(" ".join(self.text.split()), 60)
        return f"Passage({self.rank}: score {self.score:.4f}, {shown!r})"


class Passages(ShownTuple[Passage]):
    """The best sentences of a document, best first."""

    __slots__ = ()


def best_passages(explanation: PairScores, k: int) -> tuple[Passage, ...]:
    """Rank the sentences of a document by MaxSim restricted to each; return the ``k`` best.

    A sentence is scored by the best match of *every* query token in it, so one that matches all
    of the query fairly stands before one that holds a few of the document's winners. A sentence
    without a scored token has no score and is left out, as are tokens that have no text.

    Raises
    ------
    ValueError
        If ``k`` is below 1.
    """
    check.whole_number("k", k)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    document = explanation.document
    sentences_found = sentences_with_headers(document.text)
    spans = tuple((span.start, span.end) for span in sentences_found)
    sentence_of = _sentence_of_each_token(document, spans)
    rows = np.flatnonzero(explanation.query.scored_mask)
    columns = np.flatnonzero((sentence_of >= 0) & document.scored_mask)
    if not columns.size:  # all that is scored has no text
        return Passages()
    sentences, first = np.unique(sentence_of[columns], return_index=True)
    similarity = explanation.similarity[np.ix_(rows, columns)]
    maxima = np.maximum.reduceat(similarity, first, axis=1)
    scores = maxima.sum(axis=0, dtype=np.float64)

    stops = [*first[1:], len(columns)]
    passages = []
    for rank, i in enumerate(ordered(scores, terms=len(rows))[:k], start=1):
        start, end = spans[sentences[i]]
        header = sentences_found[sentences[i]].header
        tokens = np.flatnonzero(sentence_of == sentences[i])
        contributions = np.zeros(len(explanation.query), dtype=np.float32)
        contributions[rows] = maxima[:, i]
        alignment = np.full(len(explanation.query), -1)
        alignment[rows] = columns[first[i] + first_best(similarity[:, first[i] : stops[i]])]
        for array in (contributions, alignment):
            array.flags.writeable = False
        passages.append(
            Passage(
                *(document.text[start:end], start, end, float(scores[i])),
                share=share_of(float(scores[i]), explanation.score),
                rank=rank,
                first_token=int(tokens[0]),
                last_token=int(tokens[-1]),
                contributions=contributions,
                alignment=alignment,
                header="" if header is None else document.text[slice(*header)],
            )
        )
    return Passages(passages)


def _sentence_of_each_token(
    document: TokenSequence, spans: tuple[tuple[int, int], ...]
) -> Int[np.ndarray, " tokens"]:
    """Find the number of the sentence in which each token's text begins; -1 where it has none."""
    begins = np.full(len(document), -1)
    for position, token in enumerate(document):
        if token.role == "text" and token.start is not None:
            # A piece may hold the space before its word; the space is in no sentence.
            held = document.text[token.start : token.end]
            if held and not held.isspace():
                begins[position] = token.start + len(held) - len(held.lstrip())
    starts = np.array([start for start, _ in spans], dtype=np.int64)
    return np.where(begins >= 0, np.searchsorted(starts, begins, side="right") - 1, -1)
