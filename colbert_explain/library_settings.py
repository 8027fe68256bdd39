"""Settings of the library, from the environment: what is kept on disk, and what encodes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from colbert_explain import argument_checks as check

PREFIX = "COLBERT_EXPLAIN_"
_CACHE_FOLDER = platformdirs.user_cache_path("colbert_explain", appauthor=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySettings:
    """What is kept on disk, and where; and what encodes texts.

    Attributes
    ----------
    keep_embeddings
        Whether token embeddings are kept on disk; ``COLBERT_EXPLAIN_KEEP_EMBEDDINGS``, 0 or 1.
        The dashboard server switches it on; scripts and notebooks have it off by default.
    cache_folder
        Folder of kept embeddings and calibrations; ``COLBERT_EXPLAIN_CACHE_FOLDER``.
    cache_size
        Maximum size of the kept embeddings in bytes; ``COLBERT_EXPLAIN_CACHE_SIZE``.
    encoder
        Address of the encoder service that encodes instead of this process;
        ``COLBERT_EXPLAIN_ENCODER``. ``None`` for this process. The dashboard server sets it.
    """

    keep_embeddings: bool = False
    cache_folder: Path = _CACHE_FOLDER
    cache_size: int = 1024**3
    encoder: str | None = field(default=None, repr=False)  # a page may show these settings

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> LibrarySettings:
        """Read these settings; what is not set keeps its default.

        Raises
        ------
        ValueError
            If a variable has a value that is not allowed.
        """
        given = os.environ if environment is None else environment
        place = value_of(given, "CACHE_FOLDER")
        return LibrarySettings(
            keep_embeddings=switch(given, "KEEP_EMBEDDINGS", False),
            cache_folder=folder("CACHE_FOLDER", place) if place else _CACHE_FOLDER,
            cache_size=count(given, "CACHE_SIZE", 1024**3),
            encoder=value_of(given, "ENCODER") or None,
        )


def value_of(given: Mapping[str, str], name: str) -> str:
    """Return the value of a variable of this package, without blanks around it."""
    return given.get(f"{PREFIX}{name}", "").strip()


def count(given: Mapping[str, str], name: str, default: int) -> int:
    """Read a whole number above 0."""
    value = value_of(given, name)
    if not value:
        return default
    # Python refuses to convert thousands of digits.
    if not (value.isascii() and value.isdigit() and len(value) <= 18 and int(value) > 0):
        raise ValueError(f"{PREFIX}{name} must be a whole number above 0, got {check.shown(value)}")
    return int(value)


def switch(given: Mapping[str, str], name: str, default: bool) -> bool:
    """Read 0 or 1."""
    value = value_of(given, name)
    if value not in ("", "0", "1"):
        raise ValueError(f"{PREFIX}{name} must be 0 or 1, got {check.shown(value)}")
    return value == "1" if value else default


def minutes(given: Mapping[str, str], name: str, default: float) -> float:
    """Read a number of minutes above 0."""
    value = value_of(given, name)
    try:
        read = float(value or default)
    except ValueError:
        read = float("nan")
    if not 0 < read < float("inf"):
        raise ValueError(
            f"{PREFIX}{name} must be a number of minutes above 0, got {check.shown(value)}"
        )
    return read


def folder(name: str, value: str) -> Path:
    """Read the path of a folder, which need not exist."""
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # "~nobody"
        raise ValueError(
            f"{PREFIX}{name} must be a folder, got {check.shown(value)}: {error}"
        ) from error
