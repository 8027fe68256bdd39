"""Rows of tables as programs print them are passages with their header; strokes are none."""

from colbert_explain.explanation import explain
from colbert_explain.text.sentences import sentences_with_headers

WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath")
ROWS = [f"|  {i} | {word:<6} |" for i, word in enumerate(WORDS)]
BOXED = [row.replace("|", "│") for row in ROWS]

#: Lines, the number of the header, and the numbers of the rows.
TABLES = {
    "MySQL": (
        ["+----+--------+", "| id | text   |", "+----+--------+", *ROWS, "+----+--------+"],
        1,
    ),
    "a grid": (
        ["+----+--------+", "| id | text   |", "+====+========+"]
        + [line for row in ROWS for line in (row, "+----+--------+")],
        1,
    ),
    "psql": (
        [" id |  text  ", "----+--------", *(f"  {i} | {word}" for i, word in enumerate(WORDS))],
        0,
    ),
    "org": (["| id | text |", "|----+------|", *ROWS], 0),
    "boxes": (
        ["┌────┬────────┐", "│ id │ text   │", "├────┼────────┤", *BOXED, "└────┴────────┘"],
        1,
    ),
    "boxes with double lines": (
        ["╒════╤════════╕", "│ id │ text   │", "╞════╪════════╡"]
        + [line for row in BOXED for line in (row, "├────┼────────┤")],
        1,
    ),
    "columns below strokes": (
        ["id  text", "--  ------", *(f"{i}   {word}" for i, word in enumerate(WORDS))],
        0,
    ),
    "columns between strokes": (
        ["==  =====", "id  text", "==  =====", *(f"{i}   {word}" for i, word in enumerate(WORDS))],
        1,
    ),
    "CSV of words": (
        ["animal,food,home", "cat,fish,house", "dog,meat,kennel", "cow,grass,field"],
        0,
    ),
    "CSV of words with semicolons": (["Animal;Food", "Cat;fish", "Dog;meat", "Cow;grass"], 0),
    "TSV of words": (["animal\tfood", "cat\tfish", "dog\tmeat", "cow\tgrass"], 0),
}


def cut(lines):
    text = "\n".join(lines)
    return [
        (text[span.start : span.end], None if span.header is None else text[slice(*span.header)])
        for span in sentences_with_headers(text)
    ]


def test_each_row_of_a_table_is_a_passage_with_its_header():
    for what, (lines, header) in TABLES.items():
        named = lines[header].strip()
        words = [line.strip() for line in lines if any(sign.isalnum() for sign in line)]
        said = [one for one in cut(lines) if any(sign.isalnum() for sign in one[0])]
        assert said == [(line, None if line == named else named) for line in words], what
        assert sum(sign is None for _, sign in cut(lines)) == len(lines) - len(words) + 1, what


def test_what_stands_around_a_table_is_no_part_of_it():
    for what in ("MySQL", "psql", "org", "boxes", "a grid"):
        lines, _ = TABLES[what]
        around = ["This is what it holds, as far as", "we know.", *lines, "That is all."]
        first, *_, last = cut(around)
        assert first == ("This is what it holds, as far as\nwe know.", None), what
        assert last == ("That is all.", None), what


def test_a_first_row_of_data_names_no_columns():
    for lines in (
        ["cat,fish", "dog,fish", "cow,grass"],  # stands below it, too
        ["cat,3 fish", "dog,2 bones", "cow,9 leaves"],
        ["Jumbo ate a lot of buns,yes", "Toomai slept,no", "Kala Nag ran,no"],
    ):
        assert {header for _, header in cut(lines)} == {None}, lines


TABLE = ["| animal | food |", "|---|---|", "| cat | fish. Yes. |", "| dog | bone |"]


def test_rows_of_a_quoted_table_have_its_header():
    for mark in ("> ", ">", ">> ", "> > "):
        lines = [mark + line for line in TABLE]
        assert cut(lines) == [
            *((lines[0], None), (lines[1], None), (lines[2], lines[0]), (lines[3], lines[0])),
        ], mark


def test_a_quoted_log_has_entries_and_quoted_prose_has_sentences():
    log = ["> INFO listens on port 80", "> WARN no seed was given. None is used."]
    assert cut(log) == [(line, None) for line in log]
    assert len(cut(["> Cats sleep a lot, and when they", "> wake up, they eat."])) == 1


def test_rows_of_a_table_in_a_code_fence_have_its_header():
    for lines in (TABLE, TABLES["psql"][0], TABLES["org"][0]):
        said = dict(cut(["So it is:", "```", *lines, "```", "x = 1"]))
        assert {said[line.strip()] for line in lines[2:]} == {lines[0].strip()}
        assert {said[line.strip()] for line in lines[:2]} | {said["```"], said["x = 1"]} == {None}


def test_two_rows_between_bars_are_rows():
    rows = ["| cat | fish. Yes. |", "| dog | bone |"]
    assert cut(rows) == [(rows[0], None), (rows[1], None)]
    assert [text for text, _ in cut([*TABLE, "", *rows])] == [*TABLE, *rows]
    assert len(cut(["| cat | fish and", "| dog | bone"])) == 1  # no bars at the ends


def test_rows_of_a_wiki_table():
    opening = '{| class="wikitable"'
    one_line = [opening, "! animal !! food", "|-", "| cat || fish", "|-", "| dog || meat", "|}"]
    assert cut(one_line) == [
        *((opening, None), ("! animal !! food", None), ("|-", None)),
        *(("| cat || fish", "! animal !! food"), ("|-", None)),
        *(("| dog || meat", "! animal !! food"), ("|}", None)),
    ]
    names = "! animal\n! food"
    cells = [opening, "|+ Pets", "|-", *names.split("\n"), "|-", "| cat", "| fish", "|}"]
    assert (names, None) in cut(cells)
    assert ("| cat\n| fish", names) in cut(cells)


ENCLOSED = {
    "an array of objects": [
        "[",
        *(f'  {{"id": {i}, "text": "It is {word}. Is it?"}},' for i, word in enumerate(WORDS)),
        '  {"id": 9, "text": "No. No."}',
        "]",
    ],
    "an array below a key": ['{"docs": [', '{"t": "A b. C d."},', '{"t": "E f. G h."}', "]}"],
    "an array of strings": ["[", '  "It is. Amber it is.",', '  "It is. Birch it is."', "]"],
    "rows of SQL": [
        "INSERT INTO t (id, text) VALUES",
        *(f"({i}, 'It is {word}. It''s so.')," for i, word in enumerate(WORDS)),
        "(9, 'No. No.');",
    ],
    "rows of SQL alone": ["(1, 'It is. It was.'),", "(2, 'Amber. Birch.');"],
    "elements": [
        f"<row><id>{i}</id><t>It is. {word.title()}.</t></row>" for i, word in enumerate(WORDS)
    ],
    "elements in another": ["<rows>", '<row t="A. B."/>', '  <row id="2">C. D.</row>', "</rows>"],
}


def test_values_in_brackets_and_elements_are_passages():
    for what, lines in ENCLOSED.items():
        assert cut(lines) == [(line.strip(), None) for line in lines], what


def test_one_line_of_json_is_one_passage():
    for line in ('{"id": 1, "text": "Elephants eat. They drink."}', '  {"t": "A b. C d."} '):
        assert cut([line]) == [(line.strip(), None)], line
    for line in ("{Elephants eat. They drink.}", "{} They eat. They drink."):
        assert len(cut([line])) == 2, line
    assert cut(["{" * 100_000]) == [("{" * 100_000, None)]


def test_paragraphs_of_html_have_sentences():
    lines = ["<p>Cats sleep. They eat.</p>", "<p>Dogs bark. They run.</p>"]
    assert [text for text, _ in cut(lines)] == [
        *("<p>Cats sleep.", "They eat.</p>", "<p>Dogs bark.", "They run.</p>"),
    ]


def test_strokes_and_brackets_are_no_passages(toy_encoder):
    toy_encoder.document_length = 10_000
    for what in ("MySQL", "boxes", "columns below strokes"):
        lines, _ = TABLES[what]
        passages = explain("cats eat", "\n".join(lines), toy_encoder).passages(99)
        assert {passage.text for passage in passages} == {
            line.strip() for line in lines if any(sign.isalnum() for sign in line)
        }, what
