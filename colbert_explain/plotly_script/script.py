"""The script that the installed plotly package brings along, compressed, and its address."""

from __future__ import annotations

import gzip
import importlib.util
from functools import cache
from importlib import metadata
from pathlib import Path


def plotly_version() -> str:
    """Return the version of the installed plotly package."""
    return metadata.version("plotly")


def script_address() -> str:
    """Return the script's address below the base URL of a Jupyter server.

    It holds the version, so that browsers may keep the script for ever.
    """
    return f"colbert_explain/static/plotly-{plotly_version()}.min.js"


@cache
def compressed_script() -> bytes:
    """Return the script, compressed with gzip."""
    # Found, not imported: importing plotly takes a server longer than reading one file.
    spec = importlib.util.find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly must be installed")
    script = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    return gzip.compress(script.read_bytes(), mtime=0)
