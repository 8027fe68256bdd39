"""Documents as arguments of a command: files, folders, standard input, or the texts themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from colbert_explain.text_files.decoding import FileKind, FileRefused
from colbert_explain.text_files.documents import (
    ColumnChoice,
    FoundDocuments,
    documents_in_bytes,
    documents_in_path,
)

#: Names of files end so, whether they can be opened or not.
_FILE_NAME = re.compile(
    r".*[\w)\]'\"-]\.(?:txt|text|md|markdown|csv|tsv|jsonl|ndjson|json|rst|html?|xml|log|pdf|rtf|"
    r"docx?|odt|xlsx?|ods|pptx?|parquet|zip|gz)",
    re.IGNORECASE,
)
#: Only paths begin so.
_PATH = re.compile(r"(?:~|\.{1,2})?[/\\]\S|[A-Za-z]:[/\\]\S|https?://\S")
#: A separator may also stand for "or" and "per", as in "n/a", "km/h" and "and/or".
_LONGEST_ABBREVIATION = 3
_LONGEST_PATH = 1000
_NAME_LENGTH = 50


def documents_in_argument(
    argument: str,
    standard_input: Callable[[], bytes],
    choice: ColumnChoice | None = None,
    *,
    kind: FileKind | None = None,
) -> FoundDocuments:
    """Return the documents that an argument means.

    Parameters
    ----------
    argument
        The name of a file or folder; ``-`` for standard input; any other is a text.
    standard_input
        Returns its bytes.
    choice
        Which columns of a table hold texts and names.
    kind
        What standard input holds; by default a text.

    Raises
    ------
    FileRefused
        If a file cannot be opened, or the argument names one that is not there.
    OSError
        If the system refuses to read a file.
    """
    if argument == "-":
        return documents_in_bytes("standard input", standard_input(), choice, kind=kind or "text")
    path = _existing_path(argument)
    if path is not None and (path.is_file() or path.is_dir()):
        return documents_in_path(path, choice)
    if path is not None:  # a pipe, as in <(zcat notes.txt.gz)
        return documents_in_bytes(path.name, path.read_bytes(), choice, kind=kind or "text")
    if looks_like_path(argument):
        raise FileRefused(
            f"there is no file or folder {argument!r}. A text that looks like a path is read "
            "from standard input: give - and pipe it in"
        )
    name = " ".join(argument.split())
    name = name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"
    return FoundDocuments(((name, argument),))


def looks_like_path(argument: str) -> bool:
    """Return whether a string that names no file was meant to name one.

    It ends as the name of a file does, begins as a path does, ends with a separator, holds one and
    no blank, or would lie in a folder that is there.

    Examples
    --------
    >>> [looks_like_path(text) for text in ("my docs.csv", "no/such/cats", "./cats", "my docs/")]
    [True, True, True, True]
    >>> [looks_like_path(text) for text in ("Cats eat.", "n/a", "<b>cats</b>", "120 km/h or so")]
    [False, False, False, False]
    """
    if len(argument) > _LONGEST_PATH or any(sign in argument for sign in "\n\r\0"):
        return False
    text = argument.strip()
    if _FILE_NAME.fullmatch(text) or _PATH.match(text):
        return True
    parts = re.split(r"[/\\]", text)
    if len(parts) == 1 or re.search(r'[<>|?*"]', text):
        return False
    if not parts[-1]:
        return True
    if not re.search(r"\s", text):
        return any(len(part) > _LONGEST_ABBREVIATION for part in parts)
    folder = _existing_path(text[: -len(parts[-1])])
    return folder is not None and folder.is_dir()


def _existing_path(argument: str) -> Path | None:
    if not argument.strip():
        return None  # Path("") is this folder
    try:
        path = Path(argument)
        return path if path.exists() else None
    except (OSError, ValueError):  # too long for a path, or with a NUL in it
        return None
