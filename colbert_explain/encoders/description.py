"""The description of an encoder: settings with their sources, sample tokens, warnings."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.jupyter import JupyterMixin
from rich.table import Table
from rich.text import Text

from colbert_explain.encoders.checkpoint.settings import Setting
from colbert_explain.tokens import TokenSequence

QUERY = "What do elephants eat?"
DOCUMENT = "Elephants eat about 150 kg of grass, bark and fruit per day."
#: Lines in many scripts and symbols, to measure the share that a model cannot encode.
SAMPLE = (
    "Plain English words, with numbers like 3.14 and 2026.",
    "Crème brûlée, Straße, smørrebrød, żółw, čeština, mañana.",
    "Ένας ελέφαντας τρώει πολύ. Слон ест траву. Fil ot yer.",
    "大象每天吃很多草。象は草を食べる。코끼리는 풀을 먹는다。",
    "الفيل يأكل العشب. הפיל אוכל עשב. हाथी घास खाता है। ช้างกินหญ้า",
    "x² + ½ ≤ ∞ → €10 🐘 👍🏽 ✓ ©",
)
WIDTH = 80


@dataclass(frozen=True, slots=True)
class Description(JupyterMixin):
    """What an encoder is and does; prints as tables 80 characters wide.

    Attributes
    ----------
    name
        The model.
    settings
        Every setting that its numbers depend on, with the file or default it comes from.
    query, document
        The tokens of a sample query and document.
    unreadable
        Share of the characters of a text in many scripts that the model cannot read, 0 to 1.
    warnings
        Sentences about likely mistakes and unusual settings.
    """

    name: str
    settings: Mapping[str, Setting[Any]]
    query: TokenSequence
    document: TokenSequence
    unreadable: float
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        page = io.StringIO()
        Console(file=page, width=WIDTH, color_system=None, legacy_windows=False).print(self)
        return "\n".join(line.rstrip() for line in page.getvalue().splitlines())

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the name, value and source of every setting as strings."""
        return [(name, _written(s.value), s.source) for name, s in self.settings.items()]

    def reach(self) -> str:
        """Return a sentence about the share of characters that the model cannot read."""
        return (
            f"The model cannot read {self.unreadable:.0%} of the characters of a sample text in "
            "many scripts and symbols."
        )

    def __rich_console__(self, *_: object) -> Iterator[RenderableType]:
        """Yield the parts of the description for a console or a notebook of any width."""
        yield Text(self.name, style="bold")
        settings = Table(box=box.SIMPLE, pad_edge=False)
        settings.add_column("setting")
        settings.add_column("value", overflow="fold")
        settings.add_column("from", width=34, overflow="fold")  # the longest name of a file
        for name, value, source in self.rows():
            settings.add_row(name, Text(value), Text(source))
        yield settings
        for side, tokens in (("query", self.query), ("document", self.document)):
            yield Text(f"A {side}: {tokens.text}")
            yield _token_table(tokens)
        yield Text(self.reach())
        yield Text("")
        if not self.warnings:
            yield Text("No warnings.")
        for warning in self.warnings:
            yield Text(f"Warning: {warning}.")


def describe(
    name: str,
    settings: Mapping[str, Setting[Any]],
    warnings: tuple[str, ...],
    read_query: Callable[[str], TokenSequence],
    read_document: Callable[[str], TokenSequence],
) -> Description:
    """Describe an encoder; ``read_query`` and ``read_document`` return its tokens of a text."""
    return Description(
        name,
        settings,
        read_query(QUERY),
        read_document(DOCUMENT),
        _unreadable(read_document),
        warnings,
    )


def _unreadable(read: Callable[[str], TokenSequence]) -> float:
    """Return the share of the sample's characters that the model does not know or drops."""
    total = known_in_all = 0
    for line in SAMPLE:
        tokens = [t for t in read(line) if t.start is not None]
        known = {i for t in tokens if not t.unknown for i in range(t.start or 0, t.end or 0)}
        last = max(t.end or 0 for t in tokens)  # characters past the length limit do not count
        letters = [i for i, character in enumerate(line[:last]) if not character.isspace()]
        total += len(letters)
        known_in_all += len(known.intersection(letters))
    return 1 - known_in_all / total


def _token_table(tokens: TokenSequence) -> Table:
    table = Table("#", "token", "id", "role", "scored", box=box.SIMPLE, pad_edge=False)
    shown = list(enumerate(tokens))
    while shown:
        position, token = shown.pop(0)
        same = 1
        while shown and (shown[0][1].id, shown[0][1].role) == (token.id, "expansion"):
            position, token = shown.pop(0)
            same += 1
        number = str(position) if same == 1 else f"{position - same + 1}-{position}"
        # The vocabulary has ColBERT's markers under another name.
        is_renamed = token.role == "marker" and token.piece.startswith("[unused")
        name = f"{token.text} ({token.piece})" if is_renamed else token.text.strip()
        flags = ("yes" if token.scored else "no") + (", unknown" if token.unknown else "")
        table.add_row(number, Text(name or "␣"), str(token.id), token.role, flags)
    return table


def _written(value: object) -> str:
    if value is None or value in ("", []):
        return "none"
    if value is False or value is True:
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return repr(value) if isinstance(value, str) and value != value.strip() else str(value)
