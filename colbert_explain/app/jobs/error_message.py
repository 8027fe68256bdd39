"""What went wrong, as the sentence that a page shows."""

from __future__ import annotations

from colbert_explain.encoders.remote.connection import EncoderServiceError
from colbert_explain.encoders.remote.remote_error import RemoteError

#: Errors whose message is a sentence.
_STATED = (ValueError, EncoderServiceError, RemoteError)


def problem_sentence(error: Exception) -> str:
    """Write an error whose message is a sentence, and name any other by its type."""
    if isinstance(error, _STATED):
        return f"{str(error)[:1].upper()}{str(error)[1:]}."
    return f"Something went wrong: {type(error).__name__}: {error}"
