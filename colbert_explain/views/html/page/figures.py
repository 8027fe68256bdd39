"""Figures inside a page: their numbers as data that no script reads by itself, in both themes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import plotly.graph_objects as go

from colbert_explain.views.theme import PageTheme, Theme


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
