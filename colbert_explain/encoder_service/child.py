"""`EncoderChild`: an encoder service in a process of its own, started again when it dies."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from colbert_explain.encoder_service.access import LONGEST_PATH, LOOPBACK, TOKEN_VARIABLE
from colbert_explain.encoders.remote.address import ADDRESS_VARIABLE, ServiceAddress
from colbert_explain.encoders.remote.connection import EncoderServiceError, ServiceConnection

#: Seconds before a service that died is started again: first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: Seconds after which a service counts as one that works: the next pause is the first again.
LASTED = 60.0
#: Seconds for a service to end by itself.
_TO_END = 10.0
_SOCKET = "socket"


class EncoderChild:
    """Keeps an encoder service running for this process.

    It listens on a Unix socket in a new folder that only this user can open, or, on a system
    without such sockets, on a port of this computer with a token. When it dies, it is started again
    at the same address. It ends with this process, even if this one is killed.

    Parameters
    ----------
    models
        As for `serve`.
    environment
        Variables of the service; by default those of this process.
    on_change
        Called in a thread with a sentence when the service has died, and when it is started again.
    with_socket
        Whether to use a Unix socket; by default if the system has them.
    command
        The program to start, before its one argument.

    Attributes
    ----------
    address
        What `load_encoder` takes.
    token
        What clients must show (``COLBERT_EXPLAIN_ENCODER_TOKEN``), ``None`` on a Unix socket.
    n_restarts
        How many times the service was started again.

    Examples
    --------
    >>> with EncoderChild() as child:  # doctest: +SKIP
    ...     child.wait_until_ready(60)
    ...     encoder = ce.load_encoder(child.address)
    """

    def __init__(
        self,
        models: Sequence[str] = (),
        *,
        environment: Mapping[str, str] | None = None,
        on_change: Callable[[str], object] = lambda sentence: None,
        with_socket: bool | None = None,
        command: Sequence[str] = (sys.executable, "-P", "-m", "colbert_explain.encoder_service"),
    ) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._command, self._on_change = list(command), on_change
        for variable in (TOKEN_VARIABLE, ADDRESS_VARIABLE):
            self._environment.pop(variable, None)
        self._folder: Path | None = None
        self.token: str | None = None
        where: dict[str, Any]
        if hasattr(socket, "AF_UNIX") if with_socket is None else with_socket:
            self._folder = _private_folder()
            self._where = ServiceAddress("http://localhost", str(self._folder / _SOCKET))
            where = {"socket": self._where.socket}
        else:
            port = _free_port()
            self.token = self._environment[TOKEN_VARIABLE] = secrets.token_urlsafe(24)
            self._where = ServiceAddress(f"http://{LOOPBACK}:{port}")
            where = {"host": LOOPBACK, "port": port}
        self.address = str(self._where)
        self.n_restarts = 0
        self._argument = json.dumps({"models": list(models), **where})
        self._is_ending = threading.Event()
        self._process = self._start()
        self._watcher = threading.Thread(
            target=self._watch, daemon=True, name="colbert_explain_encoder_child"
        )
        self._watcher.start()

    def __enter__(self) -> EncoderChild:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"EncoderChild({self.address})"

    @property
    def pid(self) -> int:
        """Process id of the service."""
        return self._process.pid

    def is_ready(self) -> bool:
        """Return whether the service answers and its models are loaded."""
        try:
            return ServiceConnection(self._where).health()["status"] == "ready"
        except EncoderServiceError:
            return False

    def wait_until_ready(self, timeout: float) -> None:
        """Wait until `is_ready`; raises a `TimeoutError` after ``timeout`` seconds."""
        until = time.monotonic() + timeout
        while not self.is_ready():
            if time.monotonic() > until or self._is_ending.wait(0.1):
                raise TimeoutError(
                    f"the encoder service at {self.address} was not ready within {timeout:.0f} s"
                )

    def stop(self) -> None:
        """End the service and remove its socket; it is not started again."""
        self._is_ending.set()
        self._watcher.join()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        options: dict[str, Any] = {}
        if os.name == "posix":
            options["start_new_session"] = True  # Ctrl+C in a terminal is for the parent
        else:
            options["creationflags"] = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        return subprocess.Popen(
            [*self._command, self._argument],
            stdin=subprocess.PIPE,  # closed when this process ends, however it does
            stdout=subprocess.DEVNULL,
            env=self._environment,
            **options,
        )

    def _watch(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            while self._process.poll() is None and not self._is_ending.wait(0.1):
                pass
            if self._is_ending.is_set():
                break
            self._close_input()
            if time.monotonic() - began > LASTED:
                pause = FIRST_PAUSE
            self._on_change(
                f"the encoder service ended ({_how(self._process.returncode)}); it will be "
                f"started again in {pause:.1f} s"
            )
            if self._is_ending.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)
            self._process = self._start()
            self.n_restarts += 1
            self._on_change("the encoder service was started again")
        self._close_input()
        try:
            self._process.wait(_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _close_input(self) -> None:
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()


def _how(status: int) -> str:
    if status < 0:
        with suppress(ValueError):
            return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def _private_folder() -> Path:
    """Make a folder of mode 700 whose path is short enough for a socket in it."""
    for place in (None, "/tmp"):
        folder = Path(tempfile.mkdtemp(prefix="colbert_explain_", dir=place))
        if len(os.fsencode(folder / _SOCKET)) <= LONGEST_PATH:
            return folder
        folder.rmdir()
    raise OSError("a temporary folder must have a path short enough for a Unix socket in it")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
