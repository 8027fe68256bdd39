"""The error for a refused checkpoint, and the messages of libraries' errors in one line."""

from __future__ import annotations

#: Characters of a library's message that are quoted.
_LONGEST_REASON = 300


class CheckpointError(ValueError):
    """A checkpoint is refused; the message says what was found and what to do."""


def is_panic(error: BaseException) -> bool:
    """Return whether the Rust code of tokenizers failed: its error is no `Exception`."""
    return type(error).__name__ == "PanicException"


def reason_of(error: BaseException) -> str:
    """Return the message of a library's error in one line."""
    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, KeyError):
        key = str(error.args[0]) if error.args else ""
        reason = " ".join(key.split()) if " " in key else f"{error} is missing or not known"
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
