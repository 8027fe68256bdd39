"""The errors of collections."""

from __future__ import annotations


class CollectionError(ValueError):
    """A collection is damaged, unfinished, in use, of another format, or of another encoder.

    The message says which, and what to do.
    """


class UnknownDocumentError(CollectionError, KeyError):
    """No document of a collection has an id."""

    __str__ = Exception.__str__  # that of a KeyError puts quotation marks around the sentence
