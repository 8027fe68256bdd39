import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from jupyter_server import CallContext

from colbert_explain.dashboard.access import Access
from colbert_explain.dashboard.server import kernels as visitor_kernels
from colbert_explain.dashboard.server.app import configuration
from colbert_explain.dashboard.server.kernels import SamePython, VisitorKernels
from tests import patience

IDLE = 900


@pytest.fixture
def kernels(monkeypatch):
    kernels = VisitorKernels(config=configuration(Path(), Access(), idle_minutes=IDLE / 60))
    kernels.ended = []

    async def shutdown(kernel_id, **_):
        kernels.ended.append(kernel_id)

    monkeypatch.setattr(kernels, "shutdown_kernel", shutdown)
    return kernels


@contextmanager
def visitor_page():
    """What asks for a kernel is a page."""
    page = SimpleNamespace(kernel_id=None)
    before = CallContext.get(CallContext.JUPYTER_HANDLER)
    CallContext.set(CallContext.JUPYTER_HANDLER, page)
    yield page
    CallContext.set(CallContext.JUPYTER_HANDLER, before)


def add(kernels, seconds, state="idle"):
    kernels._kernels["k"] = SimpleNamespace(
        execution_state=state,
        last_activity=datetime.now(UTC) - timedelta(seconds=seconds),
        kernel_spec=SimpleNamespace(metadata={}),
        kernel_name="python3",
        _close_control_socket=lambda: None,
    )
    kernels._kernel_connections["k"] = 0


def look(kernels):
    asyncio.run(kernels.cull_kernel_if_idle("k"))
    return kernels.ended


@pytest.mark.parametrize(("idle", "allowed"), [(1, 30), (60, 60), (IDLE, 120)])
def test_a_kernel_whose_page_never_came_is_ended_early(kernels, idle, allowed):
    kernels.cull_idle_timeout = idle
    add(kernels, allowed - 5)  # the page may still be loading
    assert look(kernels) == []
    add(kernels, allowed + 1)
    assert look(kernels) == ["k"]


@pytest.mark.parametrize("state", [None, "starting", "busy"])
def test_a_notebook_that_still_runs_keeps_its_kernel(kernels, state):
    add(kernels, IDLE * 2, state=state)
    assert look(kernels) == []


def test_a_page_that_is_being_made_keeps_its_kernel_and_gets_the_whole_time_to_connect(
    kernels, monkeypatch
):
    async def start(self, **_):
        add(kernels, 300)
        return "k"

    async def make_and_send():
        with visitor_page():
            await kernels.start_kernel()
        await kernels.cull_kernel_if_idle("k")
        assert kernels.ended == []
        kernels.page_was_sent("k")
        await kernels.cull_kernel_if_idle("k")
        assert kernels.ended == []
        kernels._kernels["k"].last_activity -= timedelta(seconds=121)
        await kernels.cull_kernel_if_idle("k")
        assert kernels.ended == ["k"]

    async def make_for_ever():
        with visitor_page():
            await kernels.start_kernel()
        kernels._kernels["k"].last_activity -= timedelta(seconds=301)
        await kernels.cull_kernel_if_idle("k")
        assert kernels.ended == ["k", "k"]

    monkeypatch.setattr(visitor_kernels.AsyncMappingKernelManager, "start_kernel", start)
    asyncio.run(make_and_send())
    asyncio.run(make_for_ever())


def test_a_connected_page_keeps_its_kernel_however_long_it_is_read(kernels):
    add(kernels, IDLE * 10)
    kernels.notify_connect("k")
    assert look(kernels) == []


def test_a_kernel_that_is_stuck_is_ended_once_its_page_is_gone_for_the_idle_time(kernels):
    add(kernels, IDLE * 10, state="busy")
    kernels.notify_connect("k")
    assert look(kernels) == []
    kernels.notify_disconnect("k")
    assert look(kernels) == []
    kernels._kernels["k"].last_activity -= timedelta(seconds=IDLE + 1)
    assert look(kernels) == ["k"]


def test_the_idle_time_begins_when_the_page_goes_away(kernels):
    add(kernels, IDLE * 10)
    kernels.notify_connect("k")
    kernels.notify_disconnect("k")
    assert look(kernels) == []
    kernels._kernels["k"].last_activity -= timedelta(seconds=IDLE + 1)
    assert look(kernels) == ["k"]


def test_a_dead_kernel_is_forgotten(kernels):
    add(kernels, 0, state="dead")
    kernels.notify_connect("k")
    assert look(kernels) == ["k"]


def test_an_ended_kernel_leaves_nothing_behind(kernels):
    add(kernels, 0)
    kernels.notify_connect("k")
    kernels.remove_kernel("k")
    assert not kernels._opened
    kernels.notify_disconnect("k")  # the socket may close after the kernel


def test_a_kernel_that_ended_meanwhile_is_no_error(kernels):
    assert look(kernels) == []


def test_a_kernel_in_the_middle_of_a_message_ends_without_a_complaint(tmp_path):
    output, began = tmp_path / "output.txt", tmp_path / "began"
    code = (
        "import comm, pathlib, time\n"
        "def wait(_):\n"
        f"    pathlib.Path({str(began)!r}).touch()\n"
        "    time.sleep(1)\n"
        "opened = comm.create_comm(target_name='page', comm_id='c')\n"
        "opened.on_msg(wait)\n"
    )

    async def start_and_end():
        kernels = VisitorKernels(kernel_spec_manager=SamePython(), connection_dir=str(tmp_path))
        with output.open("wb") as written:
            kernel_id = await kernels.start_kernel(stdout=written, stderr=written)
        client = kernels.get_kernel(kernel_id).client()
        client.start_channels()
        await client.wait_for_ready(timeout=patience.seconds())
        client.execute(code)
        client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": "c", "data": {}}))
        for _ in range(3):
            client.shell_channel.send(client.session.msg("comm_info_request", {}))
        while not began.exists():
            await asyncio.sleep(0.02)
        client.stop_channels()
        await kernels.shutdown_kernel(kernel_id)
        return kernel_id in kernels

    assert asyncio.run(start_and_end()) is False
    assert output.read_text() == ""


def test_what_a_kernel_says_while_it_ends_is_not_kept(kernels):
    """A page ends its kernel; its connection closes before the kernel has ended."""
    stream = Mock()
    add(kernels, 0)
    kernels.start_buffering("k", "session", {"iopub": stream})
    stream.socket.closed = False
    kernels.remove_kernel("k")
    stream.close.assert_called_once_with()
    assert not kernels._kernel_buffers


def test_there_are_no_more_kernels_than_may_run_those_that_start_included(monkeypatch):
    begin = asyncio.Event()

    async def start(self, **_):
        await begin.wait()
        return "k"

    monkeypatch.setattr(visitor_kernels.AsyncMappingKernelManager, "start_kernel", start)

    async def ask(kernels, pages):
        asked = [asyncio.ensure_future(kernels.start_kernel()) for _ in range(pages)]
        await asyncio.sleep(0)
        begin.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    kernels = VisitorKernels(most_kernels=3)
    kernels._kernels["running"] = SimpleNamespace()
    *started, refused = asyncio.run(ask(kernels, 3))
    assert started == ["k", "k"]
    assert refused.status_code == 503
    assert "This server is full" in refused.sentence
    assert asyncio.run(ask(kernels, 2)) == ["k", "k"], (
        "what has started no longer counts as starting"
    )
