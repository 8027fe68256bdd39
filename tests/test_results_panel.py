import pytest

from colbert_explain.app import results_panel
from colbert_explain.app.results_panel import ResultsPanel
from colbert_explain.explanation import explain
from colbert_explain.views import heatmap


@pytest.fixture
def panel():
    return ResultsPanel()


def show(panel, query, document, encoder):
    x = explain(query, document, encoder)
    panel.show(x, heatmap(x))
    return x


def test_nothing_is_shown_before_the_first_explanation(panel):
    assert panel.children == ()
    panel.pin(0, 0)  # a click that comes too early does nothing
    assert panel.figure is None


def test_a_pinned_pair_is_framed_and_outlined_and_gone_with_the_next_text(panel, toy_encoder):
    show(panel, "cats eat", "dogs eat fish", toy_encoder)
    panel.pin(2, 3)
    assert panel.figure.data[5].x[0] == 2.5
    assert "query token 2 “eat” and document token 3 “fish”" in panel.bar.pinned
    show(panel, "cats eat", "fish", toy_encoder)
    assert [v for v in panel.figure.data[5].x if v is not None] == []
    assert panel.bar.pinned == ""


def test_a_view_that_fails_leaves_everything_on_show_as_it_was(panel, toy_encoder, monkeypatch):
    before = show(panel, "cats eat", "dogs eat fish", toy_encoder)
    shown = (panel._score.value, panel.text.html, panel.table.html)

    def broken(_):
        raise RuntimeError

    monkeypatch.setattr(results_panel, "token_table", broken)
    with pytest.raises(RuntimeError):
        show(panel, "fish", "fish", toy_encoder)
    assert panel.explanation is before
    assert (panel._score.value, panel.text.html, panel.table.html) == shown
    assert panel.figure.data[0].z.shape == before.similarity.shape


def test_a_click_on_the_figure_before_is_passed_over(panel, toy_encoder):
    show(panel, "cats", "fish", toy_encoder)
    panel.pin(2, 40)
    assert panel.bar.pinned == ""


def test_user_text_is_escaped_in_every_part(panel, toy_encoder):
    show(panel, "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", toy_encoder)
    for part in (panel._score.value, panel.text.html, panel.table.html):
        assert "<img" not in part
        assert "<script" not in part
