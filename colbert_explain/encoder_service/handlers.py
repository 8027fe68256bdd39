"""The addresses that an encoder service answers, and who may use them."""

from __future__ import annotations

import asyncio
import hmac
from importlib.metadata import version
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler, stream_request_body

from colbert_explain.encoder_service.access import ServiceAccess, is_loopback
from colbert_explain.encoder_service.requests import Request, TooLong, read_asked
from colbert_explain.encoder_service.service import (
    CANCELLED,
    EncoderService,
    QueueFull,
    Work,
)
from colbert_explain.encoders.remote.protocol import (
    BEAT,
    CLIENT_HEADER,
    VERSION,
    VERSION_HEADER,
    age_of,
    as_line,
)

# Looking it up takes a millisecond, and every answer names it.
_OWN_VERSION = version("colbert-explain")
#: Seconds after which a client may ask again.
RETRY_AFTER = 5
#: Seconds for a result to reach a slow client.
TO_DELIVER = 120.0
#: Bytes written between two looks whether the client is still listening.
_PIECE = 256 * 1024
_LONGEST_CLIENT = 64


def application(service: EncoderService, access: ServiceAccess) -> Application:
    """Return the addresses of a service."""
    shared = {"service": service, "access": access}
    return Application(
        [
            (r"/health", _Health, shared),
            (r"/encode", _Encode, shared),
            (r"/model", _Model, shared),
            (r"/describe", _Describe, shared),
            (r"/requests/([\w.-]+)", _OneRequest, shared),
        ],
        default_handler_class=_NotThere,
        default_handler_args=shared,
        log_function=lambda handler: None,
    )


@stream_request_body
class _Handler(RequestHandler):
    """What all addresses have in common: version, token, errors as JSON.

    A request that is refused is refused before its body has come.
    """

    service: EncoderService
    access: ServiceAccess

    def initialize(self, service: EncoderService, access: ServiceAccess) -> None:
        self.service, self.access = service, access

    def set_default_headers(self) -> None:
        self.set_header(VERSION_HEADER, str(VERSION))
        self.set_header("Server", f"colbert-explain/{_OWN_VERSION}")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def data_received(self, chunk: bytes) -> None:
        """Take no notice of a body."""

    def prepare(self) -> None:
        refusal = self._refusal()
        if refusal is not None:
            self.set_header("Connection", "close")  # its body may be on the way
            self.refuse(*refusal)

    def _refusal(self) -> tuple[int, str, str] | None:
        """Return status, kind and sentence for a request that is not answered."""
        if self._is_from_a_page():
            return 403, "refused", "an encoder service does not answer requests from web pages"
        given = self.request.headers.get(VERSION_HEADER)
        if given is not None and given != str(VERSION):
            return (
                400,
                "version",
                f"the client has {age_of(given, VERSION)} version (protocol {given[:20]!r}, here "
                f"{VERSION}): install the same version of colbert-explain on both sides",
            )
        if not self.has_token() and not isinstance(self, _Health):
            self.set_header("WWW-Authenticate", "Bearer")
            return 401, "token", "this encoder service asks for a token"
        return None

    def has_token(self) -> bool:
        """Return whether the request shows the token, if one is asked for."""
        if self.access.token is None:
            return True
        given = self.request.headers.get("Authorization", "")
        expected = f"Bearer {self.access.token}"
        return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8"))

    def refuse(self, status: int, kind: str, sentence: str) -> None:
        """End the answer with an error."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(as_line({"event": "error", "kind": kind, "sentence": sentence}))

    def write_error(self, status_code: int, **_: Any) -> None:
        self.refuse(status_code, "failed", f"the request cannot be answered: {self._reason}")

    def _is_from_a_page(self) -> bool:
        """Return whether a browser sends this for a page, which could be from anywhere."""
        headers = self.request.headers
        if "Origin" in headers or headers.get("Sec-Fetch-Site", "none") != "none":
            return True
        # A page can reach this computer under a name of its own.
        name = self.request.host_name
        return self.access.is_guarded_by_name and not is_loopback(name.strip("[]"))


class _NotThere(_Handler):
    def _refusal(self) -> tuple[int, str, str] | None:
        path = self.request.path[:100]
        return 404, "failed", f"an encoder service has no address {path!r}"


class _Health(_Handler):
    def get(self) -> None:
        """Say whether the service is ready, and, to who has the token, what is loaded."""
        state: dict[str, Any] = {
            "event": "health",
            "protocol": VERSION,
            "status": "ready" if self.service.is_ready else "loading",
        }
        if self.has_token():
            state |= {"version": _OWN_VERSION, **self.service.state()}
        self.set_status(200 if self.service.is_ready else 503)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(as_line(state))


class _OneRequest(_Handler):
    def delete(self, id_: str) -> None:
        """Cancel a request."""
        if self.service.cancel(id_):
            self.set_header("Content-Type", "application/json; charset=utf-8")
            self.finish(as_line({"event": "cancelled"}))
        else:
            self.refuse(404, "failed", "there is no request with this id: it may have ended")


class _Stream(_Handler):
    """An answer that is a stream of events."""

    with_text = False
    _asked: Request | None = None

    def initialize(self, service: EncoderService, access: ServiceAccess) -> None:
        super().initialize(service, access)
        self._body = bytearray()

    def data_received(self, chunk: bytes) -> None:
        """Keep the body, whose size the server limits."""
        self._body += chunk

    def work(self) -> Work:
        """Return what is to be done."""
        raise NotImplementedError

    async def post(self) -> None:
        """Start a request, and send its events until the last."""
        client = self.request.headers.get(CLIENT_HEADER) or self.request.remote_ip or ""
        try:
            asked = read_asked(self._body, self.service.settings, with_text=self.with_text)
            request = self.service.admit(asked, client[:_LONGEST_CLIENT], self.work())
        except TooLong as error:
            self.refuse(413, "value", str(error))
            return
        except ValueError as error:
            self.refuse(400, "value", str(error))
            return
        except QueueFull as error:
            self.set_header("Retry-After", str(RETRY_AFTER))
            self.refuse(503, "busy", str(error))
            return
        self._asked = request
        self.set_header("Content-Type", "application/x-ndjson; charset=utf-8")
        self.set_header("X-Accel-Buffering", "no")  # nginx would keep events back
        limit = 60 * self.service.settings.encoder_minutes + TO_DELIVER
        try:
            async with asyncio.timeout(limit):
                await self._send_events(request)
        except StreamClosedError:
            request.stop(CANCELLED)
        except TimeoutError:
            request.stop(CANCELLED)
            self.detach().close()

    async def _send_events(self, request: Request) -> None:
        await self.flush()  # the client sees that it was admitted
        while True:
            events = await request.next_events(BEAT)
            if not events:
                sentence = request.waits_for()
                events = [{"event": "alive", **({"sentence": sentence} if sentence else {})}]
            for event in events:
                vectors = event.pop("vectors", b"")
                # The tokens of a long text take a moment to write, and others have events too.
                line = await asyncio.to_thread(as_line, event) if vectors else as_line(event)
                await self._send(line + vectors)
                if event["event"] in ("result", "error"):
                    self.finish()
                    return

    async def _send(self, content: bytes) -> None:
        for start in range(0, len(content), _PIECE):
            self.write(content[start : start + _PIECE])
            await self.flush()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self._asked is not None:
            self._asked.stop(CANCELLED)


class _Encode(_Stream):
    with_text = True

    def work(self) -> Work:
        return self.service.encode


class _Model(_Stream):
    def work(self) -> Work:
        return self.service.facts


class _Describe(_Stream):
    def work(self) -> Work:
        return self.service.describe
