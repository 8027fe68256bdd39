import datetime
import sys

import numpy as np
import pandas as pd
import pytest

from colbert_explain.search import Collection, Document
from colbert_explain.search.readers import documents_in


def read(given):
    return list(documents_in(given).items)


def ids_and_texts(given):
    return [(one.id, one.text) for one in read(given)]


def test_texts_pairs_mappings_and_documents_are_documents():
    for given, expected in (
        (["cats", "dogs"], [("0", "cats"), ("1", "dogs")]),
        ((text for text in ("cats", "dogs")), [("0", "cats"), ("1", "dogs")]),
        ([("a", "cats"), (7, "dogs")], [("a", "cats"), ("7", "dogs")]),
        ([["a", "cats"]], [("a", "cats")]),
        ([{"id": "a", "text": "cats"}, {"_id": 3, "Text": "dogs"}], [("a", "cats"), ("3", "dogs")]),
        ([{"doc_id": "a", "contents": "cats"}], [("a", "cats")]),
        ([{"docid": "a", "body": "cats"}], [("a", "cats")]),
        ([{"document_id": "a", "document": "cats"}], [("a", "cats")]),
        ([{"passage": "cats"}, "dogs", {"id": "", "text": "rain"}],
         [("0", "cats"), ("1", "dogs"), ("2", "rain")]),
        ([{"id": "a", "sentences": ["Cats sleep.", "Dogs bark."]}],
         [("a", "Cats sleep. Dogs bark.")]),
        ([{"id": "a", "text": None, "abstract": np.array(["Cats.", "Dogs."], object)}],
         [("a", "Cats. Dogs.")]),
        ({"a": "cats", 5: "dogs"}, [("a", "cats"), ("5", "dogs")]),
        ({"a": {"text": "cats", "title": "Pets"}}, [("a", "Pets\ncats")]),
        ([Document("a", "cats")], [("a", "cats")]),
        (pd.Series(["cats"]), [("0", "cats")]),
    ):  # fmt: skip
        assert ids_and_texts(given) == expected, given


def test_a_title_is_a_line_before_the_text_once_and_metadata():
    for record, text in (
        ({"title": "Pets", "text": "Cats sleep."}, "Pets\nCats sleep."),
        ({"title": "Cats", "text": "Cats sleep."}, "Cats sleep."),
        ({"title": "Pets", "text": ""}, "Pets"),
        ({"title": " ", "text": "Cats sleep."}, "Cats sleep."),
        ({"title": None, "text": "Cats sleep."}, "Cats sleep."),
    ):
        [document] = read([record])
        assert document.text == text, record
        assert document.metadata.get("title") == record["title"], record


def test_other_simple_fields_become_metadata():
    [document] = read(
        [
            {
                "id": "a",
                "doc_id": "second",
                "text": "cats",
                "year": np.int64(2001),
                "price": 1.5,
                "tame": np.bool_(True),
                "when": datetime.date(2020, 1, 2),
                "missing": None,
                "unknown": float("nan"),
                "endless": float("inf"),
                "list": [1, 2],
                "metadata": {"lang": "en", "year": 1999, "deep": {}},
            }
        ]
    )
    assert document.metadata == {
        "lang": "en",
        "year": 2001,
        "doc_id": "second",
        "price": 1.5,
        "tame": True,
        "when": "2020-01-02",
    }
    assert type(document.metadata["year"]) is int
    assert type(document.metadata["tame"]) is bool


def test_what_is_no_document_is_listed_with_its_position():
    given = [
        "cats",
        None,
        5,
        ("a", "b", "c"),
        ("a", None),
        (None, "a"),
        (True, "a"),
        {"id": "a"},
        {"text": 7},
        {"id": [1], "text": "a"},
        "\ud800",
        {"text": "a", "note": "\udfff"},
        "dogs",
    ]
    found = read(given)
    assert [one.id for one in found if isinstance(one, Document)] == ["0", "12"]
    listed = [one for one in found if not isinstance(one, Document)]
    assert [one.position for one in listed] == list(range(1, 12))
    for one, reason in zip(
        listed,
        [
            "document must be a string, an (id, text) pair, a mapping with a text, or a Document, "
            "got None",
            "or a Document, got 5",
            "or a Document, got tuple",
            "document must be a string, got None",
            "id must be a string or a whole number, got None",
            "id must be a string or a whole number, got True",
            "document must have a text, called text or contents or content or body or document or "
            "passage or abstract or sentences, got id",
            "text must be a string, got 7",
            "id must be a string or a whole number, got list",
            "text must be valid Unicode",
            "metadata['note'] must be valid Unicode",
        ],
        strict=True,
    ):
        assert reason in one.reason, (one, reason)


def test_an_iterable_is_read_one_by_one_and_once():
    taken = []

    def texts():
        for number in range(3):
            taken.append(number)
            yield f"text {number}"

    given = documents_in(texts())
    assert given.n is None
    assert taken == []
    items = iter(given.items)
    next(items)
    assert taken == [0]
    assert documents_in(["a", "b"]).n == 2
    assert documents_in({"a": "b"}).n == 1


def test_rows_of_a_frame_are_documents():
    frame = pd.DataFrame(
        {"Title": ["Pets", None], "text": ["cats", "dogs"], "year": [2001, 2002]}, index=["x", "y"]
    )
    given = documents_in(frame)
    assert given.n == 2
    first, second = given.items
    assert (first.id, first.text) == ("x", "Pets\ncats")
    assert first.metadata == {"Title": "Pets", "year": 2001}
    assert (second.id, second.text, second.metadata) == ("y", "dogs", {"year": 2002})
    for frame, expected in (
        (pd.DataFrame({"id": ["a"], "text": ["cats"]}, index=["x"]), [("a", "cats")]),
        (pd.DataFrame({"anything": ["cats"]}), [("0", "cats")]),
        (pd.DataFrame({"text": ["cats"]}, index=[("a", 1)]), [("a / 1", "cats")]),
        (pd.DataFrame({"id": [3.0], "text": ["cats"]}), [("3", "cats")]),
        (pd.DataFrame({"text": ["cats"]}).astype("string"), [("0", "cats")]),
    ):
        assert ids_and_texts(frame) == expected, frame


def test_missing_texts_of_a_frame_are_listed():
    for missing in (None, float("nan"), pd.NA, pd.NaT):
        frame = pd.DataFrame({"id": ["a", "b"], "text": pd.Series(["cats", missing], dtype=object)})
        _, listed = read(frame)
        assert (listed.position, listed.reason) == (1, "text must be a string, got None"), missing


def test_a_frame_without_a_column_of_texts_is_refused():
    with pytest.raises(ValueError, match=r"documents must have a text, called text or .* got a, b"):
        documents_in(pd.DataFrame({"a": ["x"], "b": ["y"]}))


def test_anything_else_is_refused_with_what_is_meant(tmp_path):
    for wrong, shown in (
        (b"cats", "got bytes"),
        (5, "got 5"),
        (None, "got None"),
        ("Cats sleep.", "but there is no file or folder 'Cats sleep.'"),
        ("cats " * 5000, "but there is no file or folder 'cats "),
        ("a\0b", "but there is no file or folder"),
        (tmp_path / "none.jsonl", "but there is no file or folder"),
    ):
        with pytest.raises(ValueError, match="documents must be an iterable of texts") as refused:
            documents_in(wrong)
        assert shown in str(refused.value), wrong
        assert "or the path of a file or folder" in str(refused.value), wrong


def test_a_frame_is_known_without_importing_pandas(monkeypatch):
    monkeypatch.delitem(sys.modules, "pandas")
    assert ids_and_texts(["cats"]) == [("0", "cats")]
    assert "pandas" not in sys.modules


def test_a_collection_is_built_from_a_frame_and_lists_what_it_left_out(toy_encoder):
    frame = pd.DataFrame({"id": ["a", "b", "a"], "text": ["cats", None, "dogs"], "n": [1, 2, 3]})
    collection = Collection.build(frame, toy_encoder)
    assert [document.id for document in collection] == ["a"]
    assert collection["a"].metadata == {"n": 1}
    assert [one.position for one in collection.left_out] == [1, 2]
