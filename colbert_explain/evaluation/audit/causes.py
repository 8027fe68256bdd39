"""Why a query is lost: an ordered list of predicates on the winner and the right document.

A query is lost if none of its relevant documents is among the first k of the run. Its right
document is the best-placed relevant one, its winner the best-placed document that is not relevant.
Every predicate below is true or false by itself; the main cause is the first one that is true, in
the order of `CAUSES`:

1. what kept the right document from being scored at all, or from being read whole;
2. what makes the winner wrong although it resembles the query: another number or name, a negation;
3. which words of the query make up most of the winner's lead.

So a cause is a pattern that a person can check in the contrast, not a proof: a document that lacks
a word may also lose for another reason, which then has its own column.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from colbert_explain.evaluation.audit.loss import Loss, WordPair
from colbert_explain.explanation import Explanation, Word
from colbert_explain.similarity import TIE_TOLERANCE
from colbert_explain.text.function_words import is_content_word, is_negated

#: What makes up more than this share of the winner's lead decides it: the rest alone is smaller.
MOST = 0.5
#: A share that is this near `MOST` counts as at it: last bits differ between processors.
_SLACK = 1e-4
#: A lead of no more than this, per scored query token, is a near tie: half of what makes a single
#: match a close call. A change of a few words in either document turns it round.
NEAR_TIE = 0.01
#: The main cause where no predicate is true.
OTHER = "other"
#: What may stand between the end of a sentence and the first word of the next.
_OPENING = " \t\n\"'([\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}"


def judged_document_missing(loss: Loss) -> bool:
    """Return whether no relevant document of the query is in the collection."""
    return loss.right is None


def dropped_by_first_stage(loss: Loss) -> bool:
    """Return whether the run lacks a right document that exact MaxSim over all places within k."""
    return loss.run_rank is None and _within_k(loss) and loss.in_candidates is not True


def placed_below_its_score(loss: Loss) -> bool:
    """Return whether exact MaxSim finds a right document that the run's own scores place too low.

    This happens in a run of another model or of compressed vectors, or if the run leaves out a
    document that the first stage found.
    """
    return _within_k(loss) and (loss.run_rank is not None or loss.in_candidates is True)


def evidence_cut_off(loss: Loss) -> bool:
    """Return whether the right document, too long to be read whole, would win if it were read.

    The part that was not read is encoded by itself; each query token takes the better one of
    its matches in both parts.
    """
    if loss.score_if_read is None or loss.contrast is None:
        return False
    n_scored = int(loss.contrast.first.query.scored_mask.sum())
    return loss.score_if_read >= loss.contrast.first.score - n_scored * TIE_TOLERANCE


def number_or_name_differs(loss: Loss) -> bool:
    """Return whether the winner's number or name is not that of query and right document.

    The winner's resembles that of the query: the match convinces.

    A number is a word with a digit; a name is a word with a capital letter within a sentence of
    the query or of the right document.
    """
    return any(
        word.in_right.kind == "same word"
        and word.in_winner.kind == "different word"
        and word.convinces_in_winner
        and (_is_other_number(word) or _is_other_name(loss, word))
        for word in loss.words
        if word.is_content
    )


def negation(loss: Loss) -> bool:
    """Return whether the winner's best sentence negates something that the others do not.

    Or the reverse: query and right document have a negation, and the winner's best sentence has
    none.

    Every other content word of the query has a convincing match in the winner: similarity hardly
    reflects "not", so a sentence and its negation are similar.
    """
    content = [word for word in loss.words if word.is_content and not is_negated(word.text)]
    if loss.sides is None or not all(word.convinces_in_winner for word in content):
        return False
    winner, right = (_negates(side) for side in loss.sides)
    return is_negated(loss.sides[0].query.text) == right != winner


def near_tie(loss: Loss) -> bool:
    """Return whether the winner leads by at most `NEAR_TIE` per scored query token."""
    if loss.contrast is None:
        return False
    n_scored = int(loss.contrast.first.query.scored_mask.sum())
    return -TIE_TOLERANCE <= loss.lead / n_scored <= NEAR_TIE + TIE_TOLERANCE


def unmatched_query_word(loss: Loss) -> bool:
    """Return whether content words that the right document lacks make up most of the lead."""
    return loss.share_of_lead(lambda word: word.is_content and not word.convinces) > MOST + _SLACK


def function_words(loss: Loss) -> bool:
    """Return whether function words, such as *what* and *the*, make up most of the lead."""
    return loss.share_of_lead(lambda word: word.is_function) > MOST + _SLACK


def structural_tokens(loss: Loss) -> bool:
    """Return whether tokens without text ([CLS], markers, expansion) make up most of the lead."""
    return loss.share_of_lead(lambda word: not word.has_text) > MOST + _SLACK


def exact_words_beat_meaning(loss: Loss) -> bool:
    """Return whether words that only the winner repeats make up most of the lead.

    They are content words whose match in the right document is a different word.
    """
    return loss.share_of_lead(_is_reworded) > MOST + _SLACK


CAUSES: MappingProxyType[str, Callable[[Loss], bool]] = MappingProxyType(
    {
        "judged document missing": judged_document_missing,
        "dropped by the first stage": dropped_by_first_stage,
        "placed below its score": placed_below_its_score,
        "evidence cut off": evidence_cut_off,
        "number or name differs": number_or_name_differs,
        "negation": negation,
        "near tie": near_tie,
        "unmatched query word": unmatched_query_word,
        "function words": function_words,
        "structural tokens": structural_tokens,
        "exact words beat meaning": exact_words_beat_meaning,
    }
)
"""Name and predicate of each cause, in the order in which one becomes the main cause."""


def causes_of(loss: Loss) -> tuple[str, ...]:
    """Return the names of all predicates that are true, the main cause first; never none."""
    return tuple(name for name, holds in CAUSES.items() if holds(loss)) or (OTHER,)


def _within_k(loss: Loss) -> bool:
    return loss.exact_rank is not None and loss.exact_rank <= loss.k


def _is_reworded(word: WordPair) -> bool:
    return (
        word.is_content
        and word.in_winner.kind in ("same word", "same stem")
        and word.in_right.kind == "different word"
    )


def _is_other_number(word: WordPair) -> bool:
    return _is_number(word.text) and _is_number(word.in_winner.pieces[0].match.text)


def _is_number(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _is_other_name(loss: Loss, word: WordPair) -> bool:
    if loss.sides is None:
        return False
    winner, right = loss.sides
    found, named = (match.pieces[0].match for match in (word.in_winner, word.in_right))
    return (
        found.text[:1].isupper()
        and is_content_word(found.text)
        and (
            _is_capital_within(winner.query.text, word.in_right.word)
            or _is_capital_within(right.document.text, named)
        )
    )


def _is_capital_within(text: str, word: Word) -> bool:
    """Return whether a word has a capital letter although it begins no sentence."""
    before = text[: word.start].rstrip(_OPENING)
    return word.text[:1].isupper() and bool(before) and before[-1] not in ".!?:"


def _negates(x: Explanation) -> bool:
    best = x.passages(1)
    return bool(best) and is_negated(best[0].text)
