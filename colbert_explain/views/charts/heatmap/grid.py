"""What a heatmap shows: an explanation as a grid, token by token or word by word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.words import Word
from colbert_explain.similarity import ordered
from colbert_explain.text.wording import count, isolated, number
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.charts.plotly_text import literal
from colbert_explain.views.text.phrases import firmness_sentence, firmness_sentences
from colbert_explain.views.theme import Palette
from colbert_explain.views.token_labels import hover_texts, labels, token_names

Level = Literal["token", "word"]
"""Whether a row stands for a token or for a word."""
Rows = Literal["all", "text", "scored"]
"""Which rows are drawn: all, those that have text, or those that are scored."""
Sort = Literal["text", "contribution"]
"""The order of rows: that of the text, or the largest contribution first."""


@dataclass(frozen=True, eq=False, slots=True)
class Grid:
    """Query tokens (or words) against document tokens (or words).

    Attributes
    ----------
    unit
        ``"token"`` or ``"word"``.
    similarity
        Cosine similarities, shape ``(rows, columns)``.
    contributions
        What each row adds to the score; 0 where it is not scored.
    winners
        For each row the columns that win it: several if they are tied, none if not scored.
    row_tied
        Whether the match of a row is a tie; of a word, whether that of one of its pieces is.
    row_labels, column_labels
        Axis labels, ready for Plotly.
    row_hovers, column_hovers
        Hover texts, ready for Plotly; none where the grid was laid out without them.
    row_scored, column_scored, row_is_text
        Whether they take part in the score, and whether a row stands for text.
    row_tokens, column_tokens
        The token positions that each row and column stands for.
    row_pieces
        How many scored tokens each row's contribution is the sum of.
    """

    unit: str
    similarity: Float[np.ndarray, "rows columns"]
    contributions: Float[np.ndarray, " rows"]
    winners: tuple[tuple[int, ...], ...]
    row_tied: tuple[bool, ...]
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    row_hovers: tuple[str, ...]
    column_hovers: tuple[str, ...]
    row_scored: Bool[np.ndarray, " rows"]
    column_scored: Bool[np.ndarray, " columns"]
    row_is_text: Bool[np.ndarray, " rows"]
    row_tokens: tuple[tuple[int, ...], ...]
    column_tokens: tuple[tuple[int, ...], ...]
    row_pieces: tuple[int, ...]

    def take(self, order: Sequence[int], columns: Sequence[int] | None = None) -> Grid:
        """Return a grid of some rows, in the order given, and of some columns or all.

        Winners keep their rows. A column that wins a row must be among the columns.
        """
        if columns is not None and len(columns) < len(self.column_labels):
            return self._of_columns(columns).take(order)
        if list(order) == list(range(len(self.winners))):
            return self
        index = np.array(order, dtype=np.int64)
        return replace(
            self,
            similarity=self.similarity[index],
            contributions=self.contributions[index],
            winners=tuple(self.winners[i] for i in order),
            row_tied=tuple(self.row_tied[i] for i in order),
            row_labels=tuple(self.row_labels[i] for i in order),
            row_hovers=tuple(self.row_hovers[i] for i in order if self.row_hovers),
            row_scored=self.row_scored[index],
            row_is_text=self.row_is_text[index],
            row_tokens=tuple(self.row_tokens[i] for i in order),
            row_pieces=tuple(self.row_pieces[i] for i in order),
        )

    def _of_columns(self, columns: Sequence[int]) -> Grid:
        index = np.array(columns, dtype=np.int64)
        place = {int(j): k for k, j in enumerate(columns)}
        return replace(
            self,
            similarity=self.similarity[:, index],
            winners=tuple(tuple(place[j] for j in found) for found in self.winners),
            column_labels=tuple(self.column_labels[j] for j in columns),
            column_hovers=tuple(self.column_hovers[j] for j in columns if self.column_hovers),
            column_scored=self.column_scored[index],
            column_tokens=tuple(self.column_tokens[j] for j in columns),
        )

    def order(self, rows: str, sort: str) -> list[int]:
        """Choose rows and put them in order.

        Parameters
        ----------
        rows
            ``"all"``, ``"text"`` (those that stand for text) or ``"scored"``.
        sort
            ``"text"``, or ``"contribution"``: the largest first, of equals the earlier one,
            those that are not scored last.

        Raises
        ------
        ValueError
            If ``rows`` or ``sort`` is none of these, or if no row is left.
        """
        check.choice("rows", rows, get_args(Rows))
        check.choice("sort", sort, get_args(Sort))
        everything = np.ones(len(self.winners), dtype=bool)
        kept = {"all": everything, "text": self.row_is_text, "scored": self.row_scored}[rows]
        order = [int(i) for i in np.flatnonzero(kept)]
        if not order:
            raise ValueError(
                f"rows must leave at least one query {self.unit} to show, got {rows!r}"
            )
        if sort == "contribution":
            scored = [i for i in order if self.row_scored[i]]
            terms = max((self.row_pieces[i] for i in scored), default=1)
            best_first = [scored[k] for k in ordered(self.contributions[scored], terms=terms)]
            order = best_first + [i for i in order if not self.row_scored[i]]
        return order


def token_grid(x: Explanation, colours: Palette, *, hovers: bool = True) -> Grid:
    """Lay out an explanation token by token, with hover texts or without."""
    names = token_names(x.document) if hovers else []

    def match(i: int, winners: tuple[int, ...]) -> str:
        found, near = x.token_matches[i], ""
        if found is not None and found.firmness == "close":
            near = f"<br>   {literal(firmness_sentence(x, found))}"
        best = number(x.contributions[i])
        return f"its best match: {_named(winners, names, 'token')}, {best}{near}"

    return _grid(
        *("token", x.query, x.document, x.similarity, x.contributions),
        tuple(tuple(x.winners(i).tolist()) for i in range(len(x.query))),
        x.tied.tolist(),
        colours,
        match if hovers else None,
        [(i,) for i in range(len(x.query))],
        [(j,) for j in range(len(x.document))],
        [int(token.scored) for token in x.query],
    )


def word_grid(x: Explanation, colours: Palette, *, hovers: bool = True) -> Grid:
    """Lay out an explanation word by word; a word is won where its strongest piece is."""
    w = x.words()
    matches = {match.word.positions: match for match in x.word_matches}
    number_of = {word: k for k, word in enumerate(w.document)}
    winners = []
    for word in w.query:
        strongest = matches[word.positions].pieces[0] if word.scored else None
        found = (strongest.match, *strongest.tied_with) if strongest else ()
        winners.append(tuple(number_of[each] for each in found))
    document = _as_sequence(x.document.text, w.document)
    names = token_names(document) if hovers else []

    def match(i: int, found: tuple[int, ...]) -> str:
        pieces = len(w.query[i].positions)
        whose = "its" if pieces == 1 else f"the strongest of its {pieces} pieces"
        verb = "best match" if pieces == 1 else "matches best"
        adds = number(w.contributions[i])
        hover = f"{whose} {verb}: {_named(found, names, 'word')}; adds {adds}"
        if len(found) > 1 and pieces == 1:
            return hover  # which says of the only piece that it is tied
        sentences = firmness_sentences(x, matches[w.query[i].positions])
        return "<br>   ".join([hover, *map(literal, sentences)])

    return _grid(
        *("word", _as_sequence(x.query.text, w.query), document, w.similarity, w.contributions),
        tuple(winners),
        [word.scored and matches[word.positions].firmness == "tied" for word in w.query],
        colours,
        match if hovers else None,
        [word.positions for word in w.query],
        [word.positions for word in w.document],
        [sum(x.query[p].scored for p in word.positions) for word in w.query],
    )


def _grid(
    unit: str,
    query: TokenSequence,
    document: TokenSequence,
    similarity: Float[np.ndarray, "rows columns"],
    contributions: Float[np.ndarray, " rows"],
    winners: tuple[tuple[int, ...], ...],
    row_tied: Sequence[bool],
    colours: Palette,
    match: Callable[[int, tuple[int, ...]], str] | None,
    row_tokens: Sequence[tuple[int, ...]],
    column_tokens: Sequence[tuple[int, ...]],
    row_pieces: Sequence[int],
) -> Grid:
    query_names, names = token_names(query), token_names(document)
    row_hovers, column_hovers = list[str](), list[str]()
    if match is not None:
        row_hovers = [
            f"{text} ({unit} {i})" + (f"<br>   {match(i, winners[i])}" if winners[i] else "")
            for i, text in enumerate(hover_texts(query, query_names))
        ]
        column_hovers = hover_texts(document, names)
    return Grid(
        unit,
        similarity,
        contributions,
        winners,
        tuple(row_tied),
        tuple(labels(query, query_names, colours)),
        tuple(labels(document, names, colours)),
        tuple(row_hovers),
        tuple(column_hovers),
        query.scored_mask,
        document.scored_mask,
        np.array([token.role == "text" for token in query], dtype=bool),
        tuple(row_tokens),
        tuple(column_tokens),
        tuple(row_pieces),
    )


def _named(winners: tuple[int, ...], names: Sequence[str], unit: str) -> str:
    others = len(winners) - 1
    tie = f", tied with {count(others, 'other')}" if others else ""
    return f"<b>{isolated(literal(names[winners[0]]))}</b> ({unit} {winners[0]}{tie})"


def _as_sequence(text: str, words: Sequence[Word]) -> TokenSequence:
    """Write words as tokens, to be labelled alike."""
    return TokenSequence(
        text,
        tuple(
            Token(None, w.text, w.text, w.start, w.end, w.role, w.scored, w.unknown) for w in words
        ),
    )
