"""An explanation in plain sentences, for readers who see no figure or want none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from colbert_explain import argument_checks as check
from colbert_explain.analysis.calibration.convincing import CONVINCING
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.matches import CLOSE_CALL, WordMatch
from colbert_explain.explanation.score_groups import score_groups
from colbert_explain.similarity import ordered
from colbert_explain.text.match_kinds import MatchKind
from colbert_explain.text.wording import capitalised, count, ended, every, excerpt, listed, quoted
from colbert_explain.views.html.render import render
from colbert_explain.views.query_numbers import query_percentiles
from colbert_explain.views.text.phrases import number, share, word_sentence
from colbert_explain.views.text.plain_text import NOT_COMPARABLE, warnings

#: Words of a query that each have a sentence, when there are more than the other number.
_MOST_SENTENCES, _SENTENCES_OF_MANY = 16, 12
_N_PASSAGES = 3
CAUTION = (
    "These contributions add up exactly to the score. They don't prove which words the model "
    "relied on, because every vector already carries the context of its token."
)
_KINDS: dict[MatchKind | None, str] = {
    "same word": "found the same word",
    "same stem": "found a word of the same stem",
    "different word": "found a different word",
    None: "found a token that has no text",
}


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A heading, sentences below it, and a list below those."""

    heading: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()


class Report(str):
    """The text of a report; a notebook shows its headings and lists as such."""

    __slots__ = ("_sections",)

    _sections: tuple[ReportSection, ...]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = render("report.html.j2", sections=self._sections)
        return {"text/html": html, "text/plain": str(self)}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))  # IPython prefers its own printer of strings to the bundle


def report(
    explanation: Explanation,
    *,
    percentiles: ArrayLike | None = None,
) -> str:
    """Write an explanation in plain sentences.

    The score and what it is the sum of; what every query word adds, the largest first, and the
    word it found; how firm that is; what was not scored, not known or not read; the best
    sentences of the document; what computed it. Numbers are rounded to three decimals.

    Parameters
    ----------
    explanation
        What to describe.
    percentiles
        For each query token, the percentage of unrelated texts of the document's length that match
        it less well, 0 to 100, as `Calibration.of` gives it; NaN where that is not known. An array,
        a tensor or a list, shape ``(n_query,)``.

    Returns
    -------
    str
        Shown as a page in a notebook. Paragraphs with headings, lines that begin with ``- ``
        where it lists. What the words add,
        what the rest of a long query adds and what other tokens add make up the score.

    Raises
    ------
    ValueError
        If ``percentiles`` does not fit the query, or a value lies outside ``[0, 100]``.
    """
    check.instance("explanation", explanation, Explanation, "explain makes one")
    sections = report_sections(explanation, percentiles=percentiles)
    written = Report(
        "\n\n".join(
            "\n".join(
                [section.heading, *section.sentences, *(f"- {item}" for item in section.items)]
            )
            for section in sections
        )
    )
    written._sections = sections
    return written


def report_sections(
    explanation: Explanation,
    *,
    percentiles: ArrayLike | None = None,
) -> tuple[ReportSection, ...]:
    """Return the sections of a report; sections with nothing to say are left out."""
    x = explanation
    known = query_percentiles(percentiles, len(x.query))
    matches = [match for match in x.word_matches if match.word.role == "text"]
    sections = (
        _score(x),
        kinds_section(x, matches),
        _contributions(x, matches, known),
        _other_tokens(x),
        firmness_section(matches, known),
        _coverage(x),
        _passages(x),
        ReportSection("Caution", (CAUTION,)),
        ReportSection("What computed this", (x.provenance_sentence() + ".",)),
    )
    return tuple(section for section in sections if section.sentences or section.items)


def _score(x: Explanation) -> ReportSection:
    n_scored = int(x.query.scored_mask.sum())
    parts = (
        "That is the best similarity of its only scored query token."
        if n_scored == 1
        else f"That is the sum of the best similarities of {n_scored:,} scored query tokens, "
        f"{number(x.mean_contribution)} on average."
    )
    sentences = [
        f"The document {quoted(excerpt(x.document.text))} scores {number(x.score)} for the "
        f"query {quoted(excerpt(x.query.text))}.",
        f"{parts} A similarity lies between -1 and 1; scores are {NOT_COMPARABLE}.",
    ]
    if not (x.contributions > 0).any():
        best = float(x.contributions[x.query.scored_mask].max())
        sentences.append(
            f"Nothing in the document is similar to the query: no similarity is above 0; the "
            f"largest that counts is {number(best)}."
        )
    return ReportSection("Score", tuple(sentences))


def kinds_section(x: Explanation, matches: Sequence[WordMatch]) -> ReportSection:
    """Count the words that match the same word, another form of it, or another word."""
    items = []
    for kind, found in _KINDS.items():
        members = [match.contribution for match in matches if match.kind == kind]
        if members:
            in_total = " in total" if len(members) > 1 else ""
            items.append(
                f"{count(len(members), 'word')} {found}, {number(sum(members))}{in_total}"
                f"{share(sum(members), x.score)}."
            )
    return ReportSection("Same words and different ones", (), tuple(items))


def _contributions(
    x: Explanation, matches: Sequence[WordMatch], percentiles: Float[np.ndarray, " query"]
) -> ReportSection:
    terms = max((len(match.pieces) for match in matches), default=1)
    order = ordered(np.array([match.contribution for match in matches]), terms=terms)
    shown, rest = [matches[k] for k in order], list[WordMatch]()
    if len(shown) > _MOST_SENTENCES:
        shown, rest = shown[:_SENTENCES_OF_MANY], shown[_SENTENCES_OF_MANY:]
    items = [
        word_sentence(x, match, float(percentiles[match.pieces[0].position])) for match in shown
    ]
    if rest:
        values = [match.contribution for match in rest]
        items.append(
            f"The other {len(rest):,} words together: {number(sum(values))}"
            f"{share(sum(values), x.score)}, from {number(max(values))} "
            f"down to {number(min(values))} each."
        )
    lead = ("The largest contribution comes first.",) if len(items) > 1 else ()
    return ReportSection("What each query word adds", lead, tuple(items)) if items else _NOTHING


def _other_tokens(x: Explanation) -> ReportSection:
    groups = score_groups(x)
    items = []
    for group in groups:
        what = "words"
        n_tokens = count(len(group.positions), "token")
        if group.role != "text":
            pieces = dict.fromkeys(x.query[i].text for i in group.positions)
            what = f"{group.role} tokens ({listed([quoted(piece) for piece in pieces])})"
        items.append(
            f"{capitalised(what)}: {number(group.subtotal)}"
            f"{share(group.subtotal, x.score)}, {n_tokens}."
        )
    if len(groups) == 1 and groups[0].role == "text":
        return _NOTHING
    lead = "Query tokens that have no text are scored too."
    return ReportSection("Parts of the score", (lead,), tuple(items))


def firmness_section(
    matches: Sequence[WordMatch], percentiles: Float[np.ndarray, " query"]
) -> ReportSection:
    """List the matches that are ties, close calls, or no better than unrelated text."""
    sentences = []
    tied = [m for m in matches if m.firmness == "tied"]
    close = [m for m in matches if m.firmness == "close"]
    for elsewhere in (True, False):
        found = [m for m in tied if any(piece.tied_with for piece in m.deciding) is elsewhere]
        if found:
            one = len(found) == 1
            where = "elsewhere in the document" if elsewhere else "in other pieces of the same word"
            sentences.append(
                f"{_names(found)} {'is' if one else 'are'} matched equally well {where}: the place "
                "that is named is the first."
            )
    if close:
        one = len(close) == 1
        sentences.append(
            f"{_names(close)} {'is a close call' if one else 'are close calls'}: another place "
            f"comes within {CLOSE_CALL:g} of {'its match' if one else 'their matches'}."
        )
    known = [m for m in matches if not np.isnan(percentiles[m.pieces[0].position])]
    weak = [m for m in known if percentiles[m.pieces[0].position] < CONVINCING]
    if weak:
        sentences.append(
            f"{_names(weak)} found nothing convincing: more than {100 - CONVINCING}% of matches "
            "in unrelated text of this length are as good or better."
        )
    elif known:
        one = len(known) == 1
        words = f"{capitalised(every(len(known), 'word'))} {'is' if one else 'are'}"
        sentences.append(
            f"{words} matched better than {CONVINCING}% of unrelated text of this length would "
            f"match {'it' if one else 'them'}."
        )
    return ReportSection("How clear-cut the matches are", tuple(sentences))


def _names(matches: Sequence[WordMatch]) -> str:
    names = [quoted(match.word.text) for match in matches]
    if len(names) > _MOST_SENTENCES:
        n_more = len(names) - _SENTENCES_OF_MANY
        names = [*names[:_SENTENCES_OF_MANY], f"{n_more:,} more words"]
    return listed(names)


def _coverage(x: Explanation) -> ReportSection:
    sentences = []
    for name, side in (("query", x.query), ("document", x.document)):
        n_scored = int(side.scored_mask.sum())
        if n_scored < len(side):
            sentences.append(
                f"Of {len(side):,} tokens of the {name}, {n_scored:,} "
                f"{'is' if n_scored == 1 else 'are'} scored."
            )
        else:
            sentences.append(f"The {name} has {count(len(side), 'token')}, all scored.")
        if side.n_windows > 1:
            sentences.append(f"The {name} was read in {side.n_windows:,} overlapping windows.")
    return ReportSection("What was read", (*sentences, *warnings(x)))


def _passages(x: Explanation) -> ReportSection:
    passages = x.passages(_N_PASSAGES)
    if not passages:
        return _NOTHING
    lead = (
        "If only the tokens of this sentence could be matched, the score would be:"
        if len(passages) == 1
        else "If only the tokens of one sentence could be matched, the score would be:"
    )
    return ReportSection(
        "Best sentences of the document",
        (lead,),
        tuple(
            ended(
                f"{number(passage.score)}{share(passage.score, x.score)} in "
                f"{quoted(excerpt(passage.text))}"
                + (f", columns {quoted(excerpt(passage.header))}" if passage.header else "")
            )
            for passage in passages
        ),
    )


_NOTHING = ReportSection("", ())
