"""What an audit says about one pair of query and document."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from colbert_explain.analysis.calibration import Calibration
from colbert_explain.analysis.calibration.convincing import is_convincing
from colbert_explain.explanation import Explanation, MatchKind, WordMatch
from colbert_explain.explanation.scores import share_of
from colbert_explain.text.function_words import is_content_word
from colbert_explain.text.match_kinds import match_kind
from colbert_explain.text.word_spans import word_spans
from colbert_explain.tokens import TokenSequence


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """One row of an audit of pairs; `audit` says what each column is.

    Every field is a column. A pair that cannot be read has ``error`` only.
    """

    score: float = float("nan")
    mean_contribution: float = float("nan")
    n_query_words: int | None = None
    matched_words: str | None = None
    unmatched_words: str | None = None
    structural_share: float = float("nan")
    same_word_share: float = float("nan")
    same_stem_share: float = float("nan")
    different_word_share: float = float("nan")
    n_tied: int | None = None
    n_close: int | None = None
    n_firm: int | None = None
    n_unread_query: int | None = None
    n_unread: int | None = None
    words_not_read: str | None = None
    weakest_percentile: float = float("nan")
    mean_percentile: float = float("nan")
    error: str | None = None


#: The type of each column, in order.
COLUMN_TYPES: dict[str, str] = {
    each.name: {"float": "float64", "int | None": "Int64"}.get(str(each.type), "string")
    for each in fields(PairFacts)
}


def pair_facts(x: Explanation, calibration: Calibration | None = None) -> PairFacts:
    """Sum up an explanation in one row.

    Raises
    ------
    ValueError
        If the calibration is that of another model.
    """
    percentiles = None if calibration is None else calibration.of(x)
    matches = x.word_matches
    words = [match for match in matches if match.word.role == "text"]
    convincing = [is_convincing(match, percentiles) for match in words]
    firmness = [match.firmness for match in words]
    known = [] if percentiles is None else _of_words(words, percentiles)
    return PairFacts(
        score=x.score,
        mean_contribution=x.score / int(x.query.scored_mask.sum()),
        n_query_words=len(words),
        matched_words=_listed(words, convincing),
        unmatched_words=_listed(words, [not each for each in convincing]),
        structural_share=_share(x, matches, None),
        same_word_share=_share(x, matches, "same word"),
        same_stem_share=_share(x, matches, "same stem"),
        different_word_share=_share(x, matches, "different word"),
        n_tied=firmness.count("tied"),
        n_close=firmness.count("close"),
        n_firm=firmness.count("firm"),
        n_unread_query=x.query.n_unread,
        n_unread=x.document.n_unread,
        words_not_read=", ".join(words_not_read(x)),
        weakest_percentile=min(known, default=float("nan")),
        mean_percentile=float(np.mean(known)) if known else float("nan"),
    )


def words_not_read(x: Explanation) -> list[str]:
    """List the content words of the query that are in the unread part of a document.

    A word counts in its own form and in another form of the same stem.
    """
    rest = unread_words(x.document)
    return [
        match.word.text
        for match in x.word_matches
        if match.word.role == "text" and is_content_word(match.word.text)
        if any(match_kind(match.word.text, word) != "different word" for word in rest)
    ]


def unread_text(document: TokenSequence) -> str:
    """Return the part of a text that was not encoded; "" if all was."""
    return "" if document.unread_start is None else document.text[document.unread_start :]


def unread_words(document: TokenSequence) -> set[str]:
    """Return the words of the part of a text that was not encoded."""
    rest = unread_text(document)
    return {rest[start:end] for start, end in word_spans(rest)}


def _of_words(words: list[WordMatch], percentiles: np.ndarray) -> list[float]:
    """Return the percentile of each word, which is that of its strongest piece, if known."""
    found = [float(percentiles[match.pieces[0].position]) for match in words]
    return [value for value in found if np.isfinite(value)]


def _listed(words: list[WordMatch], chosen: list[bool]) -> str:
    return ", ".join(m.word.text for m, is_chosen in zip(words, chosen, strict=True) if is_chosen)


def _share(x: Explanation, matches: tuple[WordMatch, ...], kind: MatchKind | None) -> float:
    """Return the share of the score that matches of a kind hold; those of all kinds add up to 1.

    The kind None holds all that is structural: query tokens without text, and query words whose
    match has no text.
    """
    held = sum(match.contribution for match in matches if match.kind == kind)
    return share_of(float(held), x.score)
