"""Where the server listens, under which path, and who has access: checked before it starts."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from urllib.parse import quote

from colbert_explain.encoder_service.access import (
    LOOPBACK,
    SHORTEST_TOKEN,
    is_loopback,
    take_token,
)

__all__ = [
    "LOOPBACK",
    "SHORTEST_TOKEN",
    "TOKEN_VARIABLE",
    "Access",
    "decide_access",
    "is_loopback",
]

TOKEN_VARIABLE = "COLBERT_EXPLAIN_TOKEN"

_BASE_URL = re.compile(r"/([A-Za-z0-9._~@%+-]+/)*")


@dataclass(frozen=True, slots=True)
class Access:
    """How visitors reach the server.

    Attributes
    ----------
    host
        Name or address to listen on.
    base_url
        Path prefix of every page; begins and ends with a slash.
    token
        Token that a visitor must give, ``None`` if none is required.
    any_host_name
        Whether requests that name a host other than this computer are answered. Without a token
        they are not: a page from elsewhere could otherwise reach the server under its own name.
    token_is_ours
        Whether this start made the token, which must then be printed.
    """

    host: str = LOOPBACK
    base_url: str = "/"
    token: str | None = field(default=None, repr=False)
    any_host_name: bool = False
    token_is_ours: bool = False

    def address(self, port: int, path: str = "") -> str:
        """Return the address of a page, with the token if nobody knows it yet."""
        token = f"?token={self.token}" if self.token_is_ours else ""
        return f"http://{self._shown_host()}:{port}{self.base_url}{path}{token}"

    def _shown_host(self) -> str:
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return self.host
        if address.is_unspecified:  # all interfaces: reached under the computer's name
            return socket.gethostname()
        return f"[{address}]" if address.version == 6 else str(address)


def decide_access(
    host: str | None,
    base_url: str,
    *,
    ask_token: bool,
    environment: MutableMapping[str, str] | None = None,
) -> Access:
    """Decide who has access, from the options and the environment.

    On the loopback interface no token is required unless ``COLBERT_EXPLAIN_TOKEN`` is set. On any
    other interface a token is required: the variable's, or one that is made here. The variable is
    removed from the environment, because kernels inherit it and have no use for it.

    Parameters
    ----------
    host
        Name or address to listen on; ``None`` for the loopback interface.
    base_url
        Path prefix of every page.
    ask_token
        Whether a token may be required; ``False`` gives access to everybody who reaches the server.
    environment
        Environment with the variable; by default the process's own.

    Raises
    ------
    ValueError
        If the token is too short or has characters that an address cannot hold, if it is set
        although ``ask_token`` is ``False``, or if ``base_url`` is not a path.
    """
    given = os.environ if environment is None else environment
    token = take_token(TOKEN_VARIABLE, given)
    base_url = f"{base_url.rstrip('/')}/"
    if not _BASE_URL.fullmatch(base_url) or {"..", "."} & set(base_url.split("/")):
        raise ValueError(f"base_url must be a path such as /colbert/, got {base_url!r}")
    if token is not None and not ask_token:
        raise ValueError(f"{TOKEN_VARIABLE} must not be set when no token is required")
    is_ours = token is None and ask_token and not is_loopback(host or LOOPBACK)
    if is_ours:
        token = secrets.token_urlsafe(24)
    return Access(
        host=host or LOOPBACK,
        base_url=quote(base_url, safe="/%~@+"),
        token=token,
        any_host_name=token is not None or not ask_token,
        token_is_ours=is_ours,
    )
