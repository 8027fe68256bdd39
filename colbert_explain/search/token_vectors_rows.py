"""Rows of a Parquet file of token vectors as encoded documents, every value checked.

`token_vectors_file` lists the columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.optional_packages import require
from colbert_explain.storage.json_values import an_object
from colbert_explain.storage.provenance_values import read_provenance
from colbert_explain.storage.token_columns import read_tokens
from colbert_explain.tokens import TokenSequence

PROVENANCE_KEY = b"colbert_explain.provenance"
#: Columns of tokens by their names in `Token`, and what stands for a missing column.
TOKEN_COLUMNS = {
    "id": ("token_ids", None),
    "piece": ("tokens", None),
    "text": ("token_texts", None),
    "start": ("starts", None),
    "end": ("ends", None),
    "role": ("roles", "text"),
    "scored": ("scored", True),
    "unknown": ("unknown", False),
    "window": ("windows", 0),
}
#: Documents that are read at a time, because a group of rows may be as long as the file.
_READ = 16
_NEEDED = ("id", "text", "tokens", "vectors")
_OPTIONAL = (
    *("metadata", "n_unread", "unread_start"),
    *(name for name, _ in TOKEN_COLUMNS.values() if name not in _NEEDED),
)


def read_token_vectors(
    path: str | Path, provenance: Provenance | None = None
) -> Iterator[EncodedDocument]:
    """Read documents with their token vectors from Parquet, one after the other.

    Parameters
    ----------
    path
        A file that `write_token_vectors` or another program wrote, or a folder of such files,
        as clusters write them; they are read by name.
    provenance
        What encoded the documents, for files that do not name it; by default its name is "vectors
        in" followed by the name of ``path``.

    Returns
    -------
    iterator of EncodedDocument
        In the order of the rows; memory is needed for a few of them.

    Raises
    ------
    ValueError
        Immediately, if a file is not of this kind or the files name different encoders; when a row
        is read, if a value is missing or of another type, two ids are equal, no token is scored, or
        a vector is not of unit length. The message names the document.
    OSError
        If a file cannot be read.
    RuntimeError
        If pyarrow is not installed.
    """
    require("pyarrow", "pyarrow", "parquet", "a Parquet file")
    if provenance is not None:
        check.instance("provenance", provenance, Provenance)
    path = check.file_path("path", path)
    paths = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not paths:
        raise ValueError(f"path must be a Parquet file or a folder of them, got {path}")
    for one in paths:
        stated = _stated_provenance(one)
        if stated is not None and provenance is not None and not stated.same_model(provenance):
            raise ValueError(
                f"{one} must be from {provenance.sentence()}, but says it is from "
                f"{stated.sentence()}"
            )
        provenance = provenance or stated
    return _documents(paths, provenance or Provenance(f"vectors in {path.name}"))


def _stated_provenance(path: Path) -> Provenance | None:
    """Check the columns of a file, and return what it says about its encoder."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path} must be a Parquet file: {error}") from error
    if not set(_NEEDED) <= set(schema.names):
        raise ValueError(
            f"{path} must have the columns {', '.join(_NEEDED)}, got {', '.join(schema.names)}"
        )
    kind = schema.field("vectors").type
    for _ in range(2):
        kind = getattr(kind, "value_type", None)
    if not (kind is not None and pa.types.is_floating(kind)):
        raise ValueError(
            f"{path} must have lists of lists of floats in the column vectors, "
            f"got {schema.field('vectors').type}"
        )
    metadata = schema.metadata or {}
    if PROVENANCE_KEY not in metadata:
        return None
    try:
        return read_provenance(json.loads(metadata[PROVENANCE_KEY]))
    except ValueError as error:
        raise ValueError(f"{path} does not say what encoded it: {error}") from error


def _documents(paths: Sequence[Path], provenance: Provenance) -> Iterator[EncodedDocument]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    taken = set[str]()
    dim = provenance.dim
    for path in paths:
        row = -1
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                names = file.schema_arrow.names
                columns = [name for name in (*_NEEDED, *_OPTIONAL) if name in names]
                for batch in file.iter_batches(batch_size=_READ, columns=columns):
                    others = batch.drop_columns(["vectors"]).to_pylist()
                    for values, vectors in zip(others, batch.column("vectors"), strict=True):
                        row += 1
                        encoded = _encoded(path, row, values, vectors, provenance, dim)
                        if encoded.document.id in taken:
                            raise ValueError(
                                f"{path}, row {row}: id must differ from those of other rows, "
                                f"got {check.shown(encoded.document.id)} again"
                            )
                        taken.add(encoded.document.id)
                        dim = encoded.embeddings.vectors.shape[1]
                        yield encoded
        except (pa.ArrowInvalid, OSError) as error:
            raise ValueError(f"{path} is damaged at row {row + 1} or later: {error}") from error


def _encoded(
    path: Path,
    row: int,
    values: Mapping[str, Any],
    vectors: Any,
    provenance: Provenance,
    dim: int,
) -> EncodedDocument:
    """Return the document of a row; ``dim`` is 0 if vectors may have any number of numbers."""
    try:
        document = Document(
            check.text("id", values["id"]), check.text("text", values["text"]), _metadata(values)
        )
        tokens = _tokens(document.text, values)
        if not tokens.scored_mask.any():
            raise ValueError("none of its tokens is scored")
        array = _vectors(vectors)
        if dim and array.shape[1] != dim:
            raise ValueError(f"vectors must have {dim} numbers, got {array.shape[1]}")
        return EncodedDocument(document, TokenEmbeddings(tokens, array, provenance))
    except (TypeError, ValueError) as error:
        name = check.shown(values["id"])
        raise ValueError(f"{path}, row {row}, document {name}: {error}") from error


def _metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    given = values.get("metadata")
    metadata = json.loads(check.text("metadata", given)) if given else {}
    an_object("metadata", metadata, (), metadata)
    for name, value in metadata.items():
        if not isinstance(value, str | int | float | bool):
            raise ValueError(
                f"metadata {name!r} must be text, a number or a Boolean, got {check.shown(value)}"
            )
    return metadata


def _tokens(text: str, values: Mapping[str, Any]) -> TokenSequence:
    pieces = check.several("tokens", values["tokens"], str)
    columns: dict[str, list[Any]] = {}
    for name, (column, default) in TOKEN_COLUMNS.items():
        given = values.get(column)
        columns[name] = [default] * len(pieces) if given is None else list(given)
        if len(columns[name]) != len(pieces):
            raise ValueError(
                f"{column} must have one entry per token, {len(pieces)}, got {len(columns[name])}"
            )
    if values.get("starts") is None and values.get("ends") is None:
        columns["start"], columns["end"] = _located(text, pieces)
    for i, (start, end) in enumerate(zip(columns["start"], columns["end"], strict=True)):
        if columns["text"][i] is None:
            columns["text"][i] = pieces[i] if start is None else text[start:end]
    content = {
        "text": text,
        "tokens": columns,
        "n_unread": values.get("n_unread") or 0,
        "unread_start": values.get("unread_start"),
    }
    return read_tokens("document", content)


def _located(text: str, pieces: Sequence[str]) -> tuple[list[int | None], list[int | None]]:
    """Find the characters of tokens that are the whole text; none if they are not."""
    starts: list[int | None] = []
    ends: list[int | None] = []
    nowhere: list[int | None] = [None] * len(pieces)
    place = 0
    for piece in pieces:
        while text[place : place + 1].isspace():
            place += 1
        own = piece.removeprefix("##") if starts else piece
        found = text[place : place + len(own)]
        if not own or found.casefold() != own.casefold():
            return nowhere, nowhere
        starts.append(place)
        place += len(own)
        ends.append(place)
    return (starts, ends) if not text[place:].strip() else (nowhere, nowhere)


def _vectors(of_row: Any) -> Float[np.ndarray, "tokens dim"]:
    """Return the vectors of a row without a Python number for each."""
    import pyarrow.compute as pc

    rows = of_row.values
    if rows is None or not len(rows) or rows.null_count:
        raise ValueError("vectors must be one list of numbers per token, got none or null")
    sizes = pc.unique(pc.list_value_length(rows)).to_pylist()
    if len(sizes) > 1:
        raise ValueError(f"vectors must all be of one size, got the sizes {sorted(sizes)}")
    numbers = rows.flatten()
    if numbers.null_count:
        raise ValueError("vectors must hold numbers, got null")
    return numbers.to_numpy(zero_copy_only=False).reshape(len(rows), -1).astype(np.float32)
