import json

import pytest

from colbert_explain.analysis.occlusion import occlude
from colbert_explain.explanation import explain
from colbert_explain.views.widget_data.occlusion import occlusion_rows, text_units


def test_both_answers_and_the_rows_that_change(toy_encoder):
    x = explain("cats eat fish", "cats eat fish daily", toy_encoder)
    masked = occlusion_rows(occlude(x, (0, 4)))
    assert masked["reencoded"] is None
    assert [row["name"] for row in masked["rows"]] == ["cats"]
    assert masked["rows"][0]["reencoded"] is None
    assert masked["unchanged"] == 2
    both = occlude(x, (0, 4), reencode=toy_encoder)
    rows = occlusion_rows(both)
    assert rows["masked"]["score"] == both.masked.score
    assert rows["reencoded"]["score"] == both.reencoded.score
    assert rows["masked"]["difference"] == pytest.approx(both.masked.score - x.score)
    (row,) = rows["rows"]
    assert row["before"] == {"match": "cats", "value": pytest.approx(1)}
    j = int(both.reencoded.alignment[1])
    assert row["reencoded"]["match"] == both.reencoded.document[j].text
    assert rows["sentence"] == both.sentence()
    assert rows["removed"] == "cats"
    json.dumps(rows)


def test_a_text_is_cut_into_words_and_sentences_by_characters(toy_encoder):
    x = explain("cats", "Cats 🐟 eat. It rains!", toy_encoder)
    units = text_units(x.document)
    text = units["text"]
    assert [text[a:b] for a, b in units["sentences"]] == ["Cats 🐟 eat.", "It rains!"]
    assert "eat" in [text[a:b] for a, b in units["words"]]
    assert all(a[1] <= b[0] for a, b in zip(units["words"], units["words"][1:], strict=False))
    assert units["unread"] == 0


def test_what_was_not_read_is_not_offered(toy_encoder):
    short = type(toy_encoder)(document_length=4)
    units = text_units(explain("cats", "cats eat fish daily", short).document)
    assert units["text"] == "cats eat "
    assert units["unread"] == len("fish daily")


def test_signs_in_a_text_are_text_in_the_sentence_too(toy_encoder):
    x = explain("cats * eat", "cats eat *", toy_encoder)
    found = occlude(x, (0, 4))
    parts = occlusion_rows(found)["sentence_parts"]
    assert "".join(text for text, _ in parts) == found.sentence()
    assert [text for text, emphasised in parts if emphasised] == ["cats", "eat"]
    stars = occlude(explain("cats", "cats *eat* fish", toy_encoder), (5, 10))
    parts = occlusion_rows(stars)["sentence_parts"]
    assert parts[0][0].startswith("With “*eat*” masked")
    assert [emphasised for _, emphasised in parts] == [False]
