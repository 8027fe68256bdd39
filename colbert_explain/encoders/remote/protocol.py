"""What an encoder service and its clients send each other over HTTP.

A request is a JSON object. The answer is a stream of JSON objects, one a line, which are called
events. The last event is a result or an error. A result with vectors says how many bytes follow
its line: a safetensors file with one tensor, ``vectors``. Nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.numpy import load, save

from colbert_explain.storage.json_values import (
    a_bool,
    a_list,
    a_text,
    a_whole_number,
    an_object,
    digest_of,
    shown,
)

#: To be increased with every change that an older peer cannot read.
VERSION = 1
VERSION_HEADER = "Colbert-Explain-Protocol"
CLIENT_HEADER = "Colbert-Explain-Client"
#: Seconds between two signs of life while a request waits or is worked on.
BEAT = 1.0
#: Bytes of the vectors of a text, and of a line.
LARGEST_RESULT, LONGEST_LINE = 2**31 - 1, 2**29

#: Arguments of `load_encoder` that a request may have, by the type of their value.
TEXTS = (
    *("revision", "query_marker", "document_marker", "query_prompt", "document_prompt"),
    *("expansion_token", "similarity", "device", "dtype"),
)
NUMBERS = ("query_length", "document_length", "expansion_length")
SWITCHES = ("expansion_attended",)
ARGUMENTS = (*TEXTS, *NUMBERS, *SWITCHES, "layers", "skiplist", "query_expansion")


def age_of(version: str, own: int) -> str:
    """Return whether the other side's version is "a newer" or "an older" one.

    It comes from outside: what is no number of a few digits is older.
    """
    is_number = version.isascii() and version.isdigit() and len(version) < 10
    return "a newer" if is_number and int(version) > own else "an older"


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model as a request names it, with the arguments of `load_encoder` that were given.

    Attributes
    ----------
    model
        Hub id, or folder on the service's machine; ``None`` for the model that the service loads
        when it starts.
    arguments
        Name to JSON value.
    """

    model: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Digest of model and arguments."""
        return digest_of(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object that `read` reads."""
        return {"model": self.model, **self.arguments}

    @classmethod
    def read(cls, content: object) -> NamedModel:
        """Check a JSON object; raises a `ValueError` with name, rule and value."""
        given = an_object("model", content, (), ("model", *ARGUMENTS))
        arguments = {name: value for name, value in given.items() if value is not None}
        model = arguments.pop("model", None)
        if arguments.get("dtype") == "float32":  # the default
            del arguments["dtype"]
        if model is not None:
            a_text("model", model)
        for name, value in arguments.items():
            if name in TEXTS:
                a_text(name, value)
            elif name in NUMBERS:
                a_whole_number(name, value)
            elif name in SWITCHES:
                a_bool(name, value)
            elif name == "layers":
                for layer in a_list(name, value):
                    a_whole_number(name, layer, -1000, 1000)
            elif name == "skiplist":
                for word in a_list(name, value):
                    a_text(name, word)
            elif not isinstance(value, bool | str):
                raise ValueError(f"{name} must be fixed, min, true or false, got {shown(value)}")
        return cls(model, arguments)


def as_line(event: Mapping[str, Any]) -> bytes:
    """Return an event as a line of JSON."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


def packed(vectors: Float[np.ndarray, "tokens dim"]) -> bytes:
    """Return vectors as a safetensors file."""
    return save({"vectors": np.ascontiguousarray(vectors, np.float32)})


def unpacked(content: bytes) -> Float[np.ndarray, "tokens dim"]:
    """Return the vectors of a safetensors file; raises a `ValueError` if it holds anything else."""
    try:
        tensors = load(content)
    except (SafetensorError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"vectors must be a safetensors file: {error}") from error
    vectors = tensors.get("vectors")
    if list(tensors) != ["vectors"] or vectors is None or vectors.dtype != np.float32:
        raise ValueError(f"vectors must be one float32 tensor, got {shown(list(tensors))}")
    if vectors.ndim != 2:
        raise ValueError(f"vectors must have two axes, got shape {vectors.shape}")
    return vectors


class EventReader:
    """Makes events from the bytes of an answer, however they are cut."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._event: dict[str, Any] | None = None  # a result whose vectors are not complete
        self._n_bytes = 0

    def feed(self, content: bytes) -> list[dict[str, Any]]:
        """Return the events that are complete now.

        A result has its vectors' bytes under ``vectors``. Raises a `ValueError` if a line is no
        event.
        """
        self._unread += content
        events = []
        while (event := self._next()) is not None:
            events.append(event)
        return events

    def _next(self) -> dict[str, Any] | None:
        if self._event is None:
            end = self._unread.find(b"\n")
            if end < 0:
                if len(self._unread) > LONGEST_LINE:
                    raise ValueError(f"a line must have at most {LONGEST_LINE:,} bytes")
                return None
            event = _event(bytes(self._unread[:end]))
            del self._unread[: end + 1]
            self._n_bytes = a_whole_number("bytes", event.get("bytes", 0), 0, LARGEST_RESULT)
            self._event = event
        if len(self._unread) < self._n_bytes:
            return None
        event, self._event = self._event, None
        if "bytes" in event:
            event["vectors"] = bytes(self._unread[: self._n_bytes])
            del self._unread[: self._n_bytes]
        return event


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a line must be JSON, got {shown(line[:80])}") from error
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        raise ValueError(f"a line must be an event, got {shown(event)}")
    return event
