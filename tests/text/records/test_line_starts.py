"""Entries of logs of any format, and items of numbered lists, are passages."""

import random
import textwrap

from colbert_explain.text.sentences import sentence_spans

WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "islet", "jetty")


def message(i):
    """Words of any number that differ from line to line, with full stops in between."""
    rng = random.Random(i)
    first, then = (" ".join(rng.choice(WORDS) for _ in range(rng.randrange(2, 9))) for _ in "ab")
    return f"{first}. It is. {then.capitalize()}"


#: What an entry begins with, by its number.
PREFIXES = {
    "glog": lambda i: f"{'EIW'[i % 3]}1128 10:00:{i:02}.123456 1234 file.cc:{i}]",
    "glog, short": lambda i: f"{'EIW'[i % 3]}1128 10:00:{i:02}",
    "levels in brackets": lambda i: f"[{('warn', 'info', 'error')[i % 3]}]",
    "threads in brackets": lambda i: (
        f"[{('main', 'pool-2-thread-3')[i % 2]}] {('WARN', 'INFO')[i % 2]}"
    ),
    "milliseconds since 1970": lambda i: f"{1732788000123 + i * 777}",
    "day of the week, month, day": lambda i: f"Sat Nov 28 10:00:{i:02}",
    "the same with a year": lambda i: f"Sat Nov 28 10:00:{i:02} 2026",
    "day, month": lambda i: f"{i + 5} Nov 10:{i:02}",
    "day, month, year": lambda i: f"{i + 5:02}/Nov/2026 10:{i:02}",
    "digits only": lambda i: f"081109 2036{i:02}",
    "digits, process, level": lambda i: f"081109 2036{i:02} {148 + i * 9} INFO",
    "ISO 8601 without signs": lambda i: f"20261128T1000{i:02}Z",
    "addresses of IPv6": lambda i: ("::1", "fe80::1", "2001:db8:0:1::5", "2001:db8::8a2e")[i % 4],
    "RFC 5424": lambda i: f"<{34 + i * 5}>1 2026-11-28T10:00:{i:02}Z host app - -",
    "Chinese dates": lambda i: f"2026年11月{i + 5}日",
    "Android": lambda i: f"11-28 10:00:{i:02}.123  1234  5678 {'DIW'[i % 3]}",
    "the kernel's": lambda i: f"[{i * 7.5 + 1:>12.6f}]",
    "places in source files": lambda i: f"src/{WORDS[i % 10]}.c:{i * 7}:{i}:",
    "numbers of commits": lambda i: f"{i:x}{random.Random(i).getrandbits(24):06x}",
    "containers": lambda i: f"web-{i % 2 + 1} |",
    "times without seconds": lambda i: f"10h{i:02}",
}


def cut(text):
    return [text[start:end] for start, end in sentence_spans(text)]


def test_each_entry_of_a_log_is_a_passage():
    for what, prefix in PREFIXES.items():
        for n in (4, 40):
            lines = [f"{prefix(i)} {message(i)}" for i in range(n)]
            assert cut("\n".join(lines)) == lines, what
            assert cut("\r\n".join([*lines, ""])) == lines, what


def test_lines_further_to_the_right_go_on_with_the_entry_before_them():
    for what, prefix in PREFIXES.items():
        entries = [f"{prefix(i)} {message(i)}" for i in range(6)]
        entries[3] += "\n    at one place\n    at another"
        assert cut("\n".join(entries)) == entries, what


def test_lines_that_begin_otherwise_go_on_with_an_entry_that_has_a_time_or_a_level():
    for what in ("glog", "levels in brackets", "threads in brackets", "RFC 5424"):
        entries = [f"{PREFIXES[what](i)} {message(i)}" for i in range(6)]
        entries[3] += "\njava.lang.IllegalStateException: no seed\n    at one place"
        assert cut("\n".join(entries)) == entries, what


def test_numbers_and_brackets_in_wrapped_prose_begin_no_entry():
    prose = (
        "in 2019 the 12 herds of the park had 1,200 elephants (as of may [3] in that year) and the "
        "14 herds of the other one 3.5 thousand, [4] which is 20 a herd more than the 2,019 of "
        "1999 and 40 to 50 less than the 4,100 that [7] counted on the 28 nov at 10:30 or so, in "
        "the same 12 parts of both parks, some 300 km from 1 river or from 2 of them"
    )
    for width in (*range(34, 86), 89, 95, 100):
        text = textwrap.fill(prose, width)
        assert len(cut(text)) == 1, text


#: As long as each other, so that no line looks as if it had been left short.
ITEMS = (
    "Cats eat mice and sleep all day long in the sun",
    "Dogs bark at the moon all night long, and then rest",
    "birds eat seed and fly south before the winter comes",
    "Elephants eat grass and bark and drink a lot of water",
    "Fish swim in the sea and eat what they can find there",
    "Cows eat grass in the field and give milk every day",
)
LABELS = {
    "numbers": "1. 2. 3. 4. 5. 6.",
    "numbers that do not begin with one": "8. 9. 10. 11. 12. 13.",
    "numbers in brackets": "(1) (2) (3) (4) (5) (6)",
    "numbers before a bracket": "1) 2) 3) 4) 5) 6)",
    "numbers as references have them": "[1] [2] [3] [4] [5] [6]",
    "one number, as Markdown allows": "1. 1. 1. 1. 1. 1.",
    "numbers of two levels": "1.1. 1.2. 1.3. 2.1. 2.2. 2.3.",
    "letters": "a. b. c. d. e. f.",
    "letters before a bracket": "a) b) c) d) e) f)",
    "letters in brackets": "(A) (B) (C) (D) (E) (F)",
    "Roman numbers": "i. ii. iii. iv. v. vi.",
    "large Roman numbers": "IV. V. VI. VII. VIII. IX.",
    "Roman numbers in brackets": "(i) (ii) (iii) (iv) (v) (vi)",
    "articles": "Article-1. Article-2. Article-3. Article-4. Article-5. Article-6.",
    "questions": "Q1. Q2. Q3. Q4. Q5. Q6.",
}


def test_each_item_of_a_numbered_list_is_a_passage():
    for what, labels in LABELS.items():
        for end in ("", "."):
            lines = [
                f"{a.replace('-', ' ')} {b}{end}"
                for a, b in zip(labels.split(), ITEMS, strict=True)
            ]
            assert cut("\n".join(lines)) == lines, (what, end)
            assert cut("\n".join(lines[:2])) == lines[:2], (what, end)
            for indented in (textwrap.indent("\n".join(lines), "  "), "\r\n".join(lines)):
                assert cut(indented) == lines, (what, end)


def test_an_item_goes_on_in_the_lines_below_it():
    for what, labels in LABELS.items():
        for indent in ("", "   "):
            items = [
                textwrap.fill(f"{label.replace('-', ' ')} {item}", 40, subsequent_indent=indent)
                for label, item in zip(labels.split(), ITEMS, strict=True)
            ]
            assert cut("\n".join(["They do this:", *items])) == ["They do this:", *items], what


def test_items_within_items():
    lines = [f"1. {ITEMS[0]}", f"   a) {ITEMS[1]}", f"   b) {ITEMS[2]}"]
    lines += [f"2. {ITEMS[3]}", f"   a) {ITEMS[4]}"]
    assert cut("\n".join(lines)) == [line.strip() for line in lines]


def test_items_of_scripts_without_blanks():
    for lines in (
        [
            "一、大象吃草和树皮也喝很多水",
            "二、猫吃鱼和老鼠也喝牛奶和水",
            "三、狗吃肉和骨头也喝很多的水",
        ],
        [
            "1、大象吃草和树皮也喝很多水",
            "2、猫吃鱼和老鼠也喝牛奶和水",
            "3、狗吃肉和骨头也喝很多的水",
        ],
        ["（一）大象吃草和树皮也喝水", "（二）猫吃鱼和老鼠也喝牛奶", "（三）狗吃肉和骨头也喝水的"],  # noqa: RUF001
    ):
        assert cut("\n".join(lines)) == lines


def test_numbers_at_the_beginning_of_wrapped_lines_begin_no_item():
    for text in (
        "of all the animals that the keeper had he fed\n12. the others found their own food",
        "the herd had grown by then, in all its parts,\n3.5 million animals, and the next one of\n"
        "4.5 million of them, which is a lot",
        "as far as we know, this is what he remarks\n(19. page of it) and what the others say on\n"
        "(20. page of the same book), which is a lot",
        "it was seen by the mother of Ann and of Bo\na) in the report and, once more, seen in a\n"
        "c) part of the same, which is long",
    ):
        assert len(cut(text)) == 1, text


def test_a_letter_with_a_full_stop_ends_a_sentence_unless_it_is_all_of_it():
    assert cut("He got an A. Then he left.") == ["He got an A.", "Then he left."]
    assert cut("b. They sleep.") == ["b. They sleep."]
