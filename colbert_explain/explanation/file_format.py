"""The JSON file of an explanation: exact, checked, readable without the model.

A file holds the tokens of both sides column by column, the float32 similarity matrix as
base64, and the score with its contributions, which are computed again at load: a file whose
numbers do not add up is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation.explanation import Explanation
from colbert_explain.explanation.whole_file import write_whole
from colbert_explain.tokens import TokenSequence

FORMAT = "colbert_explain.explanation"
VERSION = 1


def save_explanation(explanation: Explanation, path: Path) -> None:
    """Write ``explanation`` to ``path``, all of it or nothing."""
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
        "provenance": asdict(explanation.provenance),
    }
    envelope = {
        "format": FORMAT,
        "version": VERSION,
        "sha256": _digest(content),
        "content": content,
    }
    write_whole(path, json.dumps(envelope, ensure_ascii=False).encode("utf-8"))


def load_explanation(path: str | Path) -> Explanation:
    """Read an explanation that `Explanation.save` wrote; needs no model and no network.

    Raises
    ------
    ValueError
        If the file is no saved explanation, was written by a newer version of this package,
        or is damaged: cut short, changed, or with numbers that do not add up.
    """
    path = Path(path)
    try:
        envelope = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(
            f"{path} must hold a saved explanation, but is no JSON: {error}"
        ) from error
    if not isinstance(envelope, dict) or envelope.get("format") != FORMAT:
        raise ValueError(f'{path} must hold a saved explanation (format "{FORMAT}")')
    version = envelope.get("version")
    if type(version) is not int or version not in _READERS:
        raise ValueError(
            f"{path} has file version {version!r}; this package reads up to version {VERSION}. "
            "A newer colbert_explain may have written it"
        )
    content = envelope.get("content")
    if not isinstance(content, dict) or envelope.get("sha256") != _digest(content):
        raise ValueError(f"{path} is damaged: its content does not match its sha256")
    try:
        return _READERS[version](content)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _read_version_1(content: dict[str, Any]) -> Explanation:
    matrix = content["similarity"]
    data = base64.b64decode(matrix["float32_base64"], validate=True)
    similarity = np.frombuffer(data, dtype="<f4").reshape(matrix["shape"]).astype(np.float32)
    provenance = content["provenance"]
    explanation = Explanation(
        TokenSequence.from_columns(content["query"]),
        TokenSequence.from_columns(content["document"]),
        similarity,
        Provenance(**{**provenance, "layers": tuple(provenance["layers"])}),
    )
    if not (
        np.allclose(explanation.contributions, content["contributions"], rtol=0, atol=1e-6)
        and explanation.alignment.tolist() == content["alignment"]
        and abs(explanation.score - content["score"]) <= 1e-6
    ):
        raise ValueError("its score is not what its similarity matrix gives")
    return explanation


#: One reader for every version ever written: older files stay readable.
_READERS: dict[int, Callable[[dict[str, Any]], Explanation]] = {1: _read_version_1}


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
