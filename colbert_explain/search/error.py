"""The error of a collection that cannot be opened, written or searched."""

from __future__ import annotations


class CollectionError(ValueError):
    """A collection is damaged, unfinished, in use, of another format, or of another encoder.

    The message says which, and what to do.
    """
