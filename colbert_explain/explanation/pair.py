"""`Explanation`: the tokens of a query and a document with every similarity between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float, Int

from colbert_explain import display_hook
from colbert_explain.embeddings import Provenance
from colbert_explain.similarity import TIE_TOLERANCE, maxsim
from colbert_explain.tokens import TokenSequence

if TYPE_CHECKING:
    import pandas as pd

    from colbert_explain.explanation.passages import Passage
    from colbert_explain.explanation.words import WordExplanation


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Explanation:
    """Why a document got its score for a query: exact for this score, token pair by token pair.

    A contribution says what the score is made of. It is no proof of what the encoder used:
    each vector already carries its context.

    Parameters
    ----------
    query, document
        The tokens of both sides; their ``scored`` flags are the masks.
    similarity
        Cosine similarities, float32, shape ``(n_query, n_document)``, in ``[-1, 1]``.
    provenance
        What computed them.

    Attributes
    ----------
    score
        MaxSim: the sum of ``contributions``. Compare it between documents for one query, never
        between queries.
    contributions
        Shape ``(n_query,)``: each query token's largest similarity; 0 where not scored.
    alignment
        Shape ``(n_query,)``: the document token it belongs to, the first of equals; -1 where
        not scored.
    tied
        Shape ``(n_query,)``: whether another document token is equal to the winner within
        numerical error (1e-5).

    Raises
    ------
    ValueError
        If the matrix does not fit the tokens, or one side has no token that is scored.
    """

    query: TokenSequence
    document: TokenSequence
    similarity: Float[np.ndarray, "query doc"]
    provenance: Provenance
    score: float = field(init=False)
    contributions: Float[np.ndarray, " query"] = field(init=False)
    alignment: Int[np.ndarray, " query"] = field(init=False)
    tied: Bool[np.ndarray, " query"] = field(init=False)

    def __post_init__(self) -> None:
        # A copy of its own: what the caller does with the array later must not change the matrix
        # under the score, and float32 is what a saved file holds.
        object.__setattr__(self, "similarity", np.array(self.similarity, dtype=np.float32))
        expected = (len(self.query), len(self.document))
        if self.similarity.shape != expected:
            raise ValueError(
                "similarity must have one row per query token and one column per document "
                f"token, {expected}, got {self.similarity.shape}"
            )
        for name, side in (("query", self.query), ("document", self.document)):
            if not side.scored_mask.any():
                raise ValueError(nothing_scored(name, side, self.provenance))
        result = maxsim(
            self.similarity,
            query_mask=self.query.scored_mask,
            document_mask=self.document.scored_mask,
        )
        near = self.similarity >= result.contributions[:, None] - TIE_TOLERANCE
        near &= self.document.scored_mask
        derived = {
            "score": result.score,
            "contributions": result.contributions,
            "alignment": result.alignment,
            "tied": (near.sum(axis=1) > 1) & self.query.scored_mask,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        for array in (self.similarity, self.contributions, self.alignment, self.tied):
            array.flags.writeable = False

    def __repr__(self) -> str:
        return (
            f"Explanation(score {self.score:.4f}, {len(self.query)} query x "
            f"{len(self.document)} document tokens, {self.provenance.model})"
        )

    @property
    def mean_contribution(self) -> float:
        """Score per scored query token, in ``[-1, 1]``; not comparable between queries either."""
        return self.score / int(self.query.scored_mask.sum())

    def winners(self, row: int) -> Int[np.ndarray, " winners"]:
        """Return the document positions that win a query token, several if they are tied.

        The first is ``alignment[row]``; a query token that is not scored has none.
        """
        if not self.query[row].scored:
            return np.empty(0, dtype=np.int64)
        near = self.similarity[row] >= self.contributions[row] - TIE_TOLERANCE
        tied = np.flatnonzero(near & self.document.scored_mask)
        first = self.alignment[row]
        return np.concatenate([[first], tied[tied != first]])

    def strongest_window(self, width: int) -> tuple[int, int]:
        """Find the run of document tokens that alone would score highest.

        Windows an eighth of ``width`` apart are compared by MaxSim restricted to each; of equals
        in a row the middle one wins, so that the evidence stands in the middle. A document no
        longer than ``width`` is its own window.

        Returns
        -------
        tuple of int
            First document position and the one after the last.

        Raises
        ------
        ValueError
            If ``width`` is below 1.
        """
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
            [matchable[:, start : start + width].max(axis=1).sum() for start in starts]
        )
        best = scores >= scores.max() - TIE_TOLERANCE
        first = int(best.argmax())
        n_equal = int((~best[first:]).argmax()) or len(starts) - first
        start = starts[first + (n_equal - 1) // 2]
        return start, start + width

    def words(self) -> WordExplanation:
        """Sum up by words: the pieces of a word together, the score unchanged.

        >>> from colbert_explain import explain
        >>> words = explain("What don't elephants eat?", "They do not eat meat.").words()
        >>> [word.text for word in words.query]
        ['[CLS]', 'What', "don't", 'elephants', 'eat', '?', '[SEP]']
        """
        from colbert_explain.explanation.words import explain_words

        return explain_words(self)

    def passages(self, k: int = 5) -> tuple[Passage, ...]:
        """Return the ``k`` sentences of the document that alone would score highest, best first.

        Sentences are ranked by MaxSim restricted to each; equals stay in the order of the text.
        There may be fewer: a sentence without a scored token has no score.

        Raises
        ------
        ValueError
            If ``k`` is below 1.

        Examples
        --------
        >>> from colbert_explain import explain
        >>> x = explain("What do cats eat?", "Dogs bark at night. Cats eat fish. It rains.")
        >>> [passage.text for passage in x.passages(k=2)]
        ['Cats eat fish.', 'Dogs bark at night.']
        """
        from colbert_explain.explanation.passages import best_passages

        return best_passages(self, k)

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the score: one row per query token, unscored ones included.

        Returns
        -------
        pandas.DataFrame
            ``token``, ``role``, ``scored``, ``unknown``, ``start``, ``end``; ``contribution``
            (they sum to the score) and its ``share`` of the score; ``match``,
            ``match_position``, ``match_start``, ``match_end``; ``runner_up``,
            ``runner_up_position``, ``runner_up_similarity`` (the best document token in another
            word than the match, as in the contribution chart); ``tied``
            with any other token. Missing values where a token is not scored or stands for no text.
        """
        from colbert_explain.explanation.pair_frame import pair_frame

        return pair_frame(self)

    def provenance_sentence(self) -> str:
        """Say in one line what computed this, in how many windows, and what was not read."""
        parts = [self.provenance.sentence()]
        for name, side in (("query", self.query), ("document", self.document)):
            windows = f" in {side.n_windows} windows" if side.n_windows > 1 else ""
            unread = f", {side.n_unread:,} more not read" if side.n_unread else ""
            parts.append(f"{name}: {_count(len(side), 'token')}{windows}{unread}")
        return " · ".join(parts)

    def save(self, path: str | Path) -> None:
        """Write the explanation to a JSON file that `load_explanation` reads back exactly.

        The file is complete or not there: it is written beside its place and moved.
        """
        from colbert_explain.explanation.file_format import save_explanation

        save_explanation(self, Path(path))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return display_hook.mimebundle(self)


def nothing_scored(name: str, side: TokenSequence, provenance: Provenance) -> str:
    """Word the error about a side without a scored token."""
    unknown = side.n_unknown
    if unknown:
        return (
            f"{name} must hold a word that {provenance.model} can read; all it found is "
            f"{_count(unknown, 'unknown word')}: {side.text.strip()[:40]!r}"
        )
    return (
        f"{name} must hold a token that is scored ({provenance.scored or 'see scored'}), "
        f"got {side.text.strip()[:40]!r}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
