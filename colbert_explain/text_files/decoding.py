"""Decode the bytes of a file, or refuse them with a sentence for the user."""

from __future__ import annotations

import codecs
from pathlib import PurePath
from typing import Literal

FileKind = Literal["text", "csv", "tsv", "jsonl"]

#: The kind of a file by the ending of its name.
KINDS: dict[str, FileKind] = {
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".markdown": "text",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
#: The first bytes of files that often have a wrong name.
_OTHER_FORMATS = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a ZIP archive, as .docx and .xlsx files are",
    b"\x1f\x8b": "compressed with gzip",
}
_SAVE_AS = "save it as UTF-8 and open it again"
#: Longer names are cut.
_LONGEST_NAME = 60


class FileRefused(ValueError):  # noqa: N818 - the user chose another file, nothing failed
    """A file that cannot be opened; the message is a sentence for the user."""


class BlankFile(FileRefused):
    """A file without text."""


def kind_of(name: str) -> FileKind:
    """Return the kind of a file by the ending of its name.

    Raises a `FileRefused` if it has another ending.

    >>> kind_of("Notes.MD"), kind_of("collection.tsv")
    ('text', 'tsv')
    """
    kind = KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise FileRefused(
            f"Can't open {short_file_name(name)}. Use .txt, .md, .csv, .tsv or .jsonl"
        )
    return kind


def decode(name: str, data: bytes) -> str:
    r"""Return the text of a file: UTF-8, or UTF-16 that begins with a byte order mark.

    Line breaks become ``\n``, as in a text field.

    Raises
    ------
    FileRefused
        If it has another encoding, or is binary.
    BlankFile
        If it is blank.

    >>> decode("a.txt", "\ufeffdéjà\r\nvu".encode())
    'déjà\nvu'
    """
    shown = repr(short_file_name(name))
    must = f"{shown} must be text in UTF-8, or in UTF-16 with a byte order mark"
    for beginning, kind in _OTHER_FORMATS.items():
        if data.startswith(beginning):
            raise FileRefused(f"{shown} must be a text file, but is {kind}")
    if data.startswith(_UTF_32):
        raise FileRefused(f"{must}, but it holds NUL bytes, as UTF-32 does: {_SAVE_AS}")
    encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-16" and b"\0" in data:
            raise FileRefused(_binary(shown, must, data)) from error
        raise FileRefused(f"{must}, but byte {error.start + 1:,} is neither: {_SAVE_AS}") from error
    if "\0" in text:
        raise FileRefused(_binary(shown, must, data))
    if not text.strip():
        raise BlankFile(f"{shown} must hold text, but is {'blank' if text else 'empty'}")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def short_file_name(name: str) -> str:
    """Return the name of a file without its folders, cut by `short_name`."""
    return short_name(PurePath(name).name or name)


def short_name(name: str) -> str:
    """Cut a name in the middle if it is too long for a sentence or a tab.

    >>> len(short_name("AC/DC and " + "so " * 100))
    60
    """
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 16]}…{name[-15:]}"


def _binary(shown: str, must: str, data: bytes) -> str:
    """Return the message for a file with NUL bytes, which UTF-16 has beside each Latin letter."""
    start = data[:1000]
    if not data.startswith(_UTF_16) and len(data) % 2 == 0:
        for nul in (0, 1):
            zeros, letters = start[nul::2], start[1 - nul :: 2]
            printed = sum(byte >= 32 or byte in b"\t\n\r" for byte in letters)
            if zeros.count(0) > 0.9 * len(zeros) and printed == len(letters):
                return (
                    f"{must}, but it holds NUL bytes, as UTF-16 without the mark does: {_SAVE_AS}"
                )
    return f"{shown} isn't a text file: it contains binary data"
