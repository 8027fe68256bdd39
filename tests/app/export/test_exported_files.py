import csv
import io
import json
import re

import numpy as np
import pandas as pd
import pytest

from colbert_explain.analysis import rank
from colbert_explain.app.export.exported_files import exported_file, file_stem
from colbert_explain.explanation import explain, load_explanation
from colbert_explain.text_files import frame_as_csv


@pytest.fixture
def x(toy_encoder):
    return explain("cats, eat", "dogs eat <b>", toy_encoder)


def test_json_is_read_back_exactly(x, tmp_path):
    file = exported_file("json", x, None)
    (tmp_path / file.name).write_bytes(file.content)
    again = load_explanation(tmp_path / file.name)
    np.testing.assert_array_equal(again.similarity, x.similarity)
    assert json.loads(file.content)["content"]["score"] == x.score


def test_tables_hold_what_the_objects_tabulate(x, toy_encoder):
    file = exported_file("csv", x, None)
    read = pd.read_csv(io.BytesIO(file.content))
    assert file.name == "cats-eat.csv"
    assert read["contribution"].sum() == pytest.approx(x.score, abs=1e-5)
    ranking = rank("cats", {"one": "dogs", "two": "cats"}, toy_encoder)
    file = exported_file("ranking", ranking.explanations[1], ranking)
    read = pd.read_csv(io.BytesIO(file.content))
    assert file.name == "cats-ranking.csv"
    assert read["document"].tolist() == ["two", "one"]


def test_a_ranking_has_a_page(toy_encoder):
    ranking = rank("cats", {"Kennel": "dogs", "Cattery": "cats"}, toy_encoder)
    file = exported_file("ranking_html", ranking.explanations[1], ranking)
    assert file.name == "cats-ranking.html"
    page = file.content.decode()
    assert page.index("Cattery") < page.index("Kennel")
    assert page.rstrip().endswith("</html>")


#: Texts that a spreadsheet would compute, or tear apart.
FORMULAS = [
    *("=1+1", "+1", "-1", "-", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1", "''-1"),  # noqa: RUF001
    *('=HYPERLINK("http://e.org")', "=cmd|' /C calc'!A0", "- a list", "-"),
]
#: Texts with a formula after a sign at which some spreadsheets divide cells, and what is written.
DIVIDED = {
    "a;=1+1": "a;'=1+1",
    "a\t=1+1": "a\t'=1+1",
    "a;b;'@x;+2": "a;b;''@x;'+2",
    "=1;-2": "'=1;'-2",
    "\t=1": "'\t'=1",
    'a";=1': "a\";'=1",
}
WRITTEN = {name: f"'{name}" for name in FORMULAS} | DIVIDED
PLAIN = [
    "a; b = 1",
    "a;b\tc",
    "cats",
    "'tis",
    "a=1",
    " =1",
    "a,b",
    'say "no"',
    "one\rtwo",
    "one\r\ntwo",
    "",
    "1e5",
]


def test_no_cell_is_a_formula_and_every_text_comes_back():
    names = [*WRITTEN, *PLAIN]
    numbers = [(-1) ** i * i / 4 for i in range(len(names))]
    frame = pd.DataFrame({"name": names, "number": numbers, "none": [None] * len(names)})
    written = frame_as_csv(frame)
    heading, *rows = csv.reader(io.StringIO(written, newline=""))
    assert heading == ["name", "number", "none"]
    assert [float(number) for _, number, _ in rows] == numbers
    for (cell, _, _), name in zip(rows, names, strict=True):
        assert cell == WRITTEN.get(name, name), name
    again = pd.read_csv(io.StringIO(written, newline=""), keep_default_na=False)
    assert again["number"].tolist() == numbers


def test_no_heading_is_a_formula():
    names = [*WRITTEN, *PLAIN, 7]
    written = frame_as_csv(pd.DataFrame([range(len(names))], columns=names))
    heading, row = csv.reader(io.StringIO(written, newline=""))
    for cell, name in zip(heading, names, strict=True):
        assert cell == WRITTEN.get(name, str(name)), name
    assert row == [str(number) for number in range(len(names))]


def test_what_the_page_exports_holds_no_formula(toy_encoder):
    ranking = rank("= +cats", {"=1+1": "+cats", "-2": "@fish"}, toy_encoder)
    for kind in ("csv", "ranking"):
        content = exported_file(kind, ranking.explanations[0], ranking).content.decode()
        assert not re.findall(r'^"?[=+@].*|,"?[=+@][^,]*', content, re.MULTILINE), kind


def test_the_page_is_whole(x):
    file = exported_file("html", x, None)
    assert file.name == "cats-eat.html"
    assert f"{x.score:.3f}".encode() in file.content
    assert file.content.rstrip().endswith(b"</html>")


@pytest.mark.parametrize("kind", ["exe", "ranking", "ranking_html"])
def test_what_cannot_be_written_is_refused(x, kind):
    with pytest.raises(ValueError, match="kind must be html, json, csv"):
        exported_file(kind, x, None)


def test_a_file_name_is_safe_everywhere():
    for query, stem in (
        ("What do cats eat?", "what-do-cats-eat"),
        ("../../etc/passwd", "etc-passwd"),
        ('a:b*c?"<>|d\\e\x00f', "a-b-c-d-e-f"),
        ("  ", "explanation"),
        ("CON", "explanation-con"),
        ("象は何を食べますか", "象は何を食べますか"),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-wor"),
        ("e\u0301te\u0301", "été"),
    ):
        assert file_stem(query) == stem, query
        assert len(f"{file_stem(query)}-ranking.csv".encode()) < 255, query
