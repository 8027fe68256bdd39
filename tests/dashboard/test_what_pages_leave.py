"""A server runs for weeks: what a page leaves behind in it must be nothing."""

import asyncio
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from nbformat.sign import MemorySignatureStore, NotebookNotary
from tornado.web import Application

from colbert_explain.dashboard.access import Access
from colbert_explain.dashboard.server import app as voila_app
from colbert_explain.dashboard.server.app import DashboardServer, configuration
from colbert_explain.dashboard.server.kernels import FORGOTTEN_SECONDS, VisitorKernels
from tests import patience


@pytest.fixture
def settings():
    return configuration(Path(), Access(), idle_minutes=1.0)


def test_all_kernels_tell_one_log_what_happens_to_them():
    server = DashboardServer()
    kernels = VisitorKernels(parent=server)
    logs = [ServerKernelManager(parent=kernels).event_logger for _ in range(2)]
    assert logs == [server.event_logger] * 2


def test_no_database_of_signed_notebooks_is_opened(settings):
    assert isinstance(NotebookNotary(config=settings).store, MemorySignatureStore)


def test_a_cell_is_not_remembered_longer_than_a_connection(settings):
    assert settings.VoilaExecutor.iopub_timeout <= FORGOTTEN_SECONDS
    assert voila_app._IDLE_SECONDS <= FORGOTTEN_SECONDS


def test_a_connection_on_which_nothing_is_asked_is_closed(monkeypatch):
    monkeypatch.setattr(voila_app, "_IDLE_SECONDS", 0.2)
    stopped = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    server = SimpleNamespace(
        app=Application([]),
        listening=listening,
        announce="",
        start_page=None,
        stop=stopped.set,
        kernel_manager=VisitorKernels(),
    )

    def serve():
        with asyncio.Runner() as runner:
            asyncio.set_event_loop(runner.get_loop())
            DashboardServer.listen(server)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listening:
        address, limit = listening.getsockname(), patience.seconds(20)
        with socket.create_connection(address, timeout=limit) as browser:
            assert browser.recv(1) == b""
        server.ioloop.add_callback(server.ioloop.stop)
        thread.join(timeout=patience.seconds(20))
    assert stopped.is_set()
