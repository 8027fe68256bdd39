"""Entries of logs of any format are passages, whatever their messages hold."""

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
