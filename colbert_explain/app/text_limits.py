"""How much may be explained at once; the page checks it first, and Python checks it again."""

from __future__ import annotations

from collections.abc import Mapping

from colbert_explain.operator_settings import OperatorSettings


def check_limits(
    query: str, documents: str | Mapping[str, str], settings: OperatorSettings
) -> None:
    """Check that a query and its documents are within the operator's limits.

    Raises
    ------
    ValueError
        If there are too many documents, or too many characters in all.
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
            f"together, got {total:,}"
        )
