import codecs

import pytest

from colbert_explain.text_files import FileRefused, decode, kind_of, short_file_name, short_name

TEXT = "Crème brûlée 🐘\nžluťoučký"


def test_the_ending_of_a_name_says_what_a_file_holds():
    for name, kind in (
        ("a.txt", "text"),
        ("A.MD", "text"),
        ("a.b.markdown", "text"),
        ("rows.csv", "csv"),
        ("rows.TSV", "tsv"),
        ("corpus.jsonl", "jsonl"),
    ):
        assert kind_of(name) == kind, name


@pytest.mark.parametrize("name", ["a.pdf", "txt", "", ".txt", "a.txt.exe"])
def test_other_files_are_refused_by_name(name):
    with pytest.raises(FileRefused) as refused:
        kind_of(name)
    assert str(refused.value) == f"Can't open {name}. Use .txt, .md, .csv, .tsv or .jsonl"


def test_text_in_utf_8_and_utf_16_is_read_with_one_kind_of_line_end():
    for data in (
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ):
        assert decode("a.txt", data) == TEXT, data


def test_markdown_is_text_as_it_stands():
    source = "# Title\n\n* <b>x</b> [link](y)"
    assert decode("a.md", source.encode()) == source


def test_what_is_no_text_is_refused_in_a_sentence():
    for data, sentence in (
        (b"", "'a.txt' must hold text, but is empty"),
        (codecs.BOM_UTF8, "'a.txt' must hold text, but is empty"),
        (b" \r\n\t", "'a.txt' must hold text, but is blank"),
        ("café".encode("latin-1"), "byte 4 is neither: save it as UTF-8"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "byte 5 is neither"),
        (codecs.BOM_UTF16_LE + b"\x3d\xd8a\x00", "byte 3 is neither"),  # half a surrogate pair
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "it contains binary data"),
        (b"plain\x00words", "it contains binary data"),
        ("abc".encode("utf-16-le"), "it holds NUL bytes"),  # no byte order mark
        ("abc".encode("utf-16-le"), "as UTF-16 without the mark does: save it as UTF-8"),
        ("abc".encode("utf-16-be"), "as UTF-16 without the mark does: save it as UTF-8"),
        (codecs.BOM_UTF32_LE + "abc".encode("utf-32-le"), "it holds NUL bytes, as UTF-32 does"),
        (codecs.BOM_UTF32_BE + "abc".encode("utf-32-be"), "it holds NUL bytes, as UTF-32 does"),
        (b"%PDF-1.7 text", "must be a text file, but is a PDF file"),
        (b"PK\x03\x04word/document.xml", "but is a ZIP archive, as .docx and .xlsx files are"),
    ):
        with pytest.raises(FileRefused) as refused:
            decode("a.txt", data)
        assert sentence in str(refused.value), data


def test_a_name_is_shown_without_folders_and_not_longer_than_a_line():
    assert short_file_name("../x/notes.txt") == "notes.txt"
    assert short_name("AC/DC") == "AC/DC"  # what a column says is no path
    long = short_file_name("n" * 300 + ".txt")
    assert len(long) == 60
    assert long.endswith("nnn.txt")
