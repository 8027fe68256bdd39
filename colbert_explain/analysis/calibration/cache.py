"""Calibrations kept in the user's cache folder: a file that is missing or damaged is no error."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain.analysis.calibration.distribution import Calibration
from colbert_explain.embeddings import UNIT_TOLERANCE, Provenance
from colbert_explain.library_settings import LibrarySettings
from colbert_explain.storage.atomic_write import write_whole
from colbert_explain.storage.json_values import a_list, a_number, an_object, digest_of
from colbert_explain.storage.private_folder import (
    NotPrivateError,
    check_private,
    make_private,
    read_own,
)

FORMAT = "colbert_explain.calibration"
#: To be raised when the measurement changes in a way that texts and settings do not show.
VERSION = 1

_log = logging.getLogger(__name__)


def cache_folder(settings: LibrarySettings | None = None) -> Path:
    """Return the folder of this user's calibrations; it need not exist."""
    settings = LibrarySettings.from_environment() if settings is None else settings
    return settings.cache_folder / "calibration"


def data_digest(*data: Any) -> str:
    """Digest the texts and settings of a measurement."""
    return digest_of([FORMAT, VERSION, *data])


def read_cache(
    provenance: Provenance, digest: str, settings: LibrarySettings | None = None
) -> Calibration | None:
    """Read the calibration of these weights with this data; ``None`` unless all of it is sound."""
    path = _path(provenance, digest, settings)
    if path is None:
        return None
    try:
        check_private(path.parent)
        return _unpacked(read_own(path), provenance, digest)
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def write_cache(
    calibration: Calibration, digest: str, settings: LibrarySettings | None = None
) -> None:
    """Keep a calibration, complete or not at all.

    A folder that cannot be written is no error. Nor is one that is another user's, or that
    others can write and that cannot be closed to them: a warning is logged, and nothing is kept.
    """
    path = _path(calibration.provenance, digest, settings)
    if path is None:
        return
    content = {
        "made_from": digest,
        "provenance": _identity(calibration.provenance),
        "lengths": calibration.lengths.tolist(),
        "quantiles": calibration.quantiles.tolist(),
    }
    envelope = {"format": FORMAT, "sha256": digest_of(content), "content": content}
    try:
        make_private(path.parent)
        write_whole(path, json.dumps(envelope).encode("ascii"), private=True)
    except NotPrivateError as error:
        _log.warning("the calibration is not kept: %s", error)
    except OSError:
        return  # measured again next time


def _unpacked(written: bytes, provenance: Provenance, digest: str) -> Calibration:
    envelope = an_object("it", json.loads(written), ("format", "sha256", "content"))
    names = ("made_from", "provenance", "lengths", "quantiles")
    content = an_object("content", envelope["content"], names)
    if envelope["sha256"] != digest_of(content) or content["made_from"] != digest:
        raise ValueError("it is damaged or belongs to another measurement")
    if content["provenance"] != json.loads(json.dumps(_identity(provenance))):
        raise ValueError("it belongs to another model")
    lengths = _numbers("lengths", content["lengths"])
    rows = a_list("quantiles", content["quantiles"], len(lengths))
    quantiles = np.array([_numbers("quantiles", row) for row in rows])
    if quantiles.ndim != 2 or np.abs(quantiles).max(initial=0) > (1 + UNIT_TOLERANCE) ** 2:
        raise ValueError("quantiles must be similarities, the same number in each row")
    return Calibration(lengths, quantiles, provenance)


def _numbers(name: str, content: object) -> Float[np.ndarray, " numbers"]:
    return np.array([a_number(name, value) for value in a_list(name, content)], dtype=np.float64)


def _path(provenance: Provenance, digest: str, settings: LibrarySettings | None) -> Path | None:
    """Return the file for a model; ``None`` if other vectors may have the same name."""
    if provenance.revision is None and provenance.sha256 is None:
        return None
    return cache_folder(settings) / f"{digest_of([_identity(provenance), digest])}.json"


def _identity(provenance: Provenance) -> dict[str, Any]:
    """Return what the numbers depend on; other library versions give the same to 1e-5."""
    identity = asdict(provenance)
    del identity["versions"]
    return identity
