"""Pairs of query and document, as a table or in any iterable, read as one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from colbert_explain import argument_checks as check
from colbert_explain.evaluation.audit.pair_facts import COLUMN_TYPES

if TYPE_CHECKING:
    import pandas as pd

#: What an audit needs, and what a tuple may hold, in order.
NEEDED, _IN_TUPLES = ("query", "document"), ("query", "document", "query_id", "document_id")
_RULE = "pairs must hold query and document texts"


def pairs_table(pairs: Any) -> pd.DataFrame:
    """Return pairs as a table with the columns ``query`` and ``document``.

    Parameters
    ----------
    pairs
        A DataFrame, or an iterable of mappings or of tuples ``(query, document, query_id,
        document_id)``; the ids may be left out.

    Raises
    ------
    ValueError
        If a column is missing, there is no pair, or an item is not a pair.
    """
    import pandas as pd

    if isinstance(pairs, pd.DataFrame):
        check_columns([str(name) for name in pairs.columns])
        table = pairs
    else:
        rows = [_row(i, pair) for i, pair in enumerate(_items(pairs))]
        table = pd.DataFrame({name: _column(name, rows) for name in _names(rows)})
    if not len(table):
        raise ValueError(f"{_RULE}, got no pair")
    return table


def check_columns(names: list[str]) -> None:
    """Raise a `ValueError` if the column of one of the texts is missing."""
    for name in NEEDED:
        if name not in names:
            raise ValueError(
                f"{_RULE} in the columns query and document, got the columns "
                f"{', '.join(names) or 'of an empty table'}"
            )


def carried_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that were given; texts become ``string``, an id keeps its type.

    A column with the name of one of the audit's columns becomes ``given_...``: nothing is lost.
    """
    import pandas as pd

    carried = table.rename(columns={name: f"given_{name}" for name in COLUMN_TYPES})
    for name in NEEDED:
        texts = [value if _can_be_kept(value) else None for value in carried[name]]
        carried[name] = pd.array(texts, dtype="string")
    carried = carried.copy(deep=False)
    if carried.index.name is None:
        carried.index.name = "pair"
    return carried


def text_pairs(table: pd.DataFrame) -> list[tuple[object, object]]:
    """Return query and document of each row, as they were given."""
    return list(zip(table["query"], table["document"], strict=True))


def _items(pairs: Any) -> Iterable[Any]:
    if isinstance(pairs, str | bytes | Mapping) or not isinstance(pairs, Iterable):
        raise ValueError(f"pairs must be a table or a list of pairs, got {check.shown(pairs)}")
    return pairs


def _row(position: int, pair: Any) -> dict[str, Any]:
    if isinstance(pair, Mapping):
        check_columns([str(name) for name in pair])
        return {str(name): value for name, value in pair.items()}
    if isinstance(pair, list | tuple) and len(NEEDED) <= len(pair) <= len(_IN_TUPLES):
        return dict(zip(_IN_TUPLES, pair, strict=False))
    raise ValueError(
        f"pairs[{position}] must be a mapping with query and document, or a tuple "
        f"(query, document), got {check.shown(pair)}"
    )


def _names(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _column(name: str, rows: list[dict[str, Any]]) -> pd.Series[Any]:
    import pandas as pd

    values = [row.get(name) for row in rows]
    # A column of texts holds no text that is not valid Unicode, which is for the encoder to refuse.
    return pd.Series(values, dtype=object) if name in NEEDED else pd.Series(values)


def _can_be_kept(value: object) -> bool:
    """Return whether a value is a text that a column of texts can hold."""
    if not isinstance(value, str):
        return False
    try:
        check.valid_unicode("text", value)
    except ValueError:
        return False
    return True
