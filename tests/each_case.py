"""One test for many inputs: all are checked, and a failure names those that failed."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Case = TypeVar("Case")
_NAMED = 10


def check_each(
    cases: Iterable[Case], check: Callable[[Case], None], name: Callable[[Case], str] = repr
) -> None:
    """Call ``check`` with every case; then fail, if any did, with names and reasons."""
    failures, number = [], 0
    for case in cases:
        number += 1
        try:
            check(case)
        except AssertionError as error:
            failures.append(f"{name(case)}: {error}")
    assert number, "there must be a case"
    shown = "\n\n".join(failures[:_NAMED])
    assert not failures, f"{len(failures)} of {number} cases failed\n\n{shown}"
