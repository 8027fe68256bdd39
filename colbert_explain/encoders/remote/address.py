"""The address of an encoder service, with the model that its query names."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from colbert_explain import argument_checks as check
from colbert_explain.encoders.remote.protocol import (
    ARGUMENTS,
    NUMBERS,
    SWITCHES,
    NamedModel,
)

#: Names the service that encodes instead of this process.
ADDRESS_VARIABLE = "COLBERT_EXPLAIN_ENCODER"

_SCHEMES = ("http", "https", "unix")
_SWITCH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where an encoder service listens.

    Attributes
    ----------
    url
        What paths of requests are appended to.
    socket
        Path of its Unix socket, or ``None``.
    """

    url: str
    socket: str | None = None

    def __str__(self) -> str:
        return self.url if self.socket is None else f"unix:{self.socket}"


def is_address(model: object) -> bool:
    """Return whether a model is named by the address of a service."""
    return isinstance(model, str) and model.partition(":")[0] in _SCHEMES


def read_address(text: str, arguments: Mapping[str, Any]) -> tuple[ServiceAddress, NamedModel]:
    """Return the address and the model that it and ``arguments`` name.

    Parameters
    ----------
    text
        ``http://host:8000``, ``https://host/path`` or ``unix:/path``. A query names a model and
        arguments of `load_encoder`: ``?model=jinaai/jina-colbert-v1-en&document_length=512``.
    arguments
        Arguments of `load_encoder`; those that are ``None`` are left out.

    Raises
    ------
    ValueError
        If the address has another form, or an argument is given twice or is not known.
    """
    parts = urlsplit(text)
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "the address of an encoder service must have no user name or password: the token "
            "belongs in COLBERT_EXPLAIN_ENCODER_TOKEN"
        )
    if parts.fragment:
        raise ValueError(f"the address of an encoder service must not contain #, got {text!r}")
    if parts.scheme == "unix" and not hasattr(socket, "AF_UNIX"):
        raise ValueError(
            "the address of an encoder service must begin with http: or https:, because this "
            f"system has no Unix sockets, got {check.shown(text)}"
        )
    if parts.scheme == "unix":
        if not parts.path.startswith("/"):
            raise ValueError(
                "the address of a Unix socket must be unix: and an absolute path, such as "
                f"unix:/run/user/1000/encoder/socket, got {check.shown(text)}"
            )
        address = ServiceAddress("http://localhost", parts.path)
    else:
        try:
            usable = bool(parts.hostname) and parts.port != 0
        except ValueError:  # the port is no number, or too large
            usable = False
        if not usable:
            raise ValueError(
                "the address of an encoder service must be like http://host:8000, "
                f"got {check.shown(text)}"
            )
        address = ServiceAddress(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}")
    return address, _named(parts.query, arguments)


def _named(query: str, arguments: Mapping[str, Any]) -> NamedModel:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "skiplist":
            found.setdefault(name, []).append(value)
            continue
        if name not in ("model", *ARGUMENTS):
            raise ValueError(
                "the address of an encoder service may name model and arguments of load_encoder, "
                f"got {check.shown(name)}"
            )
        if name in found:
            raise ValueError(f"{name} must be given only once in the address, got it twice")
        found[name] = _reader(name)(name, value)
    for name, value in arguments.items():
        if value is None:
            continue
        if name in found:
            raise ValueError(f"{name} must be given once, in the address or as an argument")
        found[name] = [*value] if isinstance(value, tuple) else value
    return NamedModel.read(found)


def _reader(name: str) -> Callable[[str, str], Any]:
    if name in NUMBERS:
        return _number
    if name == "layers":
        return lambda name, value: [_number(name, part) for part in value.split(",")]
    if name in SWITCHES:
        return _switch
    if name == "query_expansion":
        return lambda name, value: _SWITCH.get(value, value)
    return lambda name, value: value


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ValueError(f"{name} must be a whole number, got {check.shown(value)}")
    return int(value)


def _switch(name: str, value: str) -> bool:
    if value not in _SWITCH:
        raise ValueError(f"{name} must be true or false, got {check.shown(value)}")
    return _SWITCH[value]
