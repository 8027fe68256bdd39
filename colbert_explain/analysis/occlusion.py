"""Occlusion: what happens to a score when a span of text is removed, in two ways.

Masked, the span may not be matched, but the vectors of everything else still carry it as
context. Encoded again, the text really is without it. Where the two disagree, the encoder used
the span for more than its own tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, get_args

import numpy as np
from jaxtyping import Float, Int

from colbert_explain import argument_checks as check
from colbert_explain.deprecation import warn_renamed
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Encoder, check_encoder
from colbert_explain.explanation import Explanation, Passage, Word, explain
from colbert_explain.explanation._explain import difference_of_models
from colbert_explain.similarity import TIE_TOLERANCE, ordered
from colbert_explain.text.printed_sums import printed_difference
from colbert_explain.text.sentence_parts import Parts, joined, plain, quoted
from colbert_explain.text.wording import isolated, one_line, shorten
from colbert_explain.tokens import TokenSequence

if TYPE_CHECKING:
    import pandas as pd

P = ParamSpec("P")
Side = Literal["document", "query"]
"""Which text of a pair something is removed from."""
#: Places of a text that an error lists.
_MOST_PLACES = 5


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Occlusion(ShowsItself):
    """A score with and without a span of text.

    Attributes
    ----------
    original
        The explanation of the whole texts.
    masked
        The same similarities, but no token that overlaps the span is scored. In the document,
        each query token takes its best match elsewhere; in the query, their contributions drop
        out.
    reencoded
        The explanation of the text without the span, encoded again; ``None`` if that was
        not asked for.
    side, start, end
        Which characters were removed, ``text[start:end]`` of that side.
    """

    original: Explanation
    masked: Explanation
    reencoded: Explanation | None
    side: Side
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Occlusion({self.sentence()})"

    @property
    def removed(self) -> str:
        """The text that was removed."""
        text: str = getattr(self.original, self.side).text
        return text[self.start : self.end]

    @property
    def masked_difference(self) -> float:
        """Change of the score when the span may not be matched."""
        return self.masked.score - self.original.score

    @property
    def reencoded_difference(self) -> float | None:
        """Change of the score when the text is encoded without the span."""
        return None if self.reencoded is None else self.reencoded.score - self.original.score

    @property
    def changes(self) -> Float[np.ndarray, " query"]:
        """Change of each query token's contribution when masked, shape ``(n_query,)``.

        They sum to ``masked_difference``. Never above 0 for a span of the document.
        """
        return self.masked.contributions.astype(np.float64) - self.original.contributions

    @property
    def changed(self) -> Int[np.ndarray, " changed"]:
        """Positions of the query tokens whose contribution changes when masked, in order."""
        return np.flatnonzero(np.abs(self.changes) > TIE_TOLERANCE)

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the masked answer: one row per query token of the original.

        Returns
        -------
        pandas.DataFrame
            ``token``; ``contribution``, ``match``, ``match_position`` before; the same with
            ``_masked`` after; ``change``. Index and missing values are as in
            `Explanation.to_frame`. The rows of ``reencoded`` are in its own frame: a text that
            was encoded again has other tokens.
        """
        columns = ["contribution", "match", "match_position"]
        frame = self.original.to_frame()[["token", *columns]]
        frame = frame.join(self.masked.to_frame()[columns].add_suffix("_masked"))
        return frame.assign(change=self.changes)

    def sentence(self) -> str:
        """Return both scores in a sentence, and why they differ."""
        return plain(self.sentence_parts())

    def sentence_parts(self) -> tuple[tuple[str, bool], ...]:
        """Return `sentence` in parts, each with whether it is emphasised.

        A page needs this: a token may contain any character, so none can mark emphasis.
        """
        shown = shorten(one_line(self.removed), 60)
        return joined(
            f"With “{isolated(shown)}” masked in the {self.side}, the score "
            f"{_from_to(self.original.score, self.masked.score)}",
            self._hardest_hit(),
            f". {self._reencoded_sentence()}",
        )

    def _reencoded_sentence(self) -> str:
        """Return the sentence about the shorter text, or about how to encode it."""
        parts = []
        if self.reencoded is None:
            parts.append(
                "The other vectors still carry it as context: with an encoder, the text can be "
                "re-encoded without it."
            )
            return " ".join(parts)
        parts.append(f"Re-encoded without it, the score is {self.reencoded.score:.2f}.")
        gap = printed_difference(self.reencoded.score, self.masked.score)
        if not gap:
            parts.append("Both scores agree.")
        else:
            parts.append(
                f"The two scores differ by {abs(gap):.2f}, because every vector carries its "
                "context: what is removed changes the vectors of the words that remain."
            )
        before, after = (getattr(x, self.side) for x in (self.original, self.reencoded))
        if after.n_unread < before.n_unread:
            parts.append("Text that was past the length limit is now read.")
        return " ".join(parts)

    def _hardest_hit(self) -> Parts:
        """Return the query token that loses most, where the document lost its match."""
        row = int(ordered(-self.changes, terms=2)[0])
        if self.side == "query" or self.changes[row] > -TIE_TOLERANCE:
            return ()
        match = self.masked.document[int(self.masked.alignment[row])]
        return joined(
            *(", most at ", quoted(self.original.query[row].text)),
            *(", which now matches ", quoted(match.text)),
            f" ({self.original.contributions[row]:.2f} → {self.masked.contributions[row]:.2f})",
        )


def _old_form(function: Callable[P, Occlusion]) -> Callable[P, Occlusion]:
    """Let `occlude` be called as before too: ``(x, start, end, encoder=None, side=...)``."""
    names = ("explanation", "start", "end", "encoder")

    @wraps(function)
    def either(*args: Any, **given: Any) -> Occlusion:
        if len(args) > 2 or "end" in given:
            warn_renamed(
                "occlude(x, start, end, encoder)", "occlude(x, (start, end), reencode=encoder)"
            )
            given |= dict(zip(names, args, strict=False))
            args, given["what"] = (), (given.pop("start", None), given.pop("end"))
            given["reencode"] = given.pop("encoder", None)
        return function(*args, **given)

    return either


@_old_form
def occlude(
    explanation: Explanation,
    what: str | tuple[int, int] | Word | Passage,
    *,
    reencode: Encoder | None = None,
    side: Side = "document",
) -> Occlusion:
    """Remove a span of text and see what happens to the score.

    Parameters
    ----------
    explanation
        The score in question.
    what
        What to remove: a text that occurs once in the side; the character positions
        ``(start, end)`` of ``text[start:end]``; or a `Word` or a `Passage` of it. A token that
        overlaps the span is masked whole.
    reencode
        The encoder of the explanation, to encode the rest again; without one, only the masked
        answer is given, whatever the model. No encoder is loaded for you, because it would have to
        be the same one.
    side
        ``"document"`` or ``"query"``. A score over fewer query tokens is lower for that reason
        alone; compare the two answers with each other.

    Raises
    ------
    ValueError
        If ``side`` is neither, ``what`` does not occur in its text, occurs more than once or is
        empty, nothing would be left that is scored, or the encoder is not the one of the
        explanation.

    Examples
    --------
    >>> from colbert_explain.explanation import explain
    >>> x = explain("What do cats eat?", "Cats eat fish. Dogs bark.")
    >>> round(occlude(x, "Cats eat fish.").masked_difference, 1)
    -1.2
    """
    check.instance("explanation", explanation, Explanation, "explain makes one")
    if reencode is not None:
        check_encoder(reencode, "reencode")
    if side not in get_args(Side):
        raise ValueError(f"side must be document or query, got {check.shown(side)}")
    tokens: TokenSequence = getattr(explanation, side)
    start, end = _characters(what, tokens.text, side)
    rest = _without(tokens, start, end)
    if not rest.scored_mask.any():
        raise ValueError(
            f"what is removed must leave at least one scored token of the {side}, got characters "
            f"{start} to {end} of {len(tokens.text)}"
        )
    masked = Explanation(
        rest if side == "query" else explanation.query,
        rest if side == "document" else explanation.document,
        explanation.similarity,
        explanation.provenance,
    )
    again = None
    if reencode is not None:
        shorter = text_without(tokens.text, start, end)
        again = explain(
            shorter if side == "query" else explanation.query.text,
            shorter if side == "document" else explanation.document.text,
            reencode,
        )
        if not again.provenance.same_model(explanation.provenance):
            what, given, own = difference_of_models(again.provenance, explanation.provenance)
            raise ValueError(
                "reencode must be the encoder that made the explanation, "
                f"{explanation.provenance.model}, got {what} {given} instead of {own}"
            )
    return Occlusion(explanation, masked, again, side, start, end)


def text_without(text: str, start: int, end: int) -> str:
    """Cut characters out of a text and close the gap.

    Of the space on both sides of the gap one is kept, none at the ends of the text or before a
    punctuation mark; a cut inside a word leaves none.

    >>> text_without("Cats eat fish, and dogs bark.", 5, 8)
    'Cats fish, and dogs bark.'
    >>> text_without("Cats eat fish, and dogs bark.", 9, 13)
    'Cats eat, and dogs bark.'
    """
    left, gap, right = text[:start], text[start:end], text[end:]
    spaced = left[-1:].isspace() or right[:1].isspace() or gap[0].isspace() or gap[-1].isspace()
    before, after = left.rstrip(), right.lstrip()
    if not before or not after or not spaced:
        return before + after if spaced else left + right
    kept = left[len(before) :] or right[: len(right) - len(after)] or " "
    return before + ("" if after[0] in ".,;:!?" else kept) + after


def _characters(
    what: str | tuple[int, int] | Word | Passage, text: str, side: Side
) -> tuple[int, int]:
    """Find what is to be removed: its first character and the one after its last."""
    if isinstance(what, str):
        starts = [found.start() for found in re.finditer(f"(?={re.escape(what)})", text)]
        if not what or not starts:
            raise ValueError(f"what must occur in the {side}, got {check.shown(what)}")
        if len(starts) > 1:
            places = ", ".join(map(str, starts[:_MOST_PLACES]))
            more = ", ..." if len(starts) > _MOST_PLACES else ""
            raise ValueError(
                f"what must occur exactly once in the {side}, got {check.shown(what)}, "
                "which occurs "
                f"{len(starts):,} times, at characters {places}{more}: give (start, end)"
            )
        return starts[0], starts[0] + len(what)
    if isinstance(what, Word | Passage):
        if what.start is None or what.end is None:
            raise ValueError(
                f"what must correspond to text in the {side}, got {check.shown(what.text)}"
            )
        if text[what.start : what.end] != what.text:
            raise ValueError(
                f"what must come from the {side}, whose text differs from "
                f"{check.shown(what.text)} at characters {what.start} to {what.end}"
            )
        return what.start, what.end
    if not isinstance(what, tuple | list):
        raise ValueError(
            f"what must be a text, (start, end), a Word or a Passage, got {check.shown(what)}"
        )
    start, end = check.pair("what", what, "the first character and the one after the last")
    if not 0 <= start < end <= len(text):
        raise ValueError(
            f"what must satisfy 0 <= start < end <= {len(text)}, the length of the {side}, "
            f"got {start} and {end}"
        )
    return start, end


def _from_to(before: float, after: float) -> str:
    if not printed_difference(after, before):
        return f"stays at {before:.2f}"
    return f"{'falls' if after < before else 'rises'} from {before:.2f} to {after:.2f}"


def _without(tokens: TokenSequence, start: int, end: int) -> TokenSequence:
    """Flag every token that overlaps the span as not scored."""
    kept = tuple(
        replace(token, scored=False)
        if token.start is not None
        and token.end is not None
        and token.start < end
        and token.end > start
        else token
        for token in tokens
    )
    return TokenSequence(tokens.text, kept, tokens.n_unread, tokens.unread_start)
