"""Notebooks that travel: saved, exported, and shown by hosts that strip what they do not trust."""

import json
import re
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter

import colbert_explain as ce
from colbert_explain.views import mimebundle
from tests.notebook_shell import executed

SETUP = """
import numpy as np
import colbert_explain as ce
from tests.conftest import ToyEncoder

encoder = ToyEncoder(4000)
x = ce.explain("cats <eat> $fish$ mice", "dogs eat. cats like fish, zzz.", encoder)
lines = ce.explain("cats eat", "dogs eat.\\n\\ncats\\r\\nlike fish", encoder)
ranking = ce.rank("cats eat", {"one": "cats <sleep>", "two": "cats eat fish"}, encoder)
lengths, quantiles = np.array([4.0, 64.0]), np.array([[0.1, 0.3], [0.2, 0.6]])
long = ce.explain("cats eat", "dull words here. " * 400 + "cats eat fish.", encoder)
"""
#: Cells as in the README, and what each must say in every form.
CELLS = {
    "x": "MaxSim score",
    "lines": "MaxSim score",
    "x.words()": "same word",
    "x.passages(k=2)": "cats like fish, zzz.",
    "x.passages()[0]": "cats like fish, zzz.",
    "x.passages()[:1]": "cats like fish, zzz.",
    "ce.heatmap(x)": "MaxSim score",
    "ce.heatmap(x, level='word', rows='scored', sort='contribution')": "MaxSim score",
    "ce.heatmap(long)": "MaxSim score",
    "ce.heatmap(x).show()": "MaxSim score",
    "ce.document_map(x)": "at token",
    "ce.contribution_chart(x)": "score, added before rounding",
    "ce.highlight(x)": "zzz",
    "ce.report(x)": "found the same word",
    "ranking": "cats eat fish",
    "ranking.contrast(1, 0)": "two outscores one",
    "ce.contrast_chart(ranking.contrast(1, 0))": "two outscores one",
    "ce.compare_heatmaps(list(ranking.explanations))": "MaxSim score",
    "ce.occlude(x, (10, 14))": "masked",
    "ce.reencode_passages(x, encoder)": "cats like fish, zzz.",
    "ce.Calibration(lengths, quantiles, x.provenance)": "95%",
}
FIGURES = ("heatmap", "document_map", "chart")


class Bare(HTMLParser):
    """What a code host leaves of HTML: a few elements, no style sheet, class, style or script."""

    kept = (
        "br table caption thead tbody tfoot tr th td strong em b s u sub small p code details mark"
    )

    def __init__(self, html):
        super().__init__()
        self.out, self.skipped = [], 0
        self.feed(html)

    def handle_starttag(self, tag, _):
        self.skipped += tag in ("style", "script")
        if tag in self.kept.split():
            self.out.append(f"<{tag}>")

    def handle_endtag(self, tag):
        self.skipped -= tag in ("style", "script")
        if tag in self.kept.split():
            self.out.append(f"</{tag}>")

    def handle_data(self, data):
        if not self.skipped:
            self.out.append(data.replace("&", "&amp;").replace("<", "&lt;"))

    @property
    def html(self):
        return "".join(self.out)

    @property
    def text(self):
        return re.sub("<[^>]*>", "", self.html).replace("&lt;", "<").replace("&amp;", "&")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "x.ipynb"
    nbformat.write(executed(SETUP, *CELLS), path)
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def shown(notebook):
    """The one output of each cell, by its source."""
    outputs = {}
    for cell in notebook.cells[1:]:
        (outputs[cell.source],) = cell.outputs
    return outputs


def test_every_cell_leaves_html_and_text_that_say_what_it_shows(shown):
    for source, output in shown.items():
        html, text = output.data["text/html"], output.data["text/plain"]
        assert CELLS[source] in Bare(html).text, source
        assert CELLS[source] in text, source
        assert not text.startswith(("'", "(", "Figure(", "<")), source
        assert "<script" not in html, source
        assert "&lt;" in html or "<eat" not in text, source


def test_every_figure_is_there_for_hosts_that_draw_it(shown):
    for source, output in shown.items():
        drawn = source in ("x", "lines") or any(name in source for name in FIGURES)
        figure = output.data.get("application/vnd.plotly.v1+json")
        assert (figure is not None) == drawn, source
        if drawn:
            assert figure["layout"]["paper_bgcolor"] == "rgba(0, 0, 0, 0)", source
            assert "plotlyServerURL" not in figure["config"], source
        assert len(json.dumps(output)) < 400_000, source


def test_nothing_of_a_bar_is_left(notebook):
    for cell in notebook.cells:
        assert not [o for o in cell.outputs if o.output_type == "stream"], cell.source
        assert "%|" not in json.dumps(cell.outputs), cell.source


def test_without_a_style_sheet_the_winners_of_a_heatmap_are_bold(shown):
    for source in ("x", "ce.heatmap(x)"):
        bare = Bare(shown[source].data["text/html"]).html
        row = re.search("<tr><th>fish</th>(.*?)</tr>", bare)[1]
        assert re.findall("<td><strong>(.*?)</strong></td>", row) == ["1.00"], source
        assert "<td><em>" in row, source  # what is not scored


def test_without_a_style_sheet_a_highlight_says_its_numbers(shown):
    bare = Bare(shown["ce.highlight(x)"].data["text/html"]).html
    assert "<mark>fish</mark>" in bare
    assert "In numbers: " in bare
    assert re.search(r"In numbers: .*eat 1\.00 · cats 1\.00 · fish 1\.00", bare)
    assert "<u>zzz</u>" in bare  # unknown to the model
    legend = re.search("cosine similarity:(.*?)</p>", bare, re.DOTALL)[1]
    assert legend.split()[:3] == ["0", "0.25", "0.5"]


def test_without_a_style_sheet_a_text_keeps_its_lines(shown):
    html = shown["lines"].data["text/html"]
    bare = re.sub(r"\s+", " ", Bare(html).html).replace("<br> ", "\n")
    document = re.sub("<[^>]*>", "", bare.split("<strong>Document")[-1].split("Document")[-1])
    assert re.search("dogs eat\\.\\n\\ncats\\nlike fish", document), document
    # Where there is a style sheet, it keeps the lines and hides the breaks.
    assert ".ce-text br { display: none; }" in html


def test_in_the_rows_of_every_table_the_winners_are_strong(shown):
    found = {"cats", "eat", "fish"}
    winners = {
        "x.words()": found,
        "ce.contribution_chart(x)": found,
        "ce.document_map(x)": found,
        "ranking": {"two"},
    }
    for source, names in winners.items():
        bare = Bare(shown[source].data["text/html"]).html
        rows = bare.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
        strong = [re.findall("<strong>(.*?)</strong>", row) for row in rows]
        assert any(not found for found in strong), source  # not each row has one
        assert {found[0].split()[0] for found in strong if found} >= names, source


def test_of_several_sentences_the_best_is_strong_and_places_count_from_0(toy_encoder):
    x = ce.explain("cats eat fish", "Dogs bark. Cats eat fish. Cows eat grass.", toy_encoder)
    for result in (x.passages(3), ce.reencode_passages(x, toy_encoder)):
        bare = Bare(mimebundle(result)["text/html"]).html
        assert re.findall("<strong>([^<]*)</strong>", bare)[1:] == ["3.000"], bare
    text = mimebundle(x.passages(3))["text/plain"]
    assert re.findall(r" (\d+)  (Cats|Dogs|Cows)", text)[:2] == [("11", "Cats"), ("26", "Cows")]


def test_colours_are_in_the_elements_as_well(shown):
    """As an untrusted notebook shows them: style attributes without functions, no sheet."""
    for source in ("x", "ce.highlight(x)", "ce.contribution_chart(x)", "ranking"):
        html = re.sub("(?s)<style>.*?</style>", "", shown[source].data["text/html"])
        grounds = set(re.findall(r'style="background-color:(#[0-9a-f]{6});color:#', html))
        assert len(grounds) > 1, source


def test_a_long_heatmap_says_what_it_leaves_out(shown):
    html = shown["ce.heatmap(long)"].data["text/html"]
    assert re.search(r"document tokens [\d,]+ to [\d,]+ of 1,6\d\d \(columns\)", html)
    assert html.count("<td") < 400


def test_a_static_heatmap_has_the_rows_of_its_figure(shown):
    source = "ce.heatmap(x, level='word', rows='scored', sort='contribution')"
    bare = Bare(shown[source].data["text/html"])
    rows = re.findall("<tr><th>(.*?)</th><td>", bare.html)
    assert sorted(rows) == ["cats", "eat", "fish", "mice"]
    assert rows[-1] == "mice"  # which finds no equal, and adds least
    assert "hidden" in bare.text


def test_a_notebook_exported_as_html_shows_every_figure(notebook):
    body, _ = HTMLExporter().from_notebook_node(notebook)
    parts = body.split('<div class="jp-Cell-outputWrapper">')[1:]
    assert len(parts) == len(CELLS)
    for source, part in zip(CELLS, parts, strict=True):
        assert CELLS[source] in Bare(part.split("jp-Cell-inputWrapper")[0]).text, source
