"""What would change that a query is lost: the same texts re-encoded with or without some words.

Every change is tried: the text is encoded again, and the right document's place is counted among
the exact scores of all documents. As in a search, equal scores keep the order of addition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from colbert_explain.analysis.occlusion import text_without
from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.evaluation.audit.loss import WordPair
from colbert_explain.explanation import Explanation, Word, explain_embeddings
from colbert_explain.search import Collection, EncodedDocument
from colbert_explain.similarity import TIE_TOLERANCE, ordered, ranks
from colbert_explain.text.wording import ended, quoted

#: Words that are removed or added at a time.
_MOST_WORDS = 5
#: A lead that rounds to 0.00 is none.
_SHOWN = 0.005


@dataclass(frozen=True, slots=True)
class Change:
    """A text that was re-encoded with or without some words, and what it does to the order.

    Attributes
    ----------
    text
        Which text: ``"winner"``, ``"right"`` or ``"query"``.
    words
        What was removed from it, or added to it.
    score
        Of the changed document for the query, or of the right document for the changed query.
    rank
        That of the right document among all documents after the change, from 1.
    rank_before
        Its rank before.
    sentence
        What changes, or that nothing does; it repeats neither rank of a changed query.
    """

    text: str
    words: tuple[str, ...]
    score: float
    rank: int
    rank_before: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a right document stands.

    Attributes
    ----------
    rank
        Its place among all documents, from 1.
    is_above
        Whether it stands above the winner.
    is_tied
        Whether the two scores are equal, so that the document that was added first is above.
    """

    rank: int
    is_above: bool
    is_tied: bool


@dataclass(frozen=True)
class LostPair:
    """The winner and the right document of a query, and all that stands between them.

    Attributes
    ----------
    query
        Its token vectors.
    winner, right
        The two documents.
    collection
        What was searched.
    encoder
        Encodes what is changed.
    scores
        The exact scores of all documents by id; None to compute them when they are needed.
    """

    query: TokenEmbeddings
    winner: EncodedDocument
    right: EncodedDocument
    collection: Collection
    encoder: Encoder
    scores: Mapping[str, float] | None = None

    @cached_property
    def sides(self) -> tuple[Explanation, Explanation]:
        """The explanations of winner and right document."""
        one, other = (
            explain_embeddings(self.query, side.embeddings) for side in (self.winner, self.right)
        )
        return one, other

    @cached_property
    def known(self) -> dict[str, float]:
        """The exact scores of all documents by id, in the order in which they were added."""
        scores = self.scores
        if scores is None:
            scores = dict(self.collection.scores(self.query, len(self.collection)))
        return {one.id: scores[one.id] for one in self.collection if one.id in scores}

    @cached_property
    def rank(self) -> int:
        """The right document's place among all documents, from 1."""
        winner, right = self.sides
        return self.standing(right.score, winner.score).rank

    @property
    def leading(self) -> list[WordPair]:
        """The query words that make up most of the winner's lead, the largest first."""
        kept: list[WordPair] = []
        # A lead is the difference of two sums.
        lead = self.sides[0].score - self.sides[1].score - 2 * self._n_scored * TIE_TOLERANCE
        for word in self._largest_lead_first()[:_MOST_WORDS]:
            if word.lead < _SHOWN or (kept and sum(each.lead for each in kept) >= lead):
                break
            kept.append(word)
        return kept

    @property
    def missing(self) -> list[WordPair]:
        """The content words that the winner does more for and the right document lacks."""
        lacking = [
            word
            for word in self._largest_lead_first()
            if word.is_content and word.lead >= _SHOWN and word.in_right.kind != "same word"
        ]
        return lacking[:_MOST_WORDS]

    def standing(self, right: float, winner: float) -> Standing:
        """Return where the right document stands if it and the winner have these scores."""
        two = (self.right.document.id, self.winner.document.id)
        scores = {**self.known, two[0]: right, two[1]: winner}
        values = np.array(list(scores.values()), dtype=np.float64)
        shared = ranks(values, terms=self._n_scored)
        at_right, at_winner = map(list(scores).index, two)
        place = np.argsort(ordered(values, terms=self._n_scored))  # of each document
        return Standing(
            int(place[at_right]) + 1,
            bool(place[at_right] < place[at_winner]),
            bool(shared[at_right] == shared[at_winner]),
        )

    @property
    def _n_scored(self) -> int:
        return int(self.query.tokens.scored_mask.sum())

    def _largest_lead_first(self) -> list[WordPair]:
        one, other = self.sides
        pairs = [
            WordPair(a, b, a.contribution - b.contribution, False, False)
            for a, b in zip(one.word_matches, other.word_matches, strict=True)
            if a.word.role == "text"
        ]
        if not pairs:
            return []
        # A lead is the difference of two sums of as many similarities as the word has pieces.
        most_pieces = max(len(pair.in_right.pieces) for pair in pairs)
        order = ordered(np.array([pair.lead for pair in pairs]), terms=2 * most_pieces)
        return [pairs[k] for k in order.tolist()]


def changes_of(pair: LostPair, check: Callable[[], object] = lambda: None) -> list[Change]:
    """Try what may bring the right document above the winner.

    Parameters
    ----------
    pair
        Of a lost query.
    check
        Called before each text is encoded; raises when nobody waits any more.

    Returns
    -------
    list of Change
        Without its leading words in the winner; with the missing ones in the right document; and
        the query without the leading words. A change that leaves nothing to encode is left out;
        there is none if the right document stands above the winner already.
    """
    winner, right = pair.sides
    if pair.standing(right.score, winner.score).is_above:
        return []
    found = []
    for try_out in (_shorter_winner, _longer_right, _shorter_query):
        check()
        try:
            change = try_out(pair)
        except ValueError:  # nothing is left that is scored
            continue
        if change is not None:
            found.append(change)
    return found


def reworded(pair: LostPair, text: str) -> Change:
    """Search with another query, and see where the right document stands.

    Raises a `ValueError` if the query cannot be read.
    """
    asked = _asked(pair, text)
    sentence = f"{quoted(text)} {_puts(asked)}."
    return Change("query", (text,), asked.score, asked.rank, pair.rank, sentence)


def _shorter_winner(pair: LostPair) -> Change | None:
    one, right = pair.sides
    matches = [word.in_winner.pieces[0].match for word in pair.leading]
    wanted = dict.fromkeys(match.text.casefold() for match in matches if match.role == "text")
    words = [word for word in one.words().document if word.text.casefold() in wanted]
    if not words:
        return None
    text = _without(pair.winner.document.text, words)
    names = tuple(wanted)
    score = explain_embeddings(pair.query, pair.encoder.embed_document(text)).score
    after = pair.standing(right.score, score)
    sentence = (
        f"Without {_quoted(names)}, the winner scores {score:.2f} (was {one.score:.2f}): "
        f"{_order(f'the right document ({right.score:.2f})', 'it', after)}"
    )
    return Change("winner", names, score, after.rank, pair.rank, sentence)


def _longer_right(pair: LostPair) -> Change | None:
    words = tuple(word.text for word in pair.missing)
    if not words:
        return None
    winner, right = pair.sides
    document = pair.right.document.text
    added = f"{' '.join(words)}."
    place, longer = "after", pair.encoder.embed_document(f"{ended(document.rstrip())} {added}")
    if longer.tokens.n_unread:  # what stands past the reading length
        place, longer = "before", pair.encoder.embed_document(f"{added} {document}")
    score = explain_embeddings(pair.query, longer).score
    after = pair.standing(score, winner.score)
    sentence = (
        f"With {_quoted(words)} {place} its text, the right document scores {score:.2f} "
        f"(was {right.score:.2f}): {_order('it', f'the winner ({winner.score:.2f})', after)}"
    )
    return Change("right", words, score, after.rank, pair.rank, sentence)


def _shorter_query(pair: LostPair) -> Change | None:
    words = [word.in_right.word for word in pair.leading]
    text = _without(pair.query.tokens.text, sorted(words, key=lambda word: word.start or 0))
    if not words or not any(letter.isalnum() for letter in text):
        return None
    asked, names = _asked(pair, text), tuple(word.text for word in words)
    sentence = f"The query without {_quoted(names)} {_puts(asked)}."
    return Change("query", names, asked.score, asked.rank, pair.rank, sentence)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The right document's score and rank for another query, and what is first then.

    ``is_tied`` says whether the first document is another one with an equal score.
    """

    score: float
    rank: int
    first: str
    is_tied: bool


def _asked(pair: LostPair, text: str) -> _Asked:
    """Search with another query."""
    query = pair.encoder.embed_query(text)
    found = pair.collection.scores(query, len(pair.collection))  # in the order of a search
    at = [id_ for id_, _ in found].index(pair.right.document.id)
    scores = np.array([score for _, score in found], dtype=np.float64)
    shared = ranks(scores, terms=int(query.tokens.scored_mask.sum()))
    first = pair.collection[found[0][0]]
    return _Asked(
        found[at][1],
        at + 1,
        str(first.metadata.get("title") or first.id),
        at > 0 and bool(shared[at] == shared[0]),
    )


def _puts(asked: _Asked) -> str:
    """Say what another query puts first; the ranks stand beside the sentence."""
    if asked.is_tied:
        first = quoted(asked.first)
        return f"ties the right document with {first}, which was added before it"
    return f"puts {'the right document' if asked.rank == 1 else quoted(asked.first)} first"


def _without(text: str, words: Sequence[Word]) -> str:
    """Remove words, which are given in the order of the text."""
    for word in reversed(words):
        if word.start is not None and word.end is not None:
            text = text_without(text, word.start, word.end)
    return text


def _order(right: str, winner: str, after: Standing) -> str:
    """Say where the right document would stand; the two are what the sentence calls them."""
    at = "first" if after.rank == 1 else f"at rank {after.rank:,}"
    if after.is_tied:
        place = f"be {at}, above it" if after.is_above else "stay behind it"
        when = "first" if after.is_above else "later"
        why = f"because it was added {when}"
        return f"{right} would tie with {winner} and {place}, {why}."
    if not after.is_above:
        return f"{right} would stay behind {winner}."
    return f"{right} would be {at}, above {winner}."


def _quoted(words: Sequence[str]) -> str:
    return quoted(", ".join(words))
