import itertools
import json
import re

import numpy as np
import pytest

from colbert_explain.explanation import explain
from colbert_explain.text.sentences import sentence_spans
from colbert_explain.views import document_map
from colbert_explain.views.charts.document_map import MOST_BINS
from colbert_explain.views.charts.notebook_figure import on_any_page
from colbert_explain.views.theme import DARK, contrast_ratio
from tests.example_explanations import EXAMPLES, example


def bins(bar):
    """First position and the one after the last of every bar, from its middle and width."""
    return [
        (round(x - w / 2 + 0.5), round(x + w / 2 + 0.5))
        for x, w in zip(bar.x, bar.width, strict=True)
    ]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_profile_keeps_the_best_of_every_bin_and_leaves_nothing_out(kind):
    x = example(**EXAMPLES[kind])
    figure = document_map(x)
    profile = figure.data[0]
    edges = bins(profile)
    assert len(edges) <= MOST_BINS
    assert edges[0][0] == 0
    assert edges[-1][1] == len(x.document)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(edges))
    rows = np.flatnonzero(x.query.scored_mask)
    for (first, stop), value in zip(edges, profile.y, strict=True):
        columns = [j for j in range(first, stop) if x.document[j].scored]
        if columns:
            assert value == pytest.approx(float(x.similarity[np.ix_(rows, columns)].max()))
        else:
            assert value is None


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_best_match_is_marked_in_the_row_of_its_query_token(kind):
    x = example(**EXAMPLES[kind])
    _, _, best, tied = document_map(x).data
    rows = np.flatnonzero(x.query.scored_mask).tolist()
    marked = {
        (rows[int(row) - 1], int(j))
        for trace in (best, tied)
        for j, row in zip(trace.x, trace.y, strict=True)
        if not np.isnan(j)
    }
    assert {(i, int(x.alignment[i])) for i in rows} <= marked
    assert all(j in x.winners(i) for i, j in marked)
    ties = {rows[int(row) - 1] for row in tied.y if not np.isnan(row)}
    assert ties == set(np.flatnonzero(x.tied).tolist())


def test_sentences_follow_one_another_and_say_what_they_are(toy_encoder):
    text = "Cats eat fish. Dogs bark at night! It rains."
    x = explain("cats", text, toy_encoder)
    band = document_map(x).data[1]
    assert bins(band) == [(1, 5), (5, 10), (10, 13)]
    assert len(set(band.marker.color[:2])) == 2
    for (start, end), hover in zip(sentence_spans(text), band.customdata, strict=True):
        assert text[start:end] in hover
    assert band.customdata[1].startswith("sentence 2 of 3, tokens 5 to 9")


def test_the_hover_names_both_tokens(toy_encoder):
    x = explain("cats, fish", "Dogs & cats eat <fish>.", toy_encoder)
    profile, _, best, _ = document_map(x).data
    assert profile.customdata[3].startswith("Dogs &amp; <b>cats</b> eat &lt;fish&gt;.<br>token 3")
    assert "query: <b>cats</b>, cosine similarity 1.000" in profile.customdata[3]
    assert profile.customdata[0] == ""  # [CLS] is not scored
    assert best.customdata[0].startswith("query: <b>cats</b> (token 1), cosine similarity 1.000")


def test_what_was_not_read_is_a_field_at_the_end():
    x = example(**EXAMPLES["not read"])
    layout = document_map(x).layout
    (field,) = layout.shapes
    assert (field.name, field.x0) == ("not read", len(x.document) - 0.5)
    assert layout.xaxis.range[1] == field.x1
    assert "80 not read" in [note.text for note in layout.annotations]
    whole = document_map(example(12, 14)).layout
    assert whole.shapes == ()
    assert whole.xaxis.range == (-0.5, 13.5)


def test_a_window_is_pointed_out():
    shapes = document_map(example(12, 40), window=(10, 20)).layout.shapes
    (window,) = [shape for shape in shapes if shape.name == "window"]
    assert (window.x0, window.x1) == (9.5, 19.5)


@pytest.mark.parametrize("window", [(-1, 3), (3, 3), (0, 41)])
def test_a_window_outside_the_document_is_refused(window):
    with pytest.raises(ValueError, match="window must lie within 0 to 40 and hold a token, got"):
        document_map(example(12, 40), window=window)


def test_tokens_that_are_not_scored_are_accounted_for(toy_encoder):
    figure = document_map(explain("cats, fish", "cats", toy_encoder))
    title = figure.layout.title.text.replace("<br>", " ")
    assert "the 2 query tokens match; 3 more not scored" in title
    assert list(figure.layout.yaxis2.labelalias.values())[1:] == ["cats", "fish"]


def test_user_text_is_escaped(toy_encoder):
    hostile = '<img src=x onerror=alert(1)> "q" $x$ </script>. Next'
    text = json.dumps(document_map(explain(hostile, hostile, toy_encoder)).to_dict(), default=str)
    assert "<img" not in text
    assert "</script" not in text
    assert "$x" not in text


def test_the_dark_theme_has_its_own_colours():
    figure = document_map(example(12, 40), theme="dark", window=(3, 9))
    assert [tuple(step) for step in figure.data[0].marker.colorscale] == DARK.cosine_scale
    assert figure.layout.paper_bgcolor == DARK.paper
    assert figure.data[2].marker.line.color == DARK.frame
    assert figure.layout.shapes[0].line.color == DARK.accent


def test_a_long_map_is_small():
    assert len(document_map(example(**EXAMPLES["32 x 8192"])).to_json()) < 600_000


def test_what_was_not_read_is_said_legibly_on_a_light_and_on_a_dark_page(toy_encoder):
    toy_encoder.document_length = 12
    figure = document_map(explain("cats", "cats eat fish " * 10, toy_encoder))
    shown = on_any_page(json.loads(figure.to_json()))["layout"]
    (field,) = [shape for shape in shown["shapes"] if shape["name"] == "not read"]
    (said,) = [one for one in shown["annotations"] if "not read" in one["text"][:14]]
    *channels, opacity = map(float, re.findall(r"[\d.]+", field["fillcolor"]))
    for page in (255, 17):  # JupyterLab's themes
        ground = [round(opacity * c + (1 - opacity) * page) for c in channels]
        assert contrast_ratio(said["font"]["color"], "#" + bytes(ground).hex()) > 3.7, page
