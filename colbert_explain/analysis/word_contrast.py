"""`WordContrast`: two documents for one query, compared word by word in printed numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from colbert_explain.explanation import Explanation, WordMatch
from colbert_explain.similarity import TIE_TOLERANCE, ordered
from colbert_explain.text.printed_sums import printed_difference, rounded_to_sum
from colbert_explain.text.sentence_parts import Parts, joined, listed, quoted
from colbert_explain.text.wording import named, number, one_line, shorten, signed

#: Words that a sentence names on each side, at most.
_MOST_NAMED = 3
#: Characters of a word, which may be an address, in a sentence.
_LONGEST = 24
#: What rounds to 0.00 is no difference that a sentence can show.
_SHOWN = 0.005
#: Decimals of two scores that are almost the same, so many that they differ.
_MOST_DIGITS = 4
#: A share that is this near a limit counts as at it: last bits differ between processors.
_SLACK = 1e-4


@dataclass(frozen=True, slots=True)
class WordDifference:
    """What a scored query word adds in two documents.

    Attributes
    ----------
    first, second
        Its matches.
    printed
        `difference` with two decimals, so that those of all words that favour one document add up
        to what it is printed to gain; within 0.01 of it.
    printed_values
        What it adds in both with two decimals, whose difference is ``printed``; each within 0.01
        of its value.
    """

    first: WordMatch
    second: WordMatch
    printed: float
    printed_values: tuple[float, float]

    @property
    def difference(self) -> float:
        """What it adds in the first document minus what it adds in the second."""
        return self.first.contribution - self.second.contribution

    @property
    def better(self) -> int:
        """1 if the first document has the better match, -1 if the second, 0 for neither."""
        return _better(self.first, self.second)

    @property
    def match(self) -> WordMatch:
        """The better of the two matches."""
        return self.first if self.difference > 0 else self.second


class WordContrast:
    """Two explanations for one query, compared by scored query words.

    Parameters
    ----------
    first, second
        The two, for the same query.

    Attributes
    ----------
    words
        One per scored query word, in the order of the query.
    printed_difference
        Difference of the two scores as they are printed, with two decimals.
    """

    def __init__(self, first: Explanation, second: Explanation) -> None:
        self.first, self.second = first, second
        self.score_difference = first.score - second.score
        self.printed_difference = printed_difference(first.score, second.score)
        self.words = self._compared()

    def largest_first(self) -> list[WordDifference]:
        """Order the words by size of difference, whichever document it favours."""
        sizes = np.abs([word.difference for word in self.words])
        # A difference is of two sums of as many similarities as the word has pieces.
        most_pieces = max(len(word.first.pieces) for word in self.words)
        return [self.words[k] for k in ordered(sizes, terms=2 * most_pieces).tolist()]

    def sentence_parts(self, names: tuple[str, str]) -> Parts:
        """Write which document wins and which words decide it, emphasised or not."""
        one, other = map(named, names)
        order = self.largest_first()
        sides = {sign: [word for word in order if word.better == sign] for sign in (1, -1)}
        if not sides[1] and not sides[-1]:
            return joined(
                f"{one} and {other} {self._near_scores()}: every query word finds an equally good "
                "match in both."
            )
        if abs(self.score_difference) < _SHOWN or not self.printed_difference:
            same = f"{one} and {other} {self._near_scores()}: "
            small = all(abs(word.difference) < _SHOWN for word in order)
            if small or not _is_shown(sides[1]) or not _is_shown(sides[-1]):
                return joined(same, "every query word adds almost the same to both.")
            return joined(
                *(f"{same}{one} gains a little, ", _largest(sides[1], 1)),
                *(f", and {other} about as much, ", _largest(sides[-1], -1), "."),
            )
        sign = 1 if self.score_difference > 0 else -1
        winner, loser = (one, other)[::sign]
        gained, lost = (abs(printed_sum(sides[s])) for s in (sign, -sign))
        head = f"{winner} outscores {loser} by {number(abs(self.printed_difference), 2)}"
        if not lost:
            return joined(f"{head}, ", _largest(sides[sign], sign), ".")
        return joined(
            *(f"{head}: it gains {number(gained, 2)}, ", _largest(sides[sign], sign)),
            *(
                f", and loses {number(lost, 2)} to better matches in the other text, ",
                _largest(sides[-sign], sign),
                ".",
            ),
        )

    def _compared(self) -> list[WordDifference]:
        of_second = {match.word.positions: match for match in self.second.word_matches}
        pairs = [(one, of_second[one.word.positions]) for one in self.first.word_matches]
        return [
            WordDifference(*pair, printed, _printed_values(*pair, printed))
            for pair, printed in zip(pairs, self._printed(pairs), strict=True)
        ]

    def _printed(self, pairs: list[tuple[WordMatch, WordMatch]]) -> list[float]:
        """Round differences so that gains minus losses are the printed difference of the scores."""
        printed = [0.0] * len(pairs)
        differences = [one.contribution - other.contribution for one, other in pairs]
        # From the winner's side: turned round, a contrast has the same numbers.
        winner = 1 if self.score_difference >= 0 else -1
        signs = [winner * _better(*pair) for pair in pairs]
        sides = {s: [k for k, sign in enumerate(signs) if sign == s] for s in (1, -1) if s in signs}
        sums = [winner * sum(differences[k] for k in side) for side in sides.values()]
        totals = rounded_to_sum(sums, winner * self.printed_difference)
        for (sign, side), total in zip(sides.items(), totals, strict=True):
            sizes = [abs(differences[k]) for k in side]
            rounded = rounded_to_sum(sizes, sign * total, keep_largest=True)
            for k, size in zip(side, rounded, strict=True):
                printed[k] = winner * sign * size
        return printed

    def _near_scores(self) -> str:
        """Return what two scores are that differ by less than two decimals show."""
        difference = abs(self.score_difference)
        if difference < 10**-_MOST_DIGITS:
            return f"both score {number(self.first.score, 2)}"
        scores = (self.first.score, self.second.score)
        digits = 3 if printed_difference(*scores, 3) else _MOST_DIGITS
        return f"score almost the same, {number(scores[0], digits)} and {number(scores[1], digits)}"


def printed_sum(words: Sequence[WordDifference]) -> float:
    """Add up printed differences; the sum has two decimals as well."""
    return round(sum(word.printed for word in words), 2) + 0.0


def _better(one: WordMatch, other: WordMatch) -> int:
    """Return 1 if the first is better, -1 if the second, 0 if their pieces are equal."""
    difference = one.contribution - other.contribution
    equal = abs(difference) <= TIE_TOLERANCE * len(one.pieces)
    return 0 if equal else 1 if difference > 0 else -1


def _printed_values(one: WordMatch, other: WordMatch, difference: float) -> tuple[float, float]:
    first, second = rounded_to_sum([one.contribution, -other.contribution], difference)
    return first, -second + 0.0


def _is_shown(words: Sequence[WordDifference]) -> bool:
    """Return whether at least one difference is printed as more than ±0.00."""
    return any(word.printed for word in words)


def _largest(words: Sequence[WordDifference], sign: int) -> Parts:
    """Name the words that make up most of a difference, the largest first, and their share.

    Words whose difference is printed as ±0.00 are not named.
    """
    shown = [word for word in words if word.printed]
    sizes = [abs(word.difference) for word in words]
    shares = [part / sum(sizes) for part in accumulate(sizes)]
    enough = next(n for n, share in enumerate(shares, 1) if share >= 0.8 - _SLACK)
    n = min(enough, _MOST_NAMED, len(shown))
    share = shares[n - 1]
    if n == len(words):
        how = "all of it from"
    elif share >= 0.9 - _SLACK or n == len(shown):
        how = "almost all of it from"
    elif share > 0.5 + _SLACK:
        how = "most of it from"
    else:
        how = f"spread over {len(words)} words, the largest parts from"
    return joined(f"{how} ", listed([_pair(word, sign) for word in shown[:n]]))


def _pair(word: WordDifference, sign: int) -> Parts:
    found = word.match.pieces[0].match
    name, match = (shorten(one_line(text), _LONGEST) for text in (word.first.word.text, found.text))
    shown = signed(sign * word.printed, 2)
    return joined(quoted(name), " → ", quoted(match), f" ({shown})")
