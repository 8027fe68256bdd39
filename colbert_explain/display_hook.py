"""How results show themselves in a notebook.

Views lie above the results and import them; showing itself at the end of a cell is the one thing
that points upwards. The package root, which knows both, sets what renders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: What turns a result into a MIME bundle; None until the package root has set it.
renderer: Callable[[Any], dict[str, Any]] | None = None
#: Whether the page gives figures its theme by itself, as the dashboards' page does.
page_themes_figures = False


def mimebundle(result: Any) -> dict[str, Any]:
    """Return the MIME bundle of a result; its repr alone where nothing renders."""
    return {"text/plain": repr(result)} if renderer is None else renderer(result)
