"""`LimitedServer`: an HTTP server whose connections leave some files to the rest of the process."""

from __future__ import annotations

import sys
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

#: Files that are not for connections: those of a few kernels, and what is read and written.
_FOR_OTHERS = 128


class LimitedServer(HTTPServer):
    """Closes a new connection if it took one of the last files that the process may open.

    Without files, a server can neither accept connections, which it would try again and again, nor
    start kernels nor write what it keeps.
    """

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Serve a connection, or close it."""
        # A new file always has the lowest free number.
        if stream.socket.fileno() >= most_for_connections():
            stream.close()
            return
        super().handle_stream(stream, address)


def most_for_connections() -> float:
    """Return how many files may be open when a connection is accepted."""
    if sys.platform == "win32":
        return float("inf")
    import resource

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most == resource.RLIM_INFINITY:
        return float("inf")
    return most - min(_FOR_OTHERS, most // 4)
