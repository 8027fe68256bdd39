"""What counts as a right answer to an exercise: one of some options, a number, or a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Literal

from colbert_explain import argument_checks as check

AnswerKind = Literal["choice", "number", "text"]
"""How an answer is given."""
#: Characters around a word that are not part of the answer.
_WRAPPING = " \t\r\n\"'*.,;:!?()“”«»"


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The right answer, and how close an answer must be to it.

    Parameters
    ----------
    right
        A text, or a finite number.
    options
        The choices, including ``right``; empty if the answer is typed.
    tolerance
        How far a number may be off.

    Raises
    ------
    ValueError
        If ``right`` is neither a string nor a number, or is not one of the options; if there is
        only one option, or one is given twice; if the tolerance is negative, or is given for a
        string.
    """

    right: str | float
    options: tuple[str, ...] = ()
    tolerance: float = 0.0

    @classmethod
    def of(cls, right: object, options: Sequence[str], tolerance: float | int) -> AnswerKey:
        """Check the arguments of an exercise and keep them."""
        shown = check.several("options", options, str)
        if isinstance(right, Real) and not isinstance(right, bool):
            value: str | float = float(right)
            if not math.isfinite(right):
                raise ValueError(f"right must be a finite number, got {value}")
            if shown:
                raise ValueError("right must be one of the options, which are texts, got a number")
        elif isinstance(right, str) and right.strip():
            value = right
        else:
            raise ValueError(f"right must be a number or a string, got {right!r}")
        if shown and value not in shown:
            raise ValueError(f"right must be one of {', '.join(shown)}, got {value!r}")
        if shown and (len(shown) < 2 or len(set(shown)) < len(shown)):
            raise ValueError(
                f"options must be at least two texts, all different, got {list(shown)}"
            )
        if not check.number("tolerance", tolerance) >= 0:
            raise ValueError(f"tolerance must be at least 0, got {tolerance}")
        if tolerance and isinstance(value, str):
            raise ValueError(f"tolerance must be 0 where right is a string, got {tolerance}")
        return cls(value, shown, float(tolerance))

    @property
    def kind(self) -> AnswerKind:
        """How the answer is given."""
        if self.options:
            return "choice"
        return "text" if isinstance(self.right, str) else "number"

    @property
    def text(self) -> str:
        """The right answer as a reader might write it: a number with no more digits than needed."""
        if isinstance(self.right, str):
            return self.right
        if self.right == int(self.right):
            return str(int(self.right))
        digits = 2
        while abs(round(self.right, digits) - self.right) > self.tolerance and digits < 6:
            digits += 1
        return f"{self.right:.{digits}f}"

    def accepts(self, given: object) -> bool:
        """Return whether an answer is right.

        Case, and punctuation around a word, do not matter; a number may have a decimal comma.

        Raises
        ------
        ValueError
            If it is not an answer: not one of the options, not a number, or empty.
        """
        if isinstance(self.right, str):
            return self._text(given) == _plain(self.right, self.options)
        return abs(_number(given) - self.right) <= self.tolerance + 1e-9

    def option(self, given: str) -> str:
        """Return the option that an answer means, or the answer itself where nothing is chosen."""
        same = (o for o in self.options if _plain(o, self.options) == _plain(given, self.options))
        return next(same, given)

    def _text(self, given: object) -> str:
        word = _plain(given, self.options) if isinstance(given, str) else ""
        if self.options and word not in (_plain(option, self.options) for option in self.options):
            raise ValueError(f"answer must be one of {', '.join(self.options)}, got {given!r}")
        if not word:
            raise ValueError(f"answer must be a string, got {given!r}")
        return word


def _plain(text: str, options: Sequence[str]) -> str:
    """Drop case and surrounding punctuation, unless options differ in nothing else."""
    folded = [option.strip(_WRAPPING).casefold() for option in options]
    if "" in folded or len(set(folded)) < len(folded):
        return text.strip()
    return text.strip(_WRAPPING).casefold()


def _number(given: object) -> float:
    try:
        value = float(given.strip().replace(",", ".") if isinstance(given, str) else given)  # type: ignore[arg-type]  # what float refuses is answered below
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(given, bool) or not math.isfinite(value):
        raise ValueError(f"answer must be a number, got {given!r}")
    return value
