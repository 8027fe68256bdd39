"""Find the words of a text."""

from __future__ import annotations

import re
import unicodedata

#: Scripts without spaces, in which each character is a word.
_NO_SPACES = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)),  # Thai, Lao; Burmese; Khmer
    *((0x3040, 0x309F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)),  # hiragana; Chinese characters
    *((0xF900, 0xFAFF), (0x20000, 0x3134F)),
)
#: A word, in the letters of `_Shape` for kinds of characters.
_WORD = re.compile(
    r"""
    am*(?:\.am*)+\.?(?![a0])                # e.g., U.S.
    | (?:\$(?=0))?                          # $ of $5
      (?:[a0]m*)+                           # letters and digits: cats, H2O
      (?:(?:(?<=[am])'(?=a)                 # don't
           |(?<=[am])-(?=[a0])|(?<=0)-(?=a) # well-known, 19-year-old; not 1990-1995
           |(?<=0)[.,:](?=0))               # 3.5, 12:30
         (?:[a0]m*)+)*
      (?:(?<=0)[%$])?                       # 10%, 5€
    | r{2}                                  # a flag
    | \.{2,}                                # ...
    | [^ ]m*(?:jsm*)*                       # one character with what belongs to it
    """,
    re.VERBOSE,
)


class _Shape(dict[int, str]):
    """A table for `str.translate` from each character to one letter for its kind."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(code)
        return kind


def _kind(code: int) -> str:
    character = chr(code)
    category = unicodedata.category(character)
    if character.isspace():
        return " "
    if category[0] == "M" or code == 0x200C or 0x1F3FB <= code <= 0x1F3FF:  # skin tones
        return "m"
    if code == 0x200D:
        return "j"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "r"
    if any(first <= code <= last for first, last in _NO_SPACES):
        return "c"
    if category[0] == "L" or character == "_":
        return "a"
    if category[0] == "N":
        return "0"
    if category == "Sc":
        return "$"
    if category[0] == "S" and not character.isascii():
        return "s"
    return {"’": "'", "‐": "-", "‑": "-", "‰": "%"}.get(  # noqa: RUF001
        character, character if character in "'-.,:%" else "p"
    )


_SHAPE = _Shape()


def word_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Find the words of a text.

    A word is one of these: letters and digits, with apostrophes and hyphens between letters
    ("don't", "well-known"), marks between digits ("3.5", "12:30") and signs of money and per cent
    ("$5", "10%"); an abbreviation with its stops ("e.g."); one character of a script without
    spaces; one emoji; any other mark.

    Returns
    -------
    tuple of (int, int)
        Character spans in order. They do not overlap and cover every character but white space.

    Examples
    --------
    >>> text = "They don't eat 3.5 kg."
    >>> [text[start:end] for start, end in word_spans(text)]
    ['They', "don't", 'eat', '3.5', 'kg', '.']
    """
    return tuple(match.span() for match in _WORD.finditer(text.translate(_SHAPE)))
