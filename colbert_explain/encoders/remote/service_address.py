"""The address of a service, and its name in messages."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from colbert_explain import argument_checks as check

_RULE = "address must be like https://api.example.org or http://localhost:8000"


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """An address without a user name, password or query, so that it may be shown and saved.

    Attributes
    ----------
    url
        The address without a slash at its end.
    host
        The host, with its port if the address has one: ``api.jina.ai``, ``localhost:8000``.
    is_encrypted
        Whether it is reached by https.
    is_loopback
        Whether it is on this machine.
    """

    url: str
    host: str
    is_encrypted: bool
    is_loopback: bool


def service_address(address: str) -> ServiceAddress:
    """Check an address.

    Raises
    ------
    ValueError
        If it is not an http or https address, or has a user name, a password, a query or a
        fragment. The message contains nothing that may be a secret.
    """
    check.text("address", address)
    try:
        parts = urlsplit(address.strip())
        name, port = parts.hostname, parts.port
    except ValueError:
        parts, name, port = SplitResult("", "", "", "", ""), None, None
    if "@" in address or "?" in address or "#" in address:
        raise ValueError(
            f"{_RULE}, without a user name, a password, a query or a fragment (not shown here). "
            "A key is read from the environment"
        )
    if parts.scheme not in ("http", "https") or not name:
        raise ValueError(f"{_RULE}, got {check.shown(address)}")
    host = f"[{name}]" if ":" in name else name
    if port is not None:
        host = f"{host}:{port}"
    url = f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
    return ServiceAddress(url, host, parts.scheme == "https", _is_loopback(name))


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
