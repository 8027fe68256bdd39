"""`EncoderHolder`: the encoder of a page, and the texts that it has read lately."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from colbert_explain.app.jobs.job import Watch
from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.encoders import TextEncoder
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder

#: Tokens whose embeddings are kept, so that a second query for the same document is answered at
#: once; with the bundled encoder 3 kB each.
KEPT_TOKENS = 20_000

#: Most characters of a text that is read before anybody could read that it is being read.
SHORT_TEXT = 2_000

LOADING = "Loading the model (first time on this page) …"
#: Seconds between two messages about a text: reporting every layer of a short one would take longer
#: than encoding it.
TELL_EVERY = 0.2


class EncoderHolder:
    """Holds the encoder in use; one text is read at a time.

    Parameters
    ----------
    make
        Makes the encoder; called when it is first needed, by a worker thread.
    loads_here
        Whether that may take long, because the model is loaded in this process.
    """

    def __init__(self, make: Callable[[], Encoder], *, loads_here: bool = True) -> None:
        self._make, self._loads_here = make, loads_here
        self._encoder: Encoder | None = None
        self._kept: OrderedDict[tuple[str, str], TokenEmbeddings] = OrderedDict()
        self._making, self._swapping = threading.Lock(), threading.Lock()
        self.reading = threading.Lock()

    @property
    def encoder(self) -> Encoder | None:
        """The encoder in use; None before it is first needed."""
        return self._encoder

    def use(self, encoder: Encoder) -> None:
        """Use another encoder from the next text on."""
        with self._swapping:
            self._encoder, self._kept = encoder, OrderedDict()

    def ready(self, watch: Watch) -> Encoder:
        """Return the encoder in use; make and load it if that has not happened yet."""
        watch.check()
        with self._making:
            if self._encoder is not None:
                return self._encoder
            if self._loads_here:
                watch.report(LOADING)
            made = self._make()
            if isinstance(made, ServiceEncoder):
                made.load(progress=lambda done, total: watch.check(), report=watch.report)
            with self._swapping:
                if self._encoder is None:  # else another was chosen meanwhile
                    self._encoder = made
                return self._encoder

    def watched(self, watch: Watch, documents: int = 1) -> WatchedEncoder:
        """Return the encoder in use for one piece of work, which may read several documents."""
        return WatchedEncoder(self, self.ready(watch), watch, documents)

    def kept(self, encoder: Encoder, side: str, text: str) -> TokenEmbeddings | None:
        """Return what was read lately by this encoder."""
        if encoder is not self._encoder or not isinstance(text, str):
            return None
        return self._kept.get((side, text))

    def keep(self, encoder: Encoder, side: str, text: str, embeddings: TokenEmbeddings) -> None:
        """Keep what was read; forget what was not asked for lately."""
        if encoder is not self._encoder:
            return
        self._kept[side, text] = embeddings
        self._kept.move_to_end((side, text))
        while sum(len(kept.tokens) for kept in self._kept.values()) > KEPT_TOKENS:
            self._kept.popitem(last=False)


@dataclass(slots=True)
class WatchedEncoder:
    """An `Encoder` that reuses what was read, tells its progress, and stops when it is cancelled.

    So `explain`, `rank` and `occlude` themselves do the work of a page.
    """

    holder: EncoderHolder
    encoder: Encoder
    watch: Watch
    documents: int = 1
    _read: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.encoder.name

    @property
    def dim(self) -> int:
        """Numbers per token vector."""
        return self.encoder.dim

    @property
    def document_length(self) -> int:
        """Maximum number of tokens read from a document."""
        return self.encoder.document_length

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a query."""
        return self._embed("query", text, "the query", lambda share: share)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a document."""
        if self.documents == 1:
            return self._embed("document", text, "the document", lambda share: share)
        before, self._read = self._read, self._read + 1
        what = f"document {before + 1} of {self.documents}"
        self.watch.report(f"Reading {what} …", before / self.documents)
        return self._embed("document", text, what, lambda share: (before + share) / self.documents)

    def _embed(
        self, side: str, text: str, what: str, of_all: Callable[[float], float]
    ) -> TokenEmbeddings:
        watch, told = self.watch, time.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal told
            watch.check()
            if total > 1 and time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                watch.report(f"Reading {what}: {done / total:.0%}", of_all(done / total))

        watch.check()
        with self.holder.reading:
            watch.check()
            found = self.holder.kept(self.encoder, side, text)
            if found is None:
                if self.documents == 1 and len(str(text)) > SHORT_TEXT:
                    watch.report(f"Reading {what} …")
                found = self._encode(side, text, progress)
            self.holder.keep(self.encoder, side, text, found)
        watch.check()
        return found

    def _encode(self, side: str, text: str, progress: Progress) -> TokenEmbeddings:
        encoder = self.encoder
        if isinstance(encoder, ServiceEncoder):
            ask = encoder.embed_query if side == "query" else encoder.embed_document
            return ask(text, progress=progress, report=self.watch.report)
        told = False

        def before_a_step(done: int, total: int) -> None:
            nonlocal told
            progress(done, total)
            if not told and isinstance(encoder, TextEncoder) and not encoder.is_loaded:
                self.watch.report(LOADING)
            told = True

        embed = encoder.embed_query if side == "query" else encoder.embed_document
        return embed(text, progress=before_a_step)
