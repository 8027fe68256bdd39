"""What stands around and before a notebook's cells: a bar or a lesson's place, a first screen."""

from __future__ import annotations

from typing import Any

from colbert_explain.dashboard.index_page import Card
from colbert_explain.views.theme import css_variables


def page_frame(card: Card, cards: list[Card], first_screen: str) -> dict[str, Any]:
    """Return what the template ``index.html.j2`` draws beside the notebook.

    Parameters
    ----------
    card
        Of the notebook.
    cards
        Of all notebooks; those of lessons have numbers, and are in order.
    first_screen
        HTML, shown if the notebook asks for it.
    """
    return {
        "title": card.title,
        "colours": css_variables(),
        "has_header": card.has_header,
        "first_screen": first_screen if card.has_first_screen else "",
        "lesson": _lesson(card, [each for each in cards if each.lesson is not None]),
    }


def _lesson(card: Card, lessons: list[Card]) -> dict[str, Any] | None:
    if card not in lessons:
        return None
    place = lessons.index(card)
    before, after = lessons[:place], lessons[place + 1 :]
    return {
        "title": _numbered(card),
        "previous": _link(before[-1]) if before else None,
        "next": _link(after[0]) if after else None,
    }


def _link(card: Card) -> dict[str, str]:
    return {"address": card.address, "title": _numbered(card)}


def _numbered(card: Card) -> str:
    return f"{card.lesson} · {card.title}"
