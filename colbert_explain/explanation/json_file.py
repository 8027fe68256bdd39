"""The JSON file of an explanation: exact, checked, readable without the model.

A file holds the tokens of both sides column by column, the float32 similarity matrix as
base64, and the score with its contributions, which are computed again at load: a file whose
numbers do not add up is refused. So is one with a value of another type or out of its range,
whoever signed it: what is loaded can be shown by every view.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.explanation.scores import PairScores
from colbert_explain.similarity import TIE_TOLERANCE
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.storage.json_values import (
    a_list,
    a_number,
    a_text,
    a_whole_number,
    an_object,
    digest_of,
    shown,
)
from colbert_explain.storage.provenance_values import provenance_as_json, read_provenance
from colbert_explain.storage.token_columns import read_tokens

FORMAT = "colbert_explain.explanation"
VERSION = 1
#: Bytes of a file; the matrix of 512 query and 32,768 document tokens takes 90 million.
LARGEST_FILE = 512 * 1024**2

_NOT_SAVED = "{} must hold a saved explanation, but is not JSON of this kind: {}"
_CONTENT = (
    *("query", "document", "similarity", "score", "contributions", "alignment", "provenance"),
)


def save_explanation(explanation: PairScores, path: Path) -> None:
    """Write ``explanation`` to ``path``, all of it or nothing.

    Raises
    ------
    ValueError
        If it could not be loaded again: a token's text is not what stands at its place in the
        text, a value is not of its type.
    OSError
        If ``path`` cannot be written.
    """
    content = {
        "query": explanation.query.to_columns(),
        "document": explanation.document.to_columns(),
        "similarity": {
            "shape": list(explanation.similarity.shape),
            "float32_base64": base64.b64encode(
                explanation.similarity.astype("<f4").tobytes()
            ).decode("ascii"),
        },
        "score": explanation.score,
        "contributions": explanation.contributions.tolist(),
        "alignment": explanation.alignment.tolist(),
        "provenance": provenance_as_json(explanation.provenance),
    }
    try:
        read_tokens("query", content["query"])
        read_tokens("document", content["document"])
        read_provenance(content["provenance"])
        envelope = {
            "format": FORMAT,
            "version": VERSION,
            "sha256": digest_of(content),
            "content": content,
        }
        written = json.dumps(envelope, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (TypeError, ValueError) as error:
        raise ValueError(f"explanation must be one that can be loaded again: {error}") from error
    if len(written) > LARGEST_FILE:
        raise ValueError(f"explanation must fit in {LARGEST_FILE:,} bytes, got {len(written):,}")
    write_whole(path, written)


def load_scores(path: str | Path) -> PairScores:
    """Read what `save_explanation` wrote; see `load_explanation`."""
    path = check.file_path("path", path)
    try:
        data = _bytes(path)
    except ValueError as error:
        raise ValueError(_NOT_SAVED.format(path, error)) from error
    return scores_in_bytes(str(path), data)


def scores_in_bytes(name: str, data: bytes) -> PairScores:
    """Read the bytes of a file that `save_explanation` wrote; errors call it by ``name``."""
    try:
        envelope = _json(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(_NOT_SAVED.format(name, error)) from error
    given = envelope.get("format") if isinstance(envelope, dict) else None
    if given != FORMAT:
        raise ValueError(
            f'{name} must hold a saved explanation (format "{FORMAT}"), got '
            + ("no format" if given is None else f"format {shown(given)}")
        )
    version = envelope.get("version")
    if type(version) is not int or version not in _READERS:
        raise ValueError(
            f"{name} has file version {shown(version)}; this package reads up to version "
            f"{VERSION}. A newer colbert_explain may have written it"
        )
    try:
        an_object("the file", envelope, ("format", "version", "sha256", "content"))
        content = an_object("content", envelope["content"], _CONTENT)
        if envelope["sha256"] != digest_of(content):
            raise ValueError("its content does not match its sha256")
        return _READERS[version](content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is damaged: {error}") from error


def _bytes(path: Path) -> bytes:
    """Read a file of at most `LARGEST_FILE` bytes."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ValueError("it is a device, pipe or socket")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ValueError(f"it has {size:,} bytes, more than {LARGEST_FILE:,}")
    return path.read_bytes()


def _json(data: bytes) -> Any:
    """Parse bytes as JSON, without what Python's reader takes beyond JSON."""

    def entries(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the entry {shown(twice)} occurs more than once")
        return found

    def no_number(text: str) -> NoReturn:
        raise ValueError(f"numbers must be finite, got {text}")

    def number(text: str) -> float:
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise ValueError(f"{shown(text)} is too large a number")
        return value

    def whole_number(text: str) -> int:
        if len(text) > 20:
            raise ValueError(f"a whole number of {len(text):,} digits is too large")
        return int(text)

    return json.loads(
        data.decode("utf-8"),
        object_pairs_hook=entries,
        parse_constant=no_number,
        parse_float=number,
        parse_int=whole_number,
    )


def _read_version_1(content: dict[str, Any]) -> PairScores:
    query = read_tokens("query", content["query"])
    document = read_tokens("document", content["document"])
    similarity = _similarity(content["similarity"], (len(query), len(document)))
    explanation = PairScores(query, document, similarity, read_provenance(content["provenance"]))
    _check_result(explanation, content)
    return explanation


def _similarity(content: object, shape: tuple[int, int]) -> Float[np.ndarray, "query doc"]:
    matrix = an_object("similarity", content, ("shape", "float32_base64"))
    given = a_list("similarity shape", matrix["shape"], 2)
    for size in given:
        a_whole_number("similarity shape", size)
    if tuple(given) != shape:
        raise ValueError(
            "similarity must have one row per query token and one column per document token, "
            f"{shape}, got {tuple(given)}"
        )
    try:
        data = base64.b64decode(a_text("float32_base64", matrix["float32_base64"]), validate=True)
    except ValueError as error:
        raise ValueError(f"float32_base64 must be base64: {error}") from error
    if len(data) != 4 * shape[0] * shape[1]:
        raise ValueError(
            f"float32_base64 must hold {4 * shape[0] * shape[1]:,} bytes for similarities of "
            f"shape {shape}, got {len(data):,}"
        )
    return np.frombuffer(data, dtype="<f4").reshape(shape).astype(np.float32)


def _check_result(explanation: PairScores, content: dict[str, Any]) -> None:
    """Check a file's score against its own matrix, whichever of tied tokens it chose."""
    query, document = explanation.query, explanation.document
    alignment = a_list("alignment", content["alignment"], len(query))
    contributions = a_list("contributions", content["contributions"], len(query))
    score = a_number("score", content["score"])
    total = 0.0
    for row, (position, contribution) in enumerate(zip(alignment, contributions, strict=True)):
        total += a_number(f"contribution {row}", contribution)
        a_whole_number(f"alignment {row}", position, -1, len(document) - 1)
        best = float(explanation.contributions[row])
        if not query[row].scored:
            is_right = position == -1 and contribution == 0
        else:
            is_right = (
                abs(contribution - best) <= _SLACK
                and position >= 0
                and document[position].scored
                and float(explanation.similarity[row, position]) >= best - _SLACK
            )
        if not is_right:
            raise ValueError(
                "its score is not what its similarity matrix gives: query token "
                f"{row} adds {best:.6g} from document token {explanation.alignment[row]}, "
                f"but the file says {contribution:.6g} from {position}"
            )
    if abs(score - total) > TIE_TOLERANCE:
        raise ValueError(
            "its score is not what its similarity matrix gives: its contributions add up "
            f"to {total:.6g}, but the file says {score:.6g}"
        )


#: A tie, and the rounding of a float32 beside it.
_SLACK = TIE_TOLERANCE + 1e-7

#: One reader for every version ever written: older files stay readable.
_READERS: dict[int, Callable[[dict[str, Any]], PairScores]] = {1: _read_version_1}
