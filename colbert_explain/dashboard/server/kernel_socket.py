"""The connection between a page and its kernel: closed pages and malformed messages."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketProtocol, WebSocketProtocol13
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from colbert_explain.dashboard.server.guarded import Guarded
from colbert_explain.dashboard.server.kernel_connection import V1, PageConnection
from colbert_explain.dashboard.visitor_log import visitor_log

#: The page's name for its connection, which the kernel gets as the name of a sender.
_SESSION = re.compile(r"[A-Za-z0-9-]{0,100}")

_NUMBER = 8  # bytes of a number in a message
_FEWEST_OFFSETS = 2  # of the channel's name
#: Bytes on their way to a page that does not read; the state of a page has about one million.
MOST_UNREAD = 64_000_000
#: Connections to one kernel. A page has one, and an old one for a while after its computer slept.
MOST_CONNECTIONS = 8
_UNREAD = 1008  # status of a websocket that is closed because the page does not keep a rule
_UNSUPPORTED = 1003  # status of a websocket that is closed for what it was sent


class KernelSocket(Guarded, VoilaKernelWebsocketHandler):
    """Jupyter's socket, for pages that close while they connect or that outlive their kernel.

    Each method says what is wrong in jupyter_server 2.21, voila 0.5.13 or ipywidgets 8.1; only the
    pings are reported. `_forget` uses a private name, hence the limit in pyproject.toml.
    """

    connection: Any
    _joined = False
    _gone = False
    _unread = 0  # bytes that are on their way to the page
    _answered = False  # whether the kernel has got to anything that this page asked

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Turn off tornado's pings: only Jupyter checks whether the page is still there.

        jupyter_server reads ``ws_ping_interval`` in milliseconds and hands it to tornado, which
        takes it for seconds (https://github.com/jupyter-server/jupyter_server/issues/1612) and logs
        that the time-out is longer than the interval. Jupyter needs such a time-out: at its first
        check it has not sent a ping yet, and it drops a page that was silent for as long.
        """
        protocol = super().get_websocket_protocol()
        if isinstance(protocol, WebSocketProtocol13):
            protocol.params.ping_interval = 0
        return protocol

    async def pre_get(self) -> None:
        """Get ready to connect, and stop if the page is gone by then.

        A page of Voilà's always speaks the newer of Jupyter's two protocols. Others are refused:
        voila reads whatever a kernel answers as a message of that one
        (``read_header_from_binary_message``), and the first bytes of the older one's as the length
        of a list that it makes.

        jupyter_server logs a traceback for a kernel that has ended (``get_kernel`` raises KeyError,
        which becomes a status of 500), and for a page that goes while the kernel is asked for its
        version. It counts such a page as one that disconnects, though it never connected: the count
        of connections becomes -1, and a kernel with such a count is never ended.
        """
        if self.kernel_id not in self.kernel_manager:
            raise web.HTTPError(404)
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if V1 not in re.split(r"[\s,]+", offered):
            raise web.HTTPError(400)
        if not _SESSION.fullmatch(self.get_query_argument("session_id", "")):
            raise web.HTTPError(400)
        own = f"{self.kernel_id}:"
        connections = [key for key in PageConnection._open_sessions if key.startswith(own)]
        if len(connections) >= MOST_CONNECTIONS:
            raise web.HTTPError(429)
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
        """Pass a message on, unless the page is gone or the message is malformed.

        Of a socket that is just closing, tornado forgets the protocol: jupyter_server reads a valid
        message in the older format, in which its first bytes ask for gigabytes.
        """
        if self._gone or not self._joined or self.ws_connection is None:
            return
        if isinstance(ws_message, bytes) and not holds_its_parts(ws_message):
            visitor_log.warning(
                "A message from a page was refused: it holds fewer parts than it announces"
            )
            self.close(_UNSUPPORTED, "not a message")
            return
        super().on_message(ws_message)

    def write_message(self, message: Any, binary: bool = False) -> asyncio.Future[None] | None:
        """Send a message, unless it is older than the first question of the page.

        What a busy kernel said of widgets just before a page connected may arrive after it has
        connected. The manager of ipywidgets in a page that has not asked for its widgets yet takes
        a new one for broken, for good (what is left of
        https://github.com/jupyter-widgets/ipywidgets/pull/2570). The answer to the page's question
        holds the state of all widgets.

        jupyter_server does not look at the future that tornado returns. If the page vanishes while
        a message is on its way, asyncio logs that nobody did. For a socket that is just closing it
        writes the older format, which voila would read as the newer.
        """
        if self.ws_connection is None or (binary and self.selected_subprotocol != V1):
            return None
        if self._unread > MOST_UNREAD:
            return None
        if binary and not self._answered and self._is_too_old(message):
            return None
        with suppress(WebSocketClosedError):
            sent: asyncio.Future[None] | None = super().write_message(message, binary)
            if sent is not None:  # Voilà tells no page which cell is run
                self._unread += len(message)
                sent.add_done_callback(partial(self._was_sent, len(message)))
            if self._unread > MOST_UNREAD:
                visitor_log.warning("A page was disconnected: it does not read what it is sent")
                self.close(_UNREAD, "not read")
            return sent
        return None

    def _was_sent(self, n_bytes: int, done: asyncio.Future[None]) -> None:
        self._unread -= n_bytes
        if not done.cancelled():
            done.exception()  # nobody else asks for it

    def on_close(self) -> None:
        """Disconnect, if the page was connected."""
        self._gone = True
        if self._joined and self.connection is not None:
            super().on_close()

    def _is_too_old(self, message: bytes) -> bool:
        """Record a first answer; return whether this is an older message about widgets."""
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
        """Undo what ``prepare`` did; ``disconnect`` would also undo what ``connect`` never did."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection._open_sessions.pop(connection.session_key, None)
            if connection.kernel_info_channel is not None:
                connection.kernel_info_channel.close()


def holds_its_parts(message: bytes) -> bool:
    """Return whether a message holds the parts that its first numbers announce, one after another.

    jupyter_server 2.21 trusts the numbers (``deserialize_msg_from_ws_v1``), and voila 0.5.13 as
    well (``read_header_from_binary_message``): eight bytes could keep the server busy for ever, and
    parts that overlap fill its memory.
    """
    n = int.from_bytes(message[:_NUMBER], "little")
    begin = _NUMBER * (n + 1)
    if len(message) < begin or n < _FEWEST_OFFSETS:
        return False
    offsets = [
        int.from_bytes(message[i : i + _NUMBER], "little") for i in range(_NUMBER, begin, _NUMBER)
    ]
    return (
        offsets[0] == begin
        and all(one <= other for one, other in pairwise(offsets))
        and offsets[-1] <= len(message)
    )
