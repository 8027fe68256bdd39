import json
import re

import numpy as np
import pytest

from colbert_explain import contrast, explain, occlude, rank
from colbert_explain.text.wording import number
from colbert_explain.views.html.page.standalone_page import page_html
from colbert_explain.views.page_data.result import page_result
from colbert_explain.views.page_data.sections import (
    best_sentences,
    columns_of_tokens,
    compare,
    contribution_table,
)
from colbert_explain.views.page_data.what_if import span_of_columns, what_if
from colbert_explain.views.text.report import report_sections
from tests.example_explanations import EXAMPLES, example
from tests.views.page_data.pairs import CATS, ELEPHANTS, PARAPHRASE, given

BARKING = "Dogs bark. Cats eat fish <b>now</b>. Cats eat meat. It rains."
SENTENCES = f"It rains in Spain. {PARAPHRASE} Dogs bark."


@pytest.mark.parametrize("level", ["word", "token"])
def test_best_sentences_stand_at_their_columns(level):
    x = explain(ELEPHANTS, SENTENCES)
    result = page_result(x, level=level)
    found = best_sentences(x, result.places, k=2)
    json.dumps(found, allow_nan=False)
    assert [one["rank"] for one in found] == [1, 2]
    assert found[0]["text"] == PARAPHRASE
    assert found[0]["score"] == x.passages(1)[0].score
    assert found[0]["label"] == f"{100 * found[0]['share']:.0f}% of the score"
    first, stop = found[0]["columns"]
    columns = result.data["grid"]["columns"]
    assert columns[first]["label"] == "Every"
    assert columns[stop - 1]["label"] == "food"


def sentences_by_token(x, k=5):
    """The best sentences, whose columns are the positions of their tokens."""
    return best_sentences(x, page_result(x, level="token", unscored=True).places, k)


def test_sentences_say_score_share_and_how_near_to_the_best(toy_encoder):
    x = explain("cats eat fish", BARKING, toy_encoder)
    rows = sentences_by_token(x, k=3)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert rows[0]["text"] == "Cats eat fish <b>now</b>."
    assert rows[0]["score"] == pytest.approx(3)
    assert rows[0]["share"] == pytest.approx(1)
    assert rows[1]["text"] == "Cats eat meat."
    assert rows[1]["of_best"] == pytest.approx(rows[1]["score"] / 3)
    for row in rows:
        words = [x.document[j].text for j in range(*row["columns"])]
        assert words[0] == row["text"].split()[0]
        assert words[-1] == "."


def test_a_long_sentence_is_cut_and_no_sentence_is_refused():
    assert all(len(row["text"]) <= 280 for row in sentences_by_token(example(8, 500)))
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        sentences_by_token(example(3, 20), k=0)


def test_a_row_of_a_table_is_shown_with_the_names_of_its_columns(toy_encoder):
    table = "| animal | <b>food</b> |\n|---|---|\n| cats | fish |\n| dogs | meat |"
    x = explain("cats eat fish", f"They eat.\n\n{table}", toy_encoder)
    [row] = sentences_by_token(x, k=1)
    assert (row["text"], row["header"]) == ("| cats | fish |", "| animal | <b>food</b> |")
    [plain] = sentences_by_token(explain("cats eat fish", BARKING, toy_encoder), k=1)
    assert plain["header"] == ""
    page = page_html(x)
    shown = page[page.index('id="passages-heading"') :].split("</section>")[0]
    assert "| animal | &lt;b&gt;food&lt;/b&gt; |</span>\n| cats | fish |</blockquote>" in shown
    said = "\n".join(
        item for section in report_sections(x) for item in section.items if "cats | fish" in item
    )
    assert "columns" in said
    assert "| animal | <b>food</b> |" in said


def test_tokens_that_are_not_in_the_grid_have_no_columns():
    places = page_result(explain(ELEPHANTS, SENTENCES)).places
    assert columns_of_tokens(places, 0, 1) is None  # [CLS]


@pytest.mark.parametrize("kind", [name for name in EXAMPLES if name != "32 x 8192"])
@pytest.mark.parametrize("level", ["word", "token"])
def test_the_table_holds_every_row_and_sums_to_the_score(level, kind):
    x = given(kind)
    table = contribution_table(x, level)
    json.dumps(table, allow_nan=False)
    assert table["sum"] == x.score
    adds = [row["adds"] for row in table["rows"] if row["adds"] is not None]
    assert sum(adds) == pytest.approx(x.score, abs=1e-4)
    assert [i for row in table["rows"] for i in row["tokens"]] == list(range(len(x.query)))
    keys = {column["key"] for column in table["columns"]}
    for row in table["rows"]:
        assert keys | {"tokens"} == set(row)
        for column in table["columns"]:
            value = row[column["key"]]
            assert value is None or isinstance(value, float) == column["number"]
    assert table["columns"][0]["heading"] == f"Query {level}"


def test_the_table_says_what_a_word_found():
    table = contribution_table(explain(ELEPHANTS, PARAPHRASE))
    eat = next(row for row in table["rows"] if row["word"] == "eat")
    assert (eat["match"], eat["kind"], eat["firmness"]) == ("consumes", "different word", "")
    assert eat["runner_up"] == "food"
    assert eat["runner_up_adds"] < eat["adds"]
    assert table["rows"][0]["match"] == "not scored"


def test_two_documents_are_compared_by_words():
    ranking = rank("What do elephants consume?", {"a": PARAPHRASE, "b": CATS})
    found = compare(ranking.contrast(0, 1))
    json.dumps(found, allow_nan=False)
    assert found["names"] == ["a", "b"]
    assert found["scores"] == [x.score for x in ranking.explanations]
    differences = [row["difference"] for row in found["rows"]]
    assert sum(differences) == pytest.approx(found["difference"], abs=1e-9)
    printed = [float(f"{score:.2f}") for score in found["scores"]]
    assert found["difference"] == pytest.approx(printed[0] - printed[1], abs=1e-9)
    assert [row["name"] for row in found["rows"]] == ["What", "do", "elephants", "consume"]
    by_place = sorted(found["rows"], key=lambda row: row["place"])
    sizes = [abs(row["difference"]) for row in by_place]
    assert sizes == sorted(sizes, reverse=True)
    assert found["scale"] == sizes[0]
    for row in found["rows"]:
        by_side = row["first"]["value"] - row["second"]["value"]
        assert row["difference"] == pytest.approx(by_side, abs=1e-9)
    assert found["rows"][2]["first"]["match"] == "elephant"


def test_the_sentence_has_the_numbers_of_the_compared_words():
    ranking = rank("Do cats consume food every day?", {"a": PARAPHRASE, "b": CATS})
    for pair in ((0, 1), (1, 0)):
        found = compare(ranking.contrast(*pair))
        sign = 1 if found["difference"] > 0 else -1
        differences = {row["name"]: sign * row["difference"] for row in found["rows"]}
        sentence = found["sentence"]
        named = re.findall(r"“([^”]+)” → “[^”]+” \(([+\u2212-][\d.]+)\)", sentence)
        assert named
        for word, value in named:
            assert float(value.replace("\u2212", "-")) == pytest.approx(differences[word], abs=1e-9)
        total = re.search(r"by ([\d.]+): it gains ([\d.]+), .* and loses ([\d.]+) to", sentence)
        assert total
        assert round(float(total[2]) - float(total[3]), 2) == float(total[1])


def test_first_words_that_stand_for_a_name_are_quoted():
    names = ("Every day, the average elephant…", "Every day, the average elephant… (2)")
    same = [explain(ELEPHANTS, PARAPHRASE) for _ in names]
    found = compare(contrast(*same, names))
    assert found["names"] == list(names)
    one, other = names
    assert found["sentence"].startswith(f"“{one}” and “{other}” both score ")
    assert compare(contrast(*same, ("a", "b")))["sentence"].startswith("a and b both score ")


def test_a_document_compared_with_itself():
    x = explain(ELEPHANTS, CATS)
    found = compare(contrast(x, x))
    assert {row["difference"] for row in found["rows"]} == {0}
    assert found["scale"] == 0.1


def test_columns_have_the_characters_between_them():
    x = explain(ELEPHANTS, PARAPHRASE)
    places = page_result(x).places
    start, end = span_of_columns(x, places, 1, 3)
    assert x.document.text[start:end] == "day, the"
    assert span_of_columns(x, places, 3, 3) is None
    assert span_of_columns(x, places, 99, 100) is None
    assert span_of_columns(x, places, -1, 3) is None


def test_what_if_names_the_words_that_move(toy_encoder):
    x = explain(ELEPHANTS, PARAPHRASE)
    start = PARAPHRASE.index("consumes")
    masked = occlude(x, (start, start + len("consumes")))
    found = what_if(masked)
    json.dumps(found, allow_nan=False)
    assert found["text"] == "consumes"
    assert found["before"] == x.score
    assert found["masked"] == masked.masked.score
    assert found["reencoded"] is None
    assert found["texts"] == {
        "before": "6.77",
        "masked": f"{masked.masked.score:.2f}",
        "reencoded": None,
    }
    (eat,) = found["moved"]
    assert eat["label"] == "eat"
    assert eat["before"]["match"] == "consumes"
    assert eat["masked"]["match"] == "food"
    assert eat["reencoded"] is None
    assert eat["before"]["value"] - eat["masked"]["value"] == pytest.approx(
        -masked.masked_difference, abs=1e-5
    )


def test_a_score_says_whether_the_document_keeps_its_rank():
    fish = "Cats eat fish today."
    texts = [fish, "Cats drink milk today.", "It rains."]
    ranking = rank("cats eat fish", texts)
    best = number(ranking.scores[0], 2)
    second = number(ranking.scores[1], 2)

    def place(position, removed, ranking=ranking):
        removal = occlude(ranking.explanations[position], removed)
        return what_if(removal, ranking, position)["places"]["masked"]

    assert place(0, "today") == f"still 1st (2nd: {second})"
    assert place(0, "Cats eat fish") == f"now 3rd (1st: {second})"
    assert place(1, "Cats drink milk") == f"now 3rd (1st: {best})"
    assert place(2, "It") == f"still 3rd (1st: {best})"
    equal = rank("cats eat fish", [fish, fish, "It rains."])
    assert place(0, "today", equal) == f"still 1st (also 1st: {best})"
    assert place(1, "Cats", equal) == f"now 2nd (1st: {best})"
    alone = rank("cats eat fish", [fish])
    assert what_if(occlude(alone.explanations[0], "Cats"), alone, 0)["places"] == {}


def test_what_if_without_words_that_matter():
    x = explain(ELEPHANTS, SENTENCES)
    assert what_if(occlude(x, "Dogs bark"))["moved"] == []


def test_what_if_with_a_shorter_text_read_anew():
    from colbert_explain import load_encoder

    x = explain(ELEPHANTS, PARAPHRASE)
    both = occlude(x, "average ", reencode=load_encoder())
    found = what_if(both)
    assert found["reencoded"] == both.reencoded.score
    changes = sum(row["reencoded"]["value"] - row["before"]["value"] for row in found["moved"])
    assert changes == pytest.approx(both.reencoded_difference, abs=0.005 * len(x.query))
    assert np.isfinite(changes)
