"""`EncodingDesk`: encodes texts, one job at a time, reports its progress and can be stopped."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from colbert_explain.analysis import Ranking, UnreadableDocument
from colbert_explain.analysis.occlusion import Occlusion, occlude
from colbert_explain.analysis.unreadable_documents import none_readable
from colbert_explain.app.background_job import Cancelled, MainThread, Report, check_stop
from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.encoders import TextEncoder
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
from colbert_explain.explanation import Explanation, explain_embeddings
from colbert_explain.explanation.scores import nothing_scored

__all__ = ["KEPT_TOKENS", "Cancelled", "EncodingDesk", "MainThread", "Report"]

#: Tokens whose embeddings are kept, so that a second query for the same document is answered at
#: once; with the bundled encoder 3 kB each.
KEPT_TOKENS = 20_000

#: Most characters of a short text: about one window of 512 tokens.
SHORT_TEXT = 2_000

LOADING = "Loading the model (first use only) …"
#: Seconds between two messages about a text: reporting every layer of a short one would take longer
#: than encoding it.
TELL_EVERY = 0.2


class EncodingDesk:
    """Holds the encoder and encodes one text at a time.

    Parameters
    ----------
    load
        Makes the encoder; called once, at the first explanation, by a worker thread.
    loads_here
        Whether that may take long, because the model is loaded in this process.
    """

    def __init__(self, load: Callable[[], Encoder], *, loads_here: bool = True) -> None:
        self._load, self._loads_here = load, loads_here
        self._encoder: Encoder | None = None
        self._kept: OrderedDict[tuple[str, str], tuple[Encoder, TokenEmbeddings]] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def use(self, load: Callable[[], Encoder]) -> None:
        """Use another encoder from the next job on; ``load`` makes it."""
        self._load, self._encoder = load, None
        self._kept = OrderedDict()

    def explain(
        self, query: str, document: str, *, stop: threading.Event, report: Report
    ) -> Explanation:
        """Explain a pair; blocks, and stops after the current window once ``stop`` is set.

        Raises
        ------
        Cancelled
            If ``stop`` was set before the end.
        ValueError
            As `colbert_explain.explain` does.
        """
        with self._one_at_a_time:
            encoder = self._ready(stop, report)
            q = self._embed("query", query, encoder, stop, report)
            d = self._embed("document", document, encoder, stop, report)
            check_stop(stop)
            return explain_embeddings(q, d)

    def rank(
        self, query: str, documents: Mapping[str, str], *, stop: threading.Event, report: Report
    ) -> Ranking:
        """Rank documents given by name; blocks and stops as `explain` does.

        Raises
        ------
        Cancelled
            If ``stop`` was set before the end.
        ValueError
            As `colbert_explain.rank` does if no document can be read; if some can, the rest are
            left out.
        """
        with self._one_at_a_time:
            encoder = self._ready(stop, report)
            q = self._embed("query", query, encoder, stop, report)
            embedded: dict[int, TokenEmbeddings] = {}
            unreadable = []
            for number, (name, text) in enumerate(documents.items()):
                what = f"document {number + 1} of {len(documents)}"
                report(f"Reading {what} …", number / len(documents))
                inner = _within(report, what, number, len(documents))
                try:
                    d = self._embed("document", text, encoder, stop, inner)
                    if not d.tokens.scored_mask.any():
                        raise ValueError(nothing_scored("document", d.tokens, d.provenance))
                except ValueError as error:
                    unreadable.append(UnreadableDocument(number, str(name), str(error)))
                else:
                    embedded[number] = d
            check_stop(stop)
            if not embedded:
                raise ValueError(none_readable(unreadable))
            report("Ranking …", None)
            names = tuple(map(str, documents))
            return Ranking(
                q,
                tuple(embedded.values()),
                tuple(names[number] for number in embedded),
                tuple(embedded),
                tuple(unreadable),
            )

    def occlude(
        self,
        explanation: Explanation,
        start: int,
        end: int,
        *,
        stop: threading.Event,
        report: Report,
    ) -> Occlusion:
        """Remove a span of the document and encode the rest again; blocks and stops as `explain`.

        Raises
        ------
        Cancelled
            If ``stop`` was set before the end.
        ValueError
            As `colbert_explain.occlude` does, for example if another model has been chosen since.
        """
        with self._one_at_a_time:
            encoder = self._ready(stop, report)
            answer = occlude(
                explanation, (start, end), reencode=_Watched(self, encoder, stop, report)
            )
            check_stop(stop)
            return answer

    def _ready(self, stop: threading.Event, report: Report) -> Encoder:
        check_stop(stop)
        encoder = self._encoder
        while encoder is None:
            if self._loads_here:
                report(LOADING, None)
            load = self._load
            encoder = load()
            if isinstance(encoder, ServiceEncoder):
                encoder.load(
                    progress=lambda done, total: check_stop(stop),
                    report=lambda sentence: report(sentence, None),
                )
            if load is self._load:
                self._encoder = encoder
            else:  # another was chosen meanwhile
                check_stop(stop)
                encoder = self._encoder
        return encoder

    def _embed(
        self, side: str, text: str, encoder: Encoder, stop: threading.Event, report: Report
    ) -> TokenEmbeddings:
        told = time.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal told
            check_stop(stop)
            if total > 1 and time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                report(f"Reading the {side}: {done / total:.0%}", done / total)

        check_stop(stop)
        key = (side, text)
        try:
            reader, embeddings = self._kept.pop(key, (None, None))
        except TypeError:  # a list, say, is no text: the encoder says so in a sentence
            reader = embeddings = None
        if embeddings is None or reader is not encoder:
            if len(str(text)) > SHORT_TEXT:  # of a shorter one nobody could read it in time
                report(f"Reading the {side} …", None)
            embeddings = _encode(encoder, side, text, progress, report)
        self._kept[key] = encoder, embeddings  # the newest last
        while sum(len(kept.tokens) for _, kept in self._kept.values()) > KEPT_TOKENS:
            self._kept.popitem(last=False)
        return embeddings


@dataclass(frozen=True, slots=True)
class _Watched:
    """The desk's encoder as an `Encoder`: it reuses kept texts, reports and can be stopped."""

    desk: EncodingDesk
    encoder: Encoder
    stop: threading.Event
    report: Report

    @property
    def name(self) -> str:
        return self.encoder.name

    @property
    def dim(self) -> int:
        return self.encoder.dim

    @property
    def document_length(self) -> int:
        return self.encoder.document_length

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        return self.desk._embed("query", text, self.encoder, self.stop, self.report)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        return self.desk._embed("document", text, self.encoder, self.stop, self.report)


def _encode(
    encoder: Encoder, side: str, text: str, progress: Progress, report: Report
) -> TokenEmbeddings:
    """Encode a text, and tell what it waits for."""
    if isinstance(encoder, ServiceEncoder):

        def tell(sentence: str) -> None:
            report(sentence, None)

        if side == "query":
            return encoder.embed_query(text, progress=progress, report=tell)
        return encoder.embed_document(text, progress=progress, report=tell)
    told = False

    def before_a_step(done: int, total: int) -> None:
        nonlocal told
        progress(done, total)
        if not told and isinstance(encoder, TextEncoder) and not encoder.is_loaded:
            report(LOADING, None)
        told = True

    embed = encoder.embed_query if side == "query" else encoder.embed_document
    return embed(text, progress=before_a_step)


def _within(report: Report, what: str, done: int, total: int) -> Report:
    """Report the share of one document as a share of all documents."""

    def tell(_: str, share: float | None) -> None:
        if share is not None:
            report(f"Reading {what}: {share:.0%}", (done + share) / total)

    return tell
