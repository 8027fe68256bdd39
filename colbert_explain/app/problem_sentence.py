"""What went wrong, as the sentence that a page shows."""

from __future__ import annotations


def problem_sentence(error: Exception) -> str:
    """Write a `ValueError` as a sentence, and name any other error by its type."""
    if isinstance(error, ValueError):
        return f"{str(error)[:1].upper()}{str(error)[1:]}."
    return f"Something went wrong: {type(error).__name__}: {error}"
