"""Where an encoder service listens, and the token that its clients must show."""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import secrets
import socket
import stat
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8000
SHORTEST_TOKEN = 16
TOKEN_VARIABLE = "COLBERT_EXPLAIN_ENCODER_TOKEN"
_TOKEN = re.compile(r"[A-Za-z0-9._~-]+")
#: Bytes of a socket's path that every system takes.
LONGEST_PATH = 100


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """How clients reach an encoder service.

    Attributes
    ----------
    host
        Name or address to listen on; empty for a Unix socket.
    port
        Port to listen on, 0 for any free one.
    socket
        Path of a Unix socket.
    token
        What a client must show, ``None`` if nothing.
    token_is_ours
        Whether the token was generated for this run, and so must be announced.
    """

    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    socket: Path | None = None
    token: str | None = field(default=None, repr=False)
    token_is_ours: bool = False

    @property
    def is_guarded_by_name(self) -> bool:
        """Whether only requests that name this computer are answered."""
        return self.socket is None and self.token is None


def decide_access(
    host: str | None,
    port: int | None,
    path: Path | None,
    *,
    environment: MutableMapping[str, str] | None = None,
) -> ServiceAccess:
    """Decide where to listen and who may come in, from the options and the environment.

    On the loopback interface and on a Unix socket nothing is asked unless
    ``COLBERT_EXPLAIN_ENCODER_TOKEN`` is set. On any other interface a token is needed: that of the
    variable, or a generated one. The variable is removed from the environment.

    Raises
    ------
    ValueError
        If a socket and a host or port are given, the token is too short, or the socket's path is
        too long or lies in a folder that others can open.
    """
    given = os.environ if environment is None else environment
    token = take_token(TOKEN_VARIABLE, given)
    if path is not None:
        if host is not None or port is not None:
            raise ValueError("socket must be given without host and port")
        return ServiceAccess("", 0, _checked(path), token)
    host = host or LOOPBACK
    is_ours = token is None and not is_loopback(host)
    if is_ours:
        token = secrets.token_urlsafe(24)
    return ServiceAccess(
        host, DEFAULT_PORT if port is None else port, None, token, token_is_ours=is_ours
    )


def take_token(variable: str, environment: MutableMapping[str, str]) -> str | None:
    """Remove a token from the environment and return it; child processes do not need it.

    Raises a `ValueError` if it is too short or has characters that an address cannot hold.
    """
    token = environment.pop(variable, "") or None
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise ValueError(
            f"{variable} must have at least {SHORTEST_TOKEN} characters, got {len(token)}"
        )
    if token is not None and not _TOKEN.fullmatch(token):
        raise ValueError(  # a secret is not repeated on a terminal
            f"{variable} must hold only letters, digits and . _ ~ -, got another character (the "
            "token is not shown here)"
        )
    return token


def is_loopback(host: str) -> bool:
    """Return whether only this computer can reach a host name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(access: ServiceAccess) -> socket.socket:
    """Return the socket that a service accepts connections on.

    Raises an `OSError` if the host, the port or the socket cannot be used.
    """
    if access.socket is not None:
        if _is_in_use(access.socket):
            raise OSError(
                f"socket {access.socket} must be free, but another program is listening there"
            )
        from tornado.netutil import bind_unix_socket  # this module is imported by every dashboard

        # Tornado removes the file that a killed service has left.
        return bind_unix_socket(str(access.socket), mode=0o600)
    try:
        family = socket.getaddrinfo(access.host, None, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        raise OSError(
            f"host must be a name or address of this computer, got {access.host!r}"
        ) from error
    try:
        listening = socket.create_server((access.host, access.port), family=family, backlog=128)
    except OSError as error:
        where = f"port {access.port} of {access.host}"
        if error.errno == errno.EADDRINUSE:
            raise OSError(
                f"{where} must be free, but another program is listening there"
            ) from error
        raise OSError(f"{where} cannot be used: {error.strerror}") from error
    listening.setblocking(False)
    return listening


def address_of(access: ServiceAccess, listening: socket.socket) -> str:
    """Return what `load_encoder` takes to reach the service."""
    if access.socket is not None:
        return f"unix:{access.socket}"
    port = listening.getsockname()[1]
    with suppress(ValueError):
        found = ipaddress.ip_address(access.host)
        if found.is_unspecified:  # all interfaces: reached under the computer's name
            return f"http://{socket.gethostname()}:{port}"
        if found.version == 6:
            return f"http://[{found}]:{port}"
    return f"http://{access.host}:{port}"


def _checked(path: Path) -> Path:
    if not hasattr(socket, "AF_UNIX"):
        raise ValueError("socket must be left out: this system has no Unix sockets; use a port")
    path = path.expanduser().absolute()
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise ValueError(f"socket must be a path of at most {LONGEST_PATH} bytes, got {path}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.parent.stat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ValueError(
            "socket must lie in a folder that only you can open (mode 700), got "
            f"{path.parent} (mode {stat.S_IMODE(found.st_mode):o})"
        )
    if path.exists() and not path.is_socket():
        raise ValueError(
            f"socket must be a new path or a socket, got {path}, which is another kind of file"
        )
    return path


def _is_in_use(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
