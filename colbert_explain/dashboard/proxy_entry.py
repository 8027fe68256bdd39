"""How jupyter-server-proxy starts the dashboards beside a user's own JupyterLab, as on a hub."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any

from colbert_explain.dashboard.access import TOKEN_VARIABLE

#: Name of the entry point, and so the path: ``/user/NAME/colbert-explain/``.
NAME = "colbert-explain"


def proxy_entry() -> dict[str, Any]:
    """Return the settings for jupyter-server-proxy.

    Only the proxy knows the token: on a machine with many users, all of them can reach the loopback
    interface.

    Returns
    -------
    dict
        Command, environment, headers and launcher entry, as in the proxy's documentation.
    """
    token = secrets.token_urlsafe(24)
    command = [sys.executable, "-m", "colbert_explain.cli", "dashboard", "--no-browser"]
    return {
        "command": [*command, "--port={port}", f"--base-url={{base_url}}{NAME}/"],
        "environment": {TOKEN_VARIABLE: token},
        "request_headers_override": {"Authorization": f"token {token}"},
        "absolute_url": True,  # the server knows its path
        "timeout": 60,  # seconds; a busy machine imports slowly
        "launcher_entry": {
            "title": "ColBERT dashboards",
            "icon_path": str(Path(__file__).parent / "icon.svg"),
        },
    }
