"""What files hold as other programs write them: read as meant, or refused in one sentence."""

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.text_files import (
    ColumnChoice,
    FileRefused,
    documents_in_bytes,
    documents_in_path,
)

CATS, DOGS = "They sleep, then they eat.", "They bark at night."
LONG = "They live in herds, eat grass, bark and fruit, and drink up to 150 litres of water a day."

#: By file name: content, and the documents it means.
READ = {
    "a.tsv": {
        "ColBERT's collection": (
            '0\t"Jumbo" was an elephant, they say.\n1\tHe said: "no.\n2\tAn "odd" one\tA, "x"\n',
            [
                ("0", '"Jumbo" was an elephant, they say.'),
                ("1", 'He said: "no.'),
                ("2", 'An "odd" one'),
            ],
        ),
        "ColBERT's queries": (
            "121352\tdefine extreme\n634306\twhat does chattel mean on credit history\n",
            [("121352", "define extreme"), ("634306", "what does chattel mean on credit history")],
        ),
        "TSV with a header, a blank line and Windows line ends": (
            "id\tpassage\ttitle\r\n\r\n1\tThey sleep.\tCats\r\n2\tThey bark.\tDogs\r\n",
            [("Cats", "They sleep."), ("Dogs", "They bark.")],
        ),
        "TSV of one column": (f"{CATS}\n{DOGS}\n", [("Row 1", CATS), ("Row 2", DOGS)]),
        "TSV whose last line has no end": ("1\ta b c\n2\td e f", [("1", "a b c"), ("2", "d e f")]),
        "UTF-16, big end first": (
            codecs.BOM_UTF16_BE + "1\tžluťoučký kůň\n".encode("utf-16-be"),
            [("1", "žluťoučký kůň")],
        ),
        "a title in a TSV": (
            f"Our pets\nid\ttext\n1\t{CATS}\n2\t{DOGS}\n",
            [("1", CATS), ("2", DOGS)],
        ),
        "no header in a TSV, and the first id not there": (
            "\tThey purr a lot.\n1\tThey bark.\n2\tThey moo.\n",
            [("Row 1", "They purr a lot."), ("Row 2", "They bark."), ("Row 3", "They moo.")],
        ),
        "ids of letters and numbers": (
            f"D1\tCats sleep.\nD2\t{LONG}\nD30\t{CATS}\n",
            [("D1", "Cats sleep."), ("D2", LONG), ("D30", CATS)],
        ),
        "the same with titles": (
            f"D1\tCats sleep.\tCats\nD2\t{LONG}\tDogs\n",
            [("D1", "Cats sleep."), ("D2", LONG)],
        ),
        "queries of which the first is short": (
            "q1\tcat\nq2\twhat do elephants eat\nq3\twhere do elephants sleep\n",
            [("q1", "cat"), ("q2", "what do elephants eat"), ("q3", "where do elephants sleep")],
        ),
        "a query that is a usual heading": (
            "q1\tcontent\nq2\twhat do elephants eat\n",
            [("q1", "content"), ("q2", "what do elephants eat")],
        ),
        "ids of letters": (
            "cats\tpets\nelephants\twhat do elephants eat\n",
            [("cats", "pets"), ("elephants", "what do elephants eat")],
        ),
        "queries alone, of which the first is short": (
            "cat\nwhat do elephants eat\n",
            [("Row 1", "cat"), ("Row 2", "what do elephants eat")],
        ),
        "an unusual heading beside a usual one": (
            f"animal\tdescription\ncat\t{LONG}\ndog\t{LONG}\n",
            [("cat", LONG), ("dog", LONG)],
        ),
        "unusual headings above numbered ids": (
            f"ref\tinhalt\nD1\t{LONG}\nD2\t{CATS}\n",
            [("D1", LONG), ("D2", CATS)],
        ),
        "ids that repeat beside a long title": (
            f"A\tThey purr.\t{LONG}\nA\tThey eat.\t{LONG}\nB\tThey bark.\t{LONG}\n",
            [("Row 1", "They purr."), ("Row 2", "They eat."), ("Row 3", "They bark.")],
        ),
        "an id that is not there beside a long title": (
            f"A\tThey purr.\t{LONG}\n\tThey eat.\t{LONG}\nB\tThey bark.\t{LONG}\n",
            [("Row 1", "They purr."), ("Row 2", "They eat."), ("Row 3", "They bark.")],
        ),
        "a line that says that tabs separate": (f"sep=\\t\nid\ttext\n1\t{CATS}\n", [("1", CATS)]),
        "a line that names another sign than the tabs below": (
            f"sep=;\nid\ttext\n1\t{CATS}\n",
            [("1", CATS)],
        ),
        "labels between ids and texts": (
            f"A\tpet\t{CATS}\nB\tpet\t{DOGS}\nC\tpet\t{LONG}\n",
            [("A", CATS), ("B", DOGS), ("C", LONG)],
        ),
        "two numbers before texts": (f"7\t1\t{CATS}\n7\t2\t{DOGS}\n", [("1", CATS), ("2", DOGS)]),
    },
    "a.csv": {
        "a line that says what separates": (
            f"sep=;\nid;text\n1;{CATS}\n2;{DOGS}\n",
            [("1", CATS), ("2", DOGS)],
        ),
        "the same in quotes, in capitals, with a mark before it": (
            codecs.BOM_UTF8 + b'"SEP=;"\r\nid;text\r\n1;"a; b"\r\n',
            [("1", "a; b")],
        ),
        "the same with another sign": (f"sep=|\nid|text\n1|{CATS}\n", [("1", CATS)]),
        "the same with a comma that must not be guessed": (
            "sep=,\nid,text\n1,a;b\n2,c;d\n",
            [("1", "a;b"), ("2", "c;d")],
        ),
        "the same with a tab": (f"sep=\t\nid\ttext\n1\t{CATS}\n", [("1", CATS)]),
        "blanks after commas": (
            'id, text\n1, "a, b"\n2, "c, ""d"""\n',
            [("1", "a, b"), ("2", 'c, "d"')],
        ),
        "blanks on both sides": (
            'id , text\n"1" , "a, b" \n"2" , "c"\n',
            [("1", "a, b"), ("2", "c")],
        ),
        "blanks after semicolons": ('id; text\n1; "a; b"\n', [("1", "a; b")]),
        "semicolons beside prose with commas": (
            "Cats;They sleep, they eat\nDogs;They bark, they run\n",
            [("Cats", "They sleep, they eat"), ("Dogs", "They bark, they run")],
        ),
        "commas beside quoted semicolons": (
            '1,"a long text; yes"\n2,"c; d"\n',
            [("1", "a long text; yes"), ("2", "c; d")],
        ),
        "tabs in a CSV": (f'id\ttext\n1\t"{CATS}"\n', [("1", CATS)]),
        "quoted line breaks and Windows line ends": (
            'id,text\r\n1,"two\r\nlines"\r\n',
            [("1", "two\nlines")],
        ),
        "lone carriage returns": (f'id,text\r1,"{CATS}"\r2,{DOGS}\r', [("1", CATS), ("2", DOGS)]),
        "UTF-16, little end first": (
            codecs.BOM_UTF16_LE + "id\ttext\n1\tžluťoučký kůň\n".encode("utf-16-le"),
            [("1", "žluťoučký kůň")],
        ),
        "empty rows and cells at the end": (
            f"id,text,,\n,,,\n1,{DOGS},,\n\n  ,\n2,They moo.,,,\n",
            [("1", DOGS), ("2", "They moo.")],
        ),
        "no header": (f'1,"{CATS}"\n2,{DOGS}\n', [("1", CATS), ("2", DOGS)]),
        "headings there twice": (
            "id,text,text\n1,They sleep a lot.,no\n2,They bark at night.,yes\n",
            [("1", "They sleep a lot."), ("2", "They bark at night.")],
        ),
        "an index without a heading": (
            f'"",title,text\n0,Cats,"{CATS}"\n1,Dogs,{DOGS}\n',
            [("Cats", CATS), ("Dogs", DOGS)],
        ),
        "short texts below known headings": (
            "title,text\nA,cats\nB,dogs\n",
            [("A", "cats"), ("B", "dogs")],
        ),
        "titles that do not tell the rows apart": (
            f'_id,title,text\n7,Pets,"{CATS}"\n8,Pets,{DOGS}\n',
            [("7", CATS), ("8", DOGS)],
        ),
        "names that look like paths": (f"title,text\nAC/DC,{DOGS}\n", [("AC/DC", DOGS)]),
        "numbers that name nothing": (
            f'score,text\n0.5,"{CATS}"\n0.25,{DOGS}\n',
            [("Row 1", CATS), ("Row 2", DOGS)],
        ),
        "notes longer than the text": (
            "id,text,notes\n1,They purr.,somebody wrote this by hand\n2,They moo.,read twice\n",
            [("1", "They purr."), ("2", "They moo.")],
        ),
        "an address longer than the text": (
            "id,url,notes\n1,https://example.org/a/very/long/address/of/a/page,They purr.\n",
            [("1", "They purr.")],
        ),
        "bars": (f"id|text\n1|{CATS}\n2|{DOGS}\n", [("1", CATS), ("2", DOGS)]),
        "bars and strokes, as in Markdown": (
            f"| id | text |\n|---:|:-----|\n| 1 | {CATS} |\n| 2 | {DOGS} |\n",
            [("1", CATS), ("2", DOGS)],
        ),
        "colons": (f"id:text\n1:{CATS}\n2:{DOGS}\n", [("1", CATS), ("2", DOGS)]),
        "carets": (f"id^text\n1^{CATS}\n2^{DOGS}\n", [("1", CATS), ("2", DOGS)]),
        "a comma more in the header": (
            f"id,text,\n1,{DOGS}\n2,They moo.\n",
            [("1", DOGS), ("2", "They moo.")],
        ),
        "a comma more in the header of one column": (
            "text,\nThey purr.\nThey moo.\n",
            [("Row 1", "They purr."), ("Row 2", "They moo.")],
        ),
        "semicolons more in the header": (
            f"id;text;;\n1;{CATS}\n2;They moo.;\n",
            [("1", CATS), ("2", "They moo.")],
        ),
        "a comma more in the rows": (
            f"id,text\n1,{DOGS},\n2,They moo.,\n",
            [("1", DOGS), ("2", "They moo.")],
        ),
        "a title": (f"Our pets\nid,text\n1,{DOGS}\n2,x\n", [("1", DOGS), ("2", "x")]),
        "a title and a blank line": (
            f"Our pets\n\nid;text\n1;{CATS}\n2;{DOGS}\n",
            [("1", CATS), ("2", DOGS)],
        ),
        "a title with a comma": (
            f"Our pets, all of them\nid,text\n1,{DOGS}\n2,x\n",
            [("1", DOGS), ("2", "x")],
        ),
        "a title above other names of columns": (
            "Our pets\nanimal,food,year\ncat,fresh fish,2000\ndog,meat,2001\n",
            [("cat", "fresh fish"), ("dog", "meat")],
        ),
        "no title, but the name of the only column": (
            "text\nCats, yes.\nDogs, which bark all night.\nBirds, which sing all day.\n",
            [
                ("Row 1", "Cats, yes."),
                ("Row 2", "Dogs, which bark all night."),
                ("Row 3", "Birds, which sing all day."),
            ],
        ),
        "an index without a heading beside another one": (
            ",animal\n0,cats\n1,dogs\n",
            [("0", "cats"), ("1", "dogs")],
        ),
        "ids of letters and numbers": (
            f'D1,Cats sleep.\nD2,"{LONG}"\nD30,"{CATS}"\n',
            [("D1", "Cats sleep."), ("D2", LONG), ("D30", CATS)],
        ),
        "the same beside many columns": (
            f'D1,Cats,no,Cats sleep.\nD2,Dogs,yes,"{LONG}"\n',
            [("D1", "Cats sleep."), ("D2", LONG)],
        ),
        "a line that names another sign than the commas below": (
            f'sep=;\nid,text\n1,"{CATS}"\n2,{DOGS}\n',
            [("1", CATS), ("2", DOGS)],
        ),
        "a line that makes texts with commas one column": (
            "sep=;\nCats, dogs\nCows, hens\n",
            [("Row 1", "Cats, dogs"), ("Row 2", "Cows, hens")],
        ),
        "a tab after each comma": (
            f'id,\t"text"\n1,\t"{CATS}"\n2,\t"{DOGS}"\n',
            [("1", CATS), ("2", DOGS)],
        ),
        "a tab and blanks after each semicolon": (
            f"id; \t text\n1;\t\t{CATS}\n2;\t{DOGS}\n",
            [("1", CATS), ("2", DOGS)],
        ),
        "a tab after each comma below a line that names the comma": (
            f'sep=,\nid,\t"text"\n1,\t"{CATS}"\n',
            [("1", CATS)],
        ),
        "tabs below names with commas": (
            f'id\ttext\nSmith, A.\t"{CATS}"\nJones,\t{DOGS}\n',
            [("Smith, A.", CATS), ("Jones,", DOGS)],
        ),
        "ids of letters beside a sentence": (
            f'cats,They sleep.\ndogs,"{LONG}"\n',
            [("cats", "They sleep."), ("dogs", LONG)],
        ),
        "ids of one letter": (
            f'A,cats\nB,"{LONG}"\n',
            [("A", "cats"), ("B", LONG)],
        ),
        "unusual headings of words": (
            f'pet,what it does\ncat,"{LONG}"\ndog,"{LONG}"\n',
            [("cat", LONG), ("dog", LONG)],
        ),
        "headings with numbers above other texts": (
            f'part 1,part 2\ncat,"{LONG}"\ndog,"{LONG}"\n',
            [("cat", LONG), ("dog", LONG)],
        ),
    },
    "a.jsonl": {
        "a BEIR corpus": (
            '{"_id": "d1", "title": "", "text": "They sleep.", "metadata": {"url": "https://e.org/1"}}\n'
            '{"_id": "d2", "title": "Dogs", "text": "They bark.", "metadata": {}}\n',
            [("d1", "They sleep."), ("d2", "They bark.")],
        ),
        "BEIR queries": (
            '{"_id": "q1", "text": "what do cats eat", "metadata": {}}\n',
            [("q1", "what do cats eat")],
        ),
        "Pyserini's JSON, a mark, blank lines and Windows line ends": (
            codecs.BOM_UTF8
            + b'{"id": 1, "contents": "They sleep."}\r\n\r\n{"id": 2, "contents": "B"}\r\n',
            [("1", "They sleep."), ("2", "B")],
        ),
        "keys in another order, or not there": (
            '{"passage": "a b", "pid": 1}\n{"pid": 2, "passage": "c", "x": null}\n{"pid": 3}\n',
            [("1", "a b"), ("2", "c")],
        ),
        "strings": (
            '"They sleep."\n"They \\"bark\\"."\n',
            [("Row 1", "They sleep."), ("Row 2", 'They "bark".')],
        ),
        "a list of paragraphs": ('{"id": "a", "text": ["One.", "Two."]}\n', [("a", "One.\nTwo.")]),
    },
    "notes.md": {
        "text": ("# Pets\r\n\r\n* cats", [("notes.md", "# Pets\n\n* cats")]),
    },
}


def test_files_are_read_as_they_are_meant():
    for name, files in READ.items():
        for what, (content, documents) in files.items():
            data = content.encode() if isinstance(content, str) else content
            assert list(documents_in_bytes(name, data).documents) == documents, what


NO_ROWS = "must hold rows below the names of its columns, got none"
REFUSED = {
    "bad.pdf": {
        "a PDF": (b"%PDF", "Can't open bad.pdf. Use .txt, .md, .csv, .tsv or .jsonl"),
    },
    "bad.csv": {
        "a renamed PDF": (b"%PDF-1.7\n", "'bad.csv' must be a text file, but is a PDF file"),
    },
    "a.csv": {
        "the names of the columns alone, 1": ("id,text\n", NO_ROWS),
        "the names of the columns alone, 2": ("id , text", NO_ROWS),
        "the names of the columns alone, 3": ("text\n", NO_ROWS),
        "the names of the columns alone, 4": ("sep=;\n_id;title;text;year\n", NO_ROWS),
        "an older encoding": (b"id,text\n1,caf\xe9\n", "byte 14 is neither: save it as UTF-8"),
        "unquoted commas": (
            "id,text\n1,a, b\n2,c, d, e\n",
            "the first, 2, but the row that ends on line 2 has 3",
        ),
        "the same with blanks": (
            "id, text\n1, a, b\n2, c, d, e\n",
            "the row that ends on line 2 has 3",
        ),
        "the same below the line that says what separates": (
            "sep=;\nid;text\n1;a;b\n",
            "the row that ends on line 3 has 3",
        ),
        "a quotation that is not closed": (
            'id,text\n1,"a\n2,b\n',
            "a quotation mark is never closed",
        ),
        "a quotation that goes on": ('id,text\n1,"a" b\n2,c\n', "',' expected after '\"'"),
        "only the line that says what separates": ("sep=;\n", "must hold rows with text, got none"),
        "a table of empty quotations": ('"",""\n""\n', "must hold rows with text, got none"),
        "a blank table": (" \n", "'a.csv' must hold text, but is blank"),
    },
    "a.tsv": {
        "the names of the columns alone, 1": ("pid\tpassage\n\n", NO_ROWS),
        "a row without a tab": ("1\ta\n2 b\n3\tc\n", "line 2 has 1"),
        "many more tabs": (
            "1\ta\n2\tb\tc\td\te\n3\tf\n",
            "2 fields with tabs between them, as most do, but line 2 has 5",
        ),
        "another sign below the line that names it": (
            "sep=;\nid;text\n1;cats\n",
            "must have tabs between its values, but its first line names ';': rename it to .csv",
        ),
        "a row without a tab below the line that names the tab": (
            "sep=\t\n1\ta\n2 b\n3\tc\n",
            "line 3 has 1",
        ),
        "commas in a TSV": (
            "id,text\n1,cats\n",
            "must have tabs between its values, but has commas: rename it",
        ),
        "bars in a TSV": (
            "id|text\n1|cats\n2|dogs\n",
            "must have tabs between its values, but has bars: rename it",
        ),
    },
    "a.jsonl": {
        "a broken line": (
            '{"text": "a"}\n{"text": "b"\n',
            "line 2 of 'a.jsonl' must be an object or a string in JSON",
        ),
        "a number": (
            '\n{"text": "a"}\n3\n',
            "line 3 of 'a.jsonl' must be an object or a string in JSON, got a number",
        ),
        "an array": (
            '[{"text": "a"}]\n',
            "line 1 of 'a.jsonl' must be an object or a string in JSON, got an array",
        ),
        "a JSON file of many lines": ('[\n  {"text": "a"}\n]\n', "line 1 of 'a.jsonl' must be"),
        "a number that Python refuses": ("9" * 5000, "line 1 of 'a.jsonl' must be"),
        "brackets without an end": ("[" * 200_000, "line 1 of 'a.jsonl' must be"),
        "half a character": ('{"text": "\\ud83d"}\n', "line 1 of 'a.jsonl' must be valid Unicode"),
        "objects without keys": ("{}\n{}\n", "must hold objects with keys, got none"),
        "blank texts": ('{"id": "1", "text": " "}\n', "its only row is blank there"),
    },
}


def refusal(name, data):
    try:
        return f"nothing: {documents_in_bytes(name, data)}"
    except FileRefused as refused:
        return str(refused)


def test_other_files_are_refused_in_one_sentence():
    for name, files in REFUSED.items():
        for what, (content, sentence) in files.items():
            data = content.encode() if isinstance(content, str) else content
            said = refusal(name, data)
            assert sentence in said, what
            assert "\n" not in said, what


@given(st.text(alphabet='a1|-\n\r,;\t"`: .{}[]=\\'), st.sampled_from(["csv", "tsv", "jsonl", "md"]))
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_line(text, ending):
    said = refusal(f"a.{ending}", text.encode())
    assert said.startswith("nothing: ") or "\n" not in said


def test_which_columns_were_taken_is_said():
    for name, content, note in [
        (
            "a.csv",
            "id,title,text\n1,Cats,They sleep.\n",
            "a.csv: texts from column 3 (text), names from column 2 (title); not used: 1 (id).",
        ),
        ("a.tsv", "0\tThey sleep.\n", "a.tsv: texts from column 2, names from column 1."),
        (
            "a.jsonl",
            '"They sleep."\n',
            "a.jsonl: texts from column 1 (text), names are row numbers.",
        ),
    ]:
        assert documents_in_bytes(name, content.encode()).notes == (note,)
    for name, content, note in [
        (
            "a.csv",
            "Our pets\n\nid,text\n1,They sleep.\n",
            "a.csv: the text above the names of the columns is left out: Our pets.",
        ),
        (
            "a.csv",
            "1|They sleep.\n2|They bark.\n",
            "a.csv: read as one column, though every row holds '|'. If it separates columns, "
            "write sep=| as the first line.",
        ),
        (
            "a.csv",
            "Cats: they sleep.\nDogs: they bark.\n",
            "a.csv: read as one column, though every row holds ':'. If it separates columns, "
            "write sep=: as the first line.",
        ),
        (
            "a.csv",
            "sep=;\nid,text\n1,They sleep.\n",
            "a.csv: no row holds the ';' that its first line names.",
        ),
        (
            "a.csv",
            "sep=;\nThey sleep, they eat.\n",
            "a.csv: read as one column, as no row holds the ';' that its first line names.",
        ),
    ]:
        assert documents_in_bytes(name, content.encode()).notes[0] == note
    found = documents_in_bytes("a.csv", b"id,text\n1,\n2,cats eat\n")
    assert found.notes[1] == "a.csv: left out: 1 row without text."


def test_columns_can_be_asked_for_by_heading_or_number():
    data = b"id,title,text\n1,Cats,They sleep.\n2,Dogs,They bark.\n"
    for choice, documents in [
        (ColumnChoice(texts="title"), [("1", "Cats"), ("2", "Dogs")]),
        (ColumnChoice(texts="TITLE", names="3"), [("They sleep.", "Cats"), ("They bark.", "Dogs")]),
        (ColumnChoice(names="id"), [("1", "They sleep."), ("2", "They bark.")]),
    ]:
        assert list(documents_in_bytes("a.csv", data, choice).documents) == documents, choice
    for wanted in ("4", "0", "year", "-1", "²"):
        with pytest.raises(
            FileRefused, match=r"the column chosen from 'a\.csv' must be one of id, title, text, or"
        ):
            documents_in_bytes("a.csv", data, ColumnChoice(texts=wanted))


def test_a_folder_holds_the_documents_of_its_files_in_alphabetical_order(tmp_path):
    (tmp_path / "b.txt").write_text("bees")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "rows.csv").write_text("title,text\nCats,They sleep.\n")
    (tmp_path / "a" / "empty.md").write_text("")
    (tmp_path / "old.txt").write_bytes("café".encode("latin-1"))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.txt").write_text("no")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.txt").write_text("no")
    found = documents_in_path(tmp_path)
    assert list(found.documents) == [
        ("a/empty.md", ""),
        ("a/rows.csv: Cats", "They sleep."),
        ("b.txt", "bees"),
    ]
    said = "\n".join(found.notes)
    assert "rows.csv: texts from column 2 (text), names from column 1 (title)." in said
    assert "Left out: 'old.txt' must be text in UTF-8" in said
    assert f"Files of other types left out of {tmp_path.name}: picture.png." in said


def test_a_folder_without_a_file_to_read_is_refused(tmp_path):
    folder = tmp_path / "my docs"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(FileRefused, match="'my docs' is a folder and must hold") as e:
        documents_in_path(folder)
    assert "a.pdf" in str(e.value)


def test_a_column_of_many_rows_is_read_whole():
    rows = "".join(json.dumps({"_id": str(i), "text": f"text {i}"}) + "\n" for i in range(5000))
    documents = documents_in_bytes("corpus.jsonl", rows.encode()).documents
    assert len(documents) == 5000
    assert documents[-1] == ("4999", "text 4999")
