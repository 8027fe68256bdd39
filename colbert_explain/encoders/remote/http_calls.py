"""Requests to a service: time limits, repeated tries, and a sentence for each fault."""

from __future__ import annotations

import functools
import json
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from colbert_explain import argument_checks as check
from colbert_explain.encoders.remote import refusals
from colbert_explain.encoders.remote.remote_error import RemoteError
from colbert_explain.encoders.remote.service_address import ServiceAddress
from colbert_explain.encoders.remote.service_key import KeyInHeader, ServiceKey

#: Without a handler of the user's own, Python writes its warnings to stderr, so to the cell.
_LOG = logging.getLogger("colbert_explain.remote")
#: What passes by itself: too many requests, and faults of the service.
_PASSING = frozenset({429, 500, 502, 503, 504})
#: Seconds: the first wait between two tries, which doubles, and the longest.
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0
#: Bytes of an answer: more would fill the memory.
_LARGEST_ANSWER = 1 << 29
#: Seconds between two looks at whether the user has cancelled.
_LOOK = 0.2

Tick = Callable[[], object]
"""Called while nothing can be reported; what it raises stops the work."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why there is no answer, in words, and whether another try may help."""

    sentence: str
    may_pass: bool


class HttpCalls:
    """Send JSON to a service and receive JSON.

    Parameters
    ----------
    address, key
        Where the service is, and its key.
    timeout
        Seconds within which an answer must be complete.
    tries
        How many times a request is sent at most.

    Raises
    ------
    ValueError
        If ``timeout`` or ``tries`` is out of range.
    """

    def __init__(
        self,
        address: ServiceAddress,
        key: ServiceKey,
        *,
        timeout: float,
        tries: int,
    ) -> None:
        timeout = check.number("timeout", timeout)
        if not 0 < timeout < float("inf"):
            raise ValueError(f"timeout must be a number of seconds above 0, got {timeout:g}")
        if check.whole_number("tries", tries) < 1:
            raise ValueError(f"tries must be at least 1, got {tries}")
        self.address, self.key = address, key
        self.timeout, self.tries = timeout, tries
        self._sleep: Callable[[float], object] = time.sleep
        self._is_announced = False
        self._one_at_a_time = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k != "_one_at_a_time"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._one_at_a_time = threading.Lock()

    def __repr__(self) -> str:
        return f"HttpCalls({self.address.host})"

    def say(self, sentence: str) -> None:
        """Tell the user something on stderr, which a notebook shows in the cell."""
        _LOG.warning("%s", sentence)

    def post(self, path: str, body: Mapping[str, Any], tick: Tick) -> Any:
        """Send a request and return the JSON of the answer.

        Before the first one, a sentence says where texts are sent. After 429, 500, 502, 503, 504 or
        a cut connection, it is sent again after a wait that doubles each time, is partly random,
        and is at least what ``Retry-After`` asks for.

        Raises
        ------
        RemoteError
            If there is no answer, or none that can be used.
        RefusedTextError
            If the service refuses what it is sent: 400, 413, 422.
        """
        self.key.check(self.address.host)
        self._announce()
        content = json.dumps(body).encode()
        host, model = self.address.host, str(body.get("model", ""))
        attempt = 0
        while True:
            attempt += 1
            result = self._send(path, content)
            is_last = attempt == self.tries
            if isinstance(result, _Fault):
                if is_last or not result.may_pass:
                    raise RemoteError(f"{host} {result.sentence}{_after(attempt)}")
                self._wait(_backoff(attempt), tick)
                continue
            if 200 <= result.status < 300:
                return self._json(result)
            if result.status not in _PASSING:
                raise refusals.refusal(host, self.key, path, model, result.status, result.content)
            asked = retry_after(result.headers)
            if asked > _LONGEST_WAIT:
                raise RemoteError(
                    f"{refusals.passing(host, result.status)} and asks you to wait {asked:,.0f} "
                    "seconds: try again later"
                )
            if is_last:
                raise RemoteError(f"{refusals.passing(host, result.status)}{_after(attempt)}")
            self._wait(max(asked, _backoff(attempt)), tick)

    def _announce(self) -> None:
        with self._one_at_a_time:
            if self._is_announced:
                return
            self._is_announced = True
        open_line = not (self.address.is_encrypted or self.address.is_loopback)
        sent = "Texts and the key are" if open_line and self.key.is_set else "Texts are"
        how = ", without encryption" if open_line else ""
        self.say(f"{sent} sent to {self.address.host}{how}.")

    def _wait(self, seconds: float, tick: Tick) -> None:
        while seconds > 0:
            tick()
            self._sleep(min(seconds, _LOOK))
            seconds -= _LOOK

    def _send(self, path: str, content: bytes) -> _Answer | _Fault:
        # An exception of httpx holds the request, whose header holds the key: none leaves here,
        # not even as the context of another.
        deadline = time.monotonic() + self.timeout
        too_slow = _Fault(f"did not answer within {self.timeout:g} s", may_pass=False)
        try:
            with (
                httpx.Client(
                    timeout=self.timeout,
                    verify=_trusted(),
                    # No proxy for a service on this machine.
                    trust_env=not self.address.is_loopback,
                ) as client,
                client.stream(
                    "POST",
                    f"{self.address.url}{path}",
                    content=content,
                    headers={"Content-Type": "application/json", "Accept": "application/json"},
                    auth=KeyInHeader(self.key),
                ) as response,
            ):
                received = bytearray()
                for part in response.iter_bytes():
                    received += part
                    if len(received) > _LARGEST_ANSWER:
                        return _Fault(
                            f"answered with more than {_LARGEST_ANSWER >> 20} MB: set a smaller "
                            "batch_size",
                            may_pass=False,
                        )
                    if time.monotonic() > deadline:  # each part in time, but not the whole
                        return too_slow
                return _Answer(response.status_code, dict(response.headers), bytes(received))
        except httpx.TimeoutException:
            return too_slow
        except (httpx.ConnectError, httpx.ProxyError) as error:
            return _Fault(
                f"cannot be reached ({refusals.brief(str(error)) or 'no reason given'}): check "
                "the address and whether the network is on",
                may_pass=False,
            )
        except httpx.TransportError:
            return _Fault("broke off the connection before its answer was complete", may_pass=True)
        except httpx.HTTPError:
            return _Fault("answered with something that cannot be read", may_pass=False)
        except (httpx.InvalidURL, UnicodeError):
            return _Fault("is not a valid address", may_pass=False)

    def _json(self, answer: _Answer) -> Any:
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            kind = refusals.brief(answer.headers.get("content-type", "")) or "no type stated"
        raise RemoteError(
            f"{self.address.host} answered with something that is not JSON "
            f"({len(answer.content):,} bytes, {kind}): check the address"
        )


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait that ``Retry-After`` asks for, 0 if it does not.

    Examples
    --------
    >>> retry_after({"retry-after": "3"}), retry_after({}), retry_after({"retry-after": "soon"})
    (3.0, 0.0, 0.0)
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _backoff(attempt: int) -> float:
    """Return seconds to wait; partly random, so that many users do not return at once."""
    longest = min(_FIRST_WAIT * 2 ** (attempt - 1), _LONGEST_WAIT)
    return longest * random.uniform(0.5, 1.0)


def _after(attempt: int) -> str:
    return f" (tried {attempt} times)" if attempt > 1 else ""


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates, once read: reading them takes longer than a request."""
    return httpx.create_ssl_context()
