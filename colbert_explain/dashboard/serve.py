"""The notebooks as dashboards: Voilà on this computer, with our own index page."""

from __future__ import annotations

import errno
import logging
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from colbert_explain.dashboard.access import Access, decide_access
from colbert_explain.dashboard.first_screen import first_screen
from colbert_explain.dashboard.index_page import JUPYTER_DATA, Card, read_cards
from colbert_explain.dashboard.memory import kernels_that_fit
from colbert_explain.dashboard.shared_encoder import shared_encoder
from colbert_explain.dashboard.warm_up import keeps_embeddings, start_warming_up
from colbert_explain.operator_settings import OperatorSettings

if TYPE_CHECKING:
    from colbert_explain.dashboard.server.app import DashboardServer

__all__ = ["notebooks_folder", "serve"]

DEFAULT_PORT = 8866

_PACKAGE = Path(__file__).parent.parent


def notebooks_folder() -> Path:
    """Return the folder with the notebooks that belong to this package.

    Returns
    -------
    Path
        Inside the package when it was installed from a wheel, beside it in a clone.

    Raises
    ------
    FileNotFoundError
        If neither place holds them.
    """
    # A folder "notebooks" beside an installed package may be anyone's: voila.json marks ours.
    places = [_PACKAGE / "notebooks", _PACKAGE.parent / "notebooks"]
    for folder in places:
        if (folder / "voila.json").is_file():
            return folder
    searched = " and ".join(map(str, places))
    raise FileNotFoundError(
        f"notebooks must be in the package or beside it, found none in {searched}"
    )


def serve(
    notebook: str | None = None,
    *,
    port: int | None,
    open_browser: bool,
    notebooks: Path | None = None,
    host: str | None = None,
    base_url: str = "/",
    ask_token: bool = True,
) -> None:
    """Serve the notebooks as dashboards until interrupted, by default on this computer only.

    Kernels run the Python that runs the server and are told to stay off the network, unless
    ``HF_HUB_OFFLINE`` or ``TRANSFORMERS_OFFLINE`` is already set, or the operator allows models of
    the hub (``COLBERT_EXPLAIN_MODELS``), which have to be fetched. A kernel ends with its page; one
    whose page is gone without ending it is ended after ``COLBERT_EXPLAIN_IDLE_MINUTES``. Kernels
    load no model: they use the encoder service that ``COLBERT_EXPLAIN_ENCODER`` names, or else one
    that is started here, on a private socket, and ends with the server. It keeps token embeddings
    on disk, so that a text that was encoded once is shown at once, unless
    ``COLBERT_EXPLAIN_KEEP_EMBEDDINGS`` is 0; those of the packaged texts are made in the
    background.

    Parameters
    ----------
    notebook
        Name of the dashboard to open, with or without ``.ipynb``; by default the index page.
    port
        Port to listen on, 0 for any free one; by default 8866 or the next free one.
    open_browser
        Whether to open the page in the user's browser.
    notebooks
        Folder to serve; by default the notebooks of this package.
    host
        Name or address to listen on; by default the loopback interface. Any other needs a token,
        from ``COLBERT_EXPLAIN_TOKEN`` or made for this run and printed.
    base_url
        Path prefix of every page, for a proxy that passes requests on with it.
    ask_token
        Whether a token may be required; ``False`` if something in front of the server decides who
        has access.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    ValueError
        If the folder holds no such notebook, or a setting is not valid.
    OSError
        If the host or the port cannot be used.
    """
    settings = OperatorSettings.from_environment()
    access = decide_access(host, base_url, ask_token=ask_token)
    folder = (notebooks or notebooks_folder()).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"notebooks must be a folder, got {folder}")
    cards = read_cards(folder)
    path = _page(notebook, cards) if notebook else ""
    listening = _bind(access.host, port)
    address = access.address(listening.getsockname()[1], path)

    _stay_offline(settings)
    os.environ.setdefault("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
    # The one way to tell every part of Voilà where our template lies without installing it.
    places = [str(JUPYTER_DATA), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, places))
    # Else every refusal is a line in the terminal. What failed is one already, with its reason.
    logging.getLogger("tornado.general").setLevel(logging.ERROR)
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)

    # A service elsewhere may keep nothing, and has others to serve.
    encodes_texts = notebooks is None and settings.encoder is None and keeps_embeddings()
    warms_up = encodes_texts or any(card.has_first_screen for card in cards)
    with shared_encoder(settings):
        server = _server(folder, access, settings)
        server.listening = listening
        server.announce = f"colbert_explain dashboards: {address} (Ctrl+C stops)"
        server.start_page = address if open_browser else None
        warming_up = start_warming_up(encodes_texts, server.show_first) if warms_up else None
        try:
            server.start()
        finally:
            if warming_up is not None:
                warming_up.terminate()
                warming_up.wait()


def _server(folder: Path, access: Access, settings: OperatorSettings) -> DashboardServer:
    from colbert_explain.dashboard.server.app import DashboardServer, configuration

    beside_encoder = settings.encoder is None
    most_kernels = settings.most_kernels or kernels_that_fit(beside_encoder=beside_encoder)
    config = configuration(
        folder, access, settings.idle_minutes, most_kernels, settings.spare_kernel
    )
    # The instance, because Voilà's parts log through it: the terminal says why a cell failed.
    server: DashboardServer = DashboardServer.instance(config=config)
    server.first_screen = first_screen()
    server.initialize([])
    return server


def _stay_offline(settings: OperatorSettings) -> None:
    """Keep this process and its kernels off the network, unless they may fetch models."""
    if not settings.models:
        for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            os.environ.setdefault(variable, "1")


def _page(notebook: str, cards: list[Card]) -> str:
    for card in cards:
        if notebook in (card.name, Path(card.name).stem):
            return card.address
    names = ", ".join(Path(card.name).stem for card in cards) or "none in this folder"
    raise ValueError(f"notebook must be one of: {names}; got {notebook!r}")


def _bind(host: str, port: int | None) -> socket.socket:
    candidates = range(DEFAULT_PORT, DEFAULT_PORT + 50) if port is None else [port]
    try:
        family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        raise OSError(f"host must be a name or address of this computer, got {host!r}") from error
    for candidate in candidates:
        try:
            return socket.create_server((host, candidate), family=family)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                where = f"port {candidate} of {host}"
                raise OSError(f"{where} cannot be used: {error.strerror}") from error
    if port is not None:
        raise OSError(f"port must be free, got {port}: another program is listening there")
    raise OSError(
        f"one of the ports {candidates[0]} to {candidates[-1]} must be free, but other programs "
        "listen on all of them: name another port"
    )
