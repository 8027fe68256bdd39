"""The key of a service, which is read from the environment for each request and kept nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from dataclasses import dataclass

import httpx

from colbert_explain.encoders.remote.remote_error import RemoteError

_ALLOWED = re.compile(r"[\x21-\x7e]+")
#: So many characters of a key in a row are treated as the key.
_TELLING = 6


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """Where a key is found; its value is in no attribute, so it is in no repr, pickle or copy.

    Attributes
    ----------
    variable
        Name of the environment variable.
    required
        Whether the service cannot be used without a key.
    """

    variable: str
    required: bool

    @property
    def is_set(self) -> bool:
        """Whether there is a key."""
        return bool(_value(self.variable))

    def check(self, host: str) -> None:
        """Raise a `RemoteError` if a required key is missing or a key is damaged."""
        if self.required and not self.is_set:
            raise RemoteError(
                f"{host} needs a key: set {self.variable} in the environment before Python starts"
            )
        if self.is_set and not _ALLOWED.fullmatch(_value(self.variable)):
            raise RemoteError(
                f"{self.variable} must be one word of ASCII characters (its value is not shown)"
            )

    def is_part_of(self, text: str) -> bool:
        """Return whether a text contains the key or a recognisable part of it."""
        key = _value(self.variable)
        if not key:
            return False
        width = min(_TELLING, len(key))
        return any(key[i : i + width] in text for i in range(len(key) - width + 1))


class KeyInHeader(httpx.Auth):
    """Add the key to a request when it is sent, so that no variable of a caller holds it."""

    def __init__(self, key: ServiceKey) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Set the header ``Authorization``."""
        if self._key.is_set:
            request.headers["Authorization"] = f"Bearer {_value(self._key.variable)}"
        yield request


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()
