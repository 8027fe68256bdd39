from colbert_explain.app.document_strip import DocumentStrip
from colbert_explain.app.passage_list import PassageList
from colbert_explain.explanation import explain
from colbert_explain.views.widget_data.strip import strip_contents


def test_a_click_in_the_page_moves_to_a_number():
    moves = []
    strip = DocumentStrip(moves.append)
    strip._receive(None, {"event": "move", "middle": 40}, [])
    strip._receive(None, {"event": "move", "middle": 41.5}, [])
    assert moves == [40.0, 41.5]


def test_a_click_in_the_page_picks_a_sentence():
    picked = []
    passages = PassageList(lambda *tokens: picked.append(tokens))
    passages._receive(None, {"event": "pick", "first": 4, "stop": 9}, [])
    assert picked == [(4, 9)]


def test_the_page_gets_what_the_view_wrote(toy_encoder):
    strip = DocumentStrip(print)
    contents = strip_contents(explain("cats", "cats eat <b>fish</b>", toy_encoder))
    strip.contents = contents
    strip.part = (1.0, 3.5)
    state = strip.get_state()
    assert state["contents"] == contents
    assert tuple(state["part"]) == (1.0, 3.5)
