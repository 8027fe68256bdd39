"""What would change that a query is lost: the same texts re-encoded with or without some words.

Every change is tried: the text is encoded again, and the right document's place is counted among
the exact scores of all documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from colbert_explain.analysis.occlusion import text_without
from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.evaluation.audit.loss import WordPair
from colbert_explain.explanation import Explanation, Word, explain_embeddings
from colbert_explain.search import Collection, EncodedDocument
from colbert_explain.similarity import TIE_TOLERANCE
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
        What changes, or that nothing does.
    """

    text: str
    words: tuple[str, ...]
    score: float
    rank: int
    rank_before: int
    sentence: str


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
    def others(self) -> list[float]:
        """The exact scores of all documents but the two."""
        two = (self.winner.document.id, self.right.document.id)
        scores = self.scores
        if scores is None:
            scores = dict(self.collection.scores(self.query, len(self.collection)))
        return [score for id_, score in scores.items() if id_ not in two]

    @cached_property
    def rank(self) -> int:
        """The right document's place among all documents, from 1."""
        winner, right = self.sides
        return self.rank_of_right(right.score, winner.score)

    @property
    def leading(self) -> list[WordPair]:
        """The query words that make up most of the winner's lead, the largest first."""
        kept: list[WordPair] = []
        lead = self.sides[0].score - self.sides[1].score
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

    def rank_of_right(self, right: float, winner: float) -> int:
        """Return the right document's place if the two had these scores; equals share a place."""
        slack = TIE_TOLERANCE * int(self.query.tokens.scored_mask.sum())
        return 1 + sum(score > right + slack for score in (*self.others, winner))

    def _largest_lead_first(self) -> list[WordPair]:
        one, other = self.sides
        pairs = [
            WordPair(a, b, a.contribution - b.contribution, False, False)
            for a, b in zip(one.word_matches, other.word_matches, strict=True)
            if a.word.role == "text"
        ]
        return sorted(pairs, key=lambda word: -word.lead)


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
    if right.score > winner.score:
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
    moved = _moved(pair, asked.rank)
    sentence = f"{quoted(text)} puts the right document at rank {asked.rank:,} ({moved})"
    if asked.rank > 1:
        sentence += f"; the first document is {quoted(asked.first)}"
    return Change("query", (text,), asked.score, asked.rank, pair.rank, f"{sentence}.")


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
    rank = pair.rank_of_right(right.score, score)
    sentence = (
        f"Without {_quoted(names)}, the winner scores {score:.2f} (was {one.score:.2f}): "
        f"{_order(right.score, score, rank)}"
    )
    return Change("winner", names, score, rank, pair.rank, sentence)


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
    rank = pair.rank_of_right(score, winner.score)
    sentence = (
        f"With {_quoted(words)} {place} its text, the right document scores {score:.2f} "
        f"(was {right.score:.2f}): {_order(score, winner.score, rank)}"
    )
    return Change("right", words, score, rank, pair.rank, sentence)


def _shorter_query(pair: LostPair) -> Change | None:
    words = [word.in_right.word for word in pair.leading]
    text = _without(pair.query.tokens.text, sorted(words, key=lambda word: word.start or 0))
    if not words or not any(letter.isalnum() for letter in text):
        return None
    asked, names = _asked(pair, text), tuple(word.text for word in words)
    sentence = (
        f"The query without {_quoted(names)} puts the right document at rank {asked.rank:,} "
        f"({_moved(pair, asked.rank)})."
    )
    return Change("query", names, asked.score, asked.rank, pair.rank, sentence)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The right document's score and rank for another query, and what is first then."""

    score: float
    rank: int
    first: str


def _asked(pair: LostPair, text: str) -> _Asked:
    """Search with another query."""
    found = pair.collection.scores(pair.encoder.embed_query(text), len(pair.collection))
    ranks = {id_: rank for rank, (id_, _) in enumerate(found, start=1)}
    right = pair.right.document.id
    first = pair.collection[found[0][0]]
    return _Asked(
        dict(found)[right],
        ranks[right],
        str(first.metadata.get("title") or first.id),
    )


def _without(text: str, words: Sequence[Word]) -> str:
    """Remove words, which are given in the order of the text."""
    for word in reversed(words):
        if word.start is not None and word.end is not None:
            text = text_without(text, word.start, word.end)
    return text


def _moved(pair: LostPair, rank: int) -> str:
    return "as before" if rank == pair.rank else f"was {pair.rank:,}"


def _order(right: float, winner: float, rank: int) -> str:
    """Say where the right document would stand."""
    at = "first" if rank == 1 else f"at rank {rank:,}"
    if right <= winner:
        return f"the right document ({right:.2f}) would stay behind the winner ({winner:.2f})."
    return f"the right document ({right:.2f}) would be {at}, above the winner ({winner:.2f})."


def _quoted(words: Sequence[str]) -> str:
    return quoted(", ".join(words))
