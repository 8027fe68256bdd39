"""The error of a checkpoint that is refused, and what a library's own error says in one line."""

from __future__ import annotations

#: Characters of a library's sentences that are repeated.
_LONGEST_REASON = 300


class CheckpointError(ValueError):
    """A checkpoint that is refused: the message says what was found and what to do."""


def is_panic(error: BaseException) -> bool:
    """Tell whether the Rust of tokenizers gave up: no `Exception`, and no name to import."""
    return type(error).__name__ == "PanicException"


def reason_of(error: BaseException) -> str:
    """Return what an error of a library says, in one line."""
    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, KeyError):
        said = str(error.args[0]) if error.args else ""
        reason = " ".join(said.split()) if " " in said else f"it lacks or does not know {error}"
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
