import re
from html.parser import HTMLParser

import numpy as np
import pytest

from colbert_explain.explanation import explain
from colbert_explain.views import highlight
from colbert_explain.views.text.plain_text import plain_text
from colbert_explain.views.theme import DARK, LIGHT
from tests.example_explanations import EXAMPLES, example


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


def rule_of(display, attributes):
    """The style rule that colours a mark."""
    (name,) = re.findall(r"ce-s\d+", attributes["class"])
    (rule,) = re.findall(rf"\.{name}{{(.*?)}}", display._repr_html_())
    return rule


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
    assert '<s class="ce-unread" title="not read: past the length limit">and mice</s>' in html
    assert "2 were not, from character 14 on" in html


def test_matches_carry_the_colour_of_their_similarity_and_say_of_what(toy_encoder):
    x = explain("cats eat", "dogs eat", toy_encoder)
    marks = dict(shown(x).marks[2:])  # the first two are the query's
    assert marks["eat"]["title"] == "best match of: eat 1.000, cats 0.216"
    assert f"background:{LIGHT.cosine_colour(1.0)}" in rule_of(highlight(x), marks["eat"])


def test_tied_words_are_all_marked(toy_encoder):
    marks = shown(explain("eat", "eat dogs eat", toy_encoder)).marks
    assert [text for text, _ in marks] == ["eat", "eat", "eat"]


def test_unknown_and_unscored_text_is_shown_as_such(toy_encoder):
    html = highlight(explain("cats", "cats, zzz", toy_encoder))._repr_html_()
    assert 'class="ce-unscored" title="read, but not scored">,</span>' in html
    assert '<u class="ce-unknown" title="this model does not know this text">zzz</u>' in html
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
    assert [text for text, _ in page.marks].count("각") == 1
    rows = [i for i, token in enumerate(x.query) if token.text == "각"]
    mean = round(float(x.contributions[rows].mean()), 2)
    query = next(attributes for text, attributes in page.marks if text == "각")
    assert f"background:{LIGHT.cosine_colour(mean)}" in rule_of(highlight(x), query)
    best = round(float(x.contributions[rows].max()), 2)
    document = next(attributes for text, attributes in page.marks if text == "각각")
    assert f"background:{LIGHT.cosine_colour(best)}" in rule_of(highlight(x), document)


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
    assert 'class="ce-highlight mathjax_ignore tex2jax_ignore ce-dark"' in dark
    assert f".ce-highlight.ce-dark .ce-s200{{background:{DARK.cosine_colour(1.0)}!important;" in (
        dark
    )
    assert LIGHT.cosine_colour(1.0) not in dark.split("text-decoration: none")[1]
    for html in (auto, dark):
        assert "@media (prefers-color-scheme: dark)" in html


def test_an_unknown_theme_is_refused(toy_encoder, unchecked):
    with pytest.raises(ValueError, match="theme must be one of light, dark, got 'blue'"):
        highlight(explain("a", "b", toy_encoder), theme="blue")


def legend(html):
    return html.split('<p class="ce-key">')[1].split("</p>")[0]


def test_the_legend_explains_exactly_the_states_that_occur(toy_encoder):
    plain = legend(highlight(explain("cats", "cats", toy_encoder))._repr_html_())
    for word in ("grey", "underlined", "struck", "match:"):
        assert word not in plain
    toy_encoder.document_length = 6
    all_states = explain("cats eat", "cats, zzz mice, and more", toy_encoder)
    full = legend(highlight(all_states, threshold=0.5)._repr_html_())
    for word in (
        "grey",
        "underlined",
        "struck",
        "framed, no match: best cosine similarity below 0.500",
    ):
        assert word in full


def test_a_match_below_the_threshold_is_drawn_as_none(toy_encoder):
    x = explain("cats eat", "dogs eat", toy_encoder)
    assert 'class="ce-weak' not in highlight(x)._repr_html_()
    html = highlight(x, threshold=0.5)._repr_html_()
    assert re.search(r'<span class="ce-weak ce-q0" [^>]*no match, below 0.500">cats</span>', html)
    assert [text for text, _ in Shown(html).marks] == ["eat", "eat"]
    assert "no word here is below it" in legend(highlight(x, threshold=0.1)._repr_html_())


def test_thresholds_per_query_token_are_compared_each_with_its_own(toy_encoder):
    x = explain("cats eat", "dogs eat", toy_encoder)
    limits = np.full(len(x.query), 0.999)
    limits[[0, -1]] = np.nan
    limits[1] = 0.1  # cats, which is .216 like its match
    html = highlight(x, threshold=limits)._repr_html_()
    assert 'class="ce-weak' not in html
    assert "threshold (0.100 to 0.999; tokens without a threshold always match)" in legend(html)
    limits[1] = np.nan
    assert 'class="ce-weak' not in highlight(x, threshold=limits)._repr_html_()
    limits[1] = 0.3
    assert ">cats</span>" in highlight(x, threshold=limits)._repr_html_()


@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        (1.5, r"threshold must lie within \[-1, 1\], got 1.5"),
        (float("nan"), r"threshold must lie within \[-1, 1\], got nan"),
        (np.zeros(2), r"threshold must hold one number per query token, 3, got 2"),
        (np.array([0, 0, -2.0]), r"threshold must lie within \[-1, 1\], got -2"),
    ],
)
def test_a_threshold_that_cannot_be_one_is_refused(toy_encoder, threshold, message):
    with pytest.raises(ValueError, match=message):
        highlight(explain("a", "b", toy_encoder), threshold=threshold)


def test_an_unknown_direction_is_refused(toy_encoder, unchecked):
    with pytest.raises(ValueError, match="direction must be one of query_to_document, document_to"):
        highlight(explain("a", "b", toy_encoder), direction="both")


def test_a_word_and_its_match_share_a_class_that_the_style_rules_light(toy_encoder):
    x = explain("cats eat", "dogs eat", toy_encoder)
    page = shown(x)
    (eat_query, eat_document) = (a for text, a in page.marks if text == "eat")
    assert eat_query["tabindex"] == eat_document["tabindex"] == "0"
    assert set(eat_query["class"].split()) - {"ce-s200"} == {"ce-q1"}
    assert {"ce-q0", "ce-q1"} <= set(eat_document["class"].split())  # cats chose it too
    html = highlight(x)._repr_html_()
    assert ".ce-highlight:has(.ce-q1:is(:hover,:focus)) .ce-q1" in html
    assert " id=" not in html  # nothing that two displays on a page could share


def test_the_other_direction_colours_every_scored_word_and_says_that_it_is_no_score(toy_encoder):
    x = explain("cats eat", "dogs eat, mice", toy_encoder)
    display = highlight(x, direction="document_to_query")
    marks = dict(shown(x, direction="document_to_query").marks[2:])
    assert list(marks) == ["dogs", "eat", "mice"]
    best = float(x.similarity[1:3, 4].max())
    assert f"{best:.3f}" in marks["mice"]["title"]
    assert marks["mice"]["title"].startswith("most similar to: ")
    for form in (display._repr_html_(), repr(display)):
        assert "these do not add up to the score" in form
    assert "these do not add up to the score" not in highlight(x)._repr_html_()


def test_pieces_of_a_word_are_one_box_and_stay_in_its_title(encoder):
    x = explain("pachyderms graze", "the pachyderm grazes", encoder)
    page = shown(x)
    titles = {text: attributes["title"] for text, attributes in page.marks}
    assert {"pachyderms", "graze", "pachyderm", "grazes"} >= set(titles)
    assert len([token for token in x.query if token.text in "pachyderms"]) > 1
    assert "##" in titles["pachyderms"]
    assert re.search(r"read as pa\S* ##", titles["pachyderm"])


def test_tokens_without_text_are_counted_with_their_share():
    x = example(32, 60, n_expansion=20, structural_scored=True)
    html = highlight(x)._repr_html_()
    rows = [i for i, token in enumerate(x.query) if token.role == "expansion"]
    share = 100 * x.contributions[rows].sum() / x.score
    chip = rf'\+ 20 × <mark class="[^"]* ce-chip ce-expansion"[^>]*>\[MASK\]</mark> {share:.1f}%'  # noqa: RUF001
    assert re.search(chip, html)
    assert re.search(rf"\+ 20 x \[\[MASK\] 0\.\d+\]: {share:.1f}%", repr(highlight(x)))
    assert html.count("ce-chip ce-special") == 2  # [CLS] and [SEP]


def test_text_that_was_not_read_is_folded_apart_from_what_was(toy_encoder):
    toy_encoder.document_length = 300
    html = highlight(explain("cats", "cats " + "word " * 1000, toy_encoder))._repr_html_()
    assert re.findall(r"… ([\d,]+) characters (without a match|not read), show", html) == [
        ("1,005", "without a match"),
        ("3,035", "not read"),
    ]
    assert '<label class="ce-all"><input type="checkbox">show all</label>' in html


@pytest.mark.parametrize("direction", ["query_to_document", "document_to_query"])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_size_and_kind_is_drawn_whole(kind, direction):
    x = example(**EXAMPLES[kind])
    html = highlight(x, direction=direction, threshold=0.4)._repr_html_()
    assert "".join(Shown(html).runs) == x.query.text + x.document.text
    assert len(html.encode()) <= 1_500_000
    assert len("".join(re.findall("<style>.*?</style>", html, re.DOTALL))) < 40_000


def test_control_codes_and_overrides_of_direction_are_made_visible(toy_encoder):
    hostile = "</style><script> $x$ a\u202eb\u2069 \x07\x00\x9b end"
    html = highlight(explain("cats", hostile, toy_encoder))._repr_html_()
    for hidden in "\u202e\u2069\x07\x00\x9b":
        assert hidden not in html
    assert "".join(Shown(html).runs[1:]).endswith("a⟨U+202E⟩b⟨U+2069⟩ ␇␀\ufffd end")
    assert html.count("</style>") == 1
    assert repr(highlight(explain("cats", hostile, toy_encoder))).replace("\n", "").isprintable()


def test_a_pasted_page_as_query_keeps_its_style_rules_small(toy_encoder):
    text = " ".join(f"w{k}" for k in range(900))
    toy_encoder.document_length = 2000
    x = explain(text, text, toy_encoder)
    html = highlight(x)._repr_html_()
    assert html.count(":has(.ce-q") == 400
    assert html.count('tabindex="0"') == 900  # of the query; so many matches are no stops


def test_it_says_what_the_html_says(toy_encoder):
    toy_encoder.document_length = 8
    x = explain("cats eat", "dogs eat, zzz mice and more", toy_encoder)
    text = repr(highlight(x, threshold=0.5, pinned=(2, 2)))
    assert plain_text(x) in text
    assert "Pinned: query token 2 “eat” and document token 2 “eat”" in text
    assert "  [cats 0.216, no match] [eat 1.000, pinned]" in text
    assert "[eat 1.000, pinned], [zzz, unknown] mice and [... 4 characters not read ...]" in text
    assert "no match: best cosine similarity below 0.500" in text


def test_folds_are_named_and_the_direction_is_said(toy_encoder):
    toy_encoder.document_length = 3000
    x = explain("cats", "cats " + "word\n" * 1000, toy_encoder)
    text = repr(highlight(x))
    assert "characters without a match ...]" in text
    assert "these add up to the score" in text
    other = repr(highlight(x, direction="document_to_query"))
    assert "characters without a query token's best match ...]" in other
    assert "[word " in other
    assert "these do not add up to the score" in other
