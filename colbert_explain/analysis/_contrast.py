"""`Contrast`: why one document scores higher than another for the same query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from colbert_explain import argument_checks as check
from colbert_explain.analysis.word_contrast import WordContrast
from colbert_explain.display_hook import ShowsItself
from colbert_explain.explanation import Explanation
from colbert_explain.explanation._explain import difference_of_models
from colbert_explain.similarity import TIE_TOLERANCE, ordered
from colbert_explain.text.sentence_parts import plain
from colbert_explain.text.wording import count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Contrast(ShowsItself):
    """Two documents for one query, compared query token by query token.

    Parameters
    ----------
    first, second
        Explanations of the two, for the same query, from the same model.
    names
        What the documents are called.

    Attributes
    ----------
    difference
        Shape ``(n_query,)``, float64: contribution in the first document minus that in the second;
        0 where not scored. Sums to ``score_difference``.
    score_difference
        Score of the first document minus that of the second.

    Raises
    ------
    ValueError
        If the queries differ, or the models.
    """

    first: Explanation
    second: Explanation
    names: tuple[str, str] = ("A", "B")
    difference: Float[np.ndarray, " query"] = field(init=False)
    score_difference: float = field(init=False)

    def __post_init__(self) -> None:
        one, other = self.first, self.second
        for name, side in (("first", one), ("second", other)):
            check.instance(name, side, Explanation, "explain makes one")
        names = check.several("names", self.names, str)
        if len(names) != 2:
            raise ValueError(f"names must hold two names, one for each document, got {len(names)}")
        object.__setattr__(self, "names", names)
        if one.query != other.query:
            if one.query.text == other.query.text:
                raise ValueError(
                    "first and second must have a query that is split into the same tokens, got "
                    f"{count(len(one.query), 'token')} from {one.provenance.model} and "
                    f"{len(other.query)} from {other.provenance.model}: ce.compare_models compares "
                    "models"
                )
            raise ValueError(
                "first and second must explain the same query, "
                f"got {one.query.text[:40]!r} and {other.query.text[:40]!r}"
            )
        if not one.provenance.same_model(other.provenance):
            what, mine, yours = difference_of_models(one.provenance, other.provenance)
            raise ValueError(
                f"first and second must come from the same model, got {what} {mine} and {yours}: "
                "ce.compare_models compares models"
            )
        difference = one.contributions.astype(np.float64) - other.contributions
        difference.flags.writeable = False
        object.__setattr__(self, "difference", difference)
        object.__setattr__(self, "score_difference", one.score - other.score)

    def __repr__(self) -> str:
        return f"Contrast({self.sentence()})"

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the difference: one row per query token, unscored ones included.

        Returns
        -------
        pandas.DataFrame
            ``token``, ``scored``; ``contribution_first``, ``match_first``,
            ``match_position_first`` in the first document, the same with ``_second`` in the
            second; ``difference``. Index and missing values are as in `Explanation.to_frame`.
        """
        columns = ["contribution", "match", "match_position"]
        first, second = self.first.to_frame(), self.second.to_frame()
        frame = first[["token", "scored"]].join(first[columns].add_suffix("_first"))
        frame = frame.join(second[columns].add_suffix("_second"))
        return frame.assign(difference=self.difference)

    @property
    def better(self) -> Int[np.ndarray, " query"]:
        """Which document has the better match, shape ``(n_query,)``.

        1 the first, -1 the second, 0 where the two are equal within `TIE_TOLERANCE`.
        """
        return np.sign(self.difference).astype(int) * (np.abs(self.difference) > TIE_TOLERANCE)

    def largest_first(self) -> Int[np.ndarray, " scored"]:
        """Order the scored query tokens by size of difference, whichever document it favours."""
        scored = np.flatnonzero(self.first.query.scored_mask)
        # A difference is of two similarities.
        return scored[ordered(np.abs(self.difference[scored]), terms=2)]

    def sentence(self) -> str:
        """Return a sentence: which document wins, by how much, and which query words decide it.

        Numbers in brackets are differences in favour of the winner. An arrow points to the match
        in the document that has the better one, that of the word's strongest token. The numbers
        add up as they are printed; each is within 0.01 of the true one.
        """
        return plain(self.sentence_parts())

    def sentence_parts(self) -> tuple[tuple[str, bool], ...]:
        """Return `sentence` in parts, each with whether it is emphasised.

        A page needs this: a word may contain any character, so none can mark emphasis.
        """
        return WordContrast(self.first, self.second).sentence_parts(self.names)


def contrast(
    first: Explanation, second: Explanation, names: tuple[str, str] = ("A", "B")
) -> Contrast:
    """Compare the explanations of two documents for the same query.

    Raises
    ------
    ValueError
        If the queries differ, or the models.

    Examples
    --------
    >>> from colbert_explain.explanation import explain
    >>> x, y = (explain("What do cats eat?", d) for d in ("Cats eat fish.", "Cats sleep."))
    >>> round(contrast(x, y).score_difference, 1)
    0.8
    """
    return Contrast(first, second, names)
