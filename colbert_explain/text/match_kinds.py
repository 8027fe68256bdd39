"""Whether a word found itself, another form of itself, or a different word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from snowballstemmer.english_stemmer import EnglishStemmer

MatchKind = Literal["same word", "same stem", "different word"]
"""How a word and its match are alike in spelling."""

#: English letters with the apostrophes of "don't"; a number or a mark in it makes it a name.
_STEMMABLE = re.compile(r"[a-z]+(?:'[a-z]+)*'?")
#: Shorter words and stems ("its" and "it", "as" and "a") are alike by chance.
_SHORTEST = 3
_MARKS = str.maketrans("’‐", "'-")  # noqa: RUF001


def match_kind(query: str, document: str) -> MatchKind:
    """Tell how a query word and the document word it matched are alike in spelling.

    The split of White Box Analysis of ColBERT (Formal, Piwowarski & Clinchant, ECIR 2021) into
    exact and soft matches, with the forms of an English word between the two. It compares
    spellings and knows no meanings: "bank" is the same word beside a river and in a town.

    Returns
    -------
    str
        ``"same word"`` where both are equal once case, compatibility forms (NFKC) and the kinds
        of apostrophe and hyphen are set aside; ``"same stem"`` where Snowball's English stemmer
        (Porter2) makes the same of both; else ``"different word"``. Numbers, words with other
        than English letters, and words or stems below three letters never have the same stem.
        Words of other languages in English letters are stemmed as if they were English.

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
    # Casefolding may undo what NFKC has put together.
    return unicodedata.normalize("NFKC", normal).translate(_MARKS)


@lru_cache(maxsize=4096)
def _stem(word: str) -> str | None:
    if len(word) < _SHORTEST or not _STEMMABLE.fullmatch(word):
        return None
    # A stemmer of its own, because it keeps the word that it works on, and threads come here.
    # Not snowballstemmer.stemmer(): that takes PyStemmer's, of whatever version, if it is there.
    stem: str = EnglishStemmer().stemWord(word)
    return stem if len(stem) >= _SHORTEST else None
