"""The script that the installed plotly package brings along, compressed, and its address."""

from __future__ import annotations

import gzip
import importlib.util
from functools import cache
from importlib import metadata
from pathlib import Path

#: Chrome compiles all functions of a script that begins with this in a thread of its own (since
#: version 136). Otherwise it does so when Plotly runs: 0.9 s instead of 0.5 s in which the page
#: does not answer. Other browsers see a comment.
_COMPILE_ALL = b"//# allFunctionsCalledOnLoad\n"


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
    return gzip.compress(_COMPILE_ALL + script.read_bytes(), mtime=0)
