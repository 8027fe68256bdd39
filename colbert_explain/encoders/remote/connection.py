"""Requests to an encoder service, and what goes wrong with them as one sentence each."""

from __future__ import annotations

import os
import re
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from colbert_explain.encoders.remote.address import ADDRESS_VARIABLE, ServiceAddress
from colbert_explain.encoders.remote.protocol import (
    CLIENT_HEADER,
    VERSION,
    VERSION_HEADER,
    EventReader,
    age_of,
)
from colbert_explain.storage.json_values import a_text, a_whole_number, shown

TOKEN_VARIABLE = "COLBERT_EXPLAIN_ENCODER_TOKEN"
#: Seconds to connect, and seconds without a sign of life, which comes every second.
TO_CONNECT, TO_ANSWER = 5.0, 30.0
#: Seconds for a service that the environment names to be there, and between two looks: whoever
#: named it starts it, too, and starts it again when it dies.
TO_START, _LOOK = 30.0, 0.1
STARTING = "Waiting until the encoder service has started …"
_TOKEN = re.compile(r"[\x21-\x7e]+")
#: Bytes of an error's answer.
_LONGEST_ERROR = 100_000


class EncoderServiceError(ConnectionError):
    """An encoder service did not answer or refused a request; the message is a sentence."""


class NoAnswer(EncoderServiceError):  # noqa: N818 - a kind of the error above
    """Nobody is listening at the address of a service; nothing was sent."""


class ServiceConnection:
    """Sends requests to an encoder service; threads may share it.

    A connection is made for each request, so the next request after a service's restart works.

    Parameters
    ----------
    address
        Where the service listens.
    from_environment
        Whether the environment names the service. If so, messages do not show its address, because
        the reader of a page did not choose it, and a service that is not there is waited for.

    Attributes
    ----------
    called
        What messages call the service.
    """

    def __init__(self, address: ServiceAddress, *, from_environment: bool = False) -> None:
        self.address, self.from_environment = address, from_environment
        self.called = "the encoder service" + ("" if from_environment else f" at {address}")
        if address.url.startswith("https"):
            trusted = ssl.create_default_context()
        else:
            # Not used, and so without the list of authorities, which takes 25 ms to read.
            trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        transport = None
        if address.socket is not None:
            transport = httpx.HTTPTransport(uds=address.socket, verify=trusted)
        self._http = httpx.Client(
            transport=transport,
            verify=trusted,
            timeout=httpx.Timeout(TO_ANSWER, connect=TO_CONNECT, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            # The proxy of an environment is for the web, and a .netrc would replace the token.
            trust_env=False,
            headers={
                VERSION_HEADER: str(VERSION),
                CLIENT_HEADER: secrets.token_hex(8),
                "User-Agent": "colbert-explain",
                "Connection": "close",
            },
        )

    def events(
        self, path: str, content: Mapping[str, Any], on_event: Callable[[dict[str, Any]], object]
    ) -> dict[str, Any]:
        """Send a request and return the last event of the answer.

        Parameters
        ----------
        path
            Such as ``/encode``.
        content
            The JSON object of the request.
        on_event
            Called with every event before the last. An exception that it raises closes the
            connection, which cancels the request, and reaches the caller.

        Raises
        ------
        ValueError
            If the service refuses the text or the model.
        EncoderServiceError
            If it does not answer, or refuses the request.
        """
        until = time.monotonic() + (TO_START if self.from_environment else 0)
        while True:
            try:
                return self._events(path, content, on_event)
            except NoAnswer:
                if time.monotonic() > until:
                    raise
            on_event({"event": "alive", "sentence": STARTING})
            time.sleep(_LOOK)

    def _events(
        self, path: str, content: Mapping[str, Any], on_event: Callable[[dict[str, Any]], object]
    ) -> dict[str, Any]:
        headers = self._token()
        with (
            self._stated_errors(),
            self._http.stream(
                "POST", self.address.url + path, json=content, headers=headers
            ) as answer,
        ):
            self._check(answer)
            reader = EventReader()
            for part in answer.iter_bytes():
                for event in self._read(reader, part):
                    if event["event"] == "result":
                        return event
                    if event["event"] == "error":
                        raise self._refused(event)
                    on_event(event)
        raise EncoderServiceError(self._cut_off())

    def health(self) -> dict[str, Any]:
        """Return what the service says of itself; raises an `EncoderServiceError`."""
        with (
            self._stated_errors(),
            self._http.stream("GET", self.address.url + "/health", headers=self._token()) as answer,
        ):
            found = self._body(answer)  # also while it loads, with status 503
            if answer.status_code not in (200, 503) or "status" not in found:
                self._check(answer, found)
            self._check_version(answer)
            return found

    def check_access(self) -> None:
        """Raise an `EncoderServiceError` unless the service answers and takes the token."""
        if "version" not in self.health():  # said only to whom may come in
            raise self._no_access()

    def _no_access(self) -> EncoderServiceError:
        if os.environ.get(TOKEN_VARIABLE, ""):
            return EncoderServiceError(f"{self.called} refused the token in {TOKEN_VARIABLE}")
        return EncoderServiceError(f"{self.called} asks for a token: set {TOKEN_VARIABLE}")

    def _token(self) -> dict[str, str]:
        # Read for every request and kept nowhere, so that it is in no repr and no pickle.
        token = os.environ.get(TOKEN_VARIABLE, "")
        if token and not _TOKEN.fullmatch(token):
            raise ValueError(
                f"{TOKEN_VARIABLE} must be letters, digits and punctuation without spaces"
            )
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _check(self, answer: httpx.Response, body: Mapping[str, Any] | None = None) -> None:
        if answer.status_code == 200:
            self._check_version(answer)
            return
        body = self._body(answer) if body is None else body
        if answer.status_code == 401:
            raise self._no_access()
        self._check_version(answer)
        raise self._refused(body, answer.headers.get("Retry-After"))

    def _check_version(self, answer: httpx.Response) -> None:
        version = answer.headers.get(VERSION_HEADER)
        if version is None:
            where = ADDRESS_VARIABLE if self.from_environment else self.address
            raise EncoderServiceError(
                f"{where} must be an encoder service, but something else answers there "
                f"(HTTP status {answer.status_code})"
            )
        if version != str(VERSION):
            raise EncoderServiceError(
                f"{self.called} has {age_of(version, VERSION)} version (protocol "
                f"{shown(version)}, here {VERSION}): install the same version of colbert-explain "
                "on both sides"
            )

    def _body(self, answer: httpx.Response) -> dict[str, Any]:
        content = b""
        for part in answer.iter_bytes():
            content += part
            if len(content) > _LONGEST_ERROR:
                return {}
        try:
            events = EventReader().feed(content)
        except ValueError:
            return {}
        return events[0] if events else {}

    def _read(self, reader: EventReader, part: bytes) -> Iterator[dict[str, Any]]:
        try:
            yield from reader.feed(part)
        except ValueError as error:
            raise self.unreadable(error) from error

    def unreadable(self, error: Exception) -> EncoderServiceError:
        """Return the error for an answer that is not what the protocol says."""
        return EncoderServiceError(f"{self.called} gave an answer that cannot be read: {error}")

    def _refused(
        self, event: Mapping[str, Any], retry_after: str | None = None
    ) -> ValueError | EncoderServiceError:
        sentence, kind = event.get("sentence"), event.get("kind")
        try:
            a_text("sentence", sentence)
        except ValueError as error:
            return self.unreadable(error)
        if kind == "value":
            return ValueError(sentence)
        again = ""
        if retry_after is not None and retry_after.isdigit():
            again = f"; try again in {a_whole_number('Retry-After', int(retry_after))} s"
        who = "" if self.from_environment else f"{self.called}: "
        return EncoderServiceError(f"{who}{sentence}{again}")

    def _check_socket(self) -> None:
        """Raise the error for a socket that nobody is listening on; httpx would leave it open."""
        if self.address.socket is None:
            return
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(TO_CONNECT)
            try:
                probe.connect(self.address.socket)
            except OSError as error:
                raise self._no_answer((error.strerror or str(error)).lower()) from error

    def _no_answer(self, reason: str) -> NoAnswer:
        if self.from_environment:
            return NoAnswer(
                f"{self.called} does not answer ({reason}): try again in a moment; if it never "
                f"does, no service is listening at the address in {ADDRESS_VARIABLE}"
            )
        return NoAnswer(
            f"no encoder service answers at {self.address} ({reason}): start one with "
            "`colbert-explain encoder`, or correct the address"
        )

    def _cut_off(self) -> str:
        return (
            f"{self.called} ended the connection before the result arrived: it "
            "was stopped or killed; try again"
        )

    @contextmanager
    def _stated_errors(self) -> Iterator[None]:
        """Turn errors of the connection into sentences; what a caller's function raises passes."""
        self._check_socket()
        try:
            yield
        except httpx.ConnectTimeout as error:
            raise EncoderServiceError(
                f"{self.called} cannot be reached: no connection within {TO_CONNECT:.0f} s"
            ) from error
        except httpx.ConnectError as error:
            raise self._no_answer(_reason(error)) from error
        except httpx.TimeoutException as error:
            raise EncoderServiceError(
                f"{self.called} stopped answering: nothing for {TO_ANSWER:.0f} s"
            ) from error
        except httpx.TransportError as error:
            raise EncoderServiceError(self._cut_off()) from error
        except (httpx.InvalidURL, httpx.DecodingError) as error:
            raise self.unreadable(error) from error


def _reason(error: httpx.ConnectError) -> str:
    """Return the system's own words, such as "Connection refused"."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        cause = cause.__cause__ or cause.__context__
    return str(error) or "no connection"
