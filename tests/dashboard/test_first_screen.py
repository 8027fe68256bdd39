from colbert_explain.dashboard.first_screen import first_screen, opening_sample
from colbert_explain.explanation import explain


def test_without_an_explanation_only_the_texts_are_there():
    screen = first_screen()
    assert opening_sample().query in screen
    assert opening_sample().document in screen
    assert "<table>" not in screen
    assert " of " not in screen.replace(opening_sample().query, "").replace(
        opening_sample().document, ""
    )


def test_with_one_its_score_and_heatmap_are_there(toy_encoder):
    sample = opening_sample()
    x = explain(sample.query, sample.document, toy_encoder)
    screen = first_screen(x)
    assert f"<strong>{x.score:.2f}</strong> of {x.query.scored_mask.sum():.2f}" in screen
    assert screen.count("<tr>") > x.query.scored_mask.sum()


def test_it_needs_no_script():
    assert "<script" not in first_screen()
