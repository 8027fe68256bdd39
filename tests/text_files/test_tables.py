import csv

import pytest

from colbert_explain.text_files import FileRefused, choose_rows, csv_rows, read_table

PETS = 'id,title,text\n1,Cats,"They sleep, then they eat."\n2,Dogs,They bark at night.\n'


def chosen(table, text_column, name_column=None, **limits):
    limits = {"most_documents": 10, "most_characters": 1000, **limits}
    return choose_rows(table, text_column, name_column, has_header=table.has_header, **limits)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_separates_the_fields_is_found_out(delimiter):
    text = f'title{delimiter}text\nCats{delimiter}"a, b; c\td"\n\nDogs{delimiter}plain, text\n'
    text = text if delimiter != "," else text.replace("plain, text", "plain text")
    table = read_table("a.csv", text)
    assert table.rows[1] == ("Cats", "a, b; c\td")
    assert len(table.rows) == 3


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (PETS, True),
        ("1,They sleep all day.\n2,They bark at night.\n", False),
        ("Cats sleep all day.\nDogs bark at night.\n", False),
        ("text\nCats sleep all day.\n", True),
        ("a,a\nCats sleep all day,no\n", False),
        ("text\n", False),
        ("name,year\nCats,1999\nDogs,2004\n", True),
    ],
)
def test_a_header_is_told_from_a_first_row(text, header):
    assert read_table("a.csv", text).has_header is header


def test_one_column_of_sentences_with_commas_is_not_torn_apart():
    table = read_table("a.csv", "text\nCats, as ever.\nDogs; all three, and more.\n")
    assert table.rows[1:] == (("Cats, as ever.",), ("Dogs; all three, and more.",))


def test_the_column_with_the_longest_texts_is_offered():
    assert read_table("a.csv", PETS).text_column == 2


def test_each_row_becomes_a_document_with_its_name():
    found = chosen(read_table("a.csv", PETS), 2, 1)
    assert found.documents == (
        ("Cats", "They sleep, then they eat."),
        ("Dogs", "They bark at night."),
    )
    assert found.left_out == ""
    assert [name for name, _ in chosen(read_table("a.csv", PETS), 2).documents] == [
        "Row 1",
        "Row 2",
    ]


def test_what_has_no_room_is_counted_and_said():
    rows = "".join(f"{i},document number {i}\n" for i in range(10)) + "10,\n11,\n"
    table = read_table("a.csv", "id,text\n" + rows)
    found = chosen(table, 1, most_documents=3)
    assert [text for _, text in found.documents] == [f"document number {i}" for i in range(3)]
    assert found.left_out == (
        "Left out: 7 rows past the limit of 3 documents and 1,000 characters and 2 rows without "
        "text."
    )
    found = chosen(table, 1, most_characters=40)
    assert len(found.documents) == 2
    assert "8 rows past the limit" in found.left_out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id,text\n1,a\n2,b,c\n3,d\n", "the first, 2, but the row that ends on line 3 has 3"),
        ("id,text\n1,a\n2\n3,d\n", "the first, 2, but the row that ends on line 3 has 1"),
        ('id,text\n1,"a\n2,b\n', "a quotation mark is never closed (read up to line 3)"),
        (",,\n,,\n", "must hold rows with text, got none"),
        ("x," * 200 + "\n", "at most 100 columns, got 201"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(FileRefused) as refused:
        read_table("a.csv", text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("columns", [(3, None), (-1, None), (2, 7)])
def test_a_column_that_is_not_there_is_named(columns):
    with pytest.raises(FileRefused, match=r"chosen from 'a.csv' must be a number from 1 to 3, got"):
        chosen(read_table("a.csv", PETS), *columns)


def test_a_table_without_a_text_to_take_is_refused():
    only_header = read_table("a.csv", "id,text\n")
    with pytest.raises(FileRefused, match="must hold rows below the names of its columns"):
        choose_rows(only_header, 1, None, has_header=True, most_documents=3, most_characters=100)
    blank = read_table("a.csv", "id,text\n1,\n2,\n")
    with pytest.raises(FileRefused, match="its 2 rows are blank there"):
        chosen(blank, 1)
    with pytest.raises(FileRefused, match="none fits"):
        chosen(read_table("a.csv", PETS), 2, most_characters=5)


def test_a_long_document_in_a_field_is_read_and_csv_keeps_its_own_limit():
    limit = csv.field_size_limit()
    long = "word " * 60_000
    assert read_table("a.csv", f"id,text\n1,{long}\n").rows[1][1] == long.strip()
    assert csv.field_size_limit() == limit


def test_the_page_is_shown_the_first_rows_shortened():
    table = read_table("a.csv", "id,text\n" + "".join(f"{i},{'x' * 500}\n" for i in range(9)))
    preview = table.preview()
    assert [row[0] for row in preview] == ["id", "0", "1", "2"]
    assert len(preview[1][1]) == 120


def test_a_passage_of_colberts_file_is_its_second_field_however_long_the_title():
    long = "A title that is much longer than the passage"
    for text in (
        f"0\tCats eat.\t{long}\n1\tDogs bark loudly.\n",
        f"0\tCats eat.\t{long}\n1\tDogs bark.\t{long} too\n",
    ):
        table = read_table("collection.tsv", text)
        assert table.text_column == 1, text
        assert not table.has_header, text


def test_a_column_of_short_rows_is_split_once_and_not_for_each_delimiter(monkeypatch):
    """Each time takes a tenth of a second for 100,000 rows, in which a page does not answer."""
    split, done = csv_rows._strictly, []
    monkeypatch.setattr(csv_rows, "_strictly", lambda *given: done.append(given) or split(*given))
    assert len(read_table("a.csv", "text\n" + "a\n" * 100).rows) == 101
    assert len(done) == 1
    assert len(read_table("a.csv", "text\n" + "a:b\n" * 100).rows) == 101
    assert len(done) == 3
