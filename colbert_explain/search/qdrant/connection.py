"""The connection to a Qdrant server; its failures become sentences."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from colbert_explain import argument_checks as check
from colbert_explain.search.error import CollectionError
from colbert_explain.search.optional_packages import require
from colbert_explain.text.wording import shorten

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

API_KEY = "QDRANT_API_KEY"
#: Seconds for one answer; a request holds up to `points.LARGEST_REQUEST` bytes.
_TIMEOUT = 120
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_REFUSED, _NOT_FOUND, _EXISTS = (401, 403), 404, 409


class Connection:
    """A client of a Qdrant server, and its name in errors.

    Parameters
    ----------
    server
        The address, ``http://host:6333`` or ``https://...``, or a `QdrantClient`. The key of a
        server that asks for one is taken from the environment variable ``QDRANT_API_KEY``; it
        is neither stored nor shown.

    Attributes
    ----------
    client
        The client.
    name
        The server's name in errors.
    is_ours
        Whether the client was made here.
    """

    def __init__(self, server: str | QdrantClient) -> None:
        require("qdrant_client", "qdrant-client", "qdrant", "a collection on a Qdrant server")
        from qdrant_client import QdrantClient

        if isinstance(server, QdrantClient):
            self.client, self.name = server, "the Qdrant server"
            # A client that was given ":memory:" or a folder has no server.
            self.is_ours = False
            return
        self.name = _checked_address(server)
        with warnings.catch_warnings():
            if urlsplit(self.name).hostname in _THIS_MACHINE:
                # The client warns of a key that is sent without TLS.
                warnings.simplefilter("ignore", UserWarning)
            self.client = QdrantClient(
                url=self.name,
                api_key=os.environ.get(API_KEY) or None,
                timeout=_TIMEOUT,
                check_compatibility=False,  # asks the server at once, in a thread
            )
        self.is_ours = True

    @contextmanager
    def errors_as_sentences(self, collection: str) -> Iterator[None]:
        """Turn what the client raises into a `ConnectionError` or a `CollectionError`."""
        from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
        from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

        try:
            yield
        except ResponseHandlingException as error:
            raise ConnectionError(
                f"{self.name} cannot be reached: {error}. Check that a Qdrant server is running "
                "there"
            ) from error
        except ResourceExhaustedResponse as error:
            raise ConnectionError(f"{self.name} is busy: {error}. Try again later") from error
        except UnexpectedResponse as error:
            status = error.status_code
            if status in _REFUSED:
                given = "refuses the key in" if os.environ.get(API_KEY) else "asks for a key: set"
                raise CollectionError(
                    f"{self.name} {given} the environment variable {API_KEY}"
                ) from error
            if status == _NOT_FOUND:
                raise CollectionError(missing(self.name, collection)) from error
            if status == _EXISTS:
                raise CollectionError(taken(self.name, collection)) from error
            raise CollectionError(
                f"{self.name} refuses a request for the collection {collection!r} "
                f"(status {status}): {_said(error.content)}"
            ) from error

    def close(self) -> None:
        """Close a client that was made here."""
        if self.is_ours:
            self.client.close()


def _said(content: bytes) -> str:
    """Return the reason in a server's answer."""
    text = content.decode("utf-8", "replace").strip()
    # The answer of something between here and the server may be of any form.
    with suppress(ValueError, LookupError, TypeError):
        text = json.loads(text)["status"]["error"]
    return shorten(str(text), 300)


def missing(server: str, collection: str) -> str:
    """Return the error for a server without a collection of this name."""
    return f"{server} has no collection {collection!r}: build it, or check its name"


def taken(server: str, collection: str) -> str:
    """Return the error for a server that already has a collection of this name."""
    return (
        f"{server} already has a collection {collection!r}: open it, delete it there, or choose "
        "another name"
    )


def _checked_address(server: object) -> str:
    """Return an address without its last slash, or raise a `ValueError`."""
    rule = "server must be an address such as http://localhost:6333, or a QdrantClient"
    address = check.text("server", server) if isinstance(server, str) else ""
    try:
        parts = urlsplit(address)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # raises a ValueError if it is no number, or too large
    except ValueError as error:
        raise ValueError(f"{rule}, got {check.shown(server)}: {error}") from error
    if parts.username or parts.password or parts.query:
        # Not shown: it may hold a key.
        raise ValueError(
            f"server must be an address without a user name, a password or a query; set {API_KEY} "
            "to the key of the server"
        )
    if not is_right:
        raise ValueError(f"{rule}, got {check.shown(server)}")
    return address.rstrip("/")
