"""Wordpieces put together to words, by the characters they stand for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation.frames import positions, result_frame, texts
from colbert_explain.explanation.scores import PairScores, share_of
from colbert_explain.similarity import ordered
from colbert_explain.text.match_kinds import MatchKind, match_kind
from colbert_explain.text.word_spans import word_spans
from colbert_explain.tokens import Role, TokenSequence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Word(ShowsItself):
    """What a reader takes for one word, and the tokens that the model read for it.

    Parameters
    ----------
    text
        As the user wrote it; for a token that has no text, its piece (``"[CLS]"``).
    start, end
        Character span in the text as given; both ``None`` where it has no text.
    positions
        Positions of its tokens, without gaps.
    role
        The role of all its tokens.
    scored
        Whether one of its tokens takes part in MaxSim.
    unknown
        Whether the model has no vocabulary entry for a part of it.
    """

    text: str
    start: int | None
    end: int | None
    positions: tuple[int, ...]
    role: Role = "text"
    scored: bool = True
    unknown: bool = False


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class WordExplanation(ShowsItself):
    """An explanation by words: the same score, with fewer and longer rows and columns.

    Attributes
    ----------
    query, document
        The words of both sides. Every token is in exactly one.
    similarity
        Shape ``(n_query_words, n_document_words)``, float32, in ``[-1, 1]``: the mean, over the
        query word's pieces, of each piece's largest similarity to a piece of the document word.
        Pieces that are not scored (the point in "3.5") count only in words that have no others.
    contributions
        Shape ``(n_query_words,)``: sum of the pieces' contributions, so that they add up to the
        score; 0 where nothing is scored. A word of several pieces can exceed 1, and its pieces
        need not have found their matches in one word.
    alignment
        Shape ``(n_query_words,)``: the document word in which the piece with the largest
        contribution found its match (the first piece, if several are equal); -1 where nothing is
        scored.
    score
        The score of the explanation.
    provenance
        What computed it.
    """

    query: tuple[Word, ...]
    document: tuple[Word, ...]
    similarity: Float[np.ndarray, "query_words document_words"]
    contributions: Float[np.ndarray, " query_words"]
    alignment: Int[np.ndarray, " query_words"]
    score: float
    provenance: Provenance

    def __repr__(self) -> str:
        return (
            f"WordExplanation(score {self.score:.4f}, {len(self.query)} query x "
            f"{len(self.document)} document words)"
        )

    @property
    def kinds(self) -> tuple[MatchKind | None, ...]:
        """How alike each query word and its match are in spelling; see `match_kind`.

        ``None`` where nothing is scored, and where one of the two has no text.
        """
        pairs = zip(self.query, self.alignment, strict=True)
        matches = [(word, self.document[int(j)] if j >= 0 else None) for word, j in pairs]
        return tuple(
            match_kind(word.text, match.text)
            if match and word.role == match.role == "text" and word.text and match.text
            else None
            for word, match in matches
        )

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the score: one row per query word, unscored ones included.

        Returns
        -------
        pandas.DataFrame
            ``word``, ``role``, ``scored``, ``unknown``, ``start``, ``end``, ``n_tokens``;
            ``contribution`` (they sum to the score) and its ``share`` of the score; ``match``,
            ``match_kind`` (see ``kinds``), ``match_number`` (which document word),
            ``match_start``, ``match_end`` and ``match_similarity``. The index ``number`` counts
            the words. Types and missing values are as in `Explanation.to_frame`.
        """
        found = [int(j) if j >= 0 else None for j in self.alignment]
        matches = [None if j is None else self.document[j] for j in found]
        cells = self.similarity[np.arange(len(self.query)), self.alignment]
        return result_frame(
            {
                "word": texts(word.text for word in self.query),
                "role": texts(word.role for word in self.query),
                "scored": [word.scored for word in self.query],
                "unknown": [word.unknown for word in self.query],
                "start": positions(word.start for word in self.query),
                "end": positions(word.end for word in self.query),
                "n_tokens": [len(word.positions) for word in self.query],
                "contribution": self.contributions,
                "share": [share_of(float(part), self.score) for part in self.contributions],
                "match": texts(word.text if word else None for word in matches),
                "match_kind": texts(self.kinds),
                "match_number": positions(found),
                "match_start": positions(word.start if word else None for word in matches),
                "match_end": positions(word.end if word else None for word in matches),
                "match_similarity": np.where(self.alignment >= 0, cells.astype(float), np.nan),
            },
            "number",
            self.provenance,
        )


def explain_words(explanation: PairScores) -> WordExplanation:
    """Sum an explanation up by words; see `WordExplanation`."""
    query, document = words_of(explanation.query), words_of(explanation.document)
    rows, row_starts = _counting_pieces(query, explanation.query)
    columns, column_starts = _counting_pieces(document, explanation.document)
    of_pieces = np.maximum.reduceat(
        explanation.similarity[np.ix_(rows, columns)], column_starts, axis=1
    )
    n_pieces = np.diff([*row_starts, len(rows)])
    sums = np.add.reduceat(of_pieces, row_starts, axis=0, dtype=np.float64)

    own = explanation.contributions.astype(np.float64)
    word_of = word_numbers(document)
    alignment = np.full(len(query), -1)
    for i, word in enumerate(query):
        if word.scored:
            alignment[i] = word_of[explanation.alignment[strongest_first(explanation, word)[0]]]
    result = WordExplanation(
        query,
        document,
        (sums / n_pieces[:, None]).astype(np.float32),
        np.add.reduceat(own, [word.positions[0] for word in query]),
        alignment,
        explanation.score,
        explanation.provenance,
    )
    for array in (result.similarity, result.contributions, result.alignment):
        array.flags.writeable = False
    return result


def word_numbers(words: tuple[Word, ...]) -> Int[np.ndarray, " tokens"]:
    """Find for every token the number of the word that it is in."""
    return np.repeat(np.arange(len(words)), [len(word.positions) for word in words])


def strongest_first(x: PairScores, word: Word) -> list[int]:
    """Order the scored pieces of a query word by contribution, of equals the first in the text.

    Empty where none is scored. The match of a word is that of the first.
    """
    scored = np.array([p for p in word.positions if x.query[p].scored], dtype=np.int64)
    return [int(p) for p in scored[ordered(x.contributions[scored])]]


def words_of(sequence: TokenSequence) -> tuple[Word, ...]:
    """Put the tokens of a text together to words, in order; every token is in exactly one.

    Tokens in a row belong together when they stand for parts of one word of the text
    (`word_spans`), and so do two words when one token stands for parts of both. A token that
    has no text is a word of its own.

    >>> from colbert_explain.tokens import Token
    >>> spans = (0, 3), (3, 9), (10, 13), (13, 14), (14, 15)
    >>> pieces = tuple(Token(None, "", "", start, end) for start, end in spans)
    >>> [(word.text, word.positions) for word in words_of(TokenSequence("elephants don't", pieces))]
    [('elephants', (0, 1)), ("don't", (2, 3, 4))]
    """
    spans = word_spans(sequence.text)
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    runs: list[list[int]] = []
    reached = -1  # the last word of the text that the latest run has a part in
    for position, token in enumerate(sequence):
        first, last = 0, -1
        if token.role == "text" and token.start is not None and token.end is not None:
            first, last = bisect_right(ends, token.start), bisect_left(starts, token.end) - 1
        if first > last:  # no text, or nothing but white space
            runs.append([position])
            reached = -1
        elif first <= reached:
            runs[-1].append(position)
            reached = max(reached, last)
        else:
            runs.append([position])
            reached = last
    return tuple(_word(sequence, tuple(run)) for run in runs)


def _word(sequence: TokenSequence, positions: tuple[int, ...]) -> Word:
    tokens = [sequence[position] for position in positions]
    text, start, end = tokens[0].text, tokens[0].start, tokens[0].end
    if tokens[0].role == "text" and start is not None:
        end = max(token.end for token in tokens if token.end is not None)
        held = sequence.text[start:end]
        text = held.strip() or held
        start += held.index(text)  # a piece may hold the space before its word
        end = start + len(text)
    return Word(
        *(text, start, end, positions, tokens[0].role),
        scored=any(token.scored for token in tokens),
        unknown=any(token.unknown for token in tokens),
    )


def _counting_pieces(
    words: tuple[Word, ...], sequence: TokenSequence
) -> tuple[list[int], list[int]]:
    """List the positions that stand for each word, and where in that list each word starts.

    Its scored pieces; all of them where none is scored.
    """
    positions: list[int] = []
    starts = []
    for word in words:
        starts.append(len(positions))
        positions += [p for p in word.positions if sequence[p].scored or not word.scored]
    return positions, starts
