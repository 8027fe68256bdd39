from colbert_explain.dashboard.index_page import Card
from colbert_explain.dashboard.page_frame import page_frame

CARDS = [
    Card("workbench.ipynb", "Workbench", "", None, has_header=False, has_first_screen=True),
    Card("01_a.ipynb", "A", "", None),
    Card("02_b & c.ipynb", "B", "", None),
    Card("10_d.ipynb", "D", "", None),
]


def frame(place):
    return page_frame(CARDS[place], CARDS, "<p>screen</p>")


def test_a_lesson_has_the_lessons_beside_it():
    assert frame(2)["lesson"] == {
        "title": "2 · B",
        "previous": {"address": "voila/render/01_a.ipynb", "title": "1 · A"},
        "next": {"address": "voila/render/10_d.ipynb", "title": "10 · D"},
    }


def test_the_first_lesson_has_none_before_it_and_the_last_none_after_it():
    assert frame(1)["lesson"]["previous"] is None
    assert frame(3)["lesson"]["next"] is None


def test_only_a_notebook_that_asks_for_it_has_a_first_screen_or_no_header():
    assert [frame(place)["first_screen"] for place in range(4)] == ["<p>screen</p>", "", "", ""]
    assert [frame(place)["has_header"] for place in range(4)] == [False, True, True, True]
    assert frame(0)["lesson"] is None


def test_colours_are_those_of_the_views():
    assert "--ce-ink:" in frame(0)["colours"]
