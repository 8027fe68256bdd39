"""Whether a word and its match are the same word, have the same stem, or differ."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from snowballstemmer.english_stemmer import EnglishStemmer

MatchKind = Literal["same word", "same stem", "different word"]
"""How alike a word and its match are in spelling."""

#: English letters with the apostrophes of "don't".
_STEMMABLE = re.compile(r"[a-z]+(?:'[a-z]+)*'?")
#: Shorter words and stems ("its" and "it", "as" and "a") are equal by chance.
_SHORTEST = 3
_MARKS = str.maketrans("’‐", "'-")  # noqa: RUF001


def match_kind(query: str, document: str) -> MatchKind:
    """Compare the spelling of a query word and its match in the document.

    "A White Box Analysis of ColBERT" (Formal, Piwowarski & Clinchant, ECIR 2021) distinguishes
    exact and soft matches; forms of the same English word are a third kind here. Meanings are not
    compared: "bank" is the same word beside a river and in a town.

    Returns
    -------
    str
        ``"same word"`` if both are equal apart from case, compatibility forms (NFKC) and the kind
        of apostrophe and hyphen; ``"same stem"`` if Snowball's English stemmer (Porter2) gives
        the same stem; else ``"different word"``. Numbers, words with letters other than English
        ones, and words or stems of less than three letters never have the same stem. Words of
        other languages in English letters are stemmed as if they were English.

    Examples
    --------
    >>> match_kind("Eats", "eating"), match_kind("150", "1500"), match_kind("\N{MICRO SIGN}", "μ")
    ('same stem', 'different word', 'same word')
    """
    one, other = _folded(query), _folded(document)
    if one == other:
        return "same word"
    stem = _stem(one)
    return "same stem" if stem is not None and stem == _stem(other) else "different word"


def _folded(word: str) -> str:
    normal = unicodedata.normalize("NFKC", word).casefold()
    # Casefolding may undo NFKC.
    return unicodedata.normalize("NFKC", normal).translate(_MARKS)


@lru_cache(maxsize=4096)
def _stem(word: str) -> str | None:
    if len(word) < _SHORTEST or not _STEMMABLE.fullmatch(word):
        return None
    # A new stemmer for each word, because a stemmer has state and is not safe in threads. Not
    # snowballstemmer.stemmer(), which uses any version of PyStemmer that is installed.
    stem: str = EnglishStemmer().stemWord(word)
    return stem if len(stem) >= _SHORTEST else None
