"""Documents in arguments of a command: files, folders, standard input or texts."""

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
from colbert_explain.text_files.tables import likely_kind

#: File names with usual endings, whether they can be opened or not.
_FILE_NAME = re.compile(
    r".*[\w)\]'\"-]\.(?:txt|text|md|markdown|csv|tsv|jsonl|ndjson|json|rst|html?|xml|log|pdf|rtf|"
    r"docx?|odt|xlsx?|ods|pptx?|parquet|zip|gz|tar|tgz|bz2|xz|7z|tex|epub|ipynb|png|jpe?g|gif|svg|"
    r"webp|tiff?|bmp|mp[34]|wav)",
    re.IGNORECASE,
)
#: Single words with endings of three or four letters of one case, or of programs and data.
_SINGLE_FILE_NAME = re.compile(
    r"[^\s@]*[\w)\]'\"-]\.(?P<ending>[a-z][a-z0-9]{2,3}|[A-Z][A-Z0-9]{2,3}|(?i:7z|cc|cs|db|go|h5|hh|hs|"
    r"js|kt|ml|pl|ps|pt|py|rb|rs|sh|ts|xz|class|epub3|feather|ipynb|latex|numbers|onnx|pages|pickle|"
    r"safetensors|scala|sqlite3?|swift|torrent|xhtml))"
)
#: Endings of hosts.
_TOP_DOMAINS = frozenset(
    {
        *("com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "mobi", "pro"),
        *("aero", "coop", "jobs", "post", "asia", "app", "dev", "xyz", "top", "art", "fun", "blog"),
        *("club", "live", "news", "page", "shop", "site", "tech", "wiki", "work", "zone"),
    }
)
#: Beginnings of paths.
_PATH = re.compile(r"(?:~|\.{1,2})?[/\\]\S|[A-Za-z]:[/\\]\S|https?://\S")
#: The longest part of an abbreviation with a separator, such as "n/a", "km/h" and "and/or".
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
    """Return the documents of an argument.

    Parameters
    ----------
    argument
        The name of a file or folder; ``-`` for standard input; otherwise a text.
    standard_input
        Returns its bytes.
    choice
        The columns of a table with texts and names.
    kind
        The kind of standard input; by default a text.

    Raises
    ------
    FileRefused
        If a file cannot be opened, or the argument names one that does not exist.
    OSError
        If the system refuses to read a file.
    """
    if argument == "-":
        return _documents_in_pipe("standard input", standard_input(), choice, kind)
    path = _existing_path(argument)
    if path is not None and (path.is_file() or path.is_dir()):
        return documents_in_path(path, choice)
    if path is not None:  # a pipe, as in <(zcat notes.txt.gz)
        return _documents_in_pipe(path.name, path.read_bytes(), choice, kind)
    if looks_like_path(argument):
        raise FileRefused(
            f"there is no file or folder {argument!r}. To use a text that looks like "
            "a path, pass - and pipe the text in"
        )
    name = " ".join(argument.split())
    name = name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"
    return FoundDocuments(((name, argument),))


def _documents_in_pipe(
    name: str, data: bytes, choice: ColumnChoice | None, kind: FileKind | None
) -> FoundDocuments:
    """Read bytes without a file name as a text, with a note if they look like rows."""
    found = documents_in_bytes(name, data, choice, kind=kind or "text")
    likely = likely_kind(found.documents[0][1]) if kind is None else "text"
    if likely == "text":
        return found
    note = f"{name} is read as one text. To read its rows, pipe it to - with --input {likely}."
    return FoundDocuments(found.documents, (*found.notes, note))


def looks_like_path(argument: str) -> bool:
    """Return whether a string, which names no existing file, looks like a path.

    It then has the ending of a file but not of a host, the beginning of a path, a separator at its
    end, a separator and no blank, or names a file in an existing folder.

    >>> [looks_like_path(text) for text in ("my docs.csv", "no/such/cats", "./cats", "my docs/")]
    [True, True, True, True]
    >>> [
    ...     looks_like_path(text)
    ...     for text in ("paper.tex", "data.csv.bz2", "example.com", "3.14", "e.g.")
    ... ]
    [True, True, False, False, False]
    >>> [looks_like_path(text) for text in ("Cats eat.", "n/a", "<b>cats</b>", "120 km/h or so")]
    [False, False, False, False]
    """
    if len(argument) > _LONGEST_PATH or any(sign in argument for sign in "\n\r\0"):
        return False
    text = argument.strip()
    if _FILE_NAME.fullmatch(text) or _PATH.match(text):
        return True
    single = _SINGLE_FILE_NAME.fullmatch(text)
    if single and single["ending"].lower() not in _TOP_DOMAINS:
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
