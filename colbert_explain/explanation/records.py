"""Lines that are records: rows of a table, of a log, of JSON, of key and value, of plain lists.

Each kind is told by what its lines have in common, because prose that was wrapped has lines of
about the same length, too, but neither the same signs in each line nor the same words in one
place.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from colbert_explain.explanation.log_lines import ITEM, alike_starts, entry_starts
from colbert_explain.text_files.columns import looks_like_header


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines that belong together.

    Attributes
    ----------
    first, stop
        The number of the first line, and of the line after the last.
    is_record
        Whether they are one record, which full stops do not divide.
    header
        The number of the line with the names of the columns; -1 where there is none.
    """

    first: int
    stop: int
    is_record: bool = True
    header: int = -1


_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_JSON = re.compile(r"\s*(?:\{.*\}|\[.*\])\s*,?\s*")
_KEY = re.compile(
    r"\s*(?:- )?[\"']?[\w.@$-]+(?: [\w.-]+){0,2}[\"']?\s?(?::(?=\s|\Z)|=(?=\S|\s|\Z))"
)
_CODE = re.compile(r".*(?:[;{}]|\)\s*:)\s*")
#: A line of a program after which the next one is indented.
_CODE_OPENS = re.compile(
    r"(\s*)(?:(?:async |export |public |private |static )*(?:def|class|if|for|while|with|try|else|"
    r"elif|except|finally|function|switch|match|case)\b.*|.*\)\s*(?:=>\s*)?)[:{(]\s*"
)
_STOP_INSIDE = re.compile(r"[.!?]['\"”’)]* +[A-Z]")  # noqa: RUF001 - closing quotation marks
#: Thai, Lao, Burmese, Khmer, Japanese and Chinese.
_NO_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
#: Of these scripts, those that wrapping breaks between words only.
_LONG_WORDS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
#: Narrower nobody wraps: in letters, and in columns, of which a Chinese sign takes two.
_NARROWEST_WRAP, _NARROWEST_COLUMNS = 30, 24
#: Columns left free by a word, or by a stop that must not begin a line.
_WORD_COLUMNS, _KEPT_FREE = 12, 4
_GOES_ON = re.compile(r"[,，、;；:：]\s*\Z")  # noqa: RUF001 - full width counts too
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’」』）)]*\s*\Z")  # noqa: RUF001
#: Signs that prose puts before and after a word.
_ROUND_WORDS = ".,;:!?…\"'“”‘’()"  # noqa: RUF001
#: Words that stand anywhere in prose say nothing of a pattern.
_ANYWHERE = frozenset(
    {
        *("the", "of", "and", "a", "an", "to", "in", "is", "was", "that", "for", "on", "with"),
        *("as", "by", "at", "it", "or", "from"),
    }
)
#: Fewer lines than this have a word or a length in common by chance.
_LEAST_ALIKE = 4
#: So many words from the start of a line are compared.
_COMPARED_WORDS = 6


def line_groups(lines: Sequence[str]) -> list[LineGroup] | None:
    """Return how the lines of a paragraph belong together; None if it is prose.

    Parameters
    ----------
    lines
        Lines without their ends; none is blank.

    Examples
    --------
    >>> [(g.first, g.stop, g.header) for g in line_groups(["name,age", "Ann,3", "Bob,5"])]
    [(0, 1, -1), (1, 2, 0), (2, 3, 0)]
    >>> line_groups(["Elephants eat", "grass and bark"]) is None
    True
    """
    return _markdown_tables(lines) or _without_rule(lines)


def _without_rule(lines: Sequence[str]) -> list[LineGroup] | None:
    if len(lines) < 2:
        return None
    for kind in (_json_lines, _log_lines, _delimited, _aligned, _keys, _begin_alike, _lines_alike):
        found = kind(lines)
        if found is not None:
            return found
    return None


def _markdown_tables(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find tables whose second line is ruled; what stands around them is read by itself."""
    groups: list[LineGroup] = []
    done = 0
    for rule in range(1, len(lines)):
        bars = "|" in lines[rule] and "|" in lines[rule - 1]
        if rule <= done or not bars or not _TABLE_RULE.fullmatch(lines[rule]):
            continue
        stop = next((j for j in range(rule + 1, len(lines)) if "|" not in lines[j]), len(lines))
        groups += _around(lines, done, rule - 1)
        groups += [LineGroup(rule - 1, rule), LineGroup(rule, rule + 1)]
        groups += [LineGroup(j, j + 1, header=rule - 1) for j in range(rule + 1, stop)]
        done = stop
    return [*groups, *_around(lines, done, len(lines))] if groups else None


def _around(lines: Sequence[str], first: int, stop: int) -> list[LineGroup]:
    """Return how the lines beside a table belong together."""
    if first == stop:
        return []
    groups = _without_rule(lines[first:stop])
    if groups is None:
        return [LineGroup(first, stop, is_record=False)]
    return [
        LineGroup(
            *(group.first + first, group.stop + first, group.is_record),
            header=group.header + first if group.header >= 0 else -1,
        )
        for group in groups
    ]


def _json_lines(lines: Sequence[str]) -> list[LineGroup] | None:
    return _each(lines) if all(_JSON.fullmatch(line) for line in lines) else None


def _log_lines(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find entries; a line that begins like none goes on with the one before it."""
    begins = entry_starts(lines)
    return None if begins is None else _joined(begins)


def _begin_alike(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find entries of any other kind."""
    begins = alike_starts(lines)
    return None if begins is None else _joined(begins)


def _keys(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find lines such as ``name: value``, ``NAME=value`` and ``Ann: Good morning!``."""
    keys = [_KEY.match(line) is not None for line in lines]
    begins = [key or ITEM.match(line) is not None for key, line in zip(keys, lines, strict=True)]
    if len(lines) < 3 or sum(begins) < 0.8 * len(lines) or sum(keys) < 0.5 * len(lines):
        return None
    return _joined(begins)


def _delimited(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find rows whose fields are divided by tabs, bars, semicolons or commas."""
    for delimiter in "\t|;,":
        rows = _logical_rows(lines, delimiter)
        cells = [_cells(" ".join(lines[a:b]), delimiter) for a, b in rows]
        usual, n_usual = Counter(map(len, cells)).most_common(1)[0]
        if delimiter == "\t":
            fits = all(len(row) > 1 for row in cells)
        else:
            fits = usual > 1 and n_usual >= 0.9 * len(rows) and len(rows) > 2
        if not fits or (delimiter in ";," and not _is_tight(lines, delimiter)):
            continue
        same = [row for row in cells if len(row) == len(cells[0])]
        header = 0 if len(same) > 1 and looks_like_header(same) else -1
        return [
            LineGroup(a, b, header=header if number else -1) for number, (a, b) in enumerate(rows)
        ]
    return None


def _logical_rows(lines: Sequence[str], delimiter: str) -> list[tuple[int, int]]:
    """Join lines that a quotation spans, where a quotation may stand."""
    rows, first, open_quote = [], 0, False
    for number, line in enumerate(lines):
        if delimiter in ";," and line.count('"') % 2:
            open_quote = not open_quote
        if not open_quote:
            rows.append((first, number + 1))
            first = number + 1
    if open_quote:  # never closed: it was no quotation
        rows += [(number, number + 1) for number in range(first, len(lines))]
    return rows


def _cells(line: str, delimiter: str) -> list[str]:
    line = line.strip().strip("|") if delimiter == "|" else line.strip()
    if delimiter in ";,":
        # What stands between quotation marks counts as one sign; its length decides nothing.
        line = _QUOTED.sub(lambda quoted: quoted[0].replace(delimiter, " "), line)
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def _is_tight(lines: Sequence[str], delimiter: str) -> bool:
    """In prose a blank follows a comma; between fields none does, or a quotation mark."""
    tight = re.compile(rf'{delimiter}(?:\S| *")')
    return sum(tight.search(line) is not None for line in lines) >= 0.9 * len(lines)


def _aligned(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find columns of fixed width: the same place holds two blanks in every line."""
    if len(lines) < _LEAST_ALIKE:
        return None
    shared: set[int] | None = None
    for line in lines:
        text = line.rstrip()
        inner = len(text) - len(text.lstrip())
        places = {
            place
            for gap in re.finditer(r" {2,}", text)
            if gap.start() >= inner
            for place in range(gap.start(), gap.end() - 1)
        }
        shared = places if shared is None else shared & places
        if not shared:
            return None
    digits = [any(character.isdigit() for character in line) for line in lines]
    named = lines[0].isupper() or (not digits[0] and 2 * sum(digits) >= len(lines))
    return [LineGroup(j, j + 1, header=0 if named and j else -1) for j in range(len(lines))]


def _lines_alike(lines: Sequence[str]) -> list[LineGroup] | None:
    """Find lines that were ended on purpose, whatever they hold; they may hold sentences."""
    n = len(lines)
    if any(ITEM.match(line) for line in lines):
        return None
    if sum(_CODE.fullmatch(line) is not None for line in lines) >= 0.6 * n or _is_indented(lines):
        return _each(lines)
    if _are_addresses(lines) or _shorter_than_wrapped(lines):
        return _each(lines, is_record=False)
    if n < _LEAST_ALIKE:
        return None
    alike = (
        _few_words(lines)
        or _same_word(lines)
        or _same_length(lines)
        or _all_begin_large(lines)
        or _small_short(lines)
    )
    return _each(lines, is_record=False) if alike else None


def _are_addresses(lines: Sequence[str]) -> bool:
    """Return whether each line is one word with a sign or a digit in it, as addresses are."""
    words = [line.strip().strip(_ROUND_WORDS) for line in lines]
    return not _without_blanks(lines) and all(
        word and not re.search(r"\s", word) and not word.isalpha() for word in words
    )


def _few_words(lines: Sequence[str]) -> bool:
    """Return whether there are two words a line or fewer, which no wrapping leaves."""
    counts = [len(line.split()) for line in lines]
    few = max(counts) <= 2 or max(map(len, lines)) < _NARROWEST_WRAP
    return few and sum(counts) <= 2 * len(lines) and not _without_blanks(lines)


def _without_blanks(lines: Sequence[str]) -> bool:
    """Return whether most of the text is in a script that puts no blanks between words."""
    n_signs = sum(len("".join(line.split())) for line in lines)
    return 2 * sum(len(_NO_BLANKS.findall(line)) for line in lines) > n_signs


def _shorter_than_wrapped(lines: Sequence[str]) -> bool:
    """Return whether lines in a script without blanks end before the edge, as no wrapped ones do.

    Such a line is filled up to a sign or two, but for the last one and those that end a sentence.
    """
    if not _without_blanks(lines) or any(_GOES_ON.search(line) for line in lines[:-1]):
        return False
    widths = [_width(line) for line in lines]
    if max(widths) < _NARROWEST_COLUMNS:
        return True
    room = _WORD_COLUMNS if _LONG_WORDS.search("".join(lines)) else _KEPT_FREE
    open_ended = [
        number for number, line in enumerate(lines[:-1]) if not _ENDS_SENTENCE.search(line)
    ]
    short = [number for number in open_ended if widths[number] + room < max(widths)]
    # The first alone may be a heading.
    return 4 * len(short) >= max(1, len(open_ended)) and (short != [0] or len(lines) == 2)


def _width(line: str) -> int:
    """Return how many columns a line takes: Chinese signs two, marks above a letter none."""
    return sum(
        2 if unicodedata.east_asian_width(sign) in "WF" else unicodedata.category(sign) != "Mn"
        for sign in line.strip()
    )


def _is_indented(lines: Sequence[str]) -> bool:
    """Return whether a line of a program opens what the next line, further right, is in."""
    for line, following in pairwise(lines):
        opens = _CODE_OPENS.fullmatch(line)
        if opens and re.match(rf"{re.escape(opens[1])}\s+\S", following):
            return True
    return False


def _same_word(lines: Sequence[str]) -> bool:
    """Return whether most lines have a word in the same place, numbers all being the same."""
    words = [re.sub(r"\d+", "9", line).split() for line in lines]
    for place in (*range(_COMPARED_WORDS), -1):
        found = Counter(row[place] for row in words if len(row) > place)
        for word, number in found.most_common(1):
            needed = 0.95 if word.lower() in _ANYWHERE else 0.7
            if number >= needed * len(lines):
                return True
    return False


def _same_length(lines: Sequence[str]) -> bool:
    """Return whether all lines, the last included, are equally long, but not filled up."""
    stripped = [line.strip() for line in lines]
    if len(set(map(len, stripped))) > 1 or any("  " in line for line in stripped):
        return False
    stops = sum(_STOP_INSIDE.search(line) is not None for line in stripped)
    return all(" " in line for line in stripped) and 4 * stops <= len(lines)


def _all_begin_large(lines: Sequence[str]) -> bool:
    """Return whether more lines begin with a capital or a digit than wrapping explains."""
    words = [line.split() for line in lines]
    begin = sum(_is_large(row[0]) for row in words)
    large = sum(_is_large(word) for row in words for word in row)
    share = large / max(1, sum(map(len, words)))
    return bool(begin >= 0.9 * len(lines) and share ** (len(lines) - 1) < 0.01)


def _is_large(word: str) -> bool:
    first = word.lstrip("\"'“‘(¿¡")[:1]  # noqa: RUF001 - quotation marks
    return first.isupper() or first.isdigit()


def _small_short(lines: Sequence[str]) -> bool:
    """Return whether lines begin small, and many could have taken the next word as well."""
    words = [line.split() for line in lines]
    if _is_large(words[0][0]):
        return False
    small = sum(not _is_large(row[0]) for row in words)
    width = max(map(len, lines))
    short = sum(
        len(line) + 1 + len(following[0]) <= 0.85 * width
        for line, following in zip(lines, words[1:], strict=False)
    )
    return small >= 0.9 * len(lines) and short >= max(2, 0.25 * (len(lines) - 1))


def _each(lines: Sequence[str], *, is_record: bool = True) -> list[LineGroup]:
    return [LineGroup(j, j + 1, is_record) for j in range(len(lines))]


def _joined(begins: Sequence[bool]) -> list[LineGroup]:
    """Return one group for each line that begins a record, with the lines that follow it."""
    firsts = [j for j, begin in enumerate(begins) if begin or j == 0]
    return [LineGroup(a, b) for a, b in zip(firsts, [*firsts[1:], len(begins)], strict=True)]
