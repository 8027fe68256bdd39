"""What a notebook keeps of a widget, for readers without Python: HTML that needs no script."""

from __future__ import annotations

from markupsafe import Markup

from colbert_explain.views.html.render import render


def saved_widget(
    how: str,
    *,
    text: str = "",
    shown: str = "",
    key: str = "",
) -> str:
    """Write the static form of a widget as HTML.

    Parameters
    ----------
    how
        How to use the widget itself.
    text
        Text, its lines kept.
    shown
        Markup that another view has written.
    key
        The class of the whole ends in it, so that a page that shows the widget can hide this.
    """
    return render(
        "saved_widget.html.j2",
        how=how,
        text=text,
        shown=Markup(shown),
        key=key,
    )
