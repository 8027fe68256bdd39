"""Answers a browser that asks a Jupyter server for Plotly's script."""

from __future__ import annotations

import asyncio
import gzip
import re

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from colbert_explain.plotly_script.script import compressed_script, plotly_version, script_address

#: Seconds for which a browser keeps the script: a year. Another version has another address.
_KEPT = 365 * 24 * 60 * 60


class PlotlyScriptHandler(JupyterHandler):
    """The script of the installed version, only for visitors who may see pages."""

    @web.authenticated
    async def get(self, version: str) -> None:
        """Answer with the script, compressed once for all visitors."""
        if version != plotly_version():
            raise web.HTTPError(404)
        script = await asyncio.to_thread(compressed_script)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", f"public, max-age={_KEPT}, immutable")
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
        else:
            script = await asyncio.to_thread(gzip.decompress, script)
        self.finish(script)


def script_route(base_url: str) -> tuple[str, type[PlotlyScriptHandler]]:
    """Return the route of the script on a server: a pattern of addresses, and what answers."""
    before, after = map(re.escape, script_address().split(plotly_version()))
    return rf"{re.escape(base_url)}{before}([\w.+-]+){after}", PlotlyScriptHandler
