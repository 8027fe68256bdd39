"""The error of a checkpoint that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CheckpointError(ValueError):
    """A checkpoint that is refused: the message says what was found and what to do."""


@contextmanager
def in_one_sentence(place: Path, *, as_it_is: type[Exception] | None = None) -> Iterator[None]:
    """Say in one sentence what a library says of a checkpoint that it cannot read.

    Errors of the class ``as_it_is`` say it in this package's own words.
    """
    try:
        yield
    except CheckpointError:
        raise
    except BaseException as error:
        # What the Rust of tokenizers panics with is no Exception, and has no name to import.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        if as_it_is is None or not isinstance(error, as_it_is):
            reason = f"model must be a checkpoint that can be read, but {place} cannot: {reason}"
        raise CheckpointError(reason) from error
