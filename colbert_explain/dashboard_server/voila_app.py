"""Voilà as this package runs it: safe settings, an index page, and kernels of the same Python."""

import logging
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Any

import typer
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from traitlets.config import Config
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.tornado.handler import TornadoVoilaHandler

from .index_page import PICTURES, read_cards, render_index

#: A FigureWidget imports nbformat, that jsonschema, and that, to check addresses in foreign
#: alphabets, a grammar which takes longer to build than a lesson to run. No dashboard needs it.
_LEAN = "--IPKernelApp.exec_lines=__import__('sys').modules.setdefault('rfc3987_syntax', None)"


class _IndexHandler(BaseVoilaHandler):
    @web.authenticated
    def get(self) -> None:
        self.finish(render_index(read_cards(Path(self.settings["voila"].root_dir))))


class _NotebookHandler(TornadoVoilaHandler):
    """Voilà's page of an executed notebook, for those on the index page and no other file."""

    async def get(self, path: str) -> None:
        folder = Path(self.settings["voila"].root_dir)
        if path not in {card.name for card in read_cards(folder)}:
            raise web.HTTPError(404)
        # Reading it sets the cookie without which a closing page may not end its kernel.
        assert self.xsrf_token
        await super().get(path)


class _NotFoundHandler(BaseVoilaHandler):
    def get(self) -> None:
        raise web.HTTPError(404)


class _SamePython(KernelSpecManager):
    """Every kernel is the Python that runs the server, whatever kernels are registered.

    A user-level kernel named "python3" would otherwise win, and it seldom has this package.
    """

    def find_kernel_specs(self) -> dict[str, str]:
        return {NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        # Below an error, a kernel tells the terminal only that loopback traffic is not encrypted.
        quiet = get_kernel_dict(extra_arguments=["--log-level=ERROR", _LEAN])
        return KernelSpec(resource_dir=RESOURCES, **quiet)


class DashboardServer(Voila):
    """Voilà with the index page instead of a file list, on a port that is already ours."""

    listening: socket.socket
    announce: str
    start_page: str | None  # opened in a browser if given

    def init_handlers(self) -> list[Any]:
        """Return Voilà's routes with ours before them; the first match answers."""
        ours = {"voila_configuration": self.voila_configuration}
        notebook = ours | {"template_paths": self.template_paths, "config": self.config}
        return [
            (r"/", _IndexHandler, ours),
            (r"/voila/tree.*", web.RedirectHandler, {"url": "/", "permanent": False}),
            (r"/voila/render/(.*)", _NotebookHandler, notebook),
            (r"/voila/api/contents.*", _NotFoundHandler, ours),
            *super().init_handlers(),
            (r".*", _NotFoundHandler, ours),
        ]

    def listen(self) -> None:
        """Say where the server is, and serve until interrupted."""
        self.listening.setblocking(False)
        HTTPServer(self.app).add_socket(self.listening)
        typer.echo(self.announce)
        if self.start_page:
            # In a thread: a browser started from a terminal may not return before it is closed.
            threading.Thread(target=webbrowser.open, args=[self.start_page], daemon=True).start()
        self.ioloop = IOLoop.current()  # what Voilà's SIGTERM handler stops
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()


def configuration(folder: Path) -> Config:
    """Return Voilà's settings: no sources, no tracebacks, no other files, no idle kernels."""
    config = Config()
    config.Voila.root_dir = str(folder)
    config.Voila.open_browser = False
    # Below an error, each page says in the terminal that its notebook is "not trusted".
    config.Voila.log_level = logging.ERROR
    config.Voila.config_file_paths = []  # a voila.json in the current folder must not change this
    # Refuse foreign Host headers: no page elsewhere may reach the server under its own name.
    # The rest are jupyter_server's own values but for a time-out that tornado would complain of.
    config.Voila.tornado_settings = {
        "allow_remote_access": False,
        "ws_ping_interval": 30_000,
        "ws_ping_timeout": 30_000,
    }
    config.VoilaExecutor.cell_error_instruction = "The terminal that runs the server says why."
    voila = config.VoilaConfiguration
    voila.template = "colbert_explain"
    voila.resources = {"colbert_explain": {"served_with_index": True}}
    voila.allow_template_override = "NO"
    voila.allow_theme_override = "NO"
    voila.strip_sources = True
    voila.show_tracebacks = False
    voila.preheat_kernel = False
    voila.file_allowlist = [PICTURES]
    voila.kernel_spec_manager_class = _SamePython
    kernels = config.MappingKernelManager
    kernels.cull_idle_timeout = 900  # seconds
    kernels.cull_interval = 60
    kernels.cull_connected = False
    return config
