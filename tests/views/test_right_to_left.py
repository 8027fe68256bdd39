"""Texts that run from right to left: they turn nothing around in what is said about them."""

import re

import pytest

import colbert_explain as ce
from colbert_explain.views import contribution_chart, document_map, mimebundle
from colbert_explain.views.page_data.result import page_result
from colbert_explain.views.page_data.sections import compare
from colbert_explain.views.pinned_pair import pinned_sentence

QUERY, FIRST, SECOND = "חתולים cats", "חתולים אוכלים דגים. cats", "كلاب تأكل cats"
NAMES = {"מסמך": FIRST, "وثيقة": SECOND}
#: A word of either script, as a page shows it.
RIGHT_TO_LEFT = re.compile("[\u0590-\u06ff]+")


@pytest.fixture
def x(toy_encoder):
    return ce.explain(QUERY, FIRST, toy_encoder)


@pytest.fixture
def ranking(toy_encoder):
    return ce.rank(QUERY, NAMES, toy_encoder)


def open_to_their_sentence(written: str, begin: str, end: str) -> list[str]:
    """List right-to-left words that stand beside other text and are not kept apart from it."""
    kept = re.sub(f"{begin}.*?{end}", "", written, flags=re.DOTALL)
    return RIGHT_TO_LEFT.findall(kept)


def test_words_and_names_in_sentences_are_kept_in_their_place(x, ranking, toy_encoder):
    c = ranking.contrast(0, 1)
    left_out = ce.rank(QUERY, {**NAMES, "ריק": " "}, toy_encoder).left_out()
    sentences = {
        "contrast": c.sentence(),
        "occlusion": ce.occlude(x, (0, 6)).sentence(),
        "pinned": pinned_sentence(x, (1, 1)),
        "left out": left_out,
        "report": ce.report(x),
    }
    for name, sentence in sentences.items():
        assert RIGHT_TO_LEFT.search(sentence), name
        assert open_to_their_sentence(sentence, "\u2068", "\u2069") == [], (name, sentence)


def test_words_and_names_in_static_tables_are_kept_in_their_place(x, ranking):
    c = ranking.contrast(0, 1)
    shown = {
        "ranking": mimebundle(ranking),
        "contrast": mimebundle(c),
        "occlusion": mimebundle(ce.occlude(x, (0, 6))),
        "words": mimebundle(x.words()),
        "contributions": contribution_chart(x).static_form(),
        "map": document_map(x).static_form(),
        "contrast chart": ce.contrast_chart(c).static_form(),
    }
    for name, forms in shown.items():
        html = forms["text/html"].split("</style>")[1]
        assert open_to_their_sentence(html, "<bdi>", "</bdi>") == [], (name, html)
        assert 'dir="ltr"' in forms["text/html"], name
        text = forms["text/plain"]
        assert open_to_their_sentence(text, "\u2068", "\u2069") == [], (name, text)
        lines = [line for line in text.splitlines() if line.startswith("  ")]
        assert len(lines) > 2, name


def test_words_beside_the_bars_of_a_chart_are_kept_in_their_place(x, ranking):
    figures = (contribution_chart(x), ce.contrast_chart(ranking.contrast(0, 1)))
    for figure in figures:
        texts = [text for trace in figure.data for text in trace.text or () if text]
        assert any(RIGHT_TO_LEFT.search(text) for text in texts)
        for text in [*texts, figure.layout.title.text]:
            assert open_to_their_sentence(text, "\u2068", "\u2069") == [], text


def test_a_users_own_isolates_stay_inside_what_they_are_in(toy_encoder):
    for name in ("\u2069a\u2068", "\u2068a", "a\u2069", "\u2068a\u2069"):
        html = mimebundle(ce.rank("cats", {name: "cats", "b": name}, toy_encoder))["text/html"]
        for cell in re.findall("<t[dh].*?</t[dh]>", html):
            assert cell.count("<bdi>") == cell.count("</bdi>"), (name, cell)
            assert not re.search("<bdi>[^<]*</bdi>[^<]+<bdi>", cell), (name, cell)


def test_text_without_such_letters_is_as_it_was(toy_encoder):
    x = ce.explain("cats", "Cats eat.", toy_encoder)
    assert "\u2068" not in ce.occlude(x, (5, 8)).sentence()
    rows = compare(ce.rank("cats", {"a": "cats", "b": "dogs"}, toy_encoder).contrast(0, 1))
    assert rows["sentence"].startswith("a outscores b by ")


def test_signs_that_turn_text_around_are_shown_in_the_page(toy_encoder):
    text = "Cats \u202eeat\u202c fish\u2066\x07."
    segments = page_result(ce.explain("cats", text, toy_encoder)).data["text"]["document"]
    shown = "".join(segment["text"] for segment in segments)
    assert shown == "Cats ⟨U+202E⟩eat⟨U+202C⟩ fish⟨U+2066⟩\u2407."
