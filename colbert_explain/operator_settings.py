"""What whoever runs the workbench for others allows; everything comes from the environment.

A kernel inherits its server's environment, so one setting reaches the server and every visitor.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

PREFIX = "COLBERT_EXPLAIN_"
ANY = "*"

_CACHE_FOLDER = platformdirs.user_cache_path("colbert_explain", appauthor=False)


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """Limits and permissions of a workbench.

    Attributes
    ----------
    largest_text
        Characters of all texts of one explanation together; ``COLBERT_EXPLAIN_LARGEST_TEXT``.
    largest_file
        Bytes of a file that is opened in the page; ``COLBERT_EXPLAIN_LARGEST_FILE``.
    most_documents
        Documents compared for one query; ``COLBERT_EXPLAIN_MOST_DOCUMENTS``.
    concurrent_encodings
        Long texts that are read at the same time, and as many short ones beside them; the others
        wait their turn. ``COLBERT_EXPLAIN_CONCURRENT_ENCODINGS``.
    models
        Hub ids that may be loaded beside the bundled encoder, ``*`` for any; none by default.
        ``COLBERT_EXPLAIN_MODELS``, separated by commas.
    model_folders
        Folders below which local checkpoints may be loaded; none by default.
        ``COLBERT_EXPLAIN_MODEL_FOLDERS``, separated as ``PATH`` is.
    keep_embeddings
        Whether token embeddings are kept on disk; ``COLBERT_EXPLAIN_KEEP_EMBEDDINGS``, 0 or 1.
        The dashboard server sets it; in a script or notebook of one's own it is off.
    cache_folder
        Where kept embeddings, calibrations and locks lie; ``COLBERT_EXPLAIN_CACHE_FOLDER``.
    cache_size
        Bytes of kept embeddings; ``COLBERT_EXPLAIN_CACHE_SIZE``.
    idle_minutes
        Minutes after which a kernel without a connected page is ended;
        ``COLBERT_EXPLAIN_IDLE_MINUTES``.
    most_kernels
        Kernels, one for each open page, that may run at the same time;
        ``COLBERT_EXPLAIN_MOST_KERNELS``. ``None`` for as many as the memory is enough for.
    """

    largest_text: int = 1_000_000
    largest_file: int = 5 * 1024 * 1024
    most_documents: int = 100
    concurrent_encodings: int = 1
    models: tuple[str, ...] = ()
    model_folders: tuple[Path, ...] = ()
    keep_embeddings: bool = False
    cache_folder: Path = _CACHE_FOLDER
    cache_size: int = 1024**3
    idle_minutes: float = 15.0
    most_kernels: int | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> OperatorSettings:
        """Read the settings; what is not set keeps its default.

        Raises
        ------
        ValueError
            If a value is not what its variable takes; the message names the variable.
        """
        given = os.environ if environment is None else environment
        default = cls()
        return cls(
            largest_text=_count(given, "LARGEST_TEXT", default.largest_text),
            largest_file=_count(given, "LARGEST_FILE", default.largest_file),
            most_documents=_count(given, "MOST_DOCUMENTS", default.most_documents),
            concurrent_encodings=_count(
                given, "CONCURRENT_ENCODINGS", default.concurrent_encodings
            ),
            models=tuple(_listed(given, "MODELS", ",")),
            model_folders=tuple(
                Path(folder).expanduser().resolve()
                for folder in _listed(given, "MODEL_FOLDERS", os.pathsep)
            ),
            keep_embeddings=_switch(given, "KEEP_EMBEDDINGS", default.keep_embeddings),
            cache_folder=Path(
                given.get(f"{PREFIX}CACHE_FOLDER", "") or default.cache_folder
            ).expanduser(),
            cache_size=_count(given, "CACHE_SIZE", default.cache_size),
            idle_minutes=_minutes(given, "IDLE_MINUTES", default.idle_minutes),
            most_kernels=_count(given, "MOST_KERNELS", 0) or None,
        )


def _count(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(f"{PREFIX}{name}", "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise ValueError(f"{PREFIX}{name} must be a whole number above 0, got {value!r}")
    return int(value)


def _minutes(given: Mapping[str, str], name: str, default: float) -> float:
    value = given.get(f"{PREFIX}{name}", "").strip()
    try:
        minutes = float(value or default)
    except ValueError:
        minutes = float("nan")
    if not 0 < minutes < float("inf"):
        raise ValueError(f"{PREFIX}{name} must be a number of minutes above 0, got {value!r}")
    return minutes


def _switch(given: Mapping[str, str], name: str, default: bool) -> bool:
    value = given.get(f"{PREFIX}{name}", "").strip()
    if value not in ("", "0", "1"):
        raise ValueError(f"{PREFIX}{name} must be 0 or 1, got {value!r}")
    return value == "1" if value else default


def _listed(given: Mapping[str, str], name: str, separator: str) -> list[str]:
    return [
        part.strip() for part in given.get(f"{PREFIX}{name}", "").split(separator) if part.strip()
    ]
