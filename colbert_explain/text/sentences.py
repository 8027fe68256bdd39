"""Find sentences by rules, without a model.

A full stop ends a sentence unless the next word is in lower case, or the word before it is an
abbreviation or an initial. A line break ends a sentence only after a short line, so wrapped text
stays together. If lines are records, such as rows of a table or a log, each record is one span.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from colbert_explain.text.records.drawn_tables import drawn_tables
from colbert_explain.text.records.line_groups import line_groups
from colbert_explain.text.records.line_starts import LineGroup, numbered_items

_OPENING = "\"'“‘„«‹([{「『（【《"  # noqa: RUF001 (quotation marks are the subject)
_CLOSING = re.escape("\"'”’»›)]}」』）】》")  # noqa: RUF001
_NEWLINE = r"(?>\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])"

_BLANK_LINE = re.compile(rf"{_NEWLINE}(?:[^\S\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*{_NEWLINE})+")
_LINE_BREAK = re.compile(_NEWLINE)
#: A stop, the closing quotes, brackets and note numbers after it, and what must follow.
_STOP = re.compile(
    rf"(?P<mark>[.!?…‼⁇⁈⁉]+)(?P<closed>(?:[{_CLOSING}]|\[\w{{1,3}}\])*)(?=\s)"
    rf"|(?P<wide>[。！？｡।॥؟۔]+)(?P<wide_closed>[{_CLOSING}]*)"  # noqa: RUF001
)
_LAST_WORD = re.compile(r"[^\W_][\w.&-]*\Z")
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]")
#: Alone before a full stop, it begins a list item, a question or a caption.
_ITEM_NUMBER = re.compile(
    r"(?:(?:Article|Chapter|Example|Exercise|Figure|Item|Part|Question|Rule|Section|Step|Table) )?"
    r"[A-Z]?\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{1,6}|[IVX]{1,6}"
)
_ENDED = re.compile(rf"[.!?…:‼⁇⁈⁉。！？｡।॥؟۔][{_CLOSING}]*\Z")  # noqa: RUF001

_BULLET = re.compile(r"\s*(?:[-*+•‣◦▪●○■□➢]|#{1,6})\s+\S")
_NUMBERED = re.compile(r"\s*(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})\)|\d{1,3}\.|[–—])\s+\S")  # noqa: RUF001
_HEADING = re.compile(r"\s*(?:#{1,6}\s|[\W_]+\Z)")

#: The signs before each line of a quotation in Markdown and e-mail.
_QUOTE_MARKS = re.compile(r"\A {0,3}>(?: ?>)* ?")
#: The line before or after code in Markdown.
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)[^\n]*$", re.MULTILINE)
#: The times of a subtitle.
_TIMING = re.compile(r"\s*(?:\d+:)?\d+:\d\d[.,]\d+ +--> ")

#: Abbreviations that never end a sentence.
_NEVER_LAST = re.compile(
    r"Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Fr|Hon|Gen|Col|Maj|Capt|Cmdr|Lt|Sgt|Cpl|Adm|Gov|Sen|Rep|Pres|"
    r"Supt|Messrs|Mme|Mlle|Mgr|Ste|Mt|Ft|e\.g|eg|i\.e|ie|cf|viz|vs|v|resp|incl|esp"
)
#: Abbreviations only before a number; "No. He stayed." has two sentences.
_BEFORE_NUMBER = re.compile(
    r"No|Nos|no|nos|Nr|nr|Fig|Figs|fig|figs|Eq|Eqs|eq|Sec|Sect|sec|Ch|ch|Chap|Vol|Vols|vol|"
    r"Art|art|Ref|Refs|Tab|Pl|pl|Pt|pt|App|p|pp|l|ll|n|nn|c|ca|approx|b|d|r|fl|est|Op|op|par|"
    r"para"
)
#: Abbreviations that end a sentence only before a word of `_BEGINS_SENTENCE`.
_MAYBE_LAST = re.compile(
    r"St|Inc|Ltd|Co|Corp|Bros|Jr|Sr|Esq|al|Ave|Blvd|Rd|Bldg|Dept|Univ|Assn|Ph\.D|PhD|Jan|Feb|"
    r"Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|ed|eds|trans|repr|ff|bzw|z\.B"
)
_BEGINS_SENTENCE = re.compile(
    r"(?:The|An?|This|That|These|Those|It|He|She|They|We|You|I|In|On|At|By|For|From|With|As|But|"
    r"And|Or|If|When|While|After|Before|Since|Although|Though|However|Thus|Then|There|Here|His|"
    r"Her|Its|Their|Our|My|Some|Many|Most|Such|Both|Each|All|Not|One|What|Who|Why|How|Where|"
    r"During|Under|According|Because|Another|Other|Today|Later|Also|Even|Yet|So|To)(?![\w.-])"
)
_NUMBER_FOLLOWS = re.compile(r"(?:[A-Z]?-?|[A-Z]{3} |[€$£¥])\d|[IVXLC]{2,}\b|§")
#: The smallest width of wrapped text.
_NARROWEST_WRAP = 40
#: A line break is intended if the line and the next word would fill less than this share of the
#: width.
_FULL_LINE = 0.85
#: How many characters on either side of a stop are examined.
_REACH = 60


@dataclass(frozen=True, slots=True)
class SentenceSpan:
    """The character span of a sentence or a record.

    ``header`` is the span of the line with the names of the columns, for a row of a table.
    """

    start: int
    end: int
    header: tuple[int, int] | None = None


def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Find the sentences of a text.

    The rules are made for English prose, with the full stops of Chinese, Japanese, Hindi and
    Arabic. Headings, list items and paragraphs end at their line or at a blank line. Each record
    of a table, a log, JSON lines or another list of lines is one span.

    Parameters
    ----------
    text
        Any text, also an empty one.

    Returns
    -------
    tuple of (int, int)
        Character spans in order. They do not overlap, do not begin or end with white space, and
        cover all other characters.

    Examples
    --------
    >>> text = "Dr. Moss weighed 3.5 t of hay. It lasted, i.e. fed 20 elephants, a day."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['Dr. Moss weighed 3.5 t of hay.', 'It lasted, i.e. fed 20 elephants, a day.']
    """
    return tuple((span.start, span.end) for span in sentences_with_headers(text))


def sentences_with_headers(text: str) -> tuple[SentenceSpan, ...]:
    r"""Find sentences as `sentence_spans` does, with the headers of rows of tables.

    Examples
    --------
    >>> text = "| animal | food |\n|---|---|\n| cat | fish |"
    >>> row = sentences_with_headers(text)[-1]
    >>> text[row.start : row.end], text[slice(*row.header)]
    ('| cat | fish |', '| animal | food |')
    """
    spans = []
    for start, end, is_record, header in _line_groups(text):
        cuts = () if is_record else _stops(text, start, end)
        for cut in (*cuts, end):
            inside = _stripped(text, start, cut)
            if inside:
                spans.append(SentenceSpan(*inside, header))
            start = cut
    return tuple(spans)


def _stripped(text: str, start: int, end: int) -> tuple[int, int] | None:
    part = text[start:end]
    inside = part.strip()
    first = start + len(part) - len(part.lstrip())
    return (first, first + len(inside)) if inside else None


_Group = tuple[int, int, bool, tuple[int, int] | None]


def _line_groups(text: str) -> Iterator[_Group]:
    """Yield the spans of lines that may share a sentence, and of lines that are records."""
    fences = [(fence.start(), fence.end()) for fence in _FENCE.finditer(text)]
    programs = [(one[0], other[1]) for one, other in zip(fences[::2], fences[1::2], strict=False)]
    start, k = 0, 0
    for blank in (*_BLANK_LINE.finditer(text), None):
        end = blank.start() if blank else len(text)
        breaks = [(line.start(), line.end()) for line in _LINE_BREAK.finditer(text, start, end)]
        edges = [start, *(edge for pair in breaks for edge in pair), end]
        lines = list(zip(edges[::2], edges[1::2], strict=True))
        # Lines before, in and after code, which may contain blank lines.
        n = 0
        while n < len(lines):
            while k < len(programs) and programs[k][1] <= lines[n][0]:
                k += 1
            first, last = programs[k] if k < len(programs) else (end + 1, end + 1)
            inside = first <= lines[n][0]
            edge, begin = last if inside else first, n
            while n < len(lines) and lines[n][0] < edge:
                n += 1
            part = lines[begin:n]
            yield from _of_program(text, part) if inside else _of_paragraph(text, part)
        start = blank.end() if blank else end


def _of_program(text: str, lines: list[tuple[int, int]]) -> Iterator[_Group]:
    """Yield each line of code, or of a table that is shown as code."""
    headers = {
        group.first: lines[group.header]
        for _, table in drawn_tables([text[start:end] for start, end in lines])
        for group in table
        if group.header >= 0
    }
    for number, (start, end) in enumerate(lines):
        header = headers.get(number)
        yield start, end, True, header and _stripped(text, *header)


def _of_paragraph(text: str, spans: list[tuple[int, int]]) -> Iterator[_Group]:
    spans = [span for span in spans if not text[slice(*span)].isspace() and span[0] < span[1]]
    lines = [text[start:end] for start, end in spans]
    if not lines:
        return
    unquoted = [_QUOTE_MARKS.sub("", line, count=1) for line in lines]
    groups = None
    if all(mine != line and mine.strip() for mine, line in zip(unquoted, lines, strict=True)):
        groups = line_groups(unquoted)
    groups = groups or line_groups(lines) or [LineGroup(0, len(lines), is_record=False)]
    ends = {group.first: spans[group.stop - 1][1] for group in groups}
    for group in groups:
        if group.is_record:
            names = None if group.header < 0 else (spans[group.header][0], ends[group.header])
            header = names and _stripped(text, *names)
            yield spans[group.first][0], spans[group.stop - 1][1], True, header
        else:
            inside = slice(group.first, group.stop)
            yield from _of_prose(lines[inside], spans[inside])


def _of_prose(lines: list[str], spans: list[tuple[int, int]]) -> Iterator[_Group]:
    """Yield the spans of wrapped lines."""
    start, width = spans[0][0], max(map(len, lines))
    items = numbered_items(lines)
    for number, (line, following) in enumerate(pairwise(lines)):
        if number + 1 in items or _ends_here(line.rstrip(), following, width):
            yield start, spans[number][1], False, None
            start = spans[number + 1][0]
    yield start, spans[-1][1], False, None


def _ends_here(line: str, following: str, width: int) -> bool:
    """Return whether the break between two lines of a paragraph is intended."""
    if _BULLET.match(following) or _HEADING.match(following) or _HEADING.match(line):
        return True
    if _TIMING.match(following) or _TIMING.match(line):
        return True
    words = following.split(maxsplit=1)
    if not words or not line:
        return True
    first = words[0].lstrip(_OPENING)[:1]
    cased = first.isupper() or first.isdigit()
    full = _FULL_LINE * (max(width, _NARROWEST_WRAP) if cased else width)
    if len(line) + 1 + len(words[0]) > full:
        return False
    if _NUMBERED.match(following) or _ENDED.search(line):
        return True
    return cased and line[-1] not in ",-–—"  # noqa: RUF001


def _stops(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the ends of all sentences but the last in ``text[start:end]``."""
    for stop in _STOP.finditer(text, start, end):
        following = text[stop.end() : min(end, stop.end() + _REACH)].lstrip()
        if not following:
            continue
        closed = stop["closed"] or stop["wide_closed"] or ""
        if stop["wide"]:
            ends = not (closed and following.startswith("と"))  # direct speech inside a sentence
        else:
            ends = _full_stop_ends(text[start : stop.start()], stop["mark"], following)
        if ends and ")" in closed and "(" in text[start : stop.start()].lstrip()[1:]:
            # The bracket was opened inside this sentence, which may continue.
            ends = _BEGINS_SENTENCE.match(following.lstrip(_OPENING)) is not None
        if ends:
            yield stop.end()
            start = stop.end()


def _full_stop_ends(before: str, mark: str, following: str) -> bool:
    """Return whether a stop ends the sentence ``before``, from the words on both sides."""
    after = following.lstrip(_OPENING)
    if following[0] in ".,;:!?)]…+−=≤≥" or after[:1].islower():  # noqa: RUF001
        return False
    word = _LAST_WORD.search(before[-_REACH:])
    if mark != "." or word is None:
        return True
    last = word.group()
    if _ITEM_NUMBER.fullmatch(before.strip()):
        return False
    if _NEVER_LAST.fullmatch(last):
        return False
    if _BEFORE_NUMBER.fullmatch(last):
        return _NUMBER_FOLLOWS.match(following) is None
    if _MAYBE_LAST.fullmatch(last) or (last.isupper() and _INITIALS.fullmatch(last)):
        return _BEGINS_SENTENCE.match(after) is not None
    return True
