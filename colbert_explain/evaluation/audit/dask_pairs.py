"""An audit of a Dask DataFrame: each worker of its cluster audits partitions by itself."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Encoder
from colbert_explain.evaluation.audit.pair_frame import facts_frame
from colbert_explain.evaluation.audit.pair_reader import PairReader
from colbert_explain.evaluation.audit.pairs_given import check_columns, text_pairs
from colbert_explain.evaluation.audit.sent_encoder import (
    leave_processors_to_others,
    packed_encoder,
    unpacked_encoder,
)

if TYPE_CHECKING:
    import pandas as pd


def is_dask_frame(pairs: object) -> bool:
    """Return whether an object is a Dask DataFrame, without importing Dask."""
    module = type(pairs).__module__.partition(".")[0]
    return module in ("dask", "dask_expr") and hasattr(pairs, "map_partitions")


def audit_partitions(pairs: Any, encoder: Encoder, calibration: Calibration | None) -> Any:
    """Return a Dask DataFrame whose partitions are audits of those of ``pairs``.

    Nothing is computed until the result is. A worker process loads the encoder once, and a
    partition whose worker is lost is computed by another worker.

    Raises
    ------
    ValueError
        If a column is missing, or the encoder cannot be sent to another process.
    ImportError
        If Dask's tables are not installed.
    """
    try:
        import dask.dataframe  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "an audit of a Dask DataFrame needs Dask's tables, which are not installed: "
            'pip install ".[dask]" in a clone of colbert-explain'
        ) from error
    check_columns([str(name) for name in pairs.columns])
    meta = facts_frame(pairs._meta.iloc[:0], [], PairReader(encoder).provenance)
    return pairs.map_partitions(_audited, packed_encoder(encoder), calibration, meta=meta)


def _audited(table: pd.DataFrame, packed: bytes, calibration: Calibration | None) -> pd.DataFrame:
    reader = PairReader(unpacked_encoder(packed), calibration)
    if multiprocessing.parent_process() is not None:  # not the user's own process
        leave_processors_to_others()
    facts = [reader.read(query, document) for query, document in text_pairs(table)]
    return facts_frame(table, facts, reader.provenance)
