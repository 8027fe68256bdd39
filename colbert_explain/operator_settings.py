"""Limits and permissions that an operator sets for a served workbench, from the environment.

A kernel inherits its server's environment, so one setting reaches the server and every visitor.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from colbert_explain.library_settings import (
    PREFIX,
    LibrarySettings,
    count,
    folder,
    minutes,
    switch,
    value_of,
)

__all__ = ["ANY", "PREFIX", "OperatorSettings"]

ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSettings(LibrarySettings):
    """Limits and permissions of a workbench, and what it keeps on disk.

    Attributes
    ----------
    largest_text
        Characters of all texts of one explanation in total; ``COLBERT_EXPLAIN_LARGEST_TEXT``.
    largest_file
        Bytes of a file that a user opens on the page; ``COLBERT_EXPLAIN_LARGEST_FILE``.
    most_documents
        Documents compared for one query; ``COLBERT_EXPLAIN_MOST_DOCUMENTS``.
    concurrent_encodings
        How many texts an encoder service encodes at the same time; others wait.
        ``COLBERT_EXPLAIN_CONCURRENT_ENCODINGS``.
    models
        Hub ids that may be loaded besides the bundled encoder, ``*`` for any; none by default.
        ``COLBERT_EXPLAIN_MODELS``, separated by commas.
    model_folders
        Folders below which local checkpoints may be loaded; none by default.
        ``COLBERT_EXPLAIN_MODEL_FOLDERS``, separated as in ``PATH``.
    collections
        What a page may search besides the sample: folders with everything in them, files, and
        addresses of Qdrant servers such as ``http://localhost:6333#news``, with the collection's
        name; ``*`` for any. ``COLBERT_EXPLAIN_COLLECTIONS``, separated as in ``PATH``.
    largest_collection
        Bytes of the files that a visitor may drop on a page to search them, compressed ones
        decompressed; ``COLBERT_EXPLAIN_LARGEST_COLLECTION``.
    idle_minutes
        Minutes after which a kernel without a connected page is stopped;
        ``COLBERT_EXPLAIN_IDLE_MINUTES``.
    most_kernels
        Kernels, one for each open page, that may run at the same time;
        ``COLBERT_EXPLAIN_MOST_KERNELS``. ``None`` for as many as fit into memory.
    spare_kernel
        Whether one of these kernels waits for the next page with its imports done;
        ``COLBERT_EXPLAIN_SPARE_KERNEL``.
    encoder_queue
        Requests that may wait for an encoder service; ``COLBERT_EXPLAIN_ENCODER_QUEUE``.
    encoder_minutes
        Minutes that an encoder service spends on one request, including waiting;
        ``COLBERT_EXPLAIN_ENCODER_MINUTES``.
    encoder_models
        Models that an encoder service keeps in memory; ``COLBERT_EXPLAIN_ENCODER_MODELS``.
    encoder_threads
        Threads with which an encoder service encodes one text;
        ``COLBERT_EXPLAIN_ENCODER_THREADS``. ``None`` for one less than there are processors.
    keep_embeddings, cache_folder, cache_size, encoder
        As in `LibrarySettings`.
    """

    largest_text: int = 1_000_000
    largest_file: int = 5 * 1024 * 1024
    most_documents: int = 100
    concurrent_encodings: int = 1
    models: tuple[str, ...] = ()
    model_folders: tuple[Path, ...] = ()
    collections: tuple[str, ...] = ()
    largest_collection: int = 4 * 1024 * 1024
    idle_minutes: float = 15.0
    most_kernels: int | None = None
    spare_kernel: bool = True
    encoder_queue: int = 64
    encoder_minutes: float = 10.0
    encoder_models: int = 2
    encoder_threads: int | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> OperatorSettings:
        """Read all settings; what is not set keeps its default.

        Raises
        ------
        ValueError
            If a variable has a value that is not allowed.
        """
        given = os.environ if environment is None else environment
        default = OperatorSettings()
        return OperatorSettings(
            **asdict(LibrarySettings.from_environment(given)),
            largest_text=count(given, "LARGEST_TEXT", default.largest_text),
            largest_file=count(given, "LARGEST_FILE", default.largest_file),
            most_documents=count(given, "MOST_DOCUMENTS", default.most_documents),
            concurrent_encodings=count(given, "CONCURRENT_ENCODINGS", default.concurrent_encodings),
            models=tuple(_listed(given, "MODELS", ",")),
            model_folders=tuple(
                folder("MODEL_FOLDERS", name).resolve()
                for name in _listed(given, "MODEL_FOLDERS", os.pathsep)
            ),
            collections=tuple(_places(given, "COLLECTIONS")),
            largest_collection=count(given, "LARGEST_COLLECTION", default.largest_collection),
            idle_minutes=minutes(given, "IDLE_MINUTES", default.idle_minutes),
            most_kernels=count(given, "MOST_KERNELS", 0) or None,
            spare_kernel=switch(given, "SPARE_KERNEL", default.spare_kernel),
            encoder_queue=count(given, "ENCODER_QUEUE", default.encoder_queue),
            encoder_minutes=minutes(given, "ENCODER_MINUTES", default.encoder_minutes),
            encoder_models=count(given, "ENCODER_MODELS", default.encoder_models),
            encoder_threads=count(given, "ENCODER_THREADS", 0) or None,
        )


def _listed(given: Mapping[str, str], name: str, separator: str) -> list[str]:
    return [part.strip() for part in value_of(given, name).split(separator) if part.strip()]


#: An address, with its port and the name after #; else all up to the next separator.
_PLACE = re.compile(
    rf"https?://[^{os.pathsep}/#\s]+(:\d+)?(/[^{os.pathsep}#]*)?(#[^{os.pathsep}]*)?|[^{os.pathsep}]+"
)


def _places(given: Mapping[str, str], name: str) -> Iterator[str]:
    """Read folders, files and addresses."""
    for found in _PLACE.finditer(value_of(given, name)):
        place = found[0].strip()
        if place == ANY or place.startswith(("http://", "https://")):
            yield place
        elif place:
            yield str(folder(name, place).resolve())
