"""`PairScores`: the tokens of a query and a document with every similarity between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import UNIT_TOLERANCE, Provenance, as_table
from colbert_explain.similarity import TIE_TOLERANCE, maxsim, ranks
from colbert_explain.text.wording import count
from colbert_explain.tokens import TokenSequence

#: How far from 0 a similarity of two vectors may be whose lengths are 1 to the tolerance.
_LARGEST_SIMILARITY = (1 + UNIT_TOLERANCE) ** 2


@dataclass(frozen=True, eq=False, repr=False)
class PairScores:
    """The numbers of a score; `Explanation` says what each field is.

    Words, matches and passages are computed from these numbers alone, so they stand above this
    class and below `Explanation`, which joins them.

    Raises
    ------
    ValueError
        If the matrix does not fit the tokens, a similarity is not within [-1, 1], or one side has
        no token that is scored.
    """

    query: TokenSequence
    document: TokenSequence
    similarity: Float[np.ndarray, "query doc"]
    provenance: Provenance
    score: float = field(init=False)
    contributions: Float[np.ndarray, " query"] = field(init=False)
    alignment: Int[np.ndarray, " query"] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("query", "document"):
            check.instance(name, getattr(self, name), TokenSequence, "explain takes texts")
        check.instance("provenance", self.provenance, Provenance)
        # A copy of its own: what the caller does with the array later must not change the matrix
        # under the score, and float32 is what a saved file holds.
        given = as_table("similarity", self.similarity, "query, document")
        object.__setattr__(self, "similarity", np.array(given, dtype=np.float32))
        expected = (len(self.query), len(self.document))
        if self.similarity.shape != expected:
            raise ValueError(
                "similarity must have one row per query token and one column per document "
                f"token, {expected}, got {self.similarity.shape}"
            )
        _check_range(self.similarity)
        for name, side in (("query", self.query), ("document", self.document)):
            if not side.scored_mask.any():
                raise ValueError(nothing_scored(name, side, self.provenance))
        result = maxsim(
            self.similarity,
            query_mask=self.query.scored_mask,
            document_mask=self.document.scored_mask,
        )
        for name in ("score", "contributions", "alignment"):
            object.__setattr__(self, name, getattr(result, name))
        for array in (self.similarity, self.contributions, self.alignment):
            array.flags.writeable = False

    @property
    def mean_contribution(self) -> float:
        """Score per scored query token, in ``[-1, 1]``; not comparable between queries either."""
        return self.score / int(self.query.scored_mask.sum())

    def winners(self, row: int) -> Int[np.ndarray, " winners"]:
        """Return the document positions that match a query token best, several if they are tied.

        The first is ``alignment[row]``; a query token that is not scored has none.
        """
        check.whole_number("row", row)
        if not -len(self.query) <= row < len(self.query):
            raise ValueError(f"row must be 0 to {len(self.query) - 1}, got {row}")
        if not self.query[row].scored:
            return np.empty(0, dtype=np.int64)
        near = self.similarity[row] >= np.float64(self.contributions[row]) - TIE_TOLERANCE
        return np.flatnonzero(near & self.document.scored_mask)

    def strongest_window(self, width: int) -> tuple[int, int]:
        """Find the run of document tokens that alone would score highest.

        Windows an eighth of ``width`` apart are compared by MaxSim restricted to each; of adjacent
        windows with equal scores the middle one is returned, so that the matches are near its
        middle. A document no longer than ``width`` is its own window.

        Returns
        -------
        tuple of int
            First document position and the one after the last.

        Raises
        ------
        ValueError
            If ``width`` is below 1.
        """
        check.whole_number("width", width)
        if width < 1:
            raise ValueError(f"width must be at least 1, got {width}")
        n_document = len(self.document)
        if n_document <= width:
            return 0, n_document
        scored = self.similarity[self.query.scored_mask]
        matchable = np.where(self.document.scored_mask, scored, -1.0)
        last = n_document - width
        starts = [*range(0, last, max(1, width // 8)), last]
        scores = np.array(
            [
                matchable[:, start : start + width].max(axis=1).sum(dtype=np.float64)
                for start in starts
            ]
        )
        best = ranks(scores, terms=len(matchable)) == 1
        first = int(best.argmax())
        n_equal = int((~best[first:]).argmax()) or len(starts) - first
        start = starts[first + (n_equal - 1) // 2]
        return start, start + width


def _check_range(similarity: Float[np.ndarray, "query doc"]) -> None:
    # Written so that NaN is wrong too; an empty matrix has no extremes.
    if not similarity.size or (
        similarity.min() >= -_LARGEST_SIMILARITY and similarity.max() <= _LARGEST_SIMILARITY
    ):
        return
    row, column = np.argwhere(~(np.abs(similarity) <= _LARGEST_SIMILARITY))[0]
    raise ValueError(
        f"similarity must be within [-1, 1], got {similarity[row, column]} for query token "
        f"{row} and document token {column}"
    )


def share_of(part: float, score: float) -> float:
    """Return what fraction of a score a part is; NaN where the score is not above 0."""
    return part / score if score > 0 else float("nan")


def nothing_scored(name: str, side: TokenSequence, provenance: Provenance) -> str:
    """Word the error about a side without a scored token."""
    unknown = side.n_unknown
    if unknown:
        return (
            f"{name} must hold a word that {provenance.model} can read; all it found is "
            f"{count(unknown, 'unknown word')}: {side.text.strip()[:40]!r}"
        )
    return (
        f"{name} must hold a token that is scored ({provenance.scored or 'scored=True'}), "
        f"got {side.text.strip()[:40]!r}"
    )
