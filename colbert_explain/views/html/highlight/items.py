"""What a highlighted text draws as one box: a word, or equal tokens that stand for no text."""

from __future__ import annotations

from dataclasses import dataclass

from colbert_explain.explanation.words import words_of
from colbert_explain.tokens import Role, TokenSequence


@dataclass(frozen=True, slots=True)
class TextItem:
    """A word of the text, or all tokens of one kind that stand for no text.

    Attributes
    ----------
    name
        The word as written; for tokens that stand for no text, their piece (``"[MASK]"``).
    positions
        Positions of its tokens, at least one.
    role
        The role of its tokens.
    start, end
        Character span in the text, ``start < end``; both ``None`` where it stands for no text.
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
        """Name one of its tokens: by the word, with the piece where there are several."""
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
    """Say for every token position in which item it is."""
    return {position: number for number, item in enumerate(items) for position in item.positions}
