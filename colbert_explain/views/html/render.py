"""HTML from Jinja templates with autoescape: a user's text can never become markup."""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from colbert_explain.text.wording import END_ISOLATE, ISOLATE, number
from colbert_explain.views.theme import PageTheme, css_variables, palette_of

#: Control codes by the characters made to show them, where there are any.
_SHOWN = {
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n\r"},
    0x7F: "\u2421",
    # Overrides and embeddings of direction: one in a document would show later words backwards.
    **{code: f"⟨U+{code:04X}⟩" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
}
_HIDDEN = re.compile("[" + "".join(map(re.escape, map(chr, _SHOWN))) + "]")


def render(template: str, **values: Any) -> str:
    """Fill a template of this package; every value is escaped."""
    return _template(template).render(**values)


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("colbert_explain.views.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters["sentence"] = _sentence
    environment.filters["lines"] = _lines
    environment.filters["number"] = number
    environment.globals["css_variables"] = Markup(css_variables())
    return environment.get_template(name)


def _sentence(text: str) -> Markup:
    """Write a sentence of this package, whose quotations of right-to-left text are isolated."""
    isolates = {ISOLATE: "<bdi>", END_ISOLATE: "</bdi>"}
    pieces = re.split(f"([{ISOLATE}{END_ISOLATE}])", text)
    steps = [(piece == ISOLATE) - (piece == END_ISOLATE) for piece in pieces]
    if min(accumulate(steps)) < 0 or sum(steps):
        isolates = {}  # a user's own, which belong to no quotation
    return Markup("").join(
        Markup(isolates[piece]) if piece in isolates else _lines(piece) for piece in pieces
    )


def _lines(text: str) -> Markup:
    """Write a user's text with its lines, for hosts that drop the style which keeps them.

    The view's style sheet hides the breaks where it keeps the lines itself.
    """
    lines = re.split("\r\n|\r|\n", text)
    return Markup("<br>\n").join(escape(_visible(line)) for line in lines)


def with_shown_signs(text: str) -> str:
    """Show what a page would drop or obey: control codes, and codes that turn text around."""
    return text.translate(_SHOWN) if _HIDDEN.search(text) else text


def _visible(value: Any) -> Any:
    if not isinstance(value, str) or isinstance(value, Markup):
        return value  # markup is this package's own: a template's output, or code
    return with_shown_signs(value)


def theme_class(theme: PageTheme) -> str:
    """Return the class that holds a part of a page to a theme; none for ``"auto"``.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    if theme == "auto":
        return ""
    palette_of(theme)
    return f"ce-{theme}"
