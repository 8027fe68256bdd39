"""What all tables of results have in common: a named index, types of columns, provenance.

Texts have pandas' type ``string`` and positions ``Int64``, both with ``<NA>`` where there is none;
other numbers are float64 with NaN. ``frame.attrs["provenance"]`` says what computed them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from colbert_explain.embeddings import Provenance
from colbert_explain.text_files import frame_as_csv

if TYPE_CHECKING:
    import pandas as pd


def result_frame(columns: Mapping[str, Any], index: str, provenance: Provenance) -> pd.DataFrame:
    """Make a table that says what computed it; its index 0, 1, 2, ... has a name."""
    import pandas as pd  # a quarter of a second that only tables need

    return with_provenance(pd.DataFrame(columns).rename_axis(index), provenance)


def with_provenance(frame: pd.DataFrame, provenance: Provenance) -> pd.DataFrame:
    """Write into a table what computed it, and return the table."""
    frame.attrs["provenance"] = asdict(provenance)
    return frame


def source_of(frame: pd.DataFrame) -> str:
    """Return the sentence on the model that computed a table; nothing if the table names none."""
    found = frame.attrs.get("provenance")
    return "" if found is None else Provenance(**found).sentence()


def naming_its_model(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table for a file: with a last column ``model`` if it says what computed it.

    If a column of the user's has this name, the last one is ``model of the scores``.
    """
    source = source_of(frame)
    column = "model of the scores" if "model" in frame.columns else "model"
    return frame.assign(**{column: source}) if source else frame


def result_csv(frame: pd.DataFrame) -> str:
    """Write a table of results as CSV, see `frame_as_csv`; its last column names the model."""
    return frame_as_csv(naming_its_model(frame))


def texts(values: Iterable[str | None]) -> Any:
    """Make a column of texts, ``<NA>`` for None."""
    import pandas as pd

    return pd.array(list(values), dtype="string")


def positions(values: Iterable[int | None]) -> Any:
    """Make a column of positions in a text or a sequence, ``<NA>`` for None."""
    import pandas as pd

    return pd.array(list(values), dtype="Int64")
