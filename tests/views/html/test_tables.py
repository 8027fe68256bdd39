import re
from html.parser import HTMLParser

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import TokenSequence
from colbert_explain.views.html.tables import heatmap_table, notices, token_table
from tests.example_explanations import EXAMPLES, example


class Table(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.heads, self.cells, self.tags, self.where = [], [], [], None
        self.bold = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "strong":
            self.bold.append(len(self.cells))
        elif tag != "em":
            self.where = (tag, dict(attributes).get("class") or "")

    def handle_endtag(self, tag):
        if tag not in ("strong", "em"):
            self.where = None

    def handle_data(self, data):
        if self.where and self.where[0] == "th":
            self.heads.append(data)
        if self.where and self.where[0] == "td":
            self.cells.append((data, self.where[1]))


def test_every_similarity_is_a_cell_and_winners_are_framed():
    x = example(12, 14)
    table = Table(heatmap_table(x))
    cells = table.cells
    assert [value for value, _ in cells] == [
        f"{v:.2f}".replace("-", "\N{MINUS SIGN}") for v in x.similarity.ravel()
    ]
    framed = {divmod(k, 14) for k, (_, look) in enumerate(cells) if "ce-best" in look}
    assert framed == {(i, int(j)) for i in range(12) for j in x.winners(i)}
    assert {divmod(k, 14) for k in table.bold} == framed  # without a style sheet too
    off = {divmod(k, 14) for k, (_, look) in enumerate(cells) if "ce-off" in look}
    scored = {
        (i, j) for i in range(12) for j in range(14) if x.query[i].scored and x.document[j].scored
    }
    assert len(off) == 12 * 14 - len(scored)
    assert not off & scored


def test_a_cell_has_the_colour_of_its_similarity(toy_encoder):
    html = heatmap_table(explain("cats", "cats", toy_encoder), theme="light")
    (style,) = re.findall('class="ce-c40 ce-best" style="(.*?)"><strong>1.00<', html)
    assert style.startswith("background-color:#013b7b;color:#ffffff;outline:")
    rule = "background:#013b7b !important;color:#ffffff !important"
    assert f".ce-heatmap .ce-c40 {{ {rule} }}" in html


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_size_fits_a_page_and_says_what_it_leaves_out(name):
    x = example(**EXAMPLES[name])
    html = heatmap_table(x)
    assert len(html) < 150_000
    if len(x.document) > 36:
        first, stop = x.strongest_window(36)
        assert f"document tokens {first:,} to {stop - 1:,} of {len(x.document):,}" in html
    else:
        assert "against every document token" in html


def test_a_long_query_says_how_much_of_it_is_there():
    html = heatmap_table(example(80, 12))
    assert "; the first 64 of 80 query tokens." in html
    assert len(re.findall('scope="row"', html)) == 64


def test_user_text_never_becomes_an_element(toy_encoder):
    table = Table(heatmap_table(explain("<img src=x>cats", "<script>1</script>", toy_encoder)))
    assert not {"img", "script"} & set(table.tags)
    assert "<" in table.heads


def test_an_unknown_theme_is_refused(unchecked):
    with pytest.raises(ValueError, match="theme must be one of light, dark, got 'blue'"):
        heatmap_table(example(2, 2), theme="blue")


def test_the_table_adds_up_to_the_score_at_its_foot(toy_encoder):
    x = explain("cats eat fish, zzz", "dogs eat fish eat", toy_encoder)
    html = token_table(x)
    values = re.findall(
        r'<tr[^>]*><th[^>]*>[^<]*</th><td class="ce-number">(-?\d\.\d{4})</td>', html
    )
    assert sum(map(float, values)) == pytest.approx(x.score, abs=2e-4)
    assert f"<strong>{x.score:.4f}</strong>" in html
    assert "<strong><bdi>eat</bdi></strong> (tie)" in html
    assert "unknown to this model, not scored" in html


def test_the_table_escapes_what_users_wrote(toy_encoder):
    html = token_table(explain("a <", "<b> a", toy_encoder))
    assert "&lt;" in html
    assert "<b>" not in html


def test_the_notices_say_score_unit_and_limits(toy_encoder):
    toy_encoder.document_length = 4
    html = notices(explain("a", "a b c d", toy_encoder))
    assert "MaxSim score 1.000" in html
    assert "1 scored query token;" in html
    assert "not comparable between queries" in html
    assert "prove which words the model relied on" in html
    assert "2 were not" in html


def test_a_score_that_is_not_above_0_has_no_shares():
    one = TokenSequence.from_strings(["a"])
    for value, shares in ((0.5, ["100.0%", "100%"]), (0.0, []), (-0.5, [])):
        x = Explanation(one, one, np.array([[value]]), Provenance("mine"))
        html = token_table(x)
        assert re.findall(r">([^<]+%)<", html) == shares, value
        assert "nan" not in html, value
