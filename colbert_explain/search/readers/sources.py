"""`documents_in`: choose the reader for what a caller gives."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.search.readers.folders import documents_in_path
from colbert_explain.search.readers.given_documents import GivenDocuments
from colbert_explain.search.readers.records import read_entries
from colbert_explain.search.readers.tables import documents_in_frame

_RULE = (
    "documents must be an iterable of texts, (id, text) pairs, mappings or Documents, a DataFrame, "
    "or the path of a file or folder"
)


def documents_in(given: Any) -> GivenDocuments:
    """Return documents from whatever holds them, read when they are needed.

    Parameters
    ----------
    given
        One of these:

        - an iterable, such as a generator, of texts, ``(id, text)`` pairs, mappings and
          `Document` objects;
        - a mapping from ids to texts or mappings;
        - a DataFrame;
        - the path of a folder, or of a .txt, .md, .csv, .tsv, .jsonl or .parquet file; tables and
          JSONL may be compressed (.gz).

        The id of a text without one is its position; the id of a text file is its name.

    Raises
    ------
    ValueError
        If it is anything else, a path that does not exist, or a file that cannot be read.
    """
    if isinstance(given, str | os.PathLike):
        return documents_in_path(_existing(given))
    pandas = sys.modules.get("pandas")  # who holds a DataFrame has imported it
    if pandas is not None and isinstance(given, pandas.DataFrame):
        return documents_in_frame(given)
    if isinstance(given, bytes) or not isinstance(given, Iterable):
        raise ValueError(f"{_RULE}, got {check.shown(given)}")
    n = len(given) if isinstance(given, Sized) else None
    entries = _with_ids(given) if isinstance(given, Mapping) else given
    return GivenDocuments(read_entries(entries), n)


def _existing(given: str | os.PathLike[str]) -> Path:
    path = Path(given)
    try:
        if str(given).strip() and path.exists():  # "" would be the working folder
            return path
    except (OSError, ValueError):  # too long for a path, or with a NUL in it
        pass
    raise ValueError(f"{_RULE}, but there is no file or folder {check.shown(str(given))}")


def _with_ids(given: Mapping[Any, Any]) -> Iterator[Any]:
    for id_, entry in given.items():
        yield {**entry, "id": id_} if isinstance(entry, Mapping) else (id_, entry)
