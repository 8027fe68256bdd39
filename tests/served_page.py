"""A real server and a page's side of it without a browser: requests, and messages to a kernel."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import nbformat
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpclient import HTTPRequest
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    websocket_connect,
)

from tests import patience
from tests.processes import address_of_dashboards, end

V1 = "v1.kernel.websocket.jupyter.org"
#: Where no encoder service is.
NOBODY = "http://127.0.0.1:9"
#: Names it, as no text is encoded: the server need not start one and load a model. Nor does a
#: kernel wait for the next page.
UNUSED = {"COLBERT_EXPLAIN_ENCODER": NOBODY, "COLBERT_EXPLAIN_SPARE_KERNEL": "0"}
#: Stands in a message for the session of the connection by which it is sent.
SESSION = "page"

_SERVE = """
import pathlib, sys
from colbert_explain.dashboard.serve import serve
serve(port=0, open_browser=False, notebooks=pathlib.Path(sys.argv[1]))
"""


class Server:
    """A server of a folder of notebooks, in a process of its own."""

    def __init__(self, url: str, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.url, self.log_file, self.process = url, log, process

    def log(self) -> list[str]:
        """Return the lines it has written, but for its address and that nobody is at `NOBODY`."""
        lines = self.log_file.read_text(errors="replace").splitlines()
        expected = ("dashboards: http", f"No encoder service answers at {NOBODY}")
        return [line for line in lines if not any(part in line for part in expected)]

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path, as it is: nothing in it is made tidy."""
        return httpx.get(self.url + path, headers=headers, timeout=patience.seconds(90))

    def post(self, path: str, cookies: httpx.Cookies, **form: str) -> httpx.Response:
        with httpx.Client(cookies=cookies, timeout=patience.seconds(90)) as client:
            return client.post(self.url + path, data=form)

    def open(self, notebook: str) -> httpx.Response:
        """Open a page, which runs its notebook."""
        return self.get(f"voila/render/{notebook}.ipynb")


@contextmanager
def served(
    folder: Path,
    *options: str,
    environment: dict[str, str] | None = None,
    **notebooks: list[str],
) -> Iterator[Server]:
    """Serve notebooks of some cells each; ``options`` are those of Python.

    ``environment`` holds further variables; by default those of a server whose pages encode
    nothing.
    """
    for name, sources in notebooks.items():
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    log = folder / "server_log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *options, "-c", _SERVE, str(folder)],
            stdout=output,
            stderr=output,
            cwd=Path(__file__).parent.parent,
            env=os.environ | (UNUSED if environment is None else environment),
        )
    try:
        yield Server(address_of_dashboards(process, log), log, process)
    finally:
        end(process)


def kernel_of(page: str) -> str:
    """Return the id of a page's kernel."""
    found = re.search(r'"kernelId": "([^"]+)"', page)
    assert found, page[:1000]
    return found[1]


def message(kind: str, content: Any, metadata: Any = None, **header: Any) -> dict[str, Any]:
    """Return a message of a page as its parts."""
    named = {"msg_id": uuid4().hex, "msg_type": kind, "session": SESSION, "username": "reader"}
    dated = named | {"date": "2026-11-28T12:00:00.000Z", "version": "5.3"} | header
    return {
        "header": dated,
        "parent_header": {},
        "metadata": {} if metadata is None else metadata,
        "content": content,
    }


def packed(parts: dict[str, Any], channel: str = "shell") -> bytes:
    """Return a message as it goes through the websocket."""
    return serialize_msg_to_ws_v1([json.dumps(part).encode() for part in parts.values()], channel)


class PageSocket:
    """A page's connection to its kernel: ``async with PageSocket(server.url, kernel) as page``."""

    def __init__(self, server_url: str, kernel: str, protocols: tuple[str, ...] = (V1,)) -> None:
        url = server_url.replace("http", "ws", 1)
        self._session = uuid4().hex
        self._url = f"{url}api/kernels/{kernel}/channels?session_id={self._session}"
        self._protocols = list(protocols)
        self.heard: list[tuple[str, bytes]] = []  # kinds and contents of messages
        self.raw: list[str | bytes] = []
        self._socket: WebSocketClientConnection

    async def __aenter__(self) -> PageSocket:
        self._socket = await websocket_connect(
            HTTPRequest(self._url, request_timeout=patience.seconds(60)),
            subprotocols=self._protocols,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience.seconds(5)):
                while self._socket.close_code is None:
                    await asyncio.sleep(0.01)

    async def send(self, message: dict[str, Any] | bytes | str) -> None:
        """Send a message or whatever else."""
        if isinstance(message, dict):
            header = message["header"]
            if isinstance(header, dict) and header.get("session") == SESSION:
                message = message | {"header": header | {"session": self._session}}
        content = packed(message) if isinstance(message, dict) else message
        try:
            await self._socket.write_message(content, binary=isinstance(content, bytes))
        except WebSocketClosedError as error:
            raise ConnectionError("closed") from error

    async def listen(self, kind: str, *, times: int = 1, usual: float = 30) -> bytes:
        """Listen until a kind of message has come; return its content."""
        while True:
            came = await asyncio.wait_for(self._socket.read_message(), patience.seconds(usual))
            if came is None:
                raise ConnectionError(f"closed with status {self._socket.close_code}")
            self.raw.append(came)
            if isinstance(came, str):
                read = json.loads(came)
                self.heard.append((read["msg_type"], json.dumps(read["content"]).encode()))
            else:
                _, parts = deserialize_msg_from_ws_v1(came)
                self.heard.append((json.loads(parts[0])["msg_type"], parts[3]))
            times -= self.heard[-1][0] == kind
            if times == 0:
                return self.heard[-1][1]

    async def answers(self) -> None:
        """See that the kernel still answers what a page asks."""
        asked = message("comm_info_request", {"target_name": "jupyter.widget"})
        await self.send(asked if self._protocols else json.dumps(asked | {"channel": "shell"}))
        await self.listen("comm_info_reply")
