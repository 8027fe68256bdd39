"""What holds for every answer of the server: who may ask, headers, and one line for what fails."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

from tornado import web
from tornado.websocket import WebSocketHandler

from colbert_explain.dashboard.index_page import render_error
from colbert_explain.dashboard.visitor_log import visitor_log

#: Bytes of an address; browsers and proxies allow about as many.
LONGEST_ADDRESS = 4096

#: For files and whatever is not a page: nothing in it runs or loads anything.
NO_PAGE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

#: For the server's own pages, which have no script.
PLAIN_PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)

FROM_ELSEWHERE = "A page of another site asked for this. Open the address in a tab of its own."


class Refusal(web.HTTPError):
    """An answer that says why in a sentence for the visitor."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status)
        self.sentence = sentence


class Guarded(web.RequestHandler):
    """A handler that answers no page of another site, and whose failures fill no log."""

    policy = NO_PAGE

    def set_default_headers(self) -> None:
        """Let browsers guess no types, tell no other site of this one, and load nothing for us."""
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Content-Security-Policy", self.policy)

    def set_cookie(self, name: str, value: str | bytes, *args: Any, **options: Any) -> None:
        """Set a cookie that requests from pages of other sites, or over plain HTTP, leave out."""
        options.setdefault("samesite", "Lax")
        if self._came_by_https():
            options.setdefault("secure", True)
        super().set_cookie(name, value, *args, **options)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Decode a part of the address; nothing lies at one that is no text."""
        try:
            return super().decode_argument(value, name)
        except web.HTTPError:
            raise web.HTTPError(404 if name is None else 400) from None

    async def prepare(self, **options: Any) -> None:
        """Refuse what a page of another site asks for, and addresses that cannot be any."""
        request = self.request
        parts = filter(None, (*self.path_args, *self.path_kwargs.values()))
        if len(request.uri or "") > LONGEST_ADDRESS or any(map(_leads_nowhere, parts)):
            raise web.HTTPError(404)
        if is_embedded_elsewhere(request.method or "", request.headers, request.host):
            raise Refusal(403, FROM_ELSEWHERE)
        prepared: Awaitable[None] | None = super().prepare(**options)
        if prepared is not None:
            await prepared

    def head(self, *args: Any, **options: Any) -> Any:
        """Answer as to GET; tornado leaves the body out."""
        own = super().head
        if isinstance(self, WebSocketHandler) or own.__func__ is not web.RequestHandler.head:  # type: ignore[attr-defined] # a bound method
            return own(*args, **options)
        return self.get(*args, **options)

    def _came_by_https(self) -> bool:
        """Return whether the browser speaks HTTPS, to this server or to a proxy before it.

        A proxy is believed where the operator decides who may come in: others have none.
        """
        if self.request.protocol == "https":
            return True
        said = self.request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip()
        return bool(self.settings.get("allow_remote_access")) and said.lower() == "https"

    def write_error(self, status_code: int, **about: Any) -> None:
        """Answer with a page of our own, which tells nothing of what went wrong inside."""
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Content-Security-Policy", PLAIN_PAGE)
        if status_code == 503:
            self.set_header("Retry-After", "60")  # seconds
        base_url = self.settings.get("base_url", "/")
        name = responses.get(status_code, "Error")
        self.finish(render_error(status_code, name, _said(about), base_url))

    def log_exception(self, *error: Any) -> None:
        """Log what was not foreseen as one line; what is refused needs none."""
        if not isinstance(error[1], web.HTTPError):
            visitor_log.error(
                "%s %s failed", self.request.method, self.request.path, exc_info=error[1]
            )


def guarded(handler: type[web.RequestHandler]) -> type[web.RequestHandler]:
    """Return a handler of Jupyter's or Voilà's that is guarded as ours are."""
    if issubclass(handler, Guarded):
        return handler
    return type(handler.__name__, (Guarded, handler), {"__doc__": handler.__doc__})


def is_embedded_elsewhere(method: str, headers: Mapping[str, str], host: str) -> bool:
    """Return whether a page of another site asks, other than by a link that a reader follows.

    Browsers say so (https://www.w3.org/TR/fetch-metadata/) wherever the address is one of this
    computer or HTTPS. Where they do not, as programs do not, only what names another origin is
    refused. Another port, or another name in the same domain, is another site here: anybody may
    run a server there.

    Parameters
    ----------
    method
        Of the request.
    headers
        Of the request.
    host
        What the request calls this server, with its port.
    """
    site = headers.get("Sec-Fetch-Site")
    is_wanted_later = any(
        word in headers.get(name, "").lower()
        for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
        for word in ("prefetch", "preview")
    )
    if site is None:
        origin = headers.get("Origin")
        elsewhere = origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        return elsewhere or is_wanted_later
    if site in ("same-origin", "none"):
        return False
    followed = (
        method in ("GET", "HEAD")
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
        and not is_wanted_later
    )
    return not followed


def _said(about: dict[str, Any]) -> str | None:
    """Return what a refusal says to the visitor."""
    error = about.get("exc_info", (None, None, None))[1]
    return error.sentence if isinstance(error, Refusal) else None


def _leads_nowhere(part: str) -> bool:
    """Return whether a part of an address is none that any page or file has."""
    return "\0" in part or not {".", ".."}.isdisjoint(part.replace("\\", "/").split("/"))
