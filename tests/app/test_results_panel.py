import gc
import json
import weakref
from dataclasses import replace

import pytest

from colbert_explain.analysis import rank
from colbert_explain.app import export_panel, results_panel
from colbert_explain.explanation import Explanation
from colbert_explain.views.charts.heatmap.figure import draw_heatmap
from colbert_explain.views.theme import DARK
from tests.app.conftest import LONG, show
from tests.example_explanations import example


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

    monkeypatch.setattr(results_panel, "passage_rows", broken)
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
    panel.tabs.selected = "table"
    assert "alert" in panel.table.html
    for part in (panel._score.value, panel.text.html, panel.table.html):
        assert "<img" not in part
        assert "<script" not in part


def test_a_pair_is_selected_in_every_view_and_in_none(panel, long_encoder):
    x = show(panel, "cats eat", LONG, long_encoder)
    pair = (2, int(x.alignment[2]))
    panel.pin(*pair)
    assert panel.figure.data[5].x[0] is not None
    assert panel.heatmap.strip.pinned == pair[1]
    assert panel.text.pinned == panel.table.pinned == list(pair)
    assert panel.contributions.pinned == 2
    best = panel.passages.passages[0]
    assert panel.passages.pinned == best["first"] <= pair[1] < best["stop"]
    assert panel.bar.pinned.startswith("Pinned: query token 2")
    panel.bar._receive(None, {"event": "unpin"}, [])
    assert [v for v in panel.figure.data[5].x if v is not None] == []
    assert (panel.heatmap.strip.pinned, panel.contributions.pinned, panel.passages.pinned) == (
        *(-1, -1),
        -1,
    )
    assert panel.text.pinned == []
    assert panel.bar.pinned == ""


def test_a_word_and_a_row_pin_their_pairs(panel, toy_encoder):
    x = show(panel, "cats eat", "dogs eat fish", toy_encoder)
    panel.text._receive(None, {"event": "pick", "side": "document", "tokens": [2]}, [])
    assert panel.pinned == (2, 2)
    panel.table._receive(None, {"event": "pick", "side": "query", "tokens": [1]}, [])
    assert panel.pinned == (1, int(x.alignment[1]))
    panel.contributions._receive(None, {"event": "pick", "pair": [2, 2]}, [])
    assert panel.pinned == (2, 2)
    panel.text._receive(None, {"event": "pick", "side": "query", "tokens": [0]}, [])
    assert panel.pinned == (2, 2)  # [CLS] has no match
    panel.contributions._receive(None, {"event": "pick", "pair": [-1, 2]}, [])
    assert panel.pinned == (2, 2)


def test_a_pair_elsewhere_gets_a_box_in_the_text_and_loses_it(panel, toy_encoder):
    x = show(panel, "cats eat", "dogs eat fish and meat", toy_encoder)
    before = panel.text.html
    free = next(j for j in range(1, 6) if j not in x.alignment)
    panel.pin(2, free)
    boxed = f">{x.document[free].text}</"
    assert boxed in panel.text.html
    assert boxed not in before
    panel.pin(2, 2)
    assert panel.text.html == before


def test_a_pin_out_of_view_moves_the_heatmap(panel, long_encoder):
    x = show(panel, "cats eat", LONG, long_encoder)
    panel.heatmap.strip._receive(None, {"event": "move", "middle": 20}, [])
    panel.pin(2, int(x.alignment[2]))
    left, right = panel.heatmap.strip.part
    assert left <= x.alignment[2] < right
    panel.heatmap.strip._receive(None, {"event": "move", "middle": x.alignment[2] + 5}, [])
    before = panel.heatmap.strip.part
    panel.pin(2, int(x.alignment[2]))
    assert panel.heatmap.strip.part == before


def test_the_list_follows_tokens_and_words(panel, toy_encoder):
    panel.tabs.selected = "contributions"
    show(panel, "cats 3.5", "dogs 3.5", toy_encoder)
    assert len(panel.contributions.ledger["groups"][0]["rows"]) == 3
    panel.heatmap.controls.level = "word"
    assert len(panel.contributions.ledger["groups"][0]["rows"]) == 2


def test_hidden_rows_are_counted_with_their_share(panel):
    x = example(12, 40, structural_scored=True)
    panel.show(x, draw_heatmap(x))
    assert panel.heatmap.controls.hidden == ""
    panel.heatmap.controls.rows = "text"
    hidden = x.score - sum(
        value for value, token in zip(x.contributions, x.query, strict=True) if token.role == "text"
    )
    assert panel.heatmap.controls.hidden == (
        f"3 rows hidden, which hold {100 * hidden / x.score:.0f} % of the score"
    )


@pytest.fixture
def ranking(toy_encoder):
    documents = {"rain": "it rains", "cats": "cats eat fish", "dogs": "dogs eat"}
    return rank("cats eat", documents, toy_encoder)


def show_ranking(panel, ranking):
    x = ranking.explanations[1]
    panel.show(x, draw_heatmap(x), ranking=ranking, position=1)
    return x


def test_a_ranking_is_listed_and_a_row_shows_its_document(panel, ranking):
    show_ranking(panel, ranking)
    rows = panel.ranked.list.rows
    assert [row["name"] for row in rows] == ["cats", "dogs", "rain"]
    assert [row["score"] for row in rows] == pytest.approx(sorted(ranking.scores)[::-1])
    assert rows[0]["of_best"] == 1
    assert panel.ranked.list.chosen == 1
    assert "cats: rank 1 of 3" in panel._score.value
    panel.ranked.list._receive(None, {"event": "choose", "position": 2}, [])
    panel.wait(120.0)
    assert panel.explanation.document.text == "dogs eat"
    assert panel.ranked.list.chosen == 2
    assert panel.ranked.list.rows is rows
    assert "dogs: rank 2 of 3" in panel._score.value
    panel.ranked.list._receive(None, {"event": "choose", "position": 9}, [])
    panel.wait(120.0)
    assert panel.ranked.list.chosen == 2


def test_any_two_are_contrasted(panel, ranking):
    show_ranking(panel, ranking)
    table = panel.ranked.contrast
    assert table.choices == ["cats", "dogs", "rain"]
    assert table.contrast["names"] == ["cats", "dogs"]
    assert table.contrast["sentence"] == ranking.contrast(1, 2).sentence()
    table._receive(None, {"event": "choose", "first": 2, "second": 0}, [])
    assert table.contrast["names"] == ["rain", "cats"]
    assert table.contrast["difference"] == pytest.approx(ranking.scores[0] - ranking.scores[1])
    table._receive(None, {"event": "choose", "first": 2, "second": 7}, [])
    assert table.contrast["names"] == ["rain", "cats"]


def test_what_was_left_out_of_a_ranking_is_listed_below_it(panel, toy_encoder):
    documents = {"none": "-", "rain": "it rains", "cats": "cats eat fish"}
    show_ranking(panel, rank("cats eat", documents, toy_encoder))
    assert panel.ranked.list.left_out.startswith("Left out 1 of 3 documents: none (document must")
    assert [row["name"] for row in panel.ranked.list.rows] == ["cats", "rain"]
    panel.ranked.list._receive(None, {"event": "choose", "position": 0}, [])
    panel.wait(10.0)
    assert panel.explanation.document.text == "it rains"
    assert "rain: rank 2 of 2" in panel._score.value
    alone = rank("cats", ["?", "dogs"], toy_encoder)
    x = alone.explanations[0]
    panel.show(x, draw_heatmap(x), ranking=alone, position=0)
    assert [row["name"] for row in panel.ranked.list.rows] == ["document 1"]
    assert panel.ranked.contrast.contrast == {}
    assert "contrast" not in offered(panel)
    show(panel, "cats", "dogs", toy_encoder)
    assert panel.ranked.list.left_out == ""


def offered(panel):
    return [tab["name"] for tab in panel.tabs.tabs]


def test_sections_without_content_are_not_offered(panel, ranking, long_encoder):
    show_ranking(panel, ranking)
    assert "contrast" in offered(panel)
    assert "sentences" not in offered(panel)
    panel.tabs.selected = "contrast"
    show(panel, "cats", LONG, long_encoder)
    assert "contrast" not in offered(panel)
    assert "sentences" in offered(panel)
    assert panel.tabs.selected == "text"
    assert panel.ranked.list.rows == []
    assert panel.ranked.ranking is None


def test_what_is_kept_is_compared_with_what_comes_next(panel, toy_encoder):
    first = show(panel, "cats eat", "dogs eat fish", toy_encoder)
    panel.bar._receive(None, {"event": "keep"}, [])
    assert panel.bar.same
    assert panel.comparison.figure.figure == ""
    second = show(panel, "cats eat", "cats eat fish", toy_encoder)
    assert panel.tabs.selected == "compare"
    sides = panel.comparison.head.sides
    assert [side["score"] for side in sides] == [f"{first.score:.3f}", f"{second.score:.3f}"]
    assert panel.comparison.table.contrast["difference"] == first.score - second.score
    figure = json.loads(panel.comparison.figure.figure)
    assert [trace["type"] for trace in figure["data"]].count("heatmap") >= 2
    assert figure["layout"]["coloraxis"]["cmin"] == -1
    panel.tabs.selected = "text"
    panel.theme = "dark"
    drawn = json.loads(panel.comparison.figure.figure)["layout"]
    assert drawn["paper_bgcolor"] == DARK.paper
    show(panel, "other words", "cats eat fish", toy_encoder)
    assert panel.tabs.selected == "text"  # who looks elsewhere is not fetched back
    assert panel.comparison.table.contrast == {}
    assert "different queries" in panel.comparison.head.sentence
    panel.bar._receive(None, {"event": "release"}, [])
    assert panel.comparison.kept is None
    assert (panel.comparison.figure.figure, panel.bar.kept) == ("", "")


def test_two_models_are_set_side_by_side_without_a_contrast(panel, toy_encoder):
    x = show(panel, "cats", "dogs", toy_encoder)
    panel.keep()
    provenance = replace(x.provenance, model="another")
    other = Explanation(x.query, x.document, x.similarity, provenance)
    panel.show(other, draw_heatmap(other))
    assert "different models" in panel.comparison.head.sentence
    assert panel.comparison.table.contrast == {}
    assert "another" in panel.comparison.head.sides[1]["model"]


def test_code_follows_what_is_on_show(panel, toy_encoder):
    show(panel, "cats 3.5", "dogs 3.5", toy_encoder)
    assert panel.export.code == ""  # nobody looks at it
    panel.tabs.selected = "export"
    panel.heatmap.controls.level = "word"
    panel.pin(1, 2)
    assert "ce.heatmap(x, level='word', pinned=(1, 2))" in panel.export.code
    show(panel, "fish", "dogs", toy_encoder)
    assert "query = 'fish'" in panel.export.code


def test_a_file_is_sent_to_the_page_in_parts(panel, toy_encoder, monkeypatch):
    monkeypatch.setattr(export_panel, "PART", 1000)
    sent = []
    monkeypatch.setattr(panel.export, "send", lambda *part, **data: sent.append((*part, data)))
    x = show(panel, "cats", "dogs", toy_encoder)
    panel.export._receive(None, {"event": "export", "kind": "json"}, [])
    panel.wait(120.0)
    content = b"".join(data["buffers"][0] for _, data in sent)
    assert json.loads(content)["content"]["score"] == x.score
    assert [message["index"] for message, _ in sent] == list(range(sent[0][0]["count"]))
    assert len(sent) > 1
    assert sent[0][0]["name"] == "cats.json"
    panel.export._receive(None, {"event": "export", "kind": "exe"}, [])
    panel.wait(120.0)
    assert panel.export.problem.startswith("Kind must be html")


def test_what_is_no_longer_shown_is_let_go_of(panel, toy_encoder):
    ranking = rank("cats eat", {"a": "it rains", "b": "cats eat fish"}, toy_encoder)
    x = show_ranking(panel, ranking)
    panel.tabs.selected = "what-if"
    panel.what_if.strike(0, 4)
    panel.pin(1, 1)
    panel.ranked.choose(0)
    panel.wait(120.0)
    panel.tabs.selected = "text"
    gone = [weakref.ref(thing) for thing in (x.similarity, ranking.scores)]
    del x, ranking
    show(panel, "cats", "dogs", toy_encoder)
    gc.collect()
    assert [thing() for thing in gone] == [None, None]
