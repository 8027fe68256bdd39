import html
import json

import numpy as np
from IPython.lib.pretty import pretty

import colbert_explain as ce
from colbert_explain.explanation import explain
from tests.each_case import check_each


def test_an_explanation_shows_itself_in_every_form(toy_encoder):
    x = explain("cats <eat>", "dogs eat", toy_encoder)
    bundle = x._repr_mimebundle_()
    figure = bundle["application/vnd.plotly.v1+json"]
    json.dumps(figure, allow_nan=False)  # what a notebook file can hold
    assert figure["data"][0]["name"] == "similarity"
    assert f"MaxSim score {x.score:.3f}" in figure["layout"]["title"]["text"]
    assert "<script" not in bundle["text/html"]
    assert "&lt;" in bundle["text/html"]
    assert f"{x.score:.4f}" in bundle["text/plain"]


def test_every_form_names_what_computed_it(toy_encoder):
    bundle = explain("cats", "dogs", toy_encoder)._repr_mimebundle_()
    for form in bundle.values():
        assert "a vector per word" in str(form)


def test_whatever_a_cell_can_end_with_shows_itself(toy_encoder):
    x = explain("cats <eat>", "Dogs eat. Cats like <b>fish</b>.", toy_encoder)
    ranking = ce.rank("cats", {"one": "cats sleep", "<two>": "dogs"}, toy_encoder)
    encoded = ce.reencode_passages(x, toy_encoder)
    calibration = ce.Calibration(
        np.array([8.0, 16.0]), np.array([[0.0, 0.5], [0.1, 0.6]]), x.provenance
    )
    samples = ce.load_samples("Tricky")
    cell_ends = {
        "ranking": (ranking, "cats sleep"),
        "contrast": (ranking.contrast(0, 1), "one outscores"),
        "occlusion": (ce.occlude(x, "fish"), "masked"),
        "words": (x.words(), "same word"),
        "word": (x.words().query[1], "A word of 1 token"),
        "word without text": (x.words().query[0], "special"),
        "word match": (x.word_matches[0], "“cats” adds 1.000"),
        "token match": (x.token_matches[1], "Query token 1 adds 1.000"),
        "passages": (x.passages(), "Best sentences of the document"),
        "passage": (x.passages()[0], "Best sentences of the document"),
        "re-encoded": (encoded, "re-encoded"),
        "a passage re-encoded": (encoded[0], "re-encoded"),
        "calibration": (calibration, "95%"),
        "report": (ce.report(x), "found the same word"),
        "samples": (samples, "6 pairs of query and document"),
        "sample": (samples[0], "1 pair of query and document"),
        "description": (ce.load_encoder().describe(), "all-MiniLM-L6-v2"),
    }

    def shown(name):
        result, said = cell_ends[name]
        bundle = result._repr_mimebundle_(include=None, exclude=None)
        assert said in html.unescape(bundle["text/html"])
        assert said in bundle["text/plain"] or name in ("report", "description")
        assert "<b>fish" not in bundle["text/html"]
        assert "<script" not in bundle["text/html"]

    check_each(cell_ends, shown)


def test_a_part_of_several_shows_itself_too(toy_encoder):
    found = explain("cats", "Dogs eat. Cats eat. Cats sleep.", toy_encoder).passages()
    assert "Cats sleep." not in found[:1]._repr_mimebundle_()["text/html"]
    assert found[1] == tuple(found)[1]
    assert pretty(found[:1]) == found[:1]._repr_mimebundle_()["text/plain"]
    assert pretty(ce.load_samples()).startswith("19 pairs of query and document")
