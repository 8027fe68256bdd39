"""The phrases that a report is made of: shares, surroundings, one sentence per word."""

from __future__ import annotations

import math
from collections.abc import Sequence

from colbert_explain.explanation import Explanation, Word
from colbert_explain.explanation.matches import TokenMatch, WordMatch
from colbert_explain.explanation.scores import share_of
from colbert_explain.text import wording
from colbert_explain.text.wording import capitalised, ended, listed, percent, quoted

#: Characters of a text on either side of a word.
_AROUND = 28


def number(value: float) -> str:
    """Write a number with three decimals; its minus sign is the one on a keyboard."""
    return wording.number(value).replace("\N{MINUS SIGN}", "-")


def share(value: float, score: float) -> str:
    """Write a part of the score in brackets; nothing where the score is not above 0."""
    part = percent(share_of(value, score))
    return f" ({part} of the score)" if part else ""


def surroundings(text: str, word: Word) -> str:
    """Return a word with the words beside it, ``…`` where the text goes on."""
    if word.start is None or word.end is None:
        return word.text
    left, right = text[: word.start], text[word.end :]
    if len(left) > _AROUND:
        left = left[-_AROUND:]
        left = "… " + (left.split(maxsplit=1)[-1] if _splits(left) else left).lstrip(" ")
        left = left + " " * (text[word.start - 1].isspace() and not left.endswith(" "))
    if len(right) > _AROUND:
        right = right[:_AROUND]
        right = (right.rsplit(maxsplit=1)[0] if _splits(right) else right).rstrip() + " …"
    return left + text[word.start : word.end] + right


def _splits(part: str) -> bool:
    return len(part.split()) > 1


def percentile_words(percentile: float) -> str:
    """Compare a match with the best matches in unrelated texts."""
    there = "in unrelated texts of this length"
    if percentile >= 100:
        return f"at least as good as all best matches that were measured {there}"
    if percentile <= 0:
        return f"no better than any best match that was measured {there}"
    return f"better than {math.floor(percentile)}% of the best matches {there}"


def word_sentence(x: Explanation, match: WordMatch, percentile: float) -> str:
    """Return a sentence: what a query word adds to the score, and what it matches.

    Parameters
    ----------
    x, match
        The explanation, and the word in it.
    percentile
        That of its strongest piece; NaN where that is not known.
    """
    strongest, *others = match.pieces
    value = number(match.contribution)
    adds = f"takes {value[1:]} away" if value.startswith("-") else f"adds {value}"
    part = share(match.contribution, x.score)
    sentences = [ended(f"{quoted(match.word.text)} {adds}{part}: {_found(x, match, strongest)}")]
    if others:
        elsewhere = [piece.match for piece in others if piece.match != strongest.match]
        sentences.append(_pieces(len(match.pieces), elsewhere))
    sentences += firmness_sentences(x, match)
    if not math.isnan(percentile):
        words = percentile_words(percentile)
        sentences.append(
            f"The match of its strongest piece is {words}." if others else f"{capitalised(words)}."
        )
    return " ".join(sentences)


def firmness_sentences(x: Explanation, match: WordMatch) -> list[str]:
    """Return what is equal or near to a tied or close word, a sentence for each piece."""
    several = len(match.pieces) > 1
    return [
        firmness_sentence(x, piece, quoted(x.query[piece.position].text) if several else "")
        for piece in match.deciding
        if piece.firmness != "firm"
    ]


def firmness_sentence(x: Explanation, piece: TokenMatch, name: str = "") -> str:
    """Return what is equal or near to a match of ``name``; nothing for a firm match."""
    of_piece = name and f" for {name}"
    if piece.firmness == "tied":
        n_tied = len(piece.tied_with)
        places = (
            f"{n_tied:,} other {'place is' if n_tied == 1 else 'places are'}"
            if n_tied
            else "another piece of the same word is"
        )
        return f"A tie{of_piece}: {places} equal within numerical error."
    if piece.firmness == "close" and piece.runner_up is not None:
        near = quoted(surroundings(x.document.text, piece.runner_up))
        behind = number(piece.similarity - piece.runner_up_similarity)
        return (
            f"A close call{of_piece}: {quoted(piece.runner_up.text)} in {near} is "
            f"{'less than 0.001' if behind == '0.000' else behind} behind."
        )
    return ""


def _pieces(n_pieces: int, elsewhere: Sequence[Word]) -> str:
    """Return where the pieces of a word match, if not in the word of the strongest."""
    if not elsewhere:
        whole = "both" if n_pieces == 2 else "all"
        return f"It was read in {n_pieces:,} pieces, {whole} matched there."
    n_there = n_pieces - len(elsewhere)
    places = listed([quoted(word) for word in dict.fromkeys(word.text for word in elsewhere)])
    others = "the other" if len(elsewhere) == 1 else "the others"
    return f"It was read in {n_pieces:,} pieces: {n_there:,} matched there, {others} in {places}."


def _found(x: Explanation, match: WordMatch, piece: TokenMatch) -> str:
    if piece.match.start is None:
        return f"its best match is {quoted(piece.match.text)}, which has no text"
    where = f"in {quoted(surroundings(x.document.text, piece.match))}"
    if match.kind == "same word":
        return f"the same word {where}"
    if match.kind == "same stem":
        return f"the same stem, {quoted(piece.match.text)}, {where}"
    return f"a different word, {quoted(piece.match.text)}, {where}"
