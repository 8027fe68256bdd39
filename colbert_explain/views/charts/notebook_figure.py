"""A Plotly figure that leaves a static form beside it in a saved notebook."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from colbert_explain.views.charts import page_figure
from colbert_explain.views.charts.style import CELL_CONFIG
from colbert_explain.views.theme import CLEAR, LIGHT, NEUTRAL_GRID, NEUTRAL_INK

PLOTLY_MIME = "application/vnd.plotly.v1+json"
#: What becomes of the light theme's colours on a page whose theme nobody knows.
_ANYWHERE = {
    LIGHT.ink: NEUTRAL_INK,
    LIGHT.muted: NEUTRAL_INK,
    LIGHT.unscored_ink: NEUTRAL_INK,
    LIGHT.line: NEUTRAL_INK,
    LIGHT.grid: NEUTRAL_GRID,
    LIGHT.accent: LIGHT.steps[13],
}
#: Its texts stand on their own ground; its colours mean similarities.
_KEPT = ("hoverlabel", "colorscale", "coloraxis")
_INK_IN_MARKUP = re.compile(r'(<span style="[^">]*color:)#[0-9a-f]{6}')


class NotebookFigure(go.Figure):  # type: ignore[misc] # Plotly is not annotated
    """A figure with a table and a text for hosts that draw no Plotly.

    Exporters, code hosts and front ends other than Jupyter's show the table. Where a front end
    draws the figure, one whose theme was not chosen takes the ground of the page.
    """

    _static: Callable[[], dict[str, str]] | None = None
    _follows_page = False

    def with_static_form(
        self, static: Callable[[], dict[str, str]], *, follows_page: bool
    ) -> NotebookFigure:
        """Give the figure its static form, and return the figure.

        Parameters
        ----------
        static
            Makes it when the figure is displayed: MIME type to content.
        follows_page
            Whether the figure has no theme of its own: displayed, it takes the ground of the
            page.
        """
        self._static, self._follows_page = static, follows_page
        return self

    @property
    def follows_page(self) -> bool:
        """Whether the figure has no theme of its own."""
        return self._follows_page

    def static_form(self) -> dict[str, str]:
        """Return what the figure says without Plotly: MIME type to content; may be empty."""
        return self._static() if self._static is not None else {}

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        # What Plotly's renderers make of it goes first: whoever chose one wants to see it.
        drawn: dict[str, Any] = super()._repr_mimebundle_(*args, **kwargs) or {}
        if PLOTLY_MIME in drawn:
            figure = drawn[PLOTLY_MIME]
            figure = on_any_page(figure) if self._follows_page else figure
            drawn[PLOTLY_MIME] = {**figure, "config": CELL_CONFIG}
        return {**self.static_form(), **drawn}

    def _ipython_display_(self) -> None:
        if not self._display():
            super()._ipython_display_()

    def show(self, *args: Any, **kwargs: Any) -> None:
        """Show the figure, in a notebook with its static form; see Plotly for the arguments."""
        if args or kwargs or not self._display():
            super().show(*args, **kwargs)

    def _display(self) -> bool:
        """Display every form where Jupyter shows figures; say whether it does."""
        bundle = self._repr_mimebundle_() if pio.renderers.render_on_display else {}
        if PLOTLY_MIME not in bundle:
            return False
        from IPython.display import display

        display(bundle, raw=True)  # type: ignore[no-untyped-call]
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (super().__reduce__()[1], self._static, self._follows_page)


def _restored(
    properties: tuple[Any, ...], static: Callable[[], dict[str, str]] | None, follows_page: bool
) -> NotebookFigure:
    made = NotebookFigure(*properties)
    return made if static is None else made.with_static_form(static, follows_page=follows_page)


def drawn_form(figure: dict[str, Any]) -> dict[str, Any]:
    """Return what a host draws of a figure: MIME type to content.

    Parameters
    ----------
    figure
        As Plotly writes it in JSON.
    """
    figure = {**figure, "config": CELL_CONFIG}
    if page_figure.page_draws_figures:
        return {"text/html": page_figure.page_figure_element(figure)}
    return {PLOTLY_MIME: figure}


def on_any_page(figure: dict[str, Any]) -> dict[str, Any]:
    """Recolour a figure in the light theme for a page whose theme nobody knows.

    Its ground is transparent, and its texts have a grey that can be read on white and on black.
    The scale of similarities stays. On a page that draws figures itself all colours stay.
    """
    if page_figure.page_draws_figures:
        return figure
    recoloured: dict[str, Any] = _recoloured(figure, "", "")
    return recoloured


def _recoloured(value: Any, key: str, parent: str) -> Any:
    if key in _KEPT:
        return value
    if isinstance(value, dict):
        return {name: _recoloured(each, str(name), key) for name, each in value.items()}
    if isinstance(value, list):
        return [_recoloured(each, key, parent) for each in value]
    if not isinstance(value, str):
        return value
    if key in ("paper_bgcolor", "plot_bgcolor") or (key, parent) == ("color", "marker"):
        return CLEAR if value == LIGHT.paper else _ANYWHERE.get(value, value)
    if "color" in key:
        return _ANYWHERE.get(value, value)
    # A text of a user holds no markup: this package wrote the colours in it.
    return _INK_IN_MARKUP.sub(rf"\1{NEUTRAL_INK}", value) if "<span" in value else value
