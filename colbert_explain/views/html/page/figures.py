"""Figures inside a page: their numbers as data that no script reads by itself, in both themes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup

from colbert_explain.views.theme import PageTheme, Theme

#: What could end a script element, begin a comment, or break a line of JavaScript.
_ESCAPES = str.maketrans(
    {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029\x7f"}
)


def page_figure(draw: Callable[[Theme], go.Figure], theme: PageTheme) -> dict[str, Any]:
    """Draw a figure for a page that follows its reader's theme.

    Returns
    -------
    dict
        ``figure``, in the light theme unless another is asked for, and ``dark``: what is
        different in the dark theme, a list of (path, value); the numbers are there once.
    """
    figure = _plain(draw("light" if theme == "auto" else theme))
    dark = list(_differences(figure, _plain(draw("dark")), [])) if theme == "auto" else []
    return {"figure": figure, "dark": dark}


def _plain(figure: go.Figure) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(figure.to_json())  # arrays as their bytes in base64
    return plain


def _differences(one: Any, other: Any, path: list[str | int]) -> Iterator[tuple[Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _differences(one[key], other[key], [*path, key])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, [*path, i])
    elif one != other:
        yield path, other


def script_data(value: Any) -> Markup:
    """Write data for a script element of type JSON; no text in it can leave the element."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(written.translate(_ESCAPES))


def script_code(code: str) -> tuple[Markup, str]:
    """Prepare a script of this package for a page.

    Returns
    -------
    tuple
        Its text, and the source expression by which a Content-Security-Policy lets just this
        text run.
    """
    # HTML parsers change line ends, and the hash is that of what they make of it.
    text = code.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\\0")
    text = text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return Markup(text), f"'sha256-{digest}'"
