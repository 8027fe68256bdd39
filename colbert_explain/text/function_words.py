"""English function words and negations: words that carry grammar rather than a subject."""

from __future__ import annotations

import re

_FUNCTION_WORDS = """
    a an the
    i me my mine myself we us our ours ourselves you your yours yourself yourselves
    he him his himself she her hers herself it its itself they them their theirs themselves
    this that these those such same other another each every either neither both all any some
    no none many much more most few less least several own
    who whom whose which what when where why how whether
    about above across after against along among around as at before behind below beneath beside
    between beyond by despite down during except for from in inside into like near of off on onto
    out outside over past per since than through throughout to toward towards under until up upon
    via with within without
    and or but nor so yet if then else because while although though unless
    am is are was were be been being do does did doing done have has had having
    can could may might must shall should will would cannot ought
    not only very too also just there here again ever once
    isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't couldn't won't
    wouldn't shouldn't mustn't
    i'm you're he's she's it's we're they're i've you've we've they've i'll you'll he'll she'll
    we'll they'll that's what's who's where's there's let's
"""
_NEGATIONS = "no not none nobody nothing nowhere never neither nor without cannot"
#: The closed classes of English: articles, pronouns, question words, prepositions, conjunctions,
#: auxiliary verbs and adverbs of degree, with their contractions.
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
#: Words that negate what is said.
NEGATIONS = frozenset(_NEGATIONS.split())
_APOSTROPHE = str.maketrans("\N{RIGHT SINGLE QUOTATION MARK}", "'")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def is_function_word(word: str) -> bool:
    """Return whether a word carries grammar only; words of other languages never do.

    Examples
    --------
    >>> is_function_word("The"), is_function_word("cats")
    (True, False)
    """
    return word.translate(_APOSTROPHE).casefold() in FUNCTION_WORDS


def is_content_word(word: str) -> bool:
    """Return whether a word has letters or digits and is no function word.

    Examples
    --------
    >>> is_content_word("150"), is_content_word("what"), is_content_word("?")
    (True, False, False)
    """
    return any(character.isalnum() for character in word) and not is_function_word(word)


def is_negated(text: str) -> bool:
    """Return whether a text holds a word that negates.

    Examples
    --------
    >>> is_negated("Cats don't bark."), is_negated("Cats sleep."), is_negated("It is not so.")
    (True, False, True)
    """
    words = _WORD.findall(text.translate(_APOSTROPHE).casefold())
    return any(word in NEGATIONS or word.endswith("n't") for word in words)
