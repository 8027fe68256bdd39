"""How texts, names, counts and numbers are put into sentences, tables and labels."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import SupportsFloat

#: "First strong isolate" and its end; pages may write them as the element ``bdi``.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_MINUS = "\N{MINUS SIGN}"
_WITHIN_WORDS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}"
#: Characters of a text that a sentence quotes; a cut there may lose a word after so many.
_MOST_QUOTED, _LEAST_QUOTED = 160, 28


def visible(text: str) -> str:
    """Replace control characters, which a terminal or a figure would obey or hide, by spaces.

    Those that only shape or divide a word stay: the joiners of Persian and of emoji, the soft
    hyphen and the space of no width.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _WITHIN_WORDS else " " for c in text)


def one_line(text: str) -> str:
    """Return a text on one line, without control characters."""
    return visible(" ".join(text.split())) or "␣"


def shorten(text: str, limit: int) -> str:
    """Cut a text to ``limit`` characters, the last of them ``…``."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def beginning(text: str, limit: int) -> str:
    """Return the beginning of a text, which may be long, on one line of ``limit`` characters."""
    line = one_line(text[: 4 * limit])
    return line if len(text) <= 4 * limit and len(line) <= limit else f"{line[: limit - 1]}…"


def excerpt(text: str) -> str:
    r"""Cut a text between two words to what a sentence can quote, on one line.

    Examples
    --------
    >>> excerpt("two\n words"), len(excerpt("word " * 60))
    ('two words', 161)
    """
    text = " ".join(text.split())
    if len(text) <= _MOST_QUOTED:
        return text
    begin = text[:_MOST_QUOTED]
    return (begin[: begin.rfind(" ")] if " " in begin[_LEAST_QUOTED:] else begin).rstrip() + " …"


def is_right_to_left(text: str) -> bool:
    """Return whether a text has letters that are written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in text)


def isolated(text: str) -> str:
    """Isolate right-to-left text, so that it does not reorder the sentence around it."""
    return f"{ISOLATE}{text}{END_ISOLATE}" if is_right_to_left(text) else text


def named(text: str) -> str:
    """Return a user's text for a sentence: on one line and isolated."""
    return isolated(one_line(text))


def quoted(text: str) -> str:
    """Quote a user's text in a sentence: on one line, right-to-left text kept in its place."""
    return f"“{named(text)}”"


def listed(names: Sequence[str]) -> str:
    """Join names as a sentence does.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def first_of(names: Sequence[str], most: int, rest: str = "{:,} more") -> list[str]:
    """Return the first names, and after them how many more there are than ``most``.

    Examples
    --------
    >>> first_of(["a", "b", "c"], 2), first_of(["a", "b"], 2)
    (['a', 'b', '1 more'], ['a', 'b'])
    """
    n_more = len(names) - most
    return [*names[:most], *([rest.format(n_more)] if n_more > 0 else [])]


def capitalised(sentence: str) -> str:
    """Begin a sentence with a capital letter; the others stay as they are."""
    return sentence[:1].upper() + sentence[1:]


def ended(sentence: str) -> str:
    """End a sentence, unless the text that it quotes last ends one already."""
    return sentence if sentence.rstrip(END_ISOLATE + "”")[-1:] in ".!?…" else f"{sentence}."


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun, whose plural is by default made with an s.

    Examples
    --------
    >>> count(1, "token"), count(8192, "token"), count(2, "query", "queries")
    ('1 token', '8,192 tokens', '2 queries')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def every(number: int, noun: str) -> str:
    """Name all of some things: "the one", "both" or "all" of them.

    Examples
    --------
    >>> every(1, "word"), every(2, "word"), every(1200, "word")
    ('the word', 'both words', 'all 1,200 words')
    """
    if number == 1:
        return f"the {noun}"
    return f"{'both' if number == 2 else f'all {number:,}'} {noun}s"


def token_range(first: int, last: int) -> str:
    """Name tokens that follow each other, by their positions.

    Examples
    --------
    >>> token_range(5, 5), token_range(5, 1200)
    ('token 5', 'tokens 5 to 1,200')
    """
    return f"token {first:,}" if first == last else f"tokens {first:,} to {last:,}"


def ordinal(number: int) -> str:
    """Write a place in an order.

    Examples
    --------
    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th']
    """
    teens = number % 100 in (11, 12, 13)
    return f"{number:,}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def number(value: SupportsFloat, digits: int = 3) -> str:
    """Write a number with so many decimals and a true minus sign; never as -0.000.

    Examples
    --------
    >>> number(0.25, 2), number(-0.0004)
    ('0.25', '0.000')
    """
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", _MINUS)


def percent(part: float, digits: int = 0) -> str:
    """Write a fraction as a percentage; nothing where it is not a number.

    Without decimals, what is more than nothing is not written as 0%.

    Examples
    --------
    >>> percent(0.256), percent(0.256, 1), percent(float("nan"))
    ('26%', '25.6%', '')
    >>> percent(0.0045), percent(0)
    ('under 1%', '0%')
    """
    if math.isnan(part):
        return ""
    written = f"{100 * part:.{digits}f}%"
    return "under 1%" if part > 0 and written == "0%" else written


def signed(value: SupportsFloat, digits: int = 3) -> str:
    """Write a difference with its sign; what rounds to zero has both.

    Examples
    --------
    >>> signed(0.25), signed(-0.0004)
    ('+0.250', '±0.000')
    """
    if abs(float(value)) < 0.5 * 10**-digits:
        return f"±{0:.{digits}f}"
    return f"{float(value):+.{digits}f}".replace("-", _MINUS)
