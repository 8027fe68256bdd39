"""Divide texts into batches that a service takes at once."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain import argument_checks as check


def check_batch_size(batch_size: int) -> int:
    """Check that a batch holds at least one text."""
    if check.whole_number("batch_size", batch_size) < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    return batch_size


def batches(texts: Sequence[str], most_texts: int, most_characters: int) -> list[range]:
    """Return the positions of the texts of each batch, in order.

    A text that is longer than ``most_characters`` is alone in its batch.

    Examples
    --------
    >>> batches(["a", "b", "cccc", "d"], 2, 3)
    [range(0, 2), range(2, 3), range(3, 4)]
    """
    found, start, characters = [], 0, 0
    for i, text in enumerate(texts):
        if i > start and (i - start == most_texts or characters + len(text) > most_characters):
            found.append(range(start, i))
            start, characters = i, 0
        characters += len(text)
    if start < len(texts):
        found.append(range(start, len(texts)))
    return found
