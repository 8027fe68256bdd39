"""A figure as a picture, PNG or SVG, through the optional package kaleido."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import plotly.graph_objects as go

from colbert_explain import argument_checks as check
from colbert_explain.explanation import Explanation
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.views.charts.heatmap.figure import heatmap

_FORMATS = ("png", "svg")
#: Wide enough for every figure; a picture shows one pixel as two.
_WIDTH, _SCALE = 1200, 2.0


def write_image(figure: go.Figure | Explanation, path: str | Path) -> None:
    """Write a figure to a PNG or SVG file.

    Needs the package kaleido (``pip install ".[images]"``) and Chrome or Chromium, which draws the
    figure. The file is written whole or not at all.

    Parameters
    ----------
    figure
        A figure of this package, or an explanation, of which the heatmap is drawn.
    path
        Where; ``.png`` or ``.svg``. A PNG has twice the figure's resolution.

    Raises
    ------
    ValueError
        If ``path`` ends in neither.
    RuntimeError
        If kaleido or a browser is missing, or fails.
    OSError
        If ``path`` names a folder or is not in an existing one, or the system refuses to write.
    """
    path = check.file_path("path", path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _FORMATS:
        raise ValueError(f"path must end in .png or .svg, got {path.name!r}")
    drawn = heatmap(figure) if isinstance(figure, Explanation) else figure
    if not isinstance(drawn, go.Figure):
        raise ValueError(f"figure must be a figure or an Explanation, got {check.shown(figure)}")
    write_whole(path, _picture(drawn, kind))


def _picture(figure: go.Figure, kind: str) -> bytes:
    if importlib.util.find_spec("kaleido") is None:
        raise RuntimeError(
            "write_image needs the package kaleido, which is not installed: "
            'pip install ".[images]" in a clone of colbert-explain. write_html needs no '
            "further package, "
            "and a figure's own camera button saves a PNG"
        )
    import kaleido
    from kaleido.errors import ChromeNotFoundError

    layout = figure.layout
    try:
        picture: bytes = kaleido.calc_fig_sync(
            figure.to_dict(),
            opts={
                "format": kind,
                "width": layout.width or _WIDTH,
                "height": layout.height,
                "scale": _SCALE if kind == "png" else 1,
            },
            # Kaleido would fetch MathJax from a content delivery network, for text that this
            # package never hands to it.
            kopts={"mathjax": False},
        )
    except ChromeNotFoundError as error:
        raise RuntimeError(
            "write_image needs Chrome or Chromium, and kaleido found none: install one, or run "
            "plotly_get_chrome"
        ) from error
    except Exception as error:  # of kaleido, of its driver, of the browser: many kinds
        raise RuntimeError(f"kaleido could not draw the figure: {error}") from error
    return picture
