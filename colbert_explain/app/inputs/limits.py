"""How much may be explained at once; the page checks it first, and Python checks it again."""

from __future__ import annotations

from collections.abc import Mapping

from colbert_explain.operator_settings import OperatorSettings

#: Voilà's websocket silently drops messages over 10 MiB, so the browser checks the size first.
LARGEST_MESSAGE = 8 * 1024 * 1024


def page_limits(settings: OperatorSettings) -> dict[str, int]:
    """Return what the page checks before it sends anything.

    Returns
    -------
    dict
        ``text``, characters of all texts in total; ``message``, bytes of a message; ``file``, bytes
        of a file; ``documents``, how many there may be.
    """
    return {
        "text": settings.largest_text,
        "message": LARGEST_MESSAGE,
        "file": largest_file(settings),
        "documents": settings.most_documents,
    }


def largest_file(settings: OperatorSettings) -> int:
    """Return the bytes of the largest file that may be opened; it travels in one message."""
    return min(settings.largest_file, LARGEST_MESSAGE)


def check_limits(
    query: str, documents: str | Mapping[str, str], settings: OperatorSettings
) -> None:
    """Check that a query and its documents are within the operator's limits.

    Raises
    ------
    ValueError
        If there are too many documents, or too many characters in total.
    """
    texts = [documents] if isinstance(documents, str) else list(documents.values())
    if len(texts) > settings.most_documents:
        raise ValueError(
            f"the number of documents must be at most {settings.most_documents:,}, "
            f"got {len(texts):,}"
        )
    total = len(query) + sum(map(len, texts))
    if total > settings.largest_text:
        raise ValueError(
            f"query and documents must have at most {settings.largest_text:,} characters "
            f"in total, got {total:,}"
        )
