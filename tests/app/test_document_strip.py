from pathlib import Path

import pytest

from colbert_explain.app import document_strip, passage_list, view_controls
from colbert_explain.app.document_strip import DocumentStrip
from colbert_explain.app.passage_list import PassageList
from colbert_explain.explanation import explain
from colbert_explain.views.widget_data.strip import strip_contents


@pytest.fixture
def moves():
    return []


def test_a_click_in_the_page_moves_to_a_number(moves):
    strip = DocumentStrip(moves.append)
    strip._receive(None, {"event": "move", "middle": 40}, [])
    strip._receive(None, {"event": "move", "middle": 41.5}, [])
    assert moves == [40.0, 41.5]


@pytest.mark.parametrize(
    "message", [{}, {"event": "move"}, {"event": "move", "middle": "40"}, {"event": "other"}]
)
def test_other_messages_are_passed_over(moves, message):
    DocumentStrip(moves.append)._receive(None, message, [])
    PassageList(lambda *tokens: moves.append(tokens))._receive(None, message, [])
    assert moves == []


def test_the_page_gets_what_the_view_wrote(toy_encoder):
    strip = DocumentStrip(print)
    contents = strip_contents(explain("cats", "cats eat <b>fish</b>", toy_encoder))
    strip.contents = contents
    strip.part = (1.0, 3.5)
    state = strip.get_state()
    assert state["contents"] == contents
    assert tuple(state["part"]) == (1.0, 3.5)


@pytest.mark.parametrize("module", [document_strip, passage_list, view_controls])
def test_the_scripts_never_read_text_as_markup_and_fetch_nothing(module):
    script = Path(module.__file__).with_suffix(".js").read_text(encoding="utf-8")
    dangers = ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "http://", "https://")
    for danger in (*dangers, "import ", "fetch("):
        assert danger not in script
