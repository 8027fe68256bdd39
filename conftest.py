"""Let tests pay little for the checks of types and shapes that run beneath them.

jaxtyping (its option stands in pyproject.toml) wraps every function of the package, so that
dimensions of the same name are equal in all arguments and in the result. That takes microseconds
a call, millions of times. Where no array is, no dimension is: there beartype checks alone.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable
from typing import Any

import jaxtyping

_with_shapes = jaxtyping.jaxtyped
_ARRAY = re.compile(r"\b(Bool|Float|Int)\[")


def _checked(*, typechecker: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(of_package: Any) -> Any:
        if isinstance(of_package, type):
            if "__dataclass_fields__" in vars(of_package) and "__init__" in vars(of_package):
                of_package.__init__ = decorate(of_package.__init__)
            return of_package
        annotations = inspect.get_annotations(of_package).values()
        # A function within one is made anew, and would be wrapped anew, whenever that one runs.
        within = "<locals>" in of_package.__qualname__
        if any(_ARRAY.search(str(annotation)) for annotation in annotations):
            return _with_shapes(of_package, typechecker=typechecker)
        return of_package if within else _without_shapes(of_package, typechecker)

    return decorate


def _without_shapes(function: Any, typechecker: Callable[[Any], Any]) -> Any:
    as_written = function.__annotations__
    function.__annotations__ = {
        name: _known_type(annotation, function) for name, annotation in as_written.items()
    }
    checked = typechecker(function)
    function.__annotations__ = as_written

    @functools.wraps(function)
    def checked_unless_disabled(*args: Any, **kwargs: Any) -> Any:
        disabled = jaxtyping.config.jaxtyping_disable
        return function(*args, **kwargs) if disabled else checked(*args, **kwargs)

    return checked_unless_disabled


def _known_type(annotation: Any, function: Any) -> Any:
    """Return a type from its text; anything where its name is not known yet, or never is."""

    def annotated() -> None:
        pass

    annotated.__annotations__ = {"it": annotation}
    try:
        return typing.get_type_hints(annotated, function.__globals__, include_extras=True)["it"]
    except NameError:
        return Any


jaxtyping.jaxtyped = _checked
