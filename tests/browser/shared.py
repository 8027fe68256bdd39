"""What the tests of a file share, such as an open page: a test that fails leaves it to no other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

T = TypeVar("T")


class Shared:
    """Things by name, each opened when a test asks for it and it is not open."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[object, ExitStack]] = {}

    def get(self, name: str, opened: Callable[[], AbstractContextManager[T]]) -> T:
        """Return what is open under a name, or enter ``opened`` first."""
        if name not in self._open:
            stack = ExitStack()
            self._open[name] = stack.enter_context(opened()), stack
        return self._open[name][0]  # type: ignore[return-value]

    def close(self) -> None:
        """Close everything, so that the next test opens it anew."""
        while self._open:
            _, (_, stack) = self._open.popitem()
            stack.close()

    def abandon(self) -> None:
        """Close everything after a failure; what can no longer be closed is let go."""
        while self._open:
            with contextlib.suppress(Exception):
                self.close()
