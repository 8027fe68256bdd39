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
    if not qrels.exists():
        raise ValueError(f"--qrels must name a file or folder, but there is no {str(qrels)!r}")
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


def two_places(written: str, k: int) -> tuple[int, int]:
    """Read two places such as 1,7 as positions from 0."""
    parts = [part.strip() for part in written.split(",")]
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise ValueError(f"--contrast must be two places such as 1,7, got {written!r}")
    first, second = map(int, parts)
    if not (1 <= first <= k and 1 <= second <= k and first != second):
        raise ValueError(
            f"--contrast must be two different places from 1 to {k}, the number of hits (-k), "
            f"got {written!r}"
        )
    return first - 1, second - 1


def pairs_in_file(path: str) -> Any:
    """Read a table of pairs; its cells stay as they are written, such as the id 007."""
    import pandas as pd

    from colbert_explain.search.optional_packages import require
    from colbert_explain.search.readers.line_files import json_lines

    as_written: dict[str, Any] = {"dtype": str, "keep_default_na": False}
    readers: dict[str, Callable[[Path], Any]] = {
        ".csv": lambda file: pd.read_csv(file, **as_written),
        ".tsv": lambda file: pd.read_csv(file, sep="\t", **as_written),
        ".parquet": pd.read_parquet,
    }
    file = Path(path)
    if not file.exists():
        raise ValueError(f"there is no file or folder {path!r}")
    kind = file.suffix.lower()
    if kind not in (*readers, ".jsonl") or not file.is_file():
        raise ValueError(
            f"{path} must be a .csv, .tsv, .jsonl or .parquet file of pairs; for a collection "
            "pass --qrels too"
        )
    if kind == ".parquet":
        require("pyarrow", "pyarrow", "parquet", "a Parquet file")
    if kind == ".jsonl":
        return [value for _, value in json_lines(file)]
    try:
        return readers[kind](file)
    except ValueError as error:  # those of pandas and pyarrow name no file
        reason = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"{path} cannot be read as a table: {reason}") from error
