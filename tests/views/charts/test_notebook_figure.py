import copy
import json
import pickle
import re

import plotly.graph_objects as go
import plotly.io as pio
import pytest

import colbert_explain as ce
from colbert_explain.views.charts import page_figure
from colbert_explain.views.theme import DARK, LIGHT, contrast_ratio
from tests.example_explanations import example

MIME = "application/vnd.plotly.v1+json"
X = example(9, 20)
DRAWN = {
    "heatmap": lambda **options: ce.heatmap(X, **options),
    "map": lambda **options: ce.document_map(X, **options),
    "contributions": lambda **options: ce.contribution_chart(X, **options),
    "comparison": lambda **options: ce.compare_heatmaps([X, X], **options),
    "contrast": lambda **options: ce.contrast_chart(ce.contrast(X, X), **options),
}


@pytest.fixture(autouse=True)
def jupyter():
    """Plotly's renderer as it is in a Jupyter kernel."""
    before = pio.renderers.default
    pio.renderers.default = "plotly_mimetype"
    yield
    pio.renderers.default = before


def test_a_figure_stays_plotlys_and_keeps_its_static_form_when_copied():
    for name, draw in DRAWN.items():
        figure = draw()
        assert isinstance(figure, go.Figure), name
        html = figure._repr_mimebundle_()["text/html"]
        changed = figure.update_layout(width=500)
        for other in (changed, copy.deepcopy(figure), pickle.loads(pickle.dumps(figure))):
            bundle = other._repr_mimebundle_()
            assert bundle["text/html"] == html, name
            assert bundle[MIME]["layout"]["width"] == 500, name


def test_a_figure_takes_the_ground_of_the_page_unless_it_has_a_theme():
    for name, draw in DRAWN.items():
        shown = draw()._repr_mimebundle_()[MIME]["layout"]
        assert shown["paper_bgcolor"] == shown["plot_bgcolor"] == "rgba(0, 0, 0, 0)", name
        for ink in (shown["font"]["color"], shown["title"]["font"]["color"]):
            for ground in ("#ffffff", "#111111"):
                assert contrast_ratio(ink, ground) > 4, (name, ink, ground)
        assert shown["hoverlabel"]["font"]["color"] == LIGHT.ink, name  # on its own ground
        assert draw().layout.paper_bgcolor == LIGHT.paper, name  # as a picture it is light
        for theme, colours in (("light", LIGHT), ("dark", DARK)):
            kept = draw(theme=theme)._repr_mimebundle_()[MIME]["layout"]
            assert kept["paper_bgcolor"] == colours.paper, name
            assert kept["font"]["color"] == colours.ink, name


def test_on_a_page_that_draws_figures_itself_a_figure_stays_as_it_is_drawn(monkeypatch):
    monkeypatch.setattr(page_figure, "page_draws_figures", True)
    for name, draw in DRAWN.items():
        assert draw()._repr_mimebundle_()[MIME]["layout"]["paper_bgcolor"] == LIGHT.paper, name
    shown = X._repr_mimebundle_()
    assert MIME not in shown
    (written,) = re.findall(r'<script type="application/json">(.*)</script>', shown["text/html"])
    assert json.loads(written)["figure"]["layout"]["paper_bgcolor"] == LIGHT.paper


def test_a_renderer_that_a_user_chose_goes_first():
    pio.renderers.default = "plotly_mimetype+notebook_connected"
    bundle = ce.heatmap(X)._repr_mimebundle_()
    assert "<script" in bundle["text/html"]
    assert "MaxSim score" in bundle["text/plain"]


def test_title_and_provenance_fit_a_narrow_page():
    for name, draw in DRAWN.items():
        layout = draw().layout
        written = [layout.title.text, layout.annotations[0].text]
        for line in "<br>".join(written).split("<br>"):
            shown = "".join(part.split(">")[-1] for part in line.split("<"))
            assert len(shown) <= 68, (name, shown)


def test_text_that_looks_like_markup_or_a_colour_stays_text(toy_encoder):
    text = f'{LIGHT.ink} <span style="color:#123456">'
    x = ce.explain(text, text, toy_encoder)
    bundle = ce.heatmap(x)._repr_mimebundle_()
    assert "1f2328" in bundle["text/html"].split("</style>")[1]
    assert "1f2328" in str(bundle[MIME])
