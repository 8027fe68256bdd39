"""The notebooks as dashboards: Voilà on this computer, behind an index page of our own."""

import errno
import logging
import os
import socket
from pathlib import Path

from colbert_explain.operator_settings import OperatorSettings

from .index_page import JUPYTER_DATA, Card, read_cards
from .voila_app import DashboardServer, configuration
from .warm_up import start_warming_up

__all__ = ["notebooks_folder", "serve"]

HOST = "127.0.0.1"
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
        f"notebooks must be in the package or beside it, found none: {searched}"
    )


def serve(
    notebook: str | None = None,
    *,
    port: int | None,
    open_browser: bool,
    notebooks: Path | None = None,
) -> None:
    """Serve the notebooks as dashboards on this computer until interrupted.

    Kernels run the Python that runs the server and are told to stay off the network, unless
    ``HF_HUB_OFFLINE`` or ``TRANSFORMERS_OFFLINE`` is already set, or the operator allows models of
    the hub (``COLBERT_EXPLAIN_MODELS``), which have to be fetched. A kernel without a connected
    page is ended after 15 minutes. Token embeddings are kept on disk, so that what was encoded
    once is shown without a model, unless ``COLBERT_EXPLAIN_KEEP_EMBEDDINGS`` is 0; those of the
    package's own notebooks are made in the background.

    Parameters
    ----------
    notebook
        Name of the dashboard to open, with or without ``.ipynb``; by default the index page.
    port
        Port on the loopback interface, 0 for any free one; by default 8866 or the next free one.
    open_browser
        Whether to open the page in the user's browser.
    notebooks
        Folder to serve; by default the notebooks of this package.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    ValueError
        If the folder holds no such notebook.
    OSError
        If the port cannot be used.
    """
    folder = (notebooks or notebooks_folder()).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"notebooks must be a folder, got {folder}")
    path = _page(notebook, read_cards(folder)) if notebook else "/"
    listening = _bind(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}{path}"

    _stay_offline(OperatorSettings.from_environment())
    os.environ.setdefault("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
    # The one way to tell every part of Voilà where our template lies without installing it.
    places = [str(JUPYTER_DATA), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, places))
    logging.getLogger("tornado.access").setLevel(logging.ERROR)

    # The instance, because Voilà's parts log through it: the terminal says why a cell failed.
    server = DashboardServer.instance(config=configuration(folder))
    server.listening = listening
    server.announce = f"colbert_explain dashboards: {address} (Ctrl+C stops)"
    server.start_page = address if open_browser else None
    server.initialize([])
    # Another folder's notebooks may do anything: they run when somebody opens them.
    warming_up = start_warming_up(folder) if notebooks is None else None
    try:
        server.start()
    finally:
        if warming_up is not None:
            warming_up.terminate()
            warming_up.wait()


def _stay_offline(settings: OperatorSettings) -> None:
    """Tell this process and its kernels so, unless they may fetch models of the hub."""
    if not settings.models:
        for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            os.environ.setdefault(variable, "1")


def _page(notebook: str, cards: list[Card]) -> str:
    for card in cards:
        if notebook in (card.name, Path(card.name).stem):
            return card.address
    names = ", ".join(Path(card.name).stem for card in cards) or "none in this folder"
    raise ValueError(f"notebook must be one of: {names}; got {notebook!r}")


def _bind(port: int | None) -> socket.socket:
    candidates = range(DEFAULT_PORT, DEFAULT_PORT + 50) if port is None else [port]
    for candidate in candidates:
        try:
            return socket.create_server((HOST, candidate))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise OSError(f"port {candidate} cannot be used: {error.strerror}") from error
    rule = "port must be free" if port is not None else "one port of these must be free"
    taken = f"{candidates[0]} to {candidates[-1]}" if port is None else str(port)
    raise OSError(f"{rule}, got {taken}: another program listens there")
