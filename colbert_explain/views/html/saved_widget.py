"""What a notebook keeps of a widget, for readers without Python: HTML that needs no script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from colbert_explain.views.html.render import render


def saved_widget(how: str, shown: str, *, key: str = "") -> str:
    """Write the static form of a widget as HTML.

    Parameters
    ----------
    how
        How to use the widget itself.
    shown
        Markup that `static_text` or another view has written.
    key
        The class of the whole ends in it, so that a page that shows the widget can hide this.
    """
    return render("saved_widget.html.j2", how=how, shown=Markup(shown), key=key)


def static_exercise(
    question: str,
    *,
    options: Sequence[str],
    answer: str,
    because: str,
    following: Sequence[str],
    is_open: bool,
) -> str:
    """Write an exercise as HTML, its answer in a part that opens without a script.

    Parameters
    ----------
    question, because
        What is asked, and why the answer is right; what stands between ``*`` is emphasised.
    options
        What can be chosen from.
    answer
        The right answer.
    following
        Markup of what stands below the answer.
    is_open
        Whether the answer shows at first.
    """
    return render(
        "static_exercise.html.j2",
        question=_emphasised(question),
        options=options,
        answer=answer,
        because=_emphasised(because),
        following=[Markup(part) for part in following],
        is_open=is_open,
    )


def static_output(data: Mapping[str, Any]) -> str:
    """Write what a cell can show as HTML: the first of its forms that a page knows.

    Parameters
    ----------
    data
        MIME type to content, as Jupyter displays it. HTML and SVG are taken as they are, as
        Jupyter itself does with what a cell shows.
    """
    for kind in ("text/html", "image/svg+xml"):
        if data.get(kind):
            return str(data[kind])
    for kind in ("image/png", "image/jpeg"):
        if data.get(kind):
            source = f"data:{kind};base64,{''.join(str(data[kind]).split())}"
            return render("static_picture.html.j2", source=source, text=data.get("text/plain", ""))
    if data.get("text/markdown"):
        # This preset takes HTML in the text for text.
        return MarkdownIt("js-default").render(data["text/markdown"])
    return static_text(data.get("text/plain", ""))


def _emphasised(text: str) -> list[tuple[str, bool]]:
    return [(part, bool(k % 2)) for k, part in enumerate(re.split(r"\*([^*]+)\*", text)) if part]


def static_text(text: str) -> str:
    """Write text as HTML, its lines kept."""
    return render("static_text.html.j2", text=text)
