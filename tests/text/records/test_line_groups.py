"""One record a line is one passage; prose that was wrapped is read as prose."""
# ruff: noqa: E501 - lines of text stand as they are

import random
import textwrap

import pytest

from colbert_explain.explanation import explain
from colbert_explain.text.sentences import sentence_spans, sentences_with_headers
from tests.growth import growth

PROSE = (
    "The elephant is a large mammal that lives in herds and eats grass, bark and fruit. It drinks "
    "up to 150 litres of water a day, and walks far to find it. In the dry season the herd follows "
    "old paths which the oldest cow remembers from her own youth. When they reach the river, they "
    "bathe, dig for salt and rest in the shade of the trees that grow along the bank. Calves stay "
    "close to their mothers, who teach them what can be eaten and what cannot. At night they go on."
)
LOWER = PROSE.lower()
GERMAN = (
    "Der Elefant ist ein großes Säugetier, das in Herden lebt und Gras, Rinde und Früchte frisst. "
    "Er trinkt am Tag bis zu 150 Liter Wasser und läuft weite Wege, um es in der Trockenzeit zu "
    "finden. Die Herde folgt alten Pfaden, an die sich die älteste Kuh aus ihrer Jugend erinnert."
)


def rows_of(make, n=200):
    return [make(i) for i in range(n)]


WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "islet", "jetty")


def spelled(i, n):
    """Small words that differ from line to line."""
    rng = random.Random(i)
    return " ".join(rng.choice(WORDS) for _ in range(n))


#: Lines of which each is a record; in tables the first names the columns.
RECORDS = {
    "a Markdown table": [
        *("| id | animal | food |", "|---:|:---|---|"),
        *rows_of(lambda i: f"| {i} | animal {spelled(i, 2)} | {spelled(i + 9, 3)}. Yes. |"),
    ],
    "a Markdown table without outer bars": [
        *("name | food", "--- | ---"),
        *rows_of(lambda i: f"{spelled(i, 1)} | {spelled(i + 9, 3)}"),
    ],
    "a log": rows_of(
        lambda i: (
            f"2026-11-28 10:{i // 60:02}:{i % 60:02} INFO started. Listening on {i}. {spelled(i, 3)}"
        )
    ),
    "a log with levels only": rows_of(
        lambda i: f"{('INFO', 'WARN')[i % 2]} {spelled(i, 2 + i % 5)}"
    ),
    "a log of a web server": rows_of(
        lambda i: f'10.0.0.{i} - - [28/Nov/2026:10:00:00 +0000] "GET /{i} HTTP/1.1" 200 {i}'
    ),
    "a system log": rows_of(
        lambda i: f"Nov  {1 + i % 9} 10:00:00 host cron[{i}]: job {spelled(i, 3)}"
    ),
    "JSON lines": rows_of(lambda i: f'{{"id": {i}, "text": "It is {spelled(i, 3)}. It is new."}}'),
    "arrays in JSON": rows_of(lambda i: f'[{i}, "it is {spelled(i, 3)}"],'),
    "CSV": [
        "id,animal,food",
        *rows_of(lambda i: f'{i},{spelled(i, 1)},"grass, {spelled(i, 2)}. Yes."'),
    ],
    "CSV with blanks": [
        "id, text",
        *rows_of(lambda i: f'{i}, "{spelled(i, 2)}, {spelled(i + 1, 2)}"'),
    ],
    "CSV with semicolons": rows_of(lambda i: f"{spelled(i, 1)};{spelled(i, 3)}, or not;{i}"),
    "TSV": rows_of(
        lambda i: f"{i}\t{spelled(i, 5)}. {spelled(i + 1, 3)}" + ("\tTitle" if i % 7 == 0 else "")
    ),
    "columns of fixed width": [
        "NAME      READY   AGE",
        *rows_of(lambda i: f"{spelled(i, 1):<10}{i % 3}/3     {i}d"),
    ],
    "small letters": rows_of(lambda i: spelled(i, 2 + i % 6)),
    "small letters, all equally long": rows_of(lambda i: spelled(i, 9)[:40].strip().ljust(40, "x")),
    "the same words": rows_of(lambda i: f"{spelled(i, 1)} bought {i} apples on monday"),
    "titles, nearly equally long": rows_of(
        lambda i: f"{spelled(i, 1).title()} study of {spelled(i + 1, 4)} and {spelled(i + 2, 2)}"
    ),
    "titles of other words": rows_of(
        lambda i: f"{spelled(i, 1).title()} {spelled(i + 1, 11)} {spelled(i + 2, 2)}"
    ),
    "keys and values": rows_of(lambda i: f"key_{i}: {spelled(i, 1 + i % 5)}"),
    "settings": rows_of(lambda i: f"COLBERT_{i}={spelled(i, 1 + i % 5)}"),
    "a chat": rows_of(lambda i: f"{('Ann', 'Bob')[i % 2]}: {spelled(i, 1 + i % 7)}. Fine? Yes!"),
    "a chat with times": rows_of(
        lambda i: f"[10:{i % 60:02}] <{spelled(i, 1)}> {spelled(i + 1, 4)}"
    ),
    "a stack trace": rows_of(lambda i: f"\tat org.example.{spelled(i, 1)}.Main.run(Main.java:{i})"),
    "a program": rows_of(lambda i: f"    x{i} = f({spelled(i, 1)});"),
}


def test_each_record_is_a_passage():
    for what, lines in RECORDS.items():
        for newline in ("\n", "\r\n"):
            for text in (newline.join(lines), newline.join([*lines, ""])):
                spans = [text[start:end] for start, end in sentence_spans(text)]
                assert spans == [line.strip() for line in lines], what


def test_a_row_of_a_table_knows_its_header():
    for what in (
        *("a Markdown table", "a Markdown table without outer bars", "CSV", "CSV with blanks"),
        "columns of fixed width",
    ):
        lines = RECORDS[what]
        text = "\n".join(["Some words before it.", "", *lines, "", "And after it."])
        spans = sentences_with_headers(text)
        headers = {None if s.header is None else text[slice(*s.header)] for s in spans[2:-1]}
        assert headers - {None} == {lines[0]}, what
        assert sum(s.header is None for s in spans) <= 4, what  # words, header, its rule, words
    for what in ("a log", "JSON lines", "a chat", "TSV"):
        text = "\n".join(RECORDS[what])
        assert all(span.header is None for span in sentences_with_headers(text)), what


def test_three_or_four_records_are_records_too():
    for what in (
        *("a log", "JSON lines", "CSV", "TSV", "keys and values", "a chat", "a Markdown table"),
        *("CSV with blanks", "a chat with times", "a system log"),
    ):
        lines = RECORDS[what][:4]
        text = "\n".join(lines)
        assert [text[a:b] for a, b in sentence_spans(text)] == lines, what


def joined(spans, text):
    return [" ".join(text[start:end].split()) for start, end in spans]


def test_wrapped_prose_is_read_as_prose():
    for text in (PROSE, LOWER, GERMAN, "   " + PROSE):
        expected = joined(sentence_spans(" ".join(text.split())), " ".join(text.split()))
        for width in (*range(32, 110), 200):
            wrapped = textwrap.fill(text, width)
            assert joined(sentence_spans(wrapped), wrapped) == expected, (width, wrapped)
            indented = textwrap.indent(wrapped, "    ")
            assert joined(sentence_spans(indented), indented) == expected, (width, indented)


def justified(line, width):
    words = line.split()
    gaps = len(words) - 1
    extra = width - len(line)
    return "".join(
        word + " " * (1 + extra // gaps + (i < extra % gaps)) if i < gaps else word
        for i, word in enumerate(words)
    )


def test_prose_whose_lines_are_filled_up_to_one_width_is_read_as_prose():
    expected = joined(sentence_spans(PROSE), PROSE)
    for width in range(40, 100):
        *lines, last = textwrap.wrap(PROSE, width)
        text = "\n".join([*(justified(line, width) for line in lines), last])
        assert joined(sentence_spans(text), text) == expected, text


def test_one_sentence_filled_up_to_the_last_line_is_read_as_prose():
    words = LOWER.replace(".", ",").split()
    for width in (40, 50, 60):
        lines = textwrap.wrap(" ".join(words), width)
        filled = [justified(line, width) for line in lines if len(line) > width - 8][:8]
        assert len({len(line) for line in filled}) == 1
        assert sum("  " in line for line in filled) > 1
        assert len(sentence_spans("\n".join(filled))) == 1, filled


OTHERS = {
    "a poem": (
        "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\n"
        "Could frame thy fearful symmetry?",
        2,
    ),
    "a poem in small letters": (
        "the fog comes\non little cat feet\nit sits looking\nover harbor and city\non silent haunches\n"
        "and then\nmoves on",
        7,
    ),
    "paragraphs, one a line": (
        "Elephants eat grass. They also eat bark.\nCats eat fish. Some eat mice.\n"
        "Dogs eat meat. They like bones.\nBirds eat seed. Others eat worms.\nBees eat nectar. So do moths.",
        10,
    ),
    "bullets that go on": ("- grass and bark which\n  is old\n- fruit\n- leaves of trees", 3),
    "one clause a line": (
        "Elephants, which live in herds,\neat grass,\nbark and fruit,\nand drink a lot.\nThey sleep\n"
        "standing up.",
        2,
    ),
    "YAML": ("name: herd\nanimals:\n  - elephant\n  - cow\nfood: grass\nwater: yes", 6),
    "Python": ("def f(x):\n    return x\n\n\ndef g(y):\n    z = f(y)\n    return z", 5),
    "a fenced program with a blank line": (
        "So it is done:\n```python\nimport os\n\nprint(os)\nprint(1)\n```\nThat was\nall of it.",
        7,
    ),
    "a fence that is never closed": ("```\nThat was\nall of it. It was.", 3),
    "a stack trace of Python": (
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    main()\n'
        '  File "a.py", line 1, in main\n    raise ValueError(1)\nValueError: 1',
        None,
    ),
    "a log entry of three lines": (
        "2026-11-28 10:00:00 ERROR it failed\n  at one place\n  at another\n"
        "2026-11-28 10:00:01 INFO it goes on\n2026-11-28 10:00:02 INFO it ends",
        3,
    ),
    "subtitles": (
        "1\n00:00:01,000 --> 00:00:03,000\nHello there,\nmy old friend.\n\n"
        "2\n00:00:04,000 --> 00:00:05,000\nGood morning.",
        6,
    ),
    "subtitles without blank lines": (
        "00:01.000 --> 00:02.000\nHello there.\n00:02.000 --> 00:03.000\nMy friend. Yes.",
        2,
    ),
    "a table between words": (
        "The table shows it.\n| a | b |\n|---|---|\n| c | d |\nThat was\nthe table.",
        5,
    ),
    "dates and numbers in prose": (
        "2019 was dry. In 2020 rain fell, and\n12 herds moved north to the river, where\nthey stayed.",
        2,
    ),
    "numbers with commas in prose": (
        "The park has 1,200 elephants and\nthe reserve has 3,400 of them, as\nthe count of 2,019 says.",
        1,
    ),
    "Chinese, cut at a width": (
        "大象是一种大型哺乳动物它们生\n活在非洲和亚洲的草原和森林里\n它们吃草和树皮也喝很多水它们\n每天走很远的路去寻找水和食物",
        1,
    ),
}


def test_other_texts_with_short_lines():
    for what, (text, n) in OTHERS.items():
        spans = joined(sentence_spans(text), text)
        if n is None:
            assert 3 <= len(spans) <= 6, (what, spans)
        else:
            assert len(spans) == n, (what, spans)


def test_time_grows_with_the_number_of_records_only():
    for unit in (
        *("| a | b |\n|---|---|\nc\n", '"a,"b\n', "a  b\n", "key: v\n", "{}\n", "1\t2\n", "```\n"),
        *("10:00 x\n", "a,b;c|d\n", "x;\n", "a) b\nb) c\n", "+-+\n|a|\n", "{|\n|-\n! a\n", "<a>b"),
    ):
        small, large = (unit * (n // len(unit)) for n in (6_000, 60_000))
        assert growth(sentence_spans, small, large) < 40, unit


def test_a_passage_that_is_a_row_carries_the_names_of_the_columns(toy_encoder):
    toy_encoder.document_length = 10_000
    table = "| animal | food |\n|---|---|\n| cats | fish |\n| dogs | meat |"
    x = explain("cats eat fish", f"What they eat.\n\n{table}", toy_encoder)
    best = x.passages(1)[0]
    assert (best.text, best.header) == ("| cats | fish |", "| animal | food |")
    assert x.document.text[best.start : best.end] == best.text
    sentence = next(p for p in x.passages(9) if p.text == "What they eat.")
    assert sentence.header == ""


@pytest.mark.parametrize(
    "text", ["", "\n", "|", "|\n-|-", "a|b\n-|-", "```\n```", "\n| a |\n| - |\n"]
)
def test_nothing_is_lost_at_the_edges(text):
    found = "".join(text[start:end] for start, end in sentence_spans(text))
    assert "".join(found.split()) == "".join(text.split())
