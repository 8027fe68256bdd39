"""The table of an audit of pairs, of one process, of several, or of a part of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Encoder, Progress, Provenance
from colbert_explain.evaluation.audit.pair_facts import COLUMN_TYPES, PairFacts
from colbert_explain.evaluation.audit.pair_reader import PairReader
from colbert_explain.evaluation.audit.pairs_given import carried_columns, pairs_table, text_pairs
from colbert_explain.evaluation.audit.workers import read_in_workers
from colbert_explain.explanation.frames import with_provenance

if TYPE_CHECKING:
    import pandas as pd


def audit_pairs(
    pairs: Any,
    encoder: Encoder,
    calibration: Calibration | None,
    workers: int | None,
    progress: Progress | None,
) -> pd.DataFrame:
    """Return what `audit` returns for pairs in one table."""
    table = pairs_table(pairs)
    given = text_pairs(table)
    if workers is not None:
        facts, provenance = read_in_workers(given, encoder, calibration, workers, progress)
    else:
        reader, facts = PairReader(encoder, calibration), []
        for done, (query, document) in enumerate(given):
            if progress is not None:
                progress(done, len(given))
            facts.append(reader.read(query, document))
        provenance = reader.provenance
    if progress is not None:
        progress(len(given), len(given))
    return facts_frame(table, facts, provenance)


def facts_frame(
    table: pd.DataFrame, facts: Sequence[PairFacts], provenance: Provenance
) -> pd.DataFrame:
    """Join the columns that were given with those of the audit."""
    import pandas as pd

    frame = carried_columns(table)
    for name, kind in COLUMN_TYPES.items():
        values = [getattr(each, name) for each in facts]
        frame[name] = pd.Series(values, index=frame.index, dtype=kind)
    return with_provenance(frame, provenance)
