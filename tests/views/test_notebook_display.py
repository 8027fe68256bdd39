import json

from colbert_explain.explanation import explain


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
