import asyncio
import gc
import json
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from jupyter_server.services.kernels.connection.base import (
    serialize_binary_message,
    serialize_msg_to_ws_v1,
)
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError

from colbert_explain.dashboard.access import Access
from colbert_explain.dashboard.server.app import configuration
from colbert_explain.dashboard.server.kernel_socket import (
    MOST_UNREAD,
    KernelSocket,
    holds_its_parts,
)

PARTS = [json.dumps({"msg_type": "comm_msg"}).encode(), b"{}", b"{}", b"{}", b"a buffer"]
V1 = serialize_msg_to_ws_v1(PARTS, "shell")
LEGACY = serialize_binary_message({"header": {}, "buffers": [b"a buffer"]})


def test_a_real_message_holds_its_parts():
    assert holds_its_parts(V1)


def test_a_message_that_promises_more_than_it_holds_does_not():
    for message in (LEGACY, b"\xff" * 8, b"\x7f\xff\xff\xff", V1[:20]):
        assert not holds_its_parts(message), message


def test_parts_that_overlap_are_none():
    """They would be copied one by one: a message of 10 MB would take terabytes."""
    n, size = 1000, 5000
    begin = 8 * (n + 1)
    backwards = [begin + size * (i % 2) for i in range(n)]
    ascending = [begin + i for i in range(n)]
    for offsets, holds in (
        (ascending, True),
        (backwards, False),
        ([begin - 1, *ascending[1:]], False),
        ([*ascending[:-1], begin + size + 1], False),
        ([0] * n, False),
    ):
        message = b"".join(number.to_bytes(8, "little") for number in (n, *offsets)) + b"x" * size
        assert holds_its_parts(message) == holds
    assert not holds_its_parts(bytes(8))


class Connection:
    """Stands for Jupyter's connection to a kernel, and notes what it is told to do."""

    session_key = "k:s"
    session_id = "page"
    kernel_info_channel = None

    def __init__(self):
        self._open_sessions = {self.session_key: self}
        self.calls = []

    def handle_incoming_message(self, message):
        self.calls.append(message)

    def disconnect(self):
        self.calls.append("disconnect")


@pytest.fixture
def socket(monkeypatch):
    socket = KernelSocket.__new__(KernelSocket)
    socket.connection = Connection()
    socket.closed = []
    socket.ws_connection = object()
    monkeypatch.setattr(KernelSocket, "selected_subprotocol", "v1.kernel.websocket.jupyter.org")
    monkeypatch.setattr(socket, "close", lambda *status: socket.closed.append(status))
    return socket


def said(kind, *, channel="iopub", session="page", asked="comm_msg"):
    """A message of the kernel about something that somebody asked."""
    header, parent = {"msg_type": kind}, {"session": session, "msg_type": asked}
    parts = [json.dumps(part).encode() for part in (header, parent, {}, {})]
    return serialize_msg_to_ws_v1(parts, channel)


def test_news_of_widgets_that_are_older_than_the_page_reach_it_only_with_them(socket):
    socket.ws_connection = page = Page()
    version = {"asked": "kernel_info_request"}  # the server asks it in the page's name
    messages = [
        (said("status", **version), True),
        (said("comm_open", session="cells", asked="execute_request"), False),
        (said("comm_msg", **version), False),
        (said("stream", session="cells", asked="execute_request"), True),
        (said("kernel_info_reply", channel="shell", **version), True),
        (said("comm_close", session="cells", asked="execute_request"), False),
        (said("status"), True),  # the kernel got to what the page itself asked
        (said("comm_msg"), True),
        (said("comm_open", session="cells", asked="execute_request"), True),
    ]

    async def send():
        for message, _ in messages:
            if sent := socket.write_message(message, binary=True):
                await sent

    asyncio.run(send())
    assert page.got == [message for message, reaches in messages if reaches]


class Page:
    """Stands for tornado's way to a page."""

    def __init__(self):
        self.got = []

    def is_closing(self):
        return False

    def write_message(self, message, binary):
        async def done():
            self.got.append(message)

        return asyncio.ensure_future(done())


class Wire:
    """Stands for tornado's connection to a page."""

    client_terminated = False

    def __init__(self):
        self.pings = []

    def write_ping(self, data):
        self.pings.append(data)

    def is_closing(self):
        return False


@pytest.mark.parametrize(("silent_since", "given_up"), [(30.01, False), (89, False), (91, True)])
def test_a_page_is_given_up_after_pings_that_nothing_answered(socket, silent_since, given_up):
    settings = configuration(Path(), Access(), idle_minutes=1.0).Voila.tornado_settings
    socket.application = SimpleNamespace(settings=settings)
    socket.ws_connection, socket.ping_callback = Wire(), None

    async def first_look():
        now = IOLoop.current().time()
        socket.last_ping, socket.last_pong = now - 30.01, now - silent_since
        socket.send_ping()

    asyncio.run(first_look())
    assert bool(socket.closed) == given_up
    assert bool(socket.ws_connection.pings) != given_up


def test_tornado_asks_no_page_whether_it_is_there(socket, caplog):
    socket.application = SimpleNamespace(settings={})
    socket.request = SimpleNamespace(
        headers={"Sec-WebSocket-Version": "13"}, connection=SimpleNamespace(detach=lambda: None)
    )
    protocol = socket.get_websocket_protocol()
    protocol.start_pinging()
    assert protocol._ping_coroutine is None
    assert caplog.text == ""


def test_messages_of_an_open_page_are_passed_on(socket):
    socket._joined = True
    socket.on_message(V1)
    assert socket.connection.calls == [V1]


def test_a_message_that_is_read_while_the_page_vanishes_reaches_nobody(socket):
    socket._joined, socket.ws_connection = True, None
    socket.on_message(V1)
    assert socket.connection.calls == []


def test_a_lie_closes_the_connection_and_reaches_nobody(socket):
    socket._joined = True
    socket.on_message(b"\xff" * 8)
    assert socket.connection.calls == []
    assert [status for status, _ in socket.closed] == [1003]


def test_messages_after_the_end_reach_nobody(socket):
    socket._joined = True
    connection = socket.connection
    socket.on_close()
    socket.on_message(V1)
    assert connection.calls == ["disconnect"]


def test_a_page_that_left_before_it_was_connected_is_forgotten(socket):
    connection = socket.connection
    socket.on_close()
    coroutine = socket.open("k")
    with pytest.raises(StopIteration):
        coroutine.send(None)
    assert socket.connection is None
    assert connection._open_sessions == {}
    assert connection.calls == []


def test_a_page_that_left_while_its_kernel_was_asked_leaves_no_channel(socket):
    channel = Mock()
    socket.connection.kernel_info_channel = channel
    socket.on_close()
    asyncio.run(socket.open("k"))
    channel.close.assert_called_once_with()


def test_a_page_that_vanishes_while_a_message_is_on_its_way_is_no_news(socket):
    complaints = []

    class Vanishing:
        def is_closing(self):
            return False

        def write_message(self, message, binary):
            async def fail():
                raise WebSocketClosedError

            return asyncio.ensure_future(fail())

    async def send():
        asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
        socket.ws_connection = Vanishing()
        sent = socket.write_message(V1, binary=True)
        await asyncio.wait([sent])
        del sent
        await asyncio.sleep(0)
        gc.collect()

    asyncio.run(send())
    assert complaints == []


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (SimpleNamespace(is_closing=lambda: True), "status"),
        (None, "status"),
        (SimpleNamespace(is_closing=lambda: False), "execute_input"),  # Voilà does not send it
    ],
)
def test_a_message_that_cannot_be_sent_is_no_error(socket, page, kind):
    socket.ws_connection = page
    assert socket.write_message(said(kind), binary=True) is None


def test_a_page_that_does_not_read_is_disconnected(socket):
    class Full:
        def __init__(self):
            self.got = 0

        def is_closing(self):
            return False

        def write_message(self, message, binary):
            self.got += len(message)
            return asyncio.get_running_loop().create_future()

    async def send():
        socket.ws_connection = page = Full()
        socket._answered = True
        message = serialize_msg_to_ws_v1([*PARTS[:4], b"x" * (MOST_UNREAD // 4)], "iopub")
        for _ in range(10):
            socket.write_message(message, binary=True)
        return page.got / len(message)

    assert asyncio.run(send()) == 4
    assert [status for status, _ in socket.closed] == [1008]
