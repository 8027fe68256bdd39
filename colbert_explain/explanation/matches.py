"""What every scored query token and word found: where, how firmly, and what came next.

The one definition of a tie, a close call and a runner-up; every view writes what stands here:

- **tied**: another document token is equal to the match within `TIE_TOLERANCE`;
- **close**: not tied, but a token in another word comes within `CLOSE_CALL` of it. That the next
  piece of the same word comes near says nothing about how firm a match is;
- a word is what its pieces are: tied if one of them is, else close if one of them is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int

from colbert_explain.display_hook import ShowsItself
from colbert_explain.explanation.scores import PairScores
from colbert_explain.explanation.words import (
    Word,
    WordExplanation,
    strongest_first,
    word_numbers,
)
from colbert_explain.similarity import TIE_TOLERANCE, first_best
from colbert_explain.text.match_kinds import MatchKind

CLOSE_CALL = 0.02
"""A match that is ahead of the best token in another word by no more than this is a close call."""
Firmness = Literal["tied", "close", "firm"]
"""How firm a match is: tied, a close call, or neither."""


@dataclass(frozen=True, slots=True)
class TokenMatch(ShowsItself):
    """What one scored query token found.

    Attributes
    ----------
    position
        Of the query token.
    similarity
        Its contribution, in ``[-1, 1]``.
    match_position, match
        Position of the matched document token, and the word that contains it.
    n_equal
        How many other document tokens are equal to the match.
    tied_with
        The other words that contain them, in order; empty if all are in the word of the match.
    runner_up_position, runner_up, runner_up_similarity
        The best scored document token in a word other than that of the match (the first, if several
        are equal), with its word and its similarity; -1, None and NaN where there is none.
    """

    position: int
    similarity: float
    match_position: int
    match: Word
    n_equal: int
    tied_with: tuple[Word, ...]
    runner_up_position: int
    runner_up: Word | None
    runner_up_similarity: float

    @property
    def firmness(self) -> Firmness:
        """``"tied"`` with an equal token, ``"close"`` to another word, or ``"firm"``."""
        if self.n_equal:
            return "tied"
        ahead = self.similarity - self.runner_up_similarity  # NaN is never close
        return "close" if ahead <= CLOSE_CALL + TIE_TOLERANCE else "firm"


@dataclass(frozen=True, slots=True)
class WordMatch(ShowsItself):
    """What one scored query word adds to the score, and what its pieces found.

    Attributes
    ----------
    word
        The query word; at least one of its tokens is scored.
    contribution
        What it adds; those of all words add up to the score.
    kind
        How alike the word and the match of its strongest piece are in spelling; ``None`` where one
        of them has no text.
    pieces
        Its scored tokens, the strongest first; equal ones in the order of the text.
    """

    word: Word
    contribution: float
    kind: MatchKind | None
    pieces: tuple[TokenMatch, ...]

    @property
    def firmness(self) -> Firmness:
        """``"tied"`` if a piece is, else ``"close"`` if a piece is, else ``"firm"``."""
        found = {piece.firmness for piece in self.pieces}
        return "tied" if "tied" in found else "close" if "close" in found else "firm"

    @property
    def deciding(self) -> tuple[TokenMatch, ...]:
        """The pieces that decide its firmness: in a tied word, those that are tied."""
        return tuple(piece for piece in self.pieces if piece.firmness == self.firmness)

    @property
    def runner_up_similarity(self) -> float:
        """What its pieces would add if they matched their runners-up; NaN where one has none."""
        return sum(piece.runner_up_similarity for piece in self.pieces)


def token_matches(x: PairScores, words: tuple[Word, ...]) -> tuple[TokenMatch | None, ...]:
    """List what every query token found in the words of the document; None where not scored."""
    word_of = word_numbers(words)
    runners_up = _runners_up(x, word_of)

    def match(i: int) -> TokenMatch:
        own, second = int(word_of[x.alignment[i]]), int(runners_up[i])
        equal = x.winners(i)
        tied = dict.fromkeys(int(k) for k in word_of[equal] if k != own)
        return TokenMatch(
            position=i,
            similarity=float(x.contributions[i]),
            match_position=int(x.alignment[i]),
            match=words[own],
            n_equal=len(equal) - 1,
            tied_with=tuple(words[k] for k in tied),
            runner_up_position=second,
            runner_up=words[int(word_of[second])] if second >= 0 else None,
            runner_up_similarity=float(x.similarity[i, second]) if second >= 0 else float("nan"),
        )

    return tuple(match(i) if token.scored else None for i, token in enumerate(x.query))


def word_matches(
    x: PairScores, words: WordExplanation, tokens: tuple[TokenMatch | None, ...]
) -> tuple[WordMatch, ...]:
    """List what every scored query word found, in the order of the query."""
    return tuple(
        WordMatch(
            word,
            float(contribution),
            kind,
            tuple(match for i in strongest_first(x, word) if (match := tokens[i]) is not None),
        )
        for word, contribution, kind in zip(
            words.query, words.contributions, words.kinds, strict=True
        )
        if word.scored
    )


def _runners_up(x: PairScores, word_of: Int[np.ndarray, " doc"]) -> Int[np.ndarray, " query"]:
    """Find each row's best document token outside the word of its match; -1 where there is none."""
    others = np.where(x.document.scored_mask, x.similarity, -np.inf)
    others[word_of[None, :] == word_of[x.alignment][:, None]] = -np.inf
    best = first_best(others)
    found = np.isfinite(others[np.arange(len(others)), best]) & x.query.scored_mask
    return np.where(found, best, -1)
