"""`OpenedCollection`: the collection of a page, opened or indexed off the main thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colbert_explain.app.collections.dropped_files import DroppedFiles
from colbert_explain.app.collections.filters_offered import Field, fields_of
from colbert_explain.app.collections.index_folder import (
    documents_so_far,
    index_folder,
    is_finished,
    kept_indexes,
    remove_outdated,
)
from colbert_explain.app.collections.index_offer import IndexOffer, make_offer
from colbert_explain.app.collections.sources import Source, sample_source
from colbert_explain.app.jobs.counted_progress import CountedProgress
from colbert_explain.app.jobs.encoder_holder import EncoderHolder
from colbert_explain.app.jobs.job import Job, Status, Watch
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.embeddings import Encoder, Provenance
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.search import Collection, CollectionError, CompressionName, open_collection
from colbert_explain.search.on_disk import OnDiskEngine
from colbert_explain.search.on_disk.lock import is_being_written
from colbert_explain.text.wording import count

#: Seconds between two looks at an index that another page is building.
_LOOK_EVERY = 1.0
#: Documents that were left out and are listed on the page.
_MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection that can be searched, and what a page says about it."""

    source: Source
    collection: Collection
    fields: list[Field]
    left_out: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """Documents that can be indexed, once the reader wants it."""

    source: Source
    compression: CompressionName | None
    offer: IndexOffer


class OpenedCollection:
    """Opens collections, and indexes documents, one at a time; the last one opened is searched.

    Parameters
    ----------
    settings
        Where indexes are kept.
    holder
        Has the encoder in use.
    dropped
        Has the folder of files that go with the page.
    main
        Runs callbacks on the main thread.
    show
        Called with what the page shows of this whenever it changes; ready for JSON.
    on_open
        Called when another collection can be searched.

    Attributes
    ----------
    opened
        What is searched, None before the first.
    """

    def __init__(
        self,
        settings: OperatorSettings,
        holder: EncoderHolder,
        dropped: DroppedFiles,
        main: MainThread,
        show: Callable[[dict[str, Any]], object],
        on_open: Callable[[], object],
    ) -> None:
        self._settings, self._holder, self._dropped = settings, holder, dropped
        self._show, self._on_open = show, on_open
        self.opened: Opened | None = None
        self._offered: Offered | None = None
        self._asked: tuple[Source, Collection | None] | None = None
        self._job = Job(main, lambda status: self._send(status))

    def open(self, source: Source, given: Collection | None = None) -> None:
        """Open a collection; documents without an index are offered to be indexed."""
        self._offered, self._asked = None, (source, given)

        def work(watch: Watch) -> Opened | Offered:
            encoder = self._holder.ready(watch)
            if source.kind in ("sample", "documents", "dropped"):
                return self._documents(source, encoder, None, watch)
            if given is not None:
                return _described(source, given, encoder, watch)
            if source.kind == "saved" and is_being_written(Path(source.path)):
                self._wait_for_writer(Path(source.path), watch)
            found = open_collection(source.path, encoder, name=source.name)
            return _described(source, found, encoder, watch)

        self._job.start(work, self._take, f"Opening {source.label} …")

    def open_again(self) -> None:
        """Open what was asked for last, with the encoder that is in use now."""
        if self._asked is not None:
            self.open(*self._asked)

    def offer_again(self, compression: CompressionName | None) -> None:
        """Offer the same documents with another compression."""
        if self._offered is None:
            return
        source = self._offered.source
        self._job.start(
            lambda watch: self._documents(source, self._holder.ready(watch), compression, watch),
            self._take,
        )

    def index(self) -> None:
        """Index the documents that were offered."""
        if self._offered is None:
            return
        source, compression = self._offered.source, self._offered.compression
        self._job.start(
            lambda watch: self._build(source, self._holder.ready(watch), compression, watch),
            self._take,
            "Indexing …",
        )

    def refuse(self) -> None:
        """Index nothing."""
        self._offered = None
        self._job.forget()

    def cancel(self) -> None:
        """Stop opening or indexing; what was encoded is kept, and the collection before stays."""
        indexing = self._offered is not None
        self._job.cancel(
            "Cancelled. Indexing can be continued later." if indexing else "Cancelled."
        )

    def fail(self, problem: str) -> None:
        """Say that something cannot be opened."""
        self._job.fail(problem)

    def wait(self, timeout: float | None = None) -> None:
        """Block until it is open or offered; for scripts and tests."""
        self._job.wait(timeout)

    def _documents(
        self, source: Source, encoder: Encoder, compression: CompressionName | None, watch: Watch
    ) -> Opened | Offered:
        """Open the index of documents, or offer to make one; that of the sample is made at once."""
        folder = self._folder(source, encoder, compression)
        if is_finished(folder):
            return _described(source, open_collection(folder, encoder), encoder, watch)
        if source.kind == "sample" or is_being_written(folder):
            return self._build(source, encoder, compression, watch)
        offer = make_offer(
            Path(source.path), encoder, compression, folder, self._where(folder),
            documents_so_far(folder), watch,
        )  # fmt: skip
        return Offered(source, compression, offer)

    def _build(
        self, source: Source, encoder: Encoder, compression: CompressionName | None, watch: Watch
    ) -> Opened:
        folder = self._folder(source, encoder, compression)
        progress = CountedProgress(watch, "Indexing document", documents_so_far(folder))
        while not is_finished(folder):
            watch.check()
            if is_being_written(folder):
                self._wait_for_writer(folder, watch)
                continue
            try:
                built = Collection.build(
                    source.path, encoder, folder, compression=compression, progress=progress
                )
            except CollectionError:
                if is_being_written(folder) or is_finished(folder):  # another page was quicker
                    continue
                raise
            left_out = tuple((one.name, one.reason) for one in built.left_out)
            notes = built.notes
            built.close()
            remove_outdated(folder)
            again = open_collection(folder, encoder)
            return _described(source, again, encoder, watch, left_out, notes)
        return _described(source, open_collection(folder, encoder), encoder, watch)

    def _wait_for_writer(self, folder: Path, watch: Watch) -> None:
        watch.report("Another page is indexing this. It opens here when that is finished.")
        while is_being_written(folder):
            watch.check()
            time.sleep(_LOOK_EVERY)

    def _folder(
        self, source: Source, encoder: Encoder, compression: CompressionName | None
    ) -> Path:
        kept = None if source.kind == "dropped" else kept_indexes(self._settings)
        within = self._dropped.temporary if kept is None else kept
        return index_folder(Path(source.path), encoder, compression, within)

    def _where(self, folder: Path) -> str:
        """Say where an index lies, without a path of the server's."""
        is_temporary = folder.is_relative_to(self._dropped.temporary)
        return "a temporary folder" if is_temporary else "the cache folder"

    def _take(self, found: Opened | Offered) -> None:
        if isinstance(found, Offered):
            self._offered = found
            return
        self._offered, before, self.opened = None, self.opened, found
        if before is not None and before.source.kind != "given":
            before.collection.close()
        self._on_open()

    def _send(self, status: Status) -> None:
        opened, offered = self.opened, self._offered
        self._show(
            {
                **status.as_dict(),
                "open": None if opened is None else _facts(opened),
                "offer": None
                if offered is None
                else {
                    "label": offered.source.label,
                    "compression": offered.compression,
                    "sentences": offered.offer.sentences(),
                    "fits": offered.offer.fits,
                    "continues": offered.offer.done > 0,
                },
            }
        )


def sample_index(settings: OperatorSettings, encoder: Encoder) -> Path | None:
    """Make the index of the sample where pages find it; return None if nothing is kept on disk."""
    kept = kept_indexes(settings)
    if kept is None:
        return None
    source = sample_source()
    folder = index_folder(Path(source.path), encoder, None, kept)
    if not is_finished(folder):
        Collection.build(source.path, encoder, folder, progress=lambda done, total: None).close()
    return folder


def _described(
    source: Source,
    collection: Collection,
    encoder: Encoder,
    watch: Watch,
    left_out: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
) -> Opened:
    check_model(collection, encoder)
    watch.report("Reading the metadata …")

    def watched() -> Any:
        for document in collection:
            watch.check()
            yield document

    return Opened(source, collection, fields_of(watched()), left_out, notes)


def check_model(collection: Collection, encoder: Encoder) -> None:
    """Raise a `CollectionError` if a collection was made with an encoder other than the page's."""
    own, given = collection.provenance, getattr(encoder, "provenance", None)
    if own is None or not isinstance(given, Provenance) or given.same_model(own):
        return
    made = own.model if own.model != given.model else own.sentence()
    raise CollectionError(
        f"this collection was made with {made}, and the page has {given.model} loaded: choose the "
        "collection's model in the model menu"
    )


def _facts(opened: Opened) -> dict[str, Any]:
    collection = opened.collection
    engine = collection.engine
    size = f"{engine.size / 1e6:,.0f} MB on disk" if isinstance(engine, OnDiskEngine) else ""
    model = "" if collection.provenance is None else collection.provenance.model
    facts = [count(len(collection), "document"), size, model]
    return {
        "key": opened.source.key,
        "label": opened.source.label,
        "kind": opened.source.kind,
        "documents": len(collection),
        "facts": " · ".join(fact for fact in facts if fact),
        "exact": engine.is_exact,
        "fields": [field.as_dict() for field in opened.fields],
        "left_out": [list(one) for one in opened.left_out[:_MOST_LISTED]],
        "n_left_out": len(opened.left_out),
        "notes": list(opened.notes),
    }
