"""How results show themselves in a notebook.

Results lie below views and cannot import them. So the package root, which imports both, sets the
renderer here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Makes the MIME bundle of a result; None until the package root has set it.
renderer: Callable[[Any], dict[str, Any]] | None = None
#: Whether the page sets the theme of figures itself, as the dashboards' page does.
page_themes_figures = False


def mimebundle(result: Any) -> dict[str, Any]:
    """Return the MIME bundle of a result; only its repr without a renderer."""
    return {"text/plain": repr(result)} if renderer is None else renderer(result)
