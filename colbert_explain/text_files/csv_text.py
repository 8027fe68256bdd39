"""Tables as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: What a spreadsheet takes for a formula, also behind the mark that makes a cell text.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - full width counts too


def frame_as_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV, without its index, lines ended as in RFC 4180.

    A text or a heading that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break gets a
    ``'`` before it, so that a spreadsheet shows it and does not compute it; so does one that would
    look like that. Take one ``'`` away from the cells that begin so to have the texts again.
    Numbers stay as they are, negative ones included.

    Examples
    --------
    >>> import pandas as pd
    >>> print(frame_as_csv(pd.DataFrame({"name": ["=1+1", "a, b"], "score": [-0.5, 2]})))
    name,score
    '=1+1,-0.5
    "a, b",2.0
    """
    safe = frame.map(_as_text).rename(columns=_as_text)
    return safe.to_csv(index=False, lineterminator="\r\n")


def _as_text(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
