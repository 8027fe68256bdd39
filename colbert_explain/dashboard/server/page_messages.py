"""What a page may send to its kernel, checked before the kernel reads it.

Only the messages of widgets are allowed, each with the parts and types of Jupyter's protocol
(https://jupyter-client.readthedocs.io/en/stable/messaging.html). The kernel would answer any other
message with a traceback.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from jupyter_client.jsonutil import extract_dates
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

#: Kinds of messages, with the required and the optional parts of their contents.
ALLOWED: dict[str, tuple[dict[str, type], dict[str, type]]] = {
    "comm_open": ({"comm_id": str, "target_name": str, "data": dict}, {"target_module": str}),
    "comm_msg": ({"comm_id": str, "data": dict}, {}),
    "comm_close": ({"comm_id": str}, {"data": dict}),
    "comm_info_request": ({}, {"target_name": str, "target": str}),
    "kernel_info_request": ({}, {}),
}

#: Most characters of ids, names and kinds.
LONGEST_NAME = 300

#: Most bytes of a header and of the metadata; only contents are long.
LONGEST_HEADER = 16_000

#: Most levels of nested lists and objects; a widget's state has a handful.
DEEPEST = 100

#: Most lists and objects of a part; a widget's state has dozens. A million would take seconds to
#: read, in which the server answers nobody.
MOST_NESTED = 100_000

#: What opens or closes a list or an object, as a step down or up; and what else counts in JSON.
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_TEXT = bytes(set(range(256)) - set(b'"[]{}'))

#: What may be half of a surrogate pair, which the server could not pass on.
_HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_PARTS = ("header", "parent_header", "metadata", "content")
_NEEDED_NAMES = ("msg_id", "msg_type", "session")
_OTHER_NAMES = ("username", "date", "version")
_WORDS = {str: "a string", dict: "an object", bool: "true or false"}


class RefusedMessage(ValueError):  # noqa: N818 - nothing is broken: it stops here
    """A message that does not reach the kernel; its text says why."""


def check_message(message: str | bytes) -> None:
    """Check a message from a page, as it came through the websocket.

    Parameters
    ----------
    message
        A text or binary frame of Jupyter's protocol ``v1.kernel.websocket.jupyter.org``.

    Raises
    ------
    RefusedMessage
        If it is not one of the messages in `ALLOWED`.
    """
    try:
        channel, parts = _read(message)
    except RefusedMessage:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        raise RefusedMessage("it cannot be read") from None
    for name, part in parts.items():
        if not isinstance(part, dict):
            raise RefusedMessage(f"{name} must be an object")
    _check_header(parts["header"])
    for name in ("header", "parent_header"):
        _check_dates(parts[name])
    _check_content(channel, parts["header"]["msg_type"], parts["content"])


def _read(message: str | bytes) -> tuple[str, dict[str, Any]]:
    if isinstance(message, str):
        raise RefusedMessage("it must be binary")
    channel, parts = deserialize_msg_from_ws_v1(message)  # type: ignore[no-untyped-call]
    if len(parts) < len(_PARTS):
        raise RefusedMessage("it must have four parts")
    if any(len(part) > LONGEST_HEADER for part in parts[: len(_PARTS) - 1]):
        raise RefusedMessage(f"a header must have at most {LONGEST_HEADER:,} bytes")
    read = {}
    for name, part in zip(_PARTS, parts, strict=False):
        _check_nesting(name, part)
        read[name] = json.loads(part.decode())
    if any(_HALF_A_PAIR.search(part) for part in parts[: len(_PARTS)]):
        try:
            json.dumps(read, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise RefusedMessage("its texts must be valid Unicode") from None
    return channel, read


def _check_nesting(name: str, part: bytes) -> None:
    """Check how deeply a part is nested, and how often, before it is read."""
    # Without escapes, every quotation mark begins or ends a string.
    marks = part.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _TEXT)
    outside = b"".join(marks.split(b'"')[::2]).translate(_STEPS)
    steps = np.frombuffer(outside, np.int8)
    if np.count_nonzero(steps > 0) > MOST_NESTED:
        raise RefusedMessage(f"{name} must have at most {MOST_NESTED:,} lists and objects")
    if np.cumsum(steps, dtype=np.int32).max(initial=0) > DEEPEST:
        raise RefusedMessage(f"{name} must not be nested more than {DEEPEST} times")


def _check_header(header: dict[str, Any]) -> None:
    for name in _NEEDED_NAMES:
        if not isinstance(header.get(name), str):
            raise RefusedMessage(f"{name} of header must be a string")
    for name in (*_NEEDED_NAMES, *_OTHER_NAMES):
        value = header.get(name) or ""
        if not isinstance(value, str) or len(value) > LONGEST_NAME:
            raise RefusedMessage(f"{name} must be a string of at most {LONGEST_NAME} characters")
    if header.get("subshell_id") is not None:
        raise RefusedMessage("subshell_id must be null")


def _check_dates(part: dict[str, Any]) -> None:
    """Check that the kernel can read each date; it parses any text that begins like a date."""
    try:
        read = extract_dates(part)
    except (ValueError, OverflowError):
        raise RefusedMessage("a date in it cannot be read") from None
    if any(not isinstance(read.get(name, ""), str) for name in _NEEDED_NAMES):
        raise RefusedMessage("an id must not be a date")


def _check_content(channel: object, kind: str, content: dict[str, Any]) -> None:
    if kind not in ALLOWED:
        raise RefusedMessage("its kind is not allowed")
    if channel != "shell" and (channel != "control" or kind.startswith("comm_")):
        raise RefusedMessage(f"{kind} must not be sent on the channel {str(channel)[:20]}")
    needed, possible = ALLOWED[kind]
    for name in needed:
        if name not in content:
            raise RefusedMessage(f"{kind} must have {name}")
    for name, wanted in (needed | possible).items():
        value = content.get(name)
        if value is None and name in possible:
            continue
        if not isinstance(value, wanted):
            raise RefusedMessage(f"{name} of {kind} must be {_WORDS[wanted]}")
        if isinstance(value, str) and len(value) > LONGEST_NAME:
            raise RefusedMessage(f"{name} of {kind} must have at most {LONGEST_NAME} characters")
