"""Rules for every answer of the server: who may ask, its headers, and how errors are logged."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

from tornado import web
from tornado.websocket import WebSocketHandler

from colbert_explain.dashboard.index_page import render_error
from colbert_explain.dashboard.visitor_log import visitor_log

#: Most bytes of an address; browsers and proxies allow about as many.
LONGEST_ADDRESS = 4096

#: For files and other answers that are not pages: nothing in them runs or loads anything.
NO_PAGE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

#: For the server's own pages, which have no script.
PLAIN_PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)

FROM_ELSEWHERE = "A page on another site requested this page. Open the address in a tab of its own."


class Refusal(web.HTTPError):
    """A refusal with a sentence that tells the visitor why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status)
        self.sentence = sentence


class Guarded(web.RequestHandler):
    """A handler that refuses requests from other sites' pages and logs an error as one line."""

    policy = NO_PAGE

    def set_default_headers(self) -> None:
        """Tell browsers to guess no types, name this site to no other, and load nothing."""
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Content-Security-Policy", self.policy)

    def set_cookie(self, name: str, value: str | bytes, *args: Any, **options: Any) -> None:
        """Set a cookie that is not sent by other sites' pages nor, if set by HTTPS, over HTTP."""
        options.setdefault("samesite", "Lax")
        if self._came_by_https():
            options.setdefault("secure", True)
        super().set_cookie(name, value, *args, **options)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Decode a part of the address; one that is not text is not found."""
        try:
            return super().decode_argument(value, name)
        except web.HTTPError:
            raise web.HTTPError(404 if name is None else 400) from None

    async def prepare(self, **options: Any) -> None:
        """Refuse requests from other sites' pages, and addresses that cannot exist."""
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

        A proxy's header is trusted only if the operator decides who has access: other servers have
        no proxy.
        """
        if self.request.protocol == "https":
            return True
        said = self.request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip()
        return bool(self.settings.get("allow_remote_access")) and said.lower() == "https"

    def write_error(self, status_code: int, **about: Any) -> None:
        """Answer with our own page, which does not show what went wrong inside."""
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Content-Security-Policy", PLAIN_PAGE)
        if status_code == 503:
            self.set_header("Retry-After", "60")  # seconds
        base_url = self.settings.get("base_url", "/")
        name = responses.get(status_code, "Error")
        self.finish(render_error(status_code, name, _said(about), base_url))

    def log_exception(self, *error: Any) -> None:
        """Log an unexpected error as one line; do not log what is refused."""
        if not isinstance(error[1], web.HTTPError):
            visitor_log.error(
                "%s %s failed", self.request.method, self.request.path, exc_info=error[1]
            )


def guarded(handler: type[web.RequestHandler]) -> type[web.RequestHandler]:
    """Return one of Jupyter's or Voilà's handlers with the same checks as ours."""
    if issubclass(handler, Guarded):
        return handler
    return type(handler.__name__, (Guarded, handler), {"__doc__": handler.__doc__})


def _host_of(origin: str) -> str:
    """Return the host that an origin names, in lower case; "" if it names none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # such as "http://["
        return ""


def is_embedded_elsewhere(method: str, headers: Mapping[str, str], host: str) -> bool:
    """Return whether a page on another site asks, other than by a link that a reader follows.

    Browsers say so (https://www.w3.org/TR/fetch-metadata/) if the address is on this computer or
    uses HTTPS. If a request does not say so, as those of programs do not, it is refused only if it
    names another origin. Another port, or another name in the same domain, is another site here:
    anybody may run a server there.

    Parameters
    ----------
    method
        Of the request.
    headers
        Of the request.
    host
        The request's name for this server, with its port.
    """
    site = headers.get("Sec-Fetch-Site")
    is_wanted_later = any(
        word in headers.get(name, "").lower()
        for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
        for word in ("prefetch", "preview")
    )
    if site is None:
        origin = headers.get("Origin")
        elsewhere = origin is not None and _host_of(origin) != host.lower()
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
    """Return whether no page or file can have this part in its address."""
    return "\0" in part or not {".", ".."}.isdisjoint(part.replace("\\", "/").split("/"))
