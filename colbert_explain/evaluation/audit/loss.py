"""`Loss`: what is known about a query whose relevant documents are not found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from colbert_explain.analysis import Contrast
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.analysis.calibration.convincing import is_convincing
from colbert_explain.explanation import Explanation, WordMatch
from colbert_explain.text.function_words import is_content_word, is_function_word


@dataclass(frozen=True, slots=True)
class WordPair:
    """A scored word of the query with its match in the winner and in the right document.

    Attributes
    ----------
    in_winner, in_right
        What the word finds in each.
    lead
        Its contribution in the winner minus that in the right document. The leads of all words add
        up to the difference of the scores.
    convinces, convinces_in_winner
        Whether its match in the right document, or in the winner, convinces; see `is_convincing`.
    """

    in_winner: WordMatch
    in_right: WordMatch
    lead: float
    convinces: bool
    convinces_in_winner: bool

    @property
    def text(self) -> str:
        """The word."""
        return self.in_right.word.text

    @property
    def has_text(self) -> bool:
        """Whether it is text of the query: no [CLS], marker or expansion token."""
        return self.in_right.word.role == "text"

    @property
    def is_content(self) -> bool:
        """Whether it is a word that a reader searches for."""
        return self.has_text and is_content_word(self.text)

    @property
    def is_function(self) -> bool:
        """Whether it is text that carries grammar only."""
        return self.has_text and is_function_word(self.text)


@dataclass(frozen=True)
class Loss:
    """A query that is lost: no relevant document is among the first ``k`` of the run.

    Attributes
    ----------
    k
        How many documents of the run count.
    right, winner
        Ids of the best-placed relevant document, and of the best-placed one that is not relevant;
        None if there is none.
    run_rank, exact_rank
        The right document's rank from 1 in the run, and by exact MaxSim among all documents of
        the collection; None where it is not in the run, or not in the collection.
    in_candidates
        Whether the first stage, if one was named, has the right document among its candidates;
        None if it was not asked.
    contrast
        Winner and right document; None if one of them is missing.
    score_if_read
        What the right document would score if the part that was not read were read too; None if
        all of it was read.
    calibration
        Decides which matches convince.
    """

    k: int
    right: str | None
    winner: str | None = None
    run_rank: int | None = None
    exact_rank: int | None = None
    in_candidates: bool | None = None
    contrast: Contrast | None = None
    score_if_read: float | None = None
    calibration: Calibration | None = None

    @property
    def lead(self) -> float:
        """The winner's score minus that of the right document; NaN without a contrast."""
        return float("nan") if self.contrast is None else self.contrast.score_difference

    @cached_property
    def words(self) -> tuple[WordPair, ...]:
        """The scored words of the query, in order; none without a contrast."""
        if self.contrast is None:
            return ()
        winner, right = (
            zip(x.word_matches, self._convincing(x), strict=True)
            for x in (self.contrast.first, self.contrast.second)
        )
        return tuple(
            WordPair(one, other, one.contribution - other.contribution, convinces, in_winner)
            for (one, in_winner), (other, convinces) in zip(winner, right, strict=True)
        )

    def _convincing(self, x: Explanation) -> list[bool]:
        known = None if self.calibration is None else self.calibration.of(x)
        return [is_convincing(match, known) for match in x.word_matches]

    def share_of_lead(self, chosen: Callable[[WordPair], bool]) -> float:
        """Return which share of the winner's lead some words make up; 0 if it does not lead.

        It is above 1 if the right document regains a part on other words.
        """
        if not self.lead > 0:
            return 0.0
        return float(np.sum([word.lead for word in self.words if chosen(word)])) / self.lead

    @property
    def sides(self) -> tuple[Explanation, Explanation] | None:
        """The explanations of winner and right document; None without a contrast."""
        return None if self.contrast is None else (self.contrast.first, self.contrast.second)
