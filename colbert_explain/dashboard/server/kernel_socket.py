"""The connection between a page and its kernel, for pages that vanish and messages that lie."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketProtocol, WebSocketProtocol13
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from colbert_explain.dashboard.server.guarded import Guarded
from colbert_explain.dashboard.server.kernel_connection import V1
from colbert_explain.dashboard.visitor_log import visitor_log

#: What a page calls its connection; the kernel is told it as the name of a sender.
_SESSION = re.compile(r"[A-Za-z0-9-]{0,100}")

_UNSUPPORTED = 1003  # status of a websocket that is closed for what it was sent


class KernelSocket(Guarded, VoilaKernelWebsocketHandler):
    """Jupyter's, for pages that are closed while they connect or that outlived their kernel.

    Jupyter's own writes a traceback for either. A page that was never connected also leaves it with
    a wrong count of connections, and such a kernel is never ended. A message that comes after the
    end is read in another format, in which the first bytes of a good one ask for gigabytes.

    And what a busy kernel said of its widgets just before a page came may arrive after it. A page
    that has not asked for its widgets yet would show them as broken, for good; their state is in
    the answer when it asks.
    """

    connection: Any
    _joined = False
    _gone = False
    _answered = False  # whether the kernel has got to anything that this page asked

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Speak with the page; whether it is still there is asked by Jupyter alone.

        Both ask, and read one setting: Jupyter in milliseconds, tornado in seconds, which would
        complain of a time-out that is longer than the interval. Jupyter's must be: at its first
        look it has not asked yet, and gives up a page that was silent for as long as the time-out.
        """
        protocol = super().get_websocket_protocol()
        if isinstance(protocol, WebSocketProtocol13):
            protocol.params.ping_interval = 0
        return protocol

    async def pre_get(self) -> None:
        """Get ready to connect, and stop if the page is gone by then."""
        if self.kernel_id not in self.kernel_manager:
            raise web.HTTPError(404)
        if not _SESSION.fullmatch(self.get_query_argument("session_id", "")):
            raise web.HTTPError(400)
        await super().pre_get()
        if self._gone:
            self._forget()
            raise web.Finish

    async def open(self, kernel_id: str) -> None:
        """Connect, unless the page is gone."""
        if self._gone:
            self._forget()
            return
        self._joined = True
        await super().open(kernel_id)

    def on_message(self, ws_message: str | bytes) -> None:
        """Pass a message on, unless the page is gone or the message is none."""
        if self._gone or not self._joined or self.ws_connection is None:
            return
        v1 = self.selected_subprotocol == V1
        if isinstance(ws_message, bytes) and not holds_its_parts(ws_message, v1=v1):
            visitor_log.warning("A message of a page was refused: it promises more than it holds")
            self.close(_UNSUPPORTED, "not a message")
            return
        super().on_message(ws_message)

    def write_message(self, message: Any, binary: bool = False) -> asyncio.Future[None]:
        """Send a message, unless it is older than anything that the page asked.

        That the page vanished while it was on its way is no news to anybody.
        """
        if not (binary and not self._answered and self._is_too_old(message)):
            with suppress(WebSocketClosedError):
                sent = super().write_message(message, binary)
                if sent is not None:  # Voilà tells no page which cell is run
                    sent.add_done_callback(lambda done: done.cancelled() or done.exception())
                    return sent
        nothing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        nothing.set_result(None)
        return nothing

    def on_close(self) -> None:
        """Disconnect what was connected."""
        self._gone = True
        if self._joined and self.connection is not None:
            super().on_close()

    def _is_too_old(self, message: bytes) -> bool:
        """Note if a message is the first answer; return whether it tells of widgets before it."""
        if self.selected_subprotocol != V1:
            return False
        channel, (header, parent, *_) = deserialize_msg_from_ws_v1(message)  # type: ignore[no-untyped-call]
        if channel != "iopub":
            return False
        asked = json.loads(parent)
        # The server asks for the kernel's version in the page's name, to see whether it answers.
        self._answered = (
            asked.get("session") == self.connection.session_id
            and asked.get("msg_type") != "kernel_info_request"
        )
        return not self._answered and json.loads(header)["msg_type"].startswith("comm_")

    def _forget(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection._open_sessions.pop(connection.session_key, None)
            if connection.kernel_info_channel is not None:
                connection.kernel_info_channel.close()


def holds_its_parts(message: bytes, *, v1: bool) -> bool:
    """Return whether a message is long enough for the parts that its first number announces.

    Jupyter believes the number: eight bytes could keep the server busy for ever.
    """
    width = 8 if v1 else 4
    parts = int.from_bytes(message[:width], "little" if v1 else "big")
    return len(message) >= width * (parts + 1)
