"""English word stems: the Snowball stemmer for English, known as Porter2.

Source: M. F. Porter and R. Boulton, "The English (Porter2) stemming algorithm",
https://snowballstem.org/algorithms/english/stemmer.html; gives what Snowball 3.1 gives.
"""

from __future__ import annotations

import re
from functools import lru_cache

_V = "[aeiouy]"
_N = "[^aeiouy]"
#: The region after the first non-vowel that follows a vowel.
_REGION = re.compile(f".*?{_V}{_N}")
_R1_EXCEPTIONS = re.compile("gener|commun|arsen|past|univers|later|emerg|organ|inter")
#: A vowel between non-vowels at the end, a word of vowel and non-vowel, or "past".
_SHORT = re.compile(f"(?:{_N}{_V}[^aeiouywxY]|^{_V}{_N}|past)$")
_DOUBLE = re.compile(r"(bb|dd|ff|gg|mm|nn|pp|rr|tt)$")
_HAS_VOWEL = re.compile(_V)

_WHOLE_WORDS = {
    "skis": "ski", "skies": "sky", "idly": "idl", "gently": "gentl", "ugly": "ugli",
    "early": "earli", "only": "onli", "singly": "singl",
    **dict.fromkeys(("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")),
}  # fmt: skip
_NOT_ING = re.compile("inn|out|cann|herr|earr|even")
_STEP_2 = {
    "ization": "ize", "ational": "ate", "fulness": "ful", "ousness": "ous", "iveness": "ive",
    "tional": "tion", "biliti": "ble", "lessli": "less", "entli": "ent", "ation": "ate",
    "alism": "al", "aliti": "al", "ousli": "ous", "iviti": "ive", "fulli": "ful", "ogist": "og",
    "enci": "ence", "anci": "ance", "abli": "able", "izer": "ize", "ator": "ate", "alli": "al",
    "bli": "ble", "ogi": "og", "li": "",
}  # fmt: skip
_STEP_3 = {
    "ational": "ate", "tional": "tion", "alize": "al", "icate": "ic", "iciti": "ic",
    "ative": "", "ical": "ic", "ness": "", "ful": "",
}  # fmt: skip
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous",
    "ive", "ize", "ion", "al", "er", "ic",
)  # fmt: skip


@lru_cache(maxsize=4096)
def english_stem(word: str) -> str:
    """Return the stem of an English word in lower case; it need not be a word itself.

    >>> [english_stem(word) for word in ("elephants", "eating", "happiness", "news")]
    ['eleph', 'eat', 'happi', 'news']
    """
    if word in _WHOLE_WORDS:
        return _WHOLE_WORDS[word] or word
    if len(word) < 3:
        return word
    word = word.removeprefix("'")
    word = re.sub(f"(^|{_V})y", r"\1Y", word)
    found = _R1_EXCEPTIONS.match(word) or _REGION.match(word)
    r1 = found.end() if found else len(word)
    found = _REGION.match(word, r1)
    r2 = found.end() if found else len(word)
    word = _plural(re.sub("('s'|'s|')$", "", word))
    word = _past_and_progressive(word, r1)
    word = re.sub(f"(?<=.{_N})[yY]$", "i", word)
    word = _suffixes(word, r1, r2)
    if word.endswith("e"):
        if len(word) > r2 or (len(word) > r1 and not _SHORT.search(word[:-1])):
            word = word[:-1]
    elif word.endswith("ll") and len(word) > r2:
        word = word[:-1]
    return word.lower()


def _plural(word: str) -> str:
    """Take step 1a."""
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and _HAS_VOWEL.search(word[:-2]):
        return word[:-1]
    return word


def _past_and_progressive(word: str, r1: int) -> str:
    """Take step 1b."""
    found = re.search("(eedly|eed|edly|ingly|ed|ing)$", word)
    if found is None:
        return word
    suffix, start = found[0], found.start()
    stem = word[:start]
    if suffix.startswith("ee"):
        return stem + "ee" if start >= r1 and not re.fullmatch("proc|exc|succ", stem) else word
    if suffix == "ing":
        if re.fullmatch(f"{_N}y", stem):  # dying, lying
            return stem[:-1] + "ie"
        if _NOT_ING.fullmatch(stem):  # inning, evening
            return word
    if not _HAS_VOWEL.search(stem):
        return word
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if _DOUBLE.search(stem):
        return stem if re.fullmatch("[aeo].{2}", stem) else stem[:-1]
    return stem + "e" if len(stem) <= r1 and _SHORT.search(stem) else stem


def _suffixes(word: str, r1: int, r2: int) -> str:
    """Take steps 2, 3 and 4: of each the longest ending that fits, if it lies in its region."""
    for ending, new in _STEP_2.items():
        if word.endswith(ending):
            before = word[: -len(ending)]
            fits = {"ogi": before.endswith("l"), "li": re.search("[cdeghkmnrt]$", before)}
            if len(before) >= r1 and fits.get(ending, True):
                word = before + new
            break
    for ending, new in _STEP_3.items():
        if word.endswith(ending):
            before = word[: -len(ending)]
            if len(before) >= (r2 if ending == "ative" else r1):
                word = before + new
            break
    for ending in _STEP_4:
        if word.endswith(ending):
            before = word[: -len(ending)]
            if len(before) >= r2 and (ending != "ion" or before.endswith(("s", "t"))):
                word = before
            break
    return word
