"""Voilà as this package runs it: safe settings, and our pages before its own."""

from __future__ import annotations

import logging
import os
import re
import socket
import tempfile
import threading
import webbrowser
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import typer
import zmq
from jupyter_events import EventLogger
from jupyter_server import CallContext
from nbformat.sign import MemorySignatureStore
from tornado import web
from tornado.ioloop import IOLoop
from traitlets.config import Config
from voila.app import Voila
from voila.execute import CellExecutionError

from colbert_explain.app.web.bundle import bundle
from colbert_explain.dashboard.access import Access
from colbert_explain.dashboard.index_page import PICTURES
from colbert_explain.dashboard.server.guarded import guarded
from colbert_explain.dashboard.server.handlers import (
    TEMPLATE,
    IndexHandler,
    LoginHandler,
    NotebookHandler,
    NotFoundHandler,
    PictureHandler,
    StaticFileHandler,
    TemplateFileHandler,
    TokenIdentity,
    add_frame,
)
from colbert_explain.dashboard.server.kernel_client import PromptClient
from colbert_explain.dashboard.server.kernel_connection import PageConnection, describe_failure
from colbert_explain.dashboard.server.kernel_socket import KernelSocket
from colbert_explain.dashboard.server.kernels import SamePython, VisitorKernels
from colbert_explain.dashboard.server.page_templates import share_compiled_templates
from colbert_explain.dashboard.visitor_log import keep_short, visitor_log
from colbert_explain.encoder_service.limited_server import LimitedServer
from colbert_explain.plotly_script.handler import script_route
from colbert_explain.plotly_script.script import script_address

#: Seconds a browser's connection stays open for its next request. Every request starts a new timer,
#: and asyncio keeps a cancelled timer, with its references to the page, until it is due.
_IDLE_SECONDS = 30
#: Bytes of a request's body, and seconds in which it must have come.
_LARGEST_BODY, _BODY_SECONDS = 1024 * 1024, 60


class DashboardServer(Voila):
    """Voilà with the index page instead of a file list, on a port that is already open."""

    listening: socket.socket
    announce: str
    start_page: str | None  # opened in a browser if given
    first_screen: str  # of the workbench, as HTML

    @cached_property
    def event_logger(self) -> EventLogger:
        """The event log that all kernels share.

        Without it, Jupyter makes one for every kernel, and Python never frees a named log.
        """
        return EventLogger(parent=self)

    def init_handlers(self) -> list[Any]:
        """Return Voilà's routes with ours before them; the first match answers."""
        ours = {"voila_configuration": self.voila_configuration}
        notebook = ours | {
            "template_paths": self.template_paths,
            "config": self.config,
            "first_screen": lambda: self.first_screen,
        }
        pictures = ours | {"path": self.root_dir}
        base = re.escape(self.base_url)
        routes = [
            (rf"{base}", IndexHandler, ours),
            (rf"{base}login", LoginHandler, ours),
            (rf"{base}api/kernels/(?P<kernel_id>[\w-]+)/channels", KernelSocket),
            (rf"{base}voila/tree.*", web.RedirectHandler, self._to_index()),
            (rf"{base}voila/render/(.*)", NotebookHandler, notebook),
            (rf"{base}voila/files/(.*)", PictureHandler, pictures),
            (rf"{base}voila/templates/(.*)", TemplateFileHandler),
            (rf"{base}voila/static/(.*)", StaticFileHandler, {"paths": self.static_paths}),
            (rf"{base}voila/api/contents.*", NotFoundHandler, ours),
            script_route(self.base_url),
            (re.escape(self.base_url.rstrip("/")) or "/", web.RedirectHandler, self._to_index()),
            *super().init_handlers(),
            (r".*", NotFoundHandler, ours),
        ]
        return [(address, guarded(handler), *rest) for address, handler, *rest in routes]

    def show_first(self, screen: str) -> None:
        """Show this first screen of the workbench, as HTML, from now on."""
        self.first_screen = screen

    def _to_index(self) -> dict[str, Any]:
        return {"url": self.base_url, "permanent": False}

    def initialize(self, argv: list[str] | None = None) -> None:
        """Initialize Voilà, and shorten the log records that visitors cause."""
        super().initialize(argv)
        share_compiled_templates()
        self.log.addFilter(_name_failed_cell)
        others = [logging.getLogger(name) for name in ("tornado.application", "asyncio")]
        keep_short(visitor_log, *others, self.log)

    def listen(self) -> None:
        """Print the server's address, and serve until interrupted."""
        self.ioloop = IOLoop.current()  # what Voilà's SIGTERM handler stops
        self.listening.setblocking(False)
        LimitedServer(
            self.app,
            idle_connection_timeout=_IDLE_SECONDS,
            # Of all requests only two small forms have a body; what is sent goes by the websocket.
            max_body_size=_LARGEST_BODY,
            body_timeout=_BODY_SECONDS,
        ).add_socket(self.listening)
        typer.echo(self.announce)
        self.ioloop.add_callback(self.kernel_manager.keep_spare)
        if self.start_page:
            # In a thread: a browser started from a terminal may not return before it is closed.
            threading.Thread(target=webbrowser.open, args=[self.start_page], daemon=True).start()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            self.ioloop.run_sync(self.kernel_manager.stop_preparing)
            self.stop()  # with a loop of its own


def _name_failed_cell(record: logging.LogRecord) -> bool:
    """Log only where and why a cell failed; Voilà logs the whole cell and a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, CellExecutionError):
        page = CallContext.get(CallContext.JUPYTER_HANDLER)
        where = f" of {page.request.path}" if page else ""
        failure = describe_failure(error.ename, error.evalue, error.traceback.splitlines())
        record.msg, record.args = "A cell%s failed: %s", (where, failure)
        record.exc_info = None
    return True


def configuration(
    folder: Path,
    access: Access,
    idle_minutes: float,
    most_kernels: int | None = None,
    keeps_spare: bool = False,
) -> Config:
    """Return Voilà's settings: no sources, no tracebacks, no other files, no idle kernels.

    Parameters
    ----------
    folder
        Folder with the notebooks.
    access
        Who has access.
    idle_minutes
        Minutes after which a kernel without a page is ended.
    most_kernels
        Kernels that may run at the same time; by default as many as fit in memory.
    keeps_spare
        Whether a kernel waits for the next page with its imports done.
    """
    config = Config()
    config.Voila.root_dir = str(folder)
    config.Voila.open_browser = False
    # Below an error, each page says in the terminal that its notebook is "not trusted".
    config.Voila.log_level = logging.ERROR
    config.Voila.config_file_paths = []  # a voila.json in the current folder must not change this
    config.Voila.base_url = access.base_url
    config.Voila.token = access.token or ""
    config.Voila.identity_provider_class = TokenIdentity
    config.Voila.kernel_websocket_connection_class = PageConnection
    # Unless the operator decided who may come in, refuse foreign Host headers: no page elsewhere
    # may reach the server under its own name.
    config.Voila.tornado_settings = {"allow_remote_access": access.any_host_name}
    # Four seconds, the default, are too few where ten pages start at once: what a cell shows came
    # later than its end, and the page stood without it. For so long asyncio keeps a page in memory.
    config.VoilaExecutor.iopub_timeout = 60
    # An extension that needs JupyterLab, and logs that it is missing on the console of each page.
    # And Plotly's, which brings a second copy of its script; the page draws figures itself.
    config.VoilaConfiguration.extension_denylist = [
        "@jupyterhub/jupyter-server-proxy",
        "jupyterlab-plotly",
    ]
    config.VoilaExecutor.cell_error_instruction = "The terminal that runs the server says why."
    # Nobody signs these notebooks. The default opens a database in the user's home, and notes what
    # it asked there for the last 200 pages.
    config.NotebookNotary.store_factory = MemorySignatureStore
    voila = config.VoilaConfiguration
    voila.template = TEMPLATE
    voila.prelaunch_hook = add_frame
    figures = bundle("figure/cell_figure.js")
    voila.resources = {
        "colbert_explain": {
            "served_with_index": True,
            "plotly_script": script_address(),
            "figure_script": figures.script,
            "figure_style": figures.style,
            "first_texts_script": bundle("inputs/first_texts.js").script,
            "lesson_bar_script": bundle("teaching/lesson_bar.js").script,
        }
    }
    voila.allow_template_override = "NO"
    voila.allow_theme_override = "NO"
    voila.strip_sources = True
    voila.show_tracebacks = False
    # Voilà's pool runs notebooks in advance, several of each, and its kernels end when they have
    # been idle. `VisitorKernels` keeps one that fits every notebook.
    voila.preheat_kernel = False
    config.VisitorKernels.keeps_spare = keeps_spare
    voila.file_allowlist = [PICTURES]
    voila.kernel_spec_manager_class = SamePython
    voila.multi_kernel_manager_class = VisitorKernels
    if most_kernels is not None:
        config.VisitorKernels.most_kernels = most_kernels
    idle_seconds = max(1, round(60 * idle_minutes))
    kernels = config.MappingKernelManager
    kernels.cull_idle_timeout = idle_seconds
    kernels.cull_interval = min(60, max(1, idle_seconds // 4))
    kernels.cull_connected = False
    # Also one that is stuck. What takes long runs in threads, meanwhile the kernel is not busy.
    kernels.cull_busy = True
    config.AsyncKernelManager.client_factory = PromptClient
    # A restarted kernel does not know the page. Without a restart, the page says that Python ended.
    config.KernelRestarter.restart_limit = 0
    config.ConnectionFileMixin.transport = _transport()
    return config


def _transport() -> str:
    """Return how to connect to a kernel: through its own files, if their names are not too long.

    Otherwise through ports that are free when they are chosen. On a busy machine, another program
    sometimes takes one of them before the kernel does, which then cannot start.
    """
    longest = Path(tempfile.gettempdir(), "voila_12345678", f"kernel-{uuid4()}-ipc-5")
    return "ipc" if len(os.fsencode(longest)) <= zmq.IPC_PATH_MAX_LEN else "tcp"
