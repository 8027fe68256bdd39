import json

import pytest

from colbert_explain.explanation import explain
from colbert_explain.views.html.page.standalone_page import page_html
from colbert_explain.views.page_data.passages import passage_rows
from colbert_explain.views.text.report import report_sections
from tests.example_explanations import example

TEXT = "Dogs bark. Cats eat fish <b>now</b>. Cats eat meat. It rains."


def test_rows_say_score_share_and_how_near_to_the_best(toy_encoder):
    x = explain("cats eat fish", TEXT, toy_encoder)
    rows = passage_rows(x, k=3)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert rows[0]["text"] == "Cats eat fish <b>now</b>."
    assert rows[0]["score"] == pytest.approx(3)
    assert rows[0]["share"] == pytest.approx(1)
    assert rows[1]["text"] == "Cats eat meat."
    assert rows[1]["of_best"] == pytest.approx(rows[1]["score"] / 3)
    for row in rows:
        words = [x.document[j].text for j in range(row["first"], row["stop"])]
        assert words[0] == row["text"].split()[0]
        assert words[-1] == "."
    json.dumps(rows, allow_nan=False)


def test_a_long_sentence_is_cut_and_no_row_is_refused():
    assert all(len(row["text"]) <= 280 for row in passage_rows(example(8, 500)))
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        passage_rows(example(3, 20), k=0)


def test_a_row_of_a_table_is_shown_with_the_names_of_its_columns(toy_encoder):
    table = "| animal | <b>food</b> |\n|---|---|\n| cats | fish |\n| dogs | meat |"
    x = explain("cats eat fish", f"They eat.\n\n{table}", toy_encoder)
    row = passage_rows(x, k=1)[0]
    assert (row["text"], row["header"]) == ("| cats | fish |", "| animal | <b>food</b> |")
    assert passage_rows(explain("cats eat fish", TEXT, toy_encoder), k=1)[0]["header"] == ""
    page = page_html(x)
    shown = page[page.index('id="passages-heading"') :].split("</section>")[0]
    assert "| animal | &lt;b&gt;food&lt;/b&gt; |</span>\n| cats | fish |</blockquote>" in shown
    said = "\n".join(
        item for section in report_sections(x) for item in section.items if "cats | fish" in item
    )
    assert "columns" in said
    assert "| animal | <b>food</b> |" in said
