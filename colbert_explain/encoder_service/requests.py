"""A request on its way through the service, and what it asks for, checked."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from colbert_explain.encoders.checkpoint.settings import SIDES, Side
from colbert_explain.encoders.remote.protocol import NamedModel
from colbert_explain.operator_settings import PREFIX, OperatorSettings
from colbert_explain.storage.json_values import a_bool, a_text, an_object, shown

#: Characters of a text that is read in a moment: about a window of 512 tokens.
SHORT_TEXT = 2_000
#: Seconds between two reports of progress: each costs the client and the service about as much as a
#: layer of a short text.
BETWEEN_REPORTS = 0.1
#: Reports of progress that may wait for a slow reader; older ones are dropped then.
_MOST_EVENTS = 256
_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for.

    Attributes
    ----------
    model
        With which model.
    side, text
        What to encode; empty for a request that is about the model only.
    keep
        Whether the embeddings may be kept.
    id
        Names the request for whoever wants to cancel it.
    """

    model: NamedModel
    side: Side = "query"
    text: str = ""
    keep: bool = True
    id: str = field(default_factory=lambda: secrets.token_hex(16))


class TooLong(ValueError):  # noqa: N818 - nothing is broken
    """A text longer than the operator allows."""


def read_asked(content: bytes | bytearray, settings: OperatorSettings, *, with_text: bool) -> Asked:
    """Check the JSON object of a request; raises a `ValueError` that gives name, rule and value."""
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("a request must be a JSON object in UTF-8") from error
    required = ("side", "text") if with_text else ()
    found = an_object("request", parsed, required, ("model", "id", "keep"))
    id_ = a_text("id", found.get("id") or secrets.token_hex(16))
    if len(id_) > _LONGEST_ID:
        raise ValueError(f"id must have at most {_LONGEST_ID} characters, got {len(id_)}")
    model = NamedModel.read(found.get("model") or {})
    if not with_text:
        return Asked(model, id=id_)
    if found["side"] not in SIDES:
        raise ValueError(f"side must be one of {', '.join(SIDES)}, got {shown(found['side'])}")
    text = a_text("text", found["text"])
    if len(text) > settings.largest_text:
        raise TooLong(
            f"{found['side']} must have at most {settings.largest_text:,} characters here "
            f"({PREFIX}LARGEST_TEXT), got {len(text):,}"
        )
    return Asked(model, found["side"], text, a_bool("keep", found.get("keep", True)), id_)


class Request:
    """The state of a request, and the events that its client has not been sent.

    Parameters
    ----------
    asked
        What it asks for.
    client
        Who asks: clients take turns.
    """

    def __init__(self, asked: Asked, client: str) -> None:
        self.asked, self.client = asked, client
        self.waits_for: Callable[[], str] = lambda: ""
        self.task: asyncio.Task[None] | None = None
        self.stopped_because = ""
        self._events: deque[dict[str, Any]] = deque(maxlen=_MOST_EVENTS)
        self._changed = asyncio.Event()
        self._reported = time.monotonic()
        self._loop = asyncio.get_running_loop()

    @property
    def is_short(self) -> bool:
        """Whether it takes only a moment."""
        return len(self.asked.text) <= SHORT_TEXT

    def tell(self, event: dict[str, Any]) -> None:
        """Add an event for the client; from any thread."""
        self._loop.call_soon_threadsafe(self._add, event)

    def report(self, done: int, total: int) -> None:
        """Tell the client how far the work is, unless it was told a moment ago; from any thread."""
        now = time.monotonic()
        if now - self._reported >= BETWEEN_REPORTS:
            self._reported = now
            self.tell({"event": "progress", "done": done, "total": total})

    def stop(self, because: str) -> None:
        """Cancel the request; ``because`` is the sentence that its client reads."""
        if self.task is not None and not self.task.done():
            self.stopped_because = self.stopped_because or because
            self.task.cancel()

    async def next_events(self, timeout: float) -> list[dict[str, Any]]:
        """Return the events that are there, or none after ``timeout`` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return []
        self._changed.clear()
        events = list(self._events)
        self._events.clear()
        return events

    def _add(self, event: dict[str, Any]) -> None:
        self._events.append(event)
        self._changed.set()
