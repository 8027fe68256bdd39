"""Token vectors of documents in a Parquet file, which Spark, Ray and other engines read and write.

One row is one document. A file that is read has these columns:

- ``id``, ``text``: strings; no two ids are equal.
- ``tokens``: a list of strings, the tokens as the tokeniser spells them.
- ``vectors``: a list of lists of floats, one for each token, all of one size and of unit length.

A file that is written here has the following columns too; a file that is read may have any of them:

- ``metadata``: a JSON object, name to text, number or Boolean.
- ``token_ids``: a list of integers or nulls, the tokens' ids in the vocabulary.
- ``starts``, ``ends``: lists of integers or nulls, the tokens' characters, ``text[start:end]``;
  null for a token that has no text.
- ``token_texts``: a list of strings or nulls, what a token without text is called; null for others.
- ``roles``: a list of strings, each ``text``, ``special``, ``marker`` or ``expansion``.
- ``scored``, ``unknown``: lists of Booleans, whether a token takes part in MaxSim, and whether the
  vocabulary has no entry for its text.
- ``windows``: a list of integers, in which window of a long text, from 0, a token was encoded.
- ``n_unread``, ``unread_start``: how many tokens were not encoded, and the character where they
  begin, or null.

All lists of a row have the same length. The file's own metadata name what encoded the documents, as
JSON, under the key ``colbert_explain.provenance``. Without these additional columns, tokens are
text and are scored. They have character spans if together they make up the whole text apart from
white space, capitals and ``##``; otherwise they have none.

Needs the extra ``parquet``: ``pip install "colbert-explain[parquet]"``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Encoder, Provenance, check_encoder
from colbert_explain.search.collection import Collection
from colbert_explain.search.documents import EncodedDocument
from colbert_explain.search.error import CollectionError
from colbert_explain.search.in_memory import InMemoryEngine
from colbert_explain.search.on_disk import OnDiskEngine
from colbert_explain.search.optional_packages import require
from colbert_explain.search.token_vectors_rows import (
    PROVENANCE_KEY,
    TOKEN_COLUMNS,
    read_token_vectors,
)
from colbert_explain.storage.atomic_write import written_whole
from colbert_explain.storage.provenance_values import provenance_as_json

if TYPE_CHECKING:
    import pyarrow as pa

#: Tokens of a group of rows, at least: 50 MB of vectors with 768 numbers.
_GROUP = 16_384
#: Documents that are taken from a collection at a time.
_FETCHED = 64


def write_token_vectors(documents: Collection | Iterable[EncodedDocument], path: str | Path) -> int:
    """Write documents with their token vectors to a Parquet file.

    The file is written whole or not at all. Memory is needed for one group of rows, some 50 MB.

    Parameters
    ----------
    documents
        A collection, or encoded documents from one encoder.
    path
        A file in an existing folder; an existing file is replaced.

    Returns
    -------
    int
        How many documents were written.

    Raises
    ------
    ValueError
        If there is no document, or they are not from one encoder.
    OSError
        If the file cannot be written.
    RuntimeError
        If pyarrow is not installed.
    """
    require("pyarrow", "pyarrow", "parquet", "a Parquet file")
    import pyarrow.parquet as pq

    if isinstance(documents, str | bytes | Mapping) or not isinstance(documents, Iterable):
        raise ValueError(
            "documents must be a Collection or an iterable of encoded documents, "
            f"got {check.shown(documents)}"
        )
    path = check.file_path("path", path)
    if path.is_dir() or not path.parent.is_dir():
        raise OSError(f"path must name a file in an existing folder, got {path}")
    if isinstance(documents, Collection):
        documents = _documents_of(documents)
    groups = _groups(documents)
    if (first := next(groups, None)) is None:
        raise ValueError("documents must hold at least one document, got none")
    provenance, dim = first[0].embeddings.provenance, first[0].embeddings.vectors.shape[1]
    schema = _schema(provenance, dim)
    n = 0
    with (
        written_whole(path) as file,
        pq.ParquetWriter(file, schema, write_page_checksum=True) as writer,
    ):
        for group in chain([first], groups):
            writer.write_table(_table(group, schema, provenance, dim))
            n += len(group)
    return n


def collection_from_token_vectors(
    path: str | Path,
    encoder: Encoder | None = None,
    into: str | Path | None = None,
    *,
    provenance: Provenance | None = None,
) -> Collection:
    """Make a collection of documents that were encoded elsewhere.

    Parameters
    ----------
    path, provenance
        As for `read_token_vectors`.
    encoder
        What encodes queries; by default the bundled one. It must be the one that encoded the
        documents.
    into
        A new or empty folder for the documents; by default they are kept in memory. An interrupted
        call continues if it is made again with the same documents.

    Raises
    ------
    ValueError, OSError, RuntimeError
        As for `read_token_vectors`.
    CollectionError
        If the folder holds something else, or the disk is full.
    """
    if encoder is not None:
        check_encoder(encoder)
    documents = read_token_vectors(path, provenance)
    if into is None:
        engine = InMemoryEngine()
        engine.add(documents)
        return Collection(engine, encoder)
    with OnDiskEngine.building(check.file_path("into", into), None) as kept:
        kept.add(_after_those_of(kept, documents))
        kept.complete()
    return Collection(kept, encoder)


def _after_those_of(
    kept: OnDiskEngine, documents: Iterable[EncodedDocument]
) -> Iterator[EncodedDocument]:
    """Leave out the documents that an interrupted call has kept, or refuse others."""
    remaining = iter(documents)
    for document in kept.documents():
        [stored] = kept.fetch([document.id])
        given = next(remaining, None)
        if (
            given is None
            or given.document != document
            or not given.embeddings.provenance.same_model(stored.embeddings.provenance)
            or not np.array_equal(given.embeddings.vectors, stored.embeddings.vectors)
        ):
            raise CollectionError(
                f"{kept.folder} holds documents of an interrupted call, of which "
                f"{document.id!r} has changed since: remove the folder, or name another"
            )
    yield from remaining


def _documents_of(collection: Collection) -> Iterator[EncodedDocument]:
    waiting: list[str] = []
    for document in collection:
        waiting.append(document.id)
        if len(waiting) == _FETCHED:
            yield from collection.engine.fetch(waiting)
            waiting = []
    if waiting:
        yield from collection.engine.fetch(waiting)


def _groups(documents: Iterable[EncodedDocument]) -> Iterator[list[EncodedDocument]]:
    waiting: list[EncodedDocument] = []
    size = 0
    for encoded in documents:
        waiting.append(check.instance("an entry of documents", encoded, EncodedDocument))
        size += len(encoded.embeddings.tokens)
        if size >= _GROUP:
            yield waiting
            waiting, size = [], 0
    if waiting:
        yield waiting


def _schema(provenance: Provenance, dim: int) -> pa.Schema:
    import pyarrow as pa

    strings, numbers, truths = pa.list_(pa.string()), pa.list_(pa.int64()), pa.list_(pa.bool_())
    stated = json.dumps(provenance_as_json(provenance))
    return pa.schema(
        {
            "id": pa.string(),
            "text": pa.string(),
            "metadata": pa.string(),
            "tokens": strings,
            "token_ids": numbers,
            "starts": numbers,
            "ends": numbers,
            "token_texts": strings,
            "roles": strings,
            "scored": truths,
            "unknown": truths,
            "windows": numbers,
            "n_unread": pa.int64(),
            "unread_start": pa.int64(),
            "vectors": pa.list_(pa.list_(pa.float32(), dim)),
        },
        metadata={PROVENANCE_KEY: stated.encode()},
    )


def _table(
    group: Sequence[EncodedDocument], schema: pa.Schema, provenance: Provenance, dim: int
) -> pa.Table:
    import pyarrow as pa

    rows = []
    for encoded in group:
        document, embeddings = encoded.document, encoded.embeddings
        given = embeddings.provenance, embeddings.vectors.shape[1]
        if not given[0].same_model(provenance) or given[1] != dim:
            raise ValueError(
                f"documents must be from one encoder, but {document.id!r} is from "
                f"{given[0].sentence()}, the first from {provenance.sentence()}"
            )
        columns = embeddings.tokens.to_columns()
        of_tokens = columns["tokens"]
        of_tokens["text"] = [
            text if start is None else None
            for text, start in zip(of_tokens["text"], of_tokens["start"], strict=True)
        ]
        rows.append(
            {
                "id": document.id,
                "text": document.text,
                "metadata": json.dumps(dict(document.metadata), ensure_ascii=False),
                "n_unread": columns["n_unread"],
                "unread_start": columns["unread_start"],
                **{TOKEN_COLUMNS[name][0]: values for name, values in of_tokens.items()},
            }
        )
    table = pa.Table.from_pylist(rows, pa.schema([f for f in schema if f.name != "vectors"]))
    ends = np.cumsum([0, *(len(encoded.embeddings.tokens) for encoded in group)], dtype=np.int32)
    numbers = np.concatenate([encoded.embeddings.vectors for encoded in group]).ravel()
    vectors = pa.ListArray.from_arrays(ends, pa.FixedSizeListArray.from_arrays(numbers, dim))
    return table.append_column(schema.field("vectors"), vectors).cast(schema)
