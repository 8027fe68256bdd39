"""What encoders and rerankers at a service have in common: name, host, batches and progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Progress
from colbert_explain.encoders.remote.http_calls import HttpCalls, Tick
from colbert_explain.encoders.remote.remote_error import RemoteError
from colbert_explain.encoders.remote.service_address import service_address
from colbert_explain.encoders.remote.service_key import ServiceKey


class TextService:
    """A model at a service, which gets every text.

    Attributes
    ----------
    name
        Name of the model.
    sends_texts_to
        The host that gets the texts, for a page to show before a text is sent.
    batch_size
        Texts of one call at most.
    """

    #: The kind of service, for provenance.
    kind = ""

    def __init__(
        self,
        model: str,
        address: str,
        key: ServiceKey,
        *,
        timeout: float,
        tries: int,
        batch_size: int,
    ) -> None:
        self._calls = HttpCalls(service_address(address), key, timeout=timeout, tries=tries)
        if not check.text("model", model).strip():
            raise ValueError(f"model must be a name, got {check.shown(model)}")
        if check.whole_number("batch_size", batch_size) < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.name, self.batch_size = model, batch_size

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, texts are sent to {self.sends_texts_to})"

    @property
    def sends_texts_to(self) -> str:
        """The host that gets the texts."""
        return self._calls.address.host

    def _entry(self, answer: Any, name: str) -> Any:
        """Return an entry of an answer."""
        if not isinstance(answer, dict) or name not in answer:
            raise RemoteError(
                f"{self.sends_texts_to} must answer with an object that has “{name}”, got "
                "something else"
            )
        return answer[name]


def batches(texts: Sequence[str], most_texts: int, most_characters: int) -> list[range]:
    """Return the positions of the texts of each batch, in order.

    A text that is longer than ``most_characters`` is alone in its batch.

    Examples
    --------
    >>> batches(["a", "b", "cccc", "d"], 2, 3)
    [range(0, 2), range(2, 3), range(3, 4)]
    """
    found, start, characters = [], 0, 0
    for i, text in enumerate(texts):
        if i > start and (i - start == most_texts or characters + len(text) > most_characters):
            found.append(range(start, i))
            start, characters = i, 0
        characters += len(text)
    if start < len(texts):
        found.append(range(start, len(texts)))
    return found


def tick_at(progress: Progress | None, done: int, total: int) -> Tick:
    """Return a function that reports this progress each time it is called."""

    def tick() -> None:
        if progress is not None:
            progress(done, total)

    return tick
