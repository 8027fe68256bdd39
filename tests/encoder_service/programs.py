"""Encoder services that tests start as programs of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from colbert_explain.encoders.remote.address import read_address
from colbert_explain.encoders.remote.connection import EncoderServiceError, ServiceConnection
from tests import patience
from tests.processes import end

ROOT = Path(__file__).parents[2]
TOY_SERVICE = "tests.encoder_service.toy_service"


def wait_for(condition: Callable[[], object], what: str, usual: float = 30) -> None:
    """Wait until a condition holds, and fail with ``what`` if it never does."""
    deadline = time.monotonic() + patience.seconds(usual)
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


class Program:
    """A service on a Unix socket, or on a port; it can be killed and started again.

    Parameters
    ----------
    arguments
        Of `serve`.
    environment
        Variables besides those of this process.
    module
        The program: the toys' service, or the package's own.
    """

    def __init__(self, module=TOY_SERVICE, environment=None, **arguments):
        # Not the folder of the test: a socket's path must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="ce_"))
        self.log = self.folder / "log"
        self.module, self.arguments = module, arguments
        if "port" not in arguments:
            arguments["socket"] = str(self.folder / "socket")
        if module == TOY_SERVICE:
            arguments["folder"] = str(self.folder)
        self.environment = {
            "COLBERT_EXPLAIN_MODELS": "*",
            "COLBERT_EXPLAIN_CONCURRENT_ENCODINGS": "1",
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            **(environment or {}),
        }
        self.start()

    def start(self, *, until_ready=True):
        self.log.write_text("")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, json.dumps(self.arguments)],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        if until_ready:
            wait_for(self._is_ready, f"the service is not ready: {self.log.read_text()}", 60)

    def _is_ready(self):
        assert self.process.poll() is None, self.log.read_text()
        address, _ = read_address(self.address, {})
        try:
            return ServiceConnection(address).health()["status"] == "ready"
        except EncoderServiceError:
            return False

    @property
    def address(self):
        if "socket" in self.arguments:
            return f"unix:{self.arguments['socket']}"
        return f"http://127.0.0.1:{self.arguments['port']}"

    def client(self):
        """Return an HTTP client of the service, for requests that `ServiceEncoder` never sends."""
        if "socket" in self.arguments:
            transport = httpx.HTTPTransport(uds=self.arguments["socket"])
            return httpx.Client(transport=transport, base_url="http://localhost", timeout=60)
        return httpx.Client(base_url=self.address, timeout=60, trust_env=False)

    def health(self):
        with self.client() as client:
            return client.get("/health").json()

    def wait_until(self, **state):
        """Wait until the service says so of itself, such as ``requests=0``."""
        wait_for(
            lambda: {name: self.health()[name] for name in state} == state,
            f"the service must come to {state}",
        )

    def let(self, name):
        """Let texts that wait for a name go on."""
        (self.folder / name).touch()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()

    def close(self):
        end(self.process)
        self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)
