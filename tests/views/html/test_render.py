from colbert_explain.explanation import explain
from colbert_explain.views import report


def test_the_isolates_around_right_to_left_text_are_elements_in_a_report(toy_encoder):
    x = explain("שלום cats", "שלום <b>dogs</b> cats", toy_encoder)
    html = report(x)._repr_mimebundle_()["text/html"]
    assert "<bdi>שלום cats</bdi>" in html
    assert "⟨U+" not in html
    assert "<b>" not in html
