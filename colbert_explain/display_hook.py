"""How results show themselves in a notebook.

Results lie below views and cannot import them. So the package root, which imports both, sets the
renderer here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsIndex, TypeVar, overload

Item = TypeVar("Item")

#: Makes the MIME bundle of a result; None until the package root has set it.
renderer: Callable[[Any], dict[str, Any]] | None = None


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
