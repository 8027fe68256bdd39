"""Calibrations kept in the user's cache folder: a file that is missing or damaged is no error."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from colbert_explain.calibration.distribution import Calibration
from colbert_explain.embeddings import Provenance
from colbert_explain.operator_settings import OperatorSettings

FORMAT = "colbert_explain.calibration"
#: To be raised when the measurement changes in a way that texts and settings do not show.
VERSION = 1


def cache_folder() -> Path:
    """Return the folder of this user's calibrations; it need not exist."""
    return OperatorSettings.from_environment().cache_folder / "calibration"


def data_digest(*data: Any) -> str:
    """Digest the texts and settings of a measurement."""
    return _sha256([FORMAT, VERSION, *data])


def read_cache(provenance: Provenance, digest: str) -> Calibration | None:
    """Read the calibration of these weights with this data; ``None`` unless all of it is sound."""
    path = _path(provenance, digest)
    if path is None:
        return None
    try:
        envelope = json.loads(path.read_text(encoding="utf-8"))
        content = envelope["content"]
        if envelope["sha256"] != _sha256(content) or content["made_from"] != digest:
            return None
        if content["provenance"] != json.loads(json.dumps(_identity(provenance))):
            return None
        return Calibration(
            np.array(content["lengths"], dtype=np.float64),
            np.array(content["quantiles"], dtype=np.float64),
            provenance,
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write_cache(calibration: Calibration, digest: str) -> None:
    """Keep a calibration, complete or not at all; a folder that cannot be written is no error."""
    path = _path(calibration.provenance, digest)
    if path is None:
        return
    content = {
        "made_from": digest,
        "provenance": _identity(calibration.provenance),
        "lengths": calibration.lengths.tolist(),
        "quantiles": calibration.quantiles.tolist(),
    }
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                json.dump({"format": FORMAT, "sha256": _sha256(content), "content": content}, file)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)  # there only if something went wrong
    except OSError:
        return  # measured again next time


def _path(provenance: Provenance, digest: str) -> Path | None:
    """Name the file by what made it; ``None`` for vectors that may be others of the same name."""
    if provenance.revision is None and provenance.sha256 is None:
        return None
    return cache_folder() / f"{_sha256([_identity(provenance), digest])}.json"


def _identity(provenance: Provenance) -> dict[str, Any]:
    """Tell what the numbers depend on; libraries of another version give the same to 1e-5."""
    identity = asdict(provenance)
    del identity["versions"]
    return identity


def _sha256(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
