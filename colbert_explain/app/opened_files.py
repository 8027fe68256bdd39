"""From the bytes of an opened file to text; what cannot be read is refused in a sentence."""

from __future__ import annotations

import codecs
from pathlib import PurePath

TEXT_FILES = (".txt", ".text", ".md", ".markdown")
TABLE_FILES = (".csv", ".tsv")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: A longer name tells a reader no more.
_LONGEST_NAME = 60


class FileRefused(ValueError):  # noqa: N818 - nothing went wrong: the file is another one
    """A file that cannot be opened; the message is a sentence for the reader."""


def kind_of(name: str) -> str:
    """Tell by its name whether a file holds a ``"text"`` or a ``"table"``.

    Raises
    ------
    FileRefused
        If it is of another kind.
    """
    ending = PurePath(name).suffix.lower()
    if ending in TEXT_FILES:
        return "text"
    if ending in TABLE_FILES:
        return "table"
    raise FileRefused(f"a file must be .txt, .md or .csv, got {shortened(name)!r}")


def decode(name: str, data: bytes) -> str:
    r"""Read the text of a file: UTF-8, or UTF-16 that begins with a byte order mark.

    Line ends become ``\n``, as in a text field.

    Raises
    ------
    FileRefused
        If it is neither, is binary, or holds nothing but blank space.

    Examples
    --------
    >>> decode("a.txt", "\ufeffdéjà\r\nvu".encode())
    'déjà\nvu'
    """
    shown = repr(shortened(name))
    encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-16" and b"\0" in data:
            raise FileRefused(_binary(shown)) from error
        raise FileRefused(
            f"{shown} must be text in UTF-8, or in UTF-16 with a byte order mark, but byte "
            f"{error.start + 1:,} is neither: save it as UTF-8 and open it again"
        ) from error
    if "\0" in text:
        raise FileRefused(_binary(shown))
    if not text.strip():
        raise FileRefused(f"{shown} must hold text, but is {'blank' if text else 'empty'}")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shortened(name: str) -> str:
    """Cut a file's name in the middle where it is too long for a sentence or a tab."""
    name = PurePath(name).name or name
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 16]}…{name[-15:]}"


def _binary(shown: str) -> str:
    return f"{shown} must be a text file, but is binary, whatever its name says: it holds NUL bytes"
