"""How results show themselves in a notebook.

Views lie above the results and import them; showing itself at the end of a cell is the one thing
that points upwards. The package root, which knows both, sets what renders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsIndex, TypeVar, overload

Item = TypeVar("Item")

#: What turns a result into a MIME bundle; None until the package root has set it.
renderer: Callable[[Any], dict[str, Any]] | None = None
#: Whether the page gives figures its theme by itself, as the dashboards' page does.
page_themes_figures = False


class ShowsItself:
    """A result that a notebook shows, as HTML and as text."""

    __slots__ = ()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": repr(self)} if renderer is None else renderer(self)


class ShownTogether(ShowsItself):
    """A tuple or a list of results that a notebook shows as one table."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # IPython prefers its own printer of tuples and lists to the text of the bundle.
        printer.text(self._repr_mimebundle_()["text/plain"])


class ShownTuple(ShownTogether, tuple[Item, ...]):
    """A tuple that a notebook shows as one table, and so is a part of it."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Item | tuple[Item, ...]:
        if isinstance(index, slice):
            return type(self)(super().__getitem__(index))
        return super().__getitem__(index)
