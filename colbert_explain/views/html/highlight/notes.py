"""What a highlighted text draws as one box, and says of it: similarity, partners, a sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float

from colbert_explain.explanation import Explanation
from colbert_explain.explanation.nearest_tokens import highest_similarities, nearest_query_tokens
from colbert_explain.explanation.scores import share_of
from colbert_explain.explanation.words import words_of
from colbert_explain.similarity import first_best, ordered
from colbert_explain.text.wording import number as shown
from colbert_explain.text.wording import percent
from colbert_explain.tokens import Role, TokenSequence


@dataclass(frozen=True, slots=True)
class TextItem:
    """A word of the text, or all tokens of one kind that have no text.

    Attributes
    ----------
    name
        The word as written; for tokens that have no text, their piece (``"[MASK]"``).
    positions
        Positions of its tokens, at least one.
    role
        The role of its tokens.
    start, end
        Character span in the text, ``start < end``; both ``None`` where it has no text.
    """

    name: str
    positions: tuple[int, ...]
    role: Role
    start: int | None = None
    end: int | None = None

    @property
    def in_pieces(self) -> bool:
        """Whether it is a word of several tokens."""
        return self.start is not None and len(self.positions) > 1

    def name_of(self, position: int, tokens: TokenSequence) -> str:
        """Return the name of a token: the word, with the piece if it has several."""
        return f"{self.name} ({tokens[position].piece})" if self.in_pieces else self.name


def text_items(tokens: TokenSequence) -> tuple[TextItem, ...]:
    """Put every token into exactly one item: words in the order of the text, then the rest.

    Words are those of `Explanation.words`; where spans overlap, as those of the bytes of one
    blank do, they make one item.
    """
    drawn: list[TextItem] = []
    rest: dict[tuple[Role, str], list[int]] = {}
    for word in words_of(tokens):
        if word.start is None or word.end is None or word.start == word.end:
            rest.setdefault((word.role, word.text), []).extend(word.positions)
            continue
        start, end, positions, role = word.start, word.end, word.positions, word.role
        last = drawn[-1] if drawn else None
        if last is not None and last.start is not None and start < (last.end or 0):
            start, end = last.start, max(last.end or 0, end)
            positions, role = last.positions + positions, last.role
            drawn.pop()
        drawn.append(TextItem(tokens.text[start:end], positions, role, start, end))
    return (*drawn, *(TextItem(name, tuple(p), role) for (role, name), p in rest.items()))


def item_numbers(items: tuple[TextItem, ...]) -> dict[int, int]:
    """Return for each token position the item that it is in."""
    return {position: number for number, item in enumerate(items) for position in item.positions}


Direction = Literal["query_to_document", "document_to_query"]
"""Which side looks for its best matches in the other."""
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


@dataclass(frozen=True, slots=True)
class Note:
    """What is drawn of a word that is compared.

    Attributes
    ----------
    value
        The similarity that colours it, in ``[-1, 1]``.
    title
        What hovering it says.
    partners
        Numbers of the query items that light up with it; of a query item, its own.
    weak
        Whether it is no match, because its similarity lies below the threshold.
    evident
        Whether a long text stays open around it.
    """

    value: float
    title: str
    partners: tuple[int, ...]
    weak: bool = False
    evident: bool = True


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """An explanation by the items of both sides, with a threshold per query token.

    A threshold of NaN stands for none: nothing lies below it.
    """

    explanation: Explanation
    thresholds: Float[np.ndarray, " query"]
    query: tuple[TextItem, ...] = field(init=False)
    document: tuple[TextItem, ...] = field(init=False)
    query_number: dict[int, int] = field(init=False)
    document_number: dict[int, int] = field(init=False)
    #: Which query tokens found no match.
    weak: Bool[np.ndarray, " query"] = field(init=False)

    def __post_init__(self) -> None:
        x = self.explanation
        for name, tokens in (("query", x.query), ("document", x.document)):
            items = text_items(tokens)
            object.__setattr__(self, name, items)
            object.__setattr__(self, f"{name}_number", item_numbers(items))
        weak = (x.contributions < self.thresholds) & x.query.scored_mask
        object.__setattr__(self, "weak", weak)


def query_notes(comparison: Comparison) -> dict[int, Note]:
    """Describe every query item that is scored; its value is the mean of its scored tokens'."""
    x = comparison.explanation
    notes = {}
    for number, item in enumerate(comparison.query):
        rows = [i for i in item.positions if x.query[i].scored]
        if not rows:
            continue
        own = x.contributions[rows].astype(float)
        weak = comparison.weak[rows]
        share = percent(share_of(float(own.sum()), x.score), 1)
        adds = shown(own.sum()) + (f", {share} of the score" if share else "")
        title = f"adds {adds}; {_best_matches(comparison, item, rows)}"
        if weak.all():
            title += _no_match(comparison, rows)
        elif weak.any():
            title += f"; no match for {weak.sum()} of {len(rows)} tokens"
        notes[number] = Note(float(own.mean()), title, (number,), bool(weak.all()))
    return notes


def _best_matches(comparison: Comparison, item: TextItem, rows: list[int]) -> str:
    x = comparison.explanation
    found = []
    for i in rows:
        j = int(x.alignment[i])
        found.append(comparison.document[comparison.document_number[j]].name_of(j, x.document))
    if item.in_pieces:
        pieces = (
            f"{x.query[i].piece} {shown(x.contributions[i])}, {name}"
            for i, name in zip(rows, found, strict=True)
        )
        return "best matches of its pieces: " + "; ".join(pieces)
    if len(rows) == 1:
        return f"best match: {found[0]}"
    often = Counter(found).most_common(5)
    more = len(set(found)) - len(often)
    listed = ", ".join(f"{name} ({count}x)" for name, count in often)
    return f"best matches: {listed}" + (f" and {more} more" if more else "")


def chosen_document_notes(comparison: Comparison) -> dict[int, Note]:
    """Describe the document items in which a query token found its best match."""
    x = comparison.explanation
    chosen: dict[int, list[tuple[int, int]]] = {}
    for i in range(len(x.query)):
        for j in x.winners(i):
            chosen.setdefault(comparison.document_number[int(j)], []).append((i, int(j)))
    notes = {}
    for number, pairs in chosen.items():
        of_pairs = x.contributions[[i for i, _ in pairs]]
        pairs = [pairs[k] for k in ordered(of_pairs)]
        notes[number] = _document_note(comparison, number, pairs, "best match of: ")
    return notes


def all_document_notes(comparison: Comparison) -> dict[int, Note]:
    """Describe every scored document item by the query tokens that it is most similar to."""
    x = comparison.explanation
    best = highest_similarities(x)
    won = {int(j) for i in range(len(x.query)) for j in x.winners(i)}
    given = bool(np.isfinite(comparison.thresholds).any())
    notes = {}
    for number, item in enumerate(comparison.document):
        scored = [j for j in item.positions if x.document[j].scored]
        if scored:
            j = scored[int(first_best(best[scored]))]
            pairs = [(int(i), j) for i in nearest_query_tokens(x, j)]
            note = _document_note(comparison, number, pairs, "most similar to: ")
            evident = not won.isdisjoint(scored) or (given and not note.weak)
            notes[number] = Note(note.value, note.title, note.partners, note.weak, evident)
    return notes


def _document_note(
    comparison: Comparison, number: int, pairs: list[tuple[int, int]], relation: str
) -> Note:
    """Describe a document item by pairs of tokens, the most similar first."""
    x, item = comparison.explanation, comparison.document[number]
    rows = [i for i, _ in pairs]
    counts = Counter(comparison.query_number[i] for i in rows)
    listed: dict[tuple[int, int], str] = {}
    for i, j in pairs:
        k = comparison.query_number[i]
        partner = comparison.query[k]
        text = f"{partner.name_of(i, x.query)} {shown(x.similarity[i, j])}"
        if item.in_pieces:
            text += f" at {x.document[j].piece}"
        if partner.start is not None:
            listed[i, j] = text
        elif counts[k]:
            # Equal tokens that have no text count as one, at the best of them.
            listed[i, j] = f"{counts[k]}x {text}" if counts[k] > 1 else text
            counts[k] = 0
    title = relation + ", ".join(listed.values())
    below = [x.similarity[i, j] < comparison.thresholds[i] for i, j in pairs]
    if all(below):
        title += _no_match(comparison, rows)
    if item.in_pieces:
        title += "; read as " + " ".join(x.document[j].piece for j in item.positions)
    partners = tuple(dict.fromkeys(comparison.query_number[i] for i in rows))
    first = pairs[0]
    return Note(float(x.similarity[first]), title, partners, all(below))


def _no_match(comparison: Comparison, rows: list[int]) -> str:
    limits = comparison.thresholds[rows]
    return f"; no match, below {shown(limits.max())}"
