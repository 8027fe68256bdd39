"""What the commands for collections read from their options: filters, queries, tables of pairs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def refuse_options(why: str, **given: object) -> None:
    """Raise a `ValueError` for an option that would be ignored, unless it is None."""
    for name, value in given.items():
        if value is not None:
            raise ValueError(f"--{name.replace('_', '-')} must be left out {why}")


def queries_beside(queries: Path | None, qrels: Path, *, needed: bool) -> Path | None:
    """Return where the queries are: the option, or the BEIR folder of the judgments."""
    if queries is not None:
        return queries
    for folder in (qrels, qrels.parent, qrels.parent.parent):
        if (folder / "queries.jsonl").is_file():
            return folder
    if needed:
        raise ValueError(f"--queries must be given: there is no queries.jsonl beside {qrels}")
    return None


def metadata_filter(conditions: list[str]) -> dict[str, Any] | None:
    """Read FIELD=VALUE and FIELD=MIN..MAX."""
    wanted: dict[str, Any] = {}
    for condition in conditions:
        field, equals, written = condition.partition("=")
        if not field or not equals:
            raise ValueError(f"--where must be FIELD=VALUE or FIELD=MIN..MAX, got {condition!r}")
        least, dots, most = written.partition("..")
        bounds = {"min": _value(least), "max": _value(most)}
        bounds = {end: value for end, value in bounds.items() if value != ""}
        is_range = dots and bounds and not any(isinstance(v, str | bool) for v in bounds.values())
        value: Any = bounds if is_range else _value(written)
        if field in wanted and not is_range:
            earlier = wanted[field]
            value = [*(earlier if isinstance(earlier, list) else [earlier]), value]
        wanted[field] = value
    return wanted or None


def _value(written: str) -> str | int | float | bool:
    """Read a number or true and false; anything else is text."""
    try:
        value = json.loads(written)
    except ValueError:
        return written
    return value if isinstance(value, int | float | bool) else written


def pairs_in_file(path: str) -> Any:
    """Read a table of pairs; its cells stay as they are written, such as the id 007."""
    import pandas as pd

    from colbert_explain.search.optional_packages import require

    as_written: dict[str, Any] = {"dtype": str, "keep_default_na": False}
    readers: dict[str, Callable[[Path], Any]] = {
        ".csv": lambda file: pd.read_csv(file, **as_written),
        ".tsv": lambda file: pd.read_csv(file, sep="\t", **as_written),
        ".jsonl": _json_rows,
        ".parquet": pd.read_parquet,
    }
    file = Path(path)
    if file.suffix not in readers or not file.is_file():
        raise ValueError(
            f"{path} must be a .csv, .tsv, .jsonl or .parquet file of pairs; for a collection "
            "pass --qrels too"
        )
    if file.suffix == ".parquet":
        require("pyarrow", "pyarrow", "parquet", "a Parquet file")
    return readers[file.suffix](file)


def _json_rows(file: Path) -> list[Any]:
    from colbert_explain.search.readers.line_files import json_value, lines_of

    rows = []
    with lines_of(file) as lines:
        for number, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            try:
                rows.append(json_value(line))
            except ValueError as error:
                raise ValueError(f"{file.name}, line {number:,}: {error}") from error
    return rows
