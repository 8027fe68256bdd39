"""Encoding off the kernel's main thread, so that a page never blocks and Cancel works."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from colbert_explain.app.encoding_slots import encode_in_turn
from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.explanation import Explanation, explain_embeddings

#: Tokens whose embeddings are kept, so that a second query of the same document is answered at
#: once; with the bundled encoder 3 kB each.
KEPT_TOKENS = 20_000

#: Seconds between two messages about a text: to tell of every layer of a short one takes longer
#: than to read it.
TELL_EVERY = 0.2

#: Called with what is being done and the share of it that is done, None where not known.
Report = Callable[[str, float | None], None]


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The reader asked to stop."""


class EncodingDesk:
    """Holds the encoder and explains one pair at a time.

    Parameters
    ----------
    load
        Makes the encoder; called once, at the first explanation, by a worker thread.
    """

    def __init__(self, load: Callable[[], Encoder]) -> None:
        self._load = load
        self._encoder: Encoder | None = None
        self._kept: OrderedDict[tuple[str, str], TokenEmbeddings] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def explain(
        self, query: str, document: str, *, stop: threading.Event, report: Report
    ) -> Explanation:
        """Explain a pair; blocks, and stops within a window's time once ``stop`` is set.

        Raises
        ------
        Cancelled
            If ``stop`` was set before the end.
        ValueError
            As `colbert_explain.explain` does.
        """
        with self._one_at_a_time:
            _check(stop)
            if self._encoder is None:
                report("Loading the model, once …", None)
                self._encoder = self._load()
            q = self._embed("query", query, self._encoder, stop, report)
            d = self._embed("document", document, self._encoder, stop, report)
            _check(stop)
            return explain_embeddings(q, d)

    def _embed(
        self, side: str, text: str, encoder: Encoder, stop: threading.Event, report: Report
    ) -> TokenEmbeddings:
        told = time.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal told
            _check(stop)
            if total > 1 and time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                report(f"Reading the {side}: {done / total:.0%}", done / total)

        _check(stop)
        key = (side, text)
        try:
            embeddings = self._kept.pop(key, None)
        except TypeError:  # a list, say, is no text: the encoder says so in a sentence
            embeddings = None
        if embeddings is None:
            report(f"Reading the {side} …", None)
            embeddings = encode_in_turn(encoder, side, text, progress=progress, report=report)
        self._kept[key] = embeddings  # the newest last
        while sum(len(kept.tokens) for kept in self._kept.values()) > KEPT_TOKENS:
            self._kept.popitem(last=False)
        return embeddings


class MainThread:
    """Runs callbacks where widgets live: on the kernel's event loop, or at once without one."""

    def __init__(self) -> None:
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def run(self, callback: Callable[[], object]) -> None:
        """Run ``callback`` soon on the main thread."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(callback)
        else:
            callback()


def _check(stop: threading.Event) -> None:
    if stop.is_set():
        raise Cancelled
