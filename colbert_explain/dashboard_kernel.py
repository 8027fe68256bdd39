"""The kernel behind a dashboard: starts lean, and says nothing once it has been told to end."""

from __future__ import annotations

import logging
from typing import Any

from ipykernel.ipkernel import IPythonKernel

from .lean_imports import leave_out_address_grammar


class DashboardKernel(IPythonKernel):
    """IPython's, for a page that may be closed in the middle of anything.

    IPython's closes its sockets while it still answers what the page asked before it was closed,
    and writes a traceback into the terminal of the server for each answer.
    """

    def __init__(self, **options: Any) -> None:
        leave_out_address_grammar()  # a FigureWidget would build it
        super().__init__(**options)  # type: ignore[no-untyped-call]

    async def shutdown_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Say nothing any more, and end."""
        self.log.setLevel(logging.CRITICAL)
        logging.getLogger("tornado.general").setLevel(logging.CRITICAL)
        await super().shutdown_request(stream, ident, parent)  # type: ignore[no-untyped-call]
