"""What every scored query word found: where, equally good where else, and how closely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colbert_explain.explanation.ledger import distinct_runners_up
from colbert_explain.explanation.match_kinds import MatchKind
from colbert_explain.explanation.pair import Explanation
from colbert_explain.explanation.words import Word

#: A winner that is ahead of the best other place by no more than this is a close call.
CLOSE_CALL = 0.02


@dataclass(frozen=True, slots=True)
class PieceMatch:
    """What one scored token of a query word found.

    Attributes
    ----------
    position
        Of the query token.
    similarity
        Its contribution, in ``[-1, 1]``.
    match
        The document word in which its best match stands, the first of equals.
    tied
        Other document words that are equal within numerical error, in order.
    runner_up, runner_up_similarity
        The best match in another word, the first of equals; none, and NaN, where there is none.
    """

    position: int
    similarity: float
    match: Word
    tied: tuple[Word, ...]
    runner_up: Word | None
    runner_up_similarity: float

    @property
    def close(self) -> bool:
        """Whether another place is nearly as good, though not equal."""
        ahead = self.similarity - self.runner_up_similarity  # NaN is never close
        return not self.tied and bool(ahead <= CLOSE_CALL)


@dataclass(frozen=True, slots=True)
class WordMatch:
    """What one query word adds to the score, and what its pieces found.

    Attributes
    ----------
    word
        The query word; at least one of its tokens is scored.
    contribution
        What it adds; those of all words add up to the score.
    kind
        How it is like the match of its strongest piece; ``None`` where one stands for no text.
    pieces
        Its scored tokens, the strongest first, of equals the first in the text.
    """

    word: Word
    contribution: float
    kind: MatchKind | None
    pieces: tuple[PieceMatch, ...]

    @property
    def tied(self) -> bool:
        """Whether a piece found an equal match in another word."""
        return any(piece.tied for piece in self.pieces)

    @property
    def close(self) -> bool:
        """Whether a piece nearly found its match in another word."""
        return any(piece.close for piece in self.pieces)


def word_matches(explanation: Explanation) -> tuple[WordMatch, ...]:
    """List what every scored query word found, in the order of the query."""
    x, words = explanation, explanation.words()
    word_of = np.repeat(
        np.arange(len(words.document)), [len(word.positions) for word in words.document]
    )
    runners_up, kinds = distinct_runners_up(x), words.kinds

    def piece(i: int) -> PieceMatch:
        own, second = int(word_of[x.alignment[i]]), int(runners_up[i])
        tied = sorted({int(word_of[j]) for j in x.winners(i)} - {own})
        found = second >= 0
        return PieceMatch(
            position=i,
            similarity=float(x.contributions[i]),
            match=words.document[own],
            tied=tuple(words.document[k] for k in tied),
            runner_up=words.document[int(word_of[second])] if found else None,
            runner_up_similarity=float(x.similarity[i, second]) if found else float("nan"),
        )

    return tuple(
        WordMatch(
            word,
            float(words.contributions[number]),
            kinds[number],
            tuple(
                sorted(
                    (piece(i) for i in word.positions if x.query[i].scored),
                    key=lambda found: -found.similarity,
                )
            ),
        )
        for number, word in enumerate(words.query)
        if word.scored
    )
