"""Lets a Jupyter server, such as JupyterLab's, answer with Plotly's script.

A file among the settings of Jupyter enables it (``shared-data`` in pyproject.toml).
"""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

from colbert_explain.plotly_script.handler import script_route


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "colbert_explain.plotly_script.server_extension"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    routes = [script_route(server.base_url)]
    server.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call]
