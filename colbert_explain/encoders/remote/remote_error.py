"""Errors of a service that encodes or ranks texts elsewhere."""

from __future__ import annotations


class RemoteError(RuntimeError):
    """A service that encodes or ranks texts could not be used; the message says what to do.

    It contains neither the key nor an exception that does.
    """


class RefusedTextError(RemoteError, ValueError):
    """A service refused what it was sent, such as a text that is too long for it."""
