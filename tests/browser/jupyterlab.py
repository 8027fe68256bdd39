"""A JupyterLab of its own for a test, and a notebook open in it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests import patience
from tests.processes import address_of_jupyterlab, end

ROOT = Path(__file__).parents[2]
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
IDLE = f"() => {SESSION.replace('.', '?.')}?.session?.kernel?.status === 'idle'"


@contextmanager
def running_lab(folder: Path, log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    environment = {
        **os.environ,
        **{f"JUPYTER_{place}": str(log.parent / place) for place in places},
        "JUPYTERLAB_SETTINGS_DIR": str(log.parent / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(log.parent / "workspaces"),
        "PYTHONPATH": str(ROOT),
    }
    options = [
        *("--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
        *("--ServerApp.allow_root=True", f"--ServerApp.root_dir={folder}"),
        *("--IdentityProvider.token=only-here", "--LabApp.expose_app_in_browser=True"),
    ]
    command = [sys.executable, "-m", "jupyter", "lab", *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        yield address_of_jupyterlab(process, log), process
    finally:
        end(process)


def address(url: str) -> str:
    """The address of the notebook n.ipynb, opened anew."""
    return f"{url}lab/tree/n.ipynb?token=only-here&reset"


@contextmanager
def opened_lab(page: Page, folder: Path, log: Path) -> Iterator[Callable[[], None]]:
    """Open n.ipynb of a folder; yields what runs its cells."""
    with running_lab(folder, log) as (url, _):
        page.goto(address(url))

        def run_all() -> None:
            page.wait_for_function(IDLE, timeout=patience.milliseconds(120))
            page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")

        yield run_all
