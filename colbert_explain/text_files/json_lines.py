"""Read rows of a JSONL file: each line is an object or a string."""

from __future__ import annotations

import json
from typing import Any

from colbert_explain.text_files.decoding import FileRefused

#: The column of lines that are strings.
_STRINGS = "text"


def split_json_lines(name: str, text: str) -> list[list[str]]:
    r"""Return the names of the columns, then a row for each line that is not blank.

    Columns are all keys, in the order of their first occurrence. Values that are not strings are
    written as JSON; ``null`` and missing keys are blank.

    Raises a `FileRefused` if a line is neither an object nor a string in JSON; the message names
    the line.

    >>> split_json_lines("a.jsonl", '{"_id": 1, "text": "Cats"}\n{"_id": 2, "title": null}\n')
    [['_id', 'text', 'title'], ['1', 'Cats', ''], ['2', '', '']]
    """
    records = [
        _record(name, number, line)
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    keys = list(dict.fromkeys(key for record in records for key in record))
    if not keys:
        raise FileRefused(f"{name!r} must hold objects with keys, got none")
    return [keys, *([record.get(key, "") for key in keys] for record in records)]


def json_fault(error: json.JSONDecodeError) -> str:
    """Return where a line stops being JSON and why, such as "not JSON at character 5: …"."""
    # Some of Python's messages end in "at".
    return f"not JSON at character {error.colno:,}: {error.msg.removesuffix(' at')}"


def _record(name: str, number: int, line: str) -> dict[str, str]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        fault = "it cannot be read"
        if isinstance(error, json.JSONDecodeError):
            fault = f"it is {json_fault(error)}"
        raise FileRefused(
            f"line {number:,} of {name!r} must be an object or a string in JSON, but {fault}"
        ) from error
    if isinstance(value, str):
        value = {_STRINGS: value}
    if not isinstance(value, dict):
        raise FileRefused(
            f"line {number:,} of {name!r} must be an object or a string in JSON, got "
            f"{_JSON_NAMES[type(value)]}"
        )
    record = {key.strip(): _cell(cell) for key, cell in value.items()}
    try:
        "".join([*record, *record.values()]).encode()
    except UnicodeEncodeError as error:
        raise FileRefused(
            f"line {number:,} of {name!r} must be valid Unicode, but holds half of a surrogate pair"
        ) from error
    return record


_JSON_NAMES = {list: "an array", int: "a number", float: "a number", bool: "a Boolean"}
_JSON_NAMES[type(None)] = "null"


def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN, which Python writes into JSON
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False)
