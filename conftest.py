"""Let tests check types and shapes in every module whose annotations tell the shape of an array.

To check all modules took the tests half as long again: small functions are called very often.
"""

from __future__ import annotations

import re
from pathlib import Path

from jaxtyping import install_import_hook

_ARRAY = re.compile(r"\b(Bool|Float|Int)\[")
_ROOT = Path(__file__).parent

install_import_hook(
    [
        ".".join(path.relative_to(_ROOT).with_suffix("").parts)
        for path in (_ROOT / "colbert_explain").rglob("*.py")
        if _ARRAY.search(path.read_text(encoding="utf-8"))
    ],
    "beartype.beartype",
)
