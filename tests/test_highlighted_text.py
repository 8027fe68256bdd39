import re
from html.parser import HTMLParser

import pytest

from colbert_explain.explanation import explain
from colbert_explain.views import highlight
from colbert_explain.views.palette import DARK, LIGHT


class Shown(HTMLParser):
    """What a page shows: its text, its marks, its elements."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.runs, self.marks = [], [], []
        self.inside = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.inside.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if any(tag in ("style", "summary") for tag, _ in self.inside):
            return
        if any("ce-text" in (a.get("class") or "") for _, a in self.inside):
            self.runs.append(data)
        if self.inside and self.inside[-1][0] == "mark":
            self.marks.append((data, self.inside[-1][1]))


def shown(explanation, **options):
    return Shown(highlight(explanation, **options)._repr_html_())


TEXTS = [
    ("cats eat fish", "dogs, eat fish."),
    ("a < b & c", '<script>alert("x")</script> a $b$\n\n  c &amp; '),
    ("zzz cats", "  cats zzz\t🐘 cats "),
    ("cats", "dull words, " * 300 + "cats" + " and more" * 300),
]


@pytest.mark.parametrize(("query", "document"), TEXTS)
def test_every_character_is_shown_once_and_in_order(toy_encoder, query, document):
    toy_encoder.document_length = 5000
    page = shown(explain(query, document, toy_encoder))
    assert "".join(page.runs) == query + document


def test_text_past_the_length_is_shown_as_not_read(toy_encoder):
    toy_encoder.document_length = 5
    html = highlight(explain("cats", "cats eat fish and mice", toy_encoder))._repr_html_()
    assert '<span class="ce-unread" title="not read: past the length limit">and mice</span>' in html
    assert "2 were not, from character 15 on" in html


def test_matches_carry_the_colour_of_their_similarity_and_say_of_what(toy_encoder):
    x = explain("cats eat", "dogs eat", toy_encoder)
    marks = dict(shown(x).marks[2:])  # the first two are the query's
    assert marks["eat"]["title"] == "best match of: eat 1.000, cats 0.216"
    assert f"background:{LIGHT.cosine_colour(1.0)}" in marks["eat"]["style"]


def test_tied_words_are_all_marked(toy_encoder):
    marks = shown(explain("eat", "eat dogs eat", toy_encoder)).marks
    assert [text for text, _ in marks] == ["eat", "eat", "eat"]


def test_unknown_and_unscored_text_is_shown_as_such(toy_encoder):
    html = highlight(explain("cats", "cats, zzz", toy_encoder))._repr_html_()
    assert 'class="ce-unscored" title="read, but not scored">,</span>' in html
    assert 'class="ce-unknown" title="this model does not know this text">zzz</span>' in html
    assert "cannot read 1 word of the document" in html


def test_a_long_stretch_without_a_match_is_folded_and_opens_without_a_script(toy_encoder):
    toy_encoder.document_length = 5000
    x = explain("cats", "word " * 1000 + "cats", toy_encoder)
    html = highlight(x)._repr_html_()
    assert html.count("<details") == 1
    assert re.search(r"… 4,5\d\d characters without a match, show …", html)
    assert "<script" not in html


def test_short_texts_are_not_folded(toy_encoder):
    assert "<details" not in highlight(explain("cats", "cats eat fish", toy_encoder))._repr_html_()


def test_user_text_never_becomes_an_element(toy_encoder):
    hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>\"'>"
    page = shown(explain(hostile, hostile, toy_encoder))
    assert not {"img", "script"} & set(page.tags)
    assert "".join(page.runs) == hostile * 2


def test_a_pinned_pair_is_outlined_on_both_sides_and_said(toy_encoder):
    x = explain("cats eat", "dogs eat", toy_encoder)
    html = highlight(x, pinned=(2, 1))._repr_html_()
    assert html.count('ce-pin"') == 2
    assert "query token 2 “eat” and document token 1 “dogs”" in html
    assert "It does not count" in html
    assert "counts towards the score" in highlight(x, pinned=(2, 2))._repr_html_()
    assert "is not scored" in highlight(x, pinned=(0, 1))._repr_html_()


def test_pieces_of_one_character_are_shown_as_the_best_of_them(encoder):
    x = explain("각 한국 cat", "각각 …", encoder)
    html = highlight(x, pinned=(2, 3))._repr_html_()
    assert html.count('ce-pin"') == 2
    page = Shown(html)
    assert "".join(page.runs) == "각 한국 cat각각 …"
    best = max(x.contributions[i] for i, token in enumerate(x.query) if token.text == "각")
    colours = [attributes["style"] for text, attributes in page.marks if text == "각"]
    assert f"background:{LIGHT.cosine_colour(float(best))}" in colours[0]


def test_a_pair_outside_the_matrix_is_refused(toy_encoder):
    with pytest.raises(ValueError, match=r"pinned must lie within 3 x 3 tokens, got \(3, 0\)"):
        highlight(explain("a", "b", toy_encoder), pinned=(3, 0))


def test_a_text_form_stands_beside_the_html(toy_encoder):
    shown = highlight(explain("cats eat", "dogs eat", toy_encoder))
    assert "eat" in repr(shown)
    assert shown._repr_mimebundle_()["text/plain"] == repr(shown)


def test_it_follows_the_page_or_keeps_to_a_theme(toy_encoder):
    x = explain("cats eat", "dogs eat", toy_encoder)
    auto, dark = highlight(x)._repr_html_(), highlight(x, theme="dark")._repr_html_()
    assert f"light-dark({LIGHT.cosine_colour(1.0)},{DARK.cosine_colour(1.0)})" in auto
    assert 'class="ce-highlight mathjax_ignore ce-dark"' in dark
    assert f"background:{DARK.cosine_colour(1.0)};color:#000000" in dark
    assert LIGHT.cosine_colour(1.0) not in dark.split("</style>")[1]
    for html in (auto, dark):
        assert "@media (prefers-color-scheme: dark)" in html


def test_an_unknown_theme_is_refused(toy_encoder, unchecked):
    with pytest.raises(ValueError, match="theme must be one of light, dark, got 'blue'"):
        highlight(explain("a", "b", toy_encoder), theme="blue")
