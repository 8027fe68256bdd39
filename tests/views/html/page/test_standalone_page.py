import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import TokenSequence
from colbert_explain.views import write_html
from tests.example_explanations import EXAMPLES, example

HOSTILE = "</script><script>window.hacked=1</script> <img src=x onerror=alert(1)> $x$ <!-- & \u2028"


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.scripts, self.kinds, self.ids = [], [], [], [], []
        self.headings, self.heading, self.text = [], False, ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.attributes += attributes.items()
        if tag == "script":
            self.scripts.append("")
            self.kinds.append(attributes.get("type"))
        if tag in ("h1", "h2"):
            self.headings.append("")
        self.heading = tag in ("h1", "h2")
        if "id" in attributes:
            self.ids.append(attributes["id"])

    def handle_endtag(self, tag):
        self.heading = False

    def handle_data(self, data):
        if self.cdata_elem == "script":
            self.scripts[-1] += data
        elif self.heading:
            self.headings[-1] += data
        else:
            self.text += data


@pytest.fixture
def written(tmp_path):
    def write(x, **options):
        write_html(x, tmp_path / "x.html", **options)
        return (tmp_path / "x.html").read_text(encoding="utf-8")

    return write


def test_a_page_holds_every_part(written, toy_encoder):
    x = explain("cats eat fish", "Dogs bark. Cats eat fish.", toy_encoder)
    page = Page(written(x))
    assert page.headings == [
        f"Why a document scored {x.score:.3f}",
        "In words",
        "Heatmap",
        "Contributions",
        "Query and document",
        "Best sentences",
        "All query tokens",
        "Provenance",
    ]
    assert len(page.ids) == len(set(page.ids))
    targets = {v for k, v in page.attributes if k in ("aria-labelledby", "aria-describedby")}
    targets |= {v.removeprefix("#") for k, v in page.attributes if k == "href"}
    assert targets <= set(page.ids)
    assert page.text.count(x.provenance_sentence()) == 1
    assert "“fish” adds 1.000" in page.text
    figures = json.loads(page.scripts[0])["figures"]
    assert list(figures) == ["heatmap-plot", "contributions-plot"]
    assert set(figures) <= set(page.ids)


def test_a_long_document_has_a_map_and_a_short_one_none(written):
    for n_document, mapped in ((99, False), (100, True)):
        page = Page(written(example(5, n_document)))
        assert ("Document map" in page.headings) is mapped
        assert ("map-plot" in json.loads(page.scripts[0])["figures"]) is mapped
        assert ("#map" in dict(page.attributes).values()) <= mapped


def test_the_figures_leave_the_source_to_the_page(written):
    x = example(5, 200)
    data = json.loads(Page(written(x)).scripts[0])
    for name, figure in data["figures"].items():
        layout = figure["figure"]["layout"]
        assert x.provenance.sentence() not in json.dumps(layout), name
        whole = dict(
            zip(data["figures"], (ce.heatmap, ce.contribution_chart, ce.document_map), strict=True)
        )
        alone = whole[name](x).layout
        removed = alone.height - layout["height"]
        assert removed > 0
        assert alone.margin.b - layout["margin"]["b"] == removed
    assert data["config"]["modeBarButtonsToRemove"] == ["toImage"]


def test_only_the_two_scripts_of_this_package_may_run_and_nothing_may_load(written):
    html = written(example(5, 6))
    page = Page(html)
    assert page.kinds == ["application/json", None, None]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1].replace("&#39;", "'")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
        for code in page.scripts[1:]
    ]
    assert rules["script-src"].split() == hashes
    assert rules["img-src"] == "data: blob:"
    assert {"connect-src", "font-src", "frame-src"}.isdisjoint(rules)
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    assert html.index("Content-Security-Policy") < html.index("<script")
    assert not {"link", "iframe", "img", "object", "form", "base"} & set(page.tags)
    assert not [value for name, value in page.attributes if name == "src" or name.startswith("on")]


def test_user_text_is_text_everywhere(written, toy_encoder):
    x = explain(HOSTILE, f"{HOSTILE} and \u202eturned", toy_encoder)
    x = Explanation(x.query, x.document, x.similarity, Provenance(HOSTILE, settings={"a": HOSTILE}))
    page = Page(written(x))
    assert page.kinds == ["application/json", None, None]
    assert not {"img"} & set(page.tags)
    assert page.text.count(HOSTILE) >= 4  # both texts, the model and its setting
    assert not set(page.scripts[0]) & set("<>&\u2028\u2029")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_size_has_a_page(written, name):
    html = written(example(**EXAMPLES[name]))
    assert len(html.encode()) < 9_500_000


def test_a_page_follows_its_reader_or_keeps_to_a_theme(written):
    x = example(5, 6)
    auto, dark = written(x), written(x, theme="dark")
    assert '<html lang="en" class="">' in auto
    assert '<html lang="en" class="ce-dark">' in dark
    data = {theme: json.loads(Page(h).scripts[0]) for theme, h in (("auto", auto), ("dark", dark))}
    assert data["auto"]["figures"]["heatmap-plot"]["dark"]
    figure = data["dark"]["figures"]["heatmap-plot"]
    assert figure["dark"] == []
    assert figure["figure"]["layout"]["paper_bgcolor"] == "#15181c"


def test_percentiles_reach_the_chart_and_the_words(written):
    tokens = TokenSequence.from_strings(["cats", "eat"])
    x = Explanation(tokens, tokens, np.eye(2, dtype=np.float32), Provenance("mine"))
    html = written(x, percentiles=np.array([97, np.nan]))
    assert "Better than 97% of the best matches in unrelated texts of this length." in html
    assert (
        "above 97%"
        in json.loads(Page(html).scripts[0])["figures"]["contributions-plot"]["figure"]["data"][2][
            "text"
        ][0]
    )


def test_a_page_is_complete_or_not_there(tmp_path, monkeypatch):
    x, path = example(2, 3), tmp_path / "x.html"
    path.write_text("old")

    def full_disk(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_html(x, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="path must name a file in an existing folder"):
        write_html(x, tmp_path)


def test_an_unknown_theme_writes_nothing(tmp_path, unchecked):
    with pytest.raises(ValueError, match="theme must be one of light, dark, got 'blue'"):
        write_html(example(2, 2), tmp_path / "x.html", theme="blue")
    assert not list(tmp_path.iterdir())


def test_a_ranking_and_a_contrast_have_a_page_each(tmp_path, toy_encoder):
    documents = {"<one>": "cats <sleep>", "two": "cats eat fish", "three": "mice"}
    ranking = ce.rank("cats eat", documents, toy_encoder)
    for name, result in (("ranking", ranking), ("contrast", ranking.contrast(1, 0))):
        path = tmp_path / f"{name}.html"
        write_html(result, path, theme="dark")
        page = path.read_text("utf-8")
        assert "<script" not in page, name
        assert "&lt;one&gt;" in page, name
        assert "two outscores &lt;one&gt;" in page, name
        assert page.count(ranking.query_embeddings.provenance.sentence()) == 1, name
        assert "default-src 'none'" in page, name
        assert len(page) < 200_000, name
        assert result.__class__ is not ce.Ranking or "3 documents for" in page


def test_the_page_of_a_ranking_holds_its_best_documents_folded(tmp_path):
    documents = {f"Document {k}": f"Cats eat fish number {k}." for k in range(12)}
    documents["Mine"] = "What elephants eat is grass."
    ranking = ce.rank("What do elephants eat?", documents)
    write_html(ranking, tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text("utf-8")
    assert page.count('<details class="ce-document"') == 11
    assert page.count('<details class="ce-document" open>') == 1
    summaries = re.findall(r"<summary>(\d+)\. .*<bdi>(.*)</bdi></summary>", page)
    assert [int(rank) for rank, _ in summaries] == list(range(1, 11))
    assert summaries[0][1] == "Mine"
    assert all(name.startswith("Cats eat fish number ") for _, name in summaries[1:])
    assert page.count("of the score comes from") == 10
    assert "3 more documents are in the table only." in page
    assert page.count("ce-best") >= 4
    for word in ("What", "do", "elephants", "eat"):
        assert f'<th scope="col" class="ce-number">{word}</th>' in page
    assert len(page) < 600_000


def test_a_long_query_has_one_column_of_marks(tmp_path, toy_encoder):
    words = " ".join(f"word{k}" for k in range(14))
    write_html(ce.rank(words, [words, "word1 word2"], toy_encoder), tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text("utf-8")
    assert "14 query words</th>" in page
    assert f"<code>{'█' * 14}</code>" in page


def test_a_page_is_written_of_results_only(tmp_path, toy_encoder, unchecked):
    path = tmp_path / "x.html"
    with pytest.raises(ValueError, match="a Comparison or an Audit, got 'cats'"):
        write_html("cats", path)
    ranking = ce.rank("cats", ["cats", "mice"], toy_encoder)
    with pytest.raises(ValueError, match="percentiles must be None for a Ranking"):
        write_html(ranking, path, percentiles=np.zeros(3))
    assert not path.exists()
