"""`CollectionPage`: what pages share that show the results of a collection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.app.collections.collection_widget import CollectionWidget
from colbert_explain.app.collections.dropped_files import DroppedFiles
from colbert_explain.app.collections.opened_collection import OpenedCollection
from colbert_explain.app.collections.sources import (
    Source,
    SourceRefused,
    choices,
    listed_sources,
    named_source,
    sample_source,
)
from colbert_explain.app.inputs.limits import LARGEST_MESSAGE
from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.app.page.compared_result import ComparedResult
from colbert_explain.app.page.result_page import ResultPage
from colbert_explain.app.web.cell_display import is_dashboard
from colbert_explain.embeddings import Encoder, check_encoder
from colbert_explain.operator_settings import ANY, OperatorSettings
from colbert_explain.search import Collection, CollectionError


class CollectionPage(ResultPage):
    """A page that opens the sample, and saved collections and documents that it may open."""

    page: CollectionWidget

    def _set_up_collection(
        self,
        collection: Collection | str | Path | None,
        encoder: Encoder | None,
        settings: OperatorSettings,
        page: CollectionWidget,
        on_open: Callable[[], object],
    ) -> None:
        """Connect the parts of the page; `_open_first` then opens what it shows at first.

        Parameters
        ----------
        collection, encoder
            What the page was given, checked by `check_given`.
        settings
            As `allowed_settings` returns them.
        page
            The widget that is the page.
        on_open
            Called when another collection is open.
        """
        self._given = collection if isinstance(collection, Collection) else None
        if self._given is not None and encoder is None:
            encoder = _encoder_of(self._given)
        self._set_up(page, encoder, settings, self._open_again, ComparedResult)
        self._dropped = DroppedFiles(settings)
        self._opened = OpenedCollection(
            settings,
            self.models.holder,
            self._dropped,
            self._main,
            lambda shown: setattr(page, "collection", shown),
            on_open,
        )
        self._own_work = (self._opened,)
        self._known = {source.key: source for source in listed_sources(settings)}

    @property
    def collection(self) -> Collection | None:
        """The collection that is open, or None while none is."""
        return None if self._opened.opened is None else self._opened.opened.collection

    def _open_first(self, collection: Collection | str | Path | None) -> None:
        if isinstance(collection, Collection):
            source = Source("given", f"{collection.where_it_lies}", "Given to this page", "given")
            self._known["given"] = source
            self._opened.open(source, collection)
        elif collection is None:
            self._opened.open(sample_source())
        else:
            # Whoever writes the notebook may open anything; a visitor of the page may not.
            open_to_all = replace(self.settings, collections=(ANY,))
            self._open_named(str(collection), open_to_all)
        self._show_sources()

    def _open_named(self, name: str, settings: OperatorSettings) -> None:
        try:
            source = named_source(name, settings)
        except SourceRefused as error:
            self._opened.fail(problem_sentence(error))
            return
        self._open_source(source)

    def _open_source(self, source: Source) -> None:
        """Open a collection that is not listed yet."""
        self._known[source.key] = source
        self._show_sources()
        self._opened.open(source)

    def _show_sources(self) -> None:
        self.page.sources = {
            **choices(self._known.values(), self.settings),
            "message": LARGEST_MESSAGE,
        }

    def _open_again(self) -> None:
        """Open the collection again: another encoder is in use."""
        self._opened.open_again()

    def _receive_about_collection(
        self, event: str, fields: dict[str, Any], buffers: list[Any]
    ) -> None:
        """Act on what the reader does about the collection, or about the result on show."""
        match event:
            case "against":
                self.state.against = fields["position"]
                self._result.redraw()
            case "open_collection" if fields["key"] in self._known:
                source = self._known[fields["key"]]
                self._opened.open(source, self._given if source.kind == "given" else None)
            case "name_collection":
                self._open_named(fields["name"], self.settings)
            case "offer":
                self._opened.offer_again(fields["compression"])
            case "index":
                self._opened.index()
            case "refuse_index":
                self._opened.refuse()
            case "cancel_opening":
                self._opened.cancel()
            case "dropped":
                self._take_dropped(fields, [bytes(one) for one in buffers])
            case _:
                self._receive_about_result(event, fields)

    def _take_dropped(self, fields: dict[str, Any], contents: list[bytes]) -> None:
        try:
            if fields["first"]:
                self._dropped.begin()
            if len(contents) != len(fields["names"]):
                raise ValueError("the files did not arrive completely: drop them again")
            self._dropped.add(fields["names"], contents)
        except (ValueError, OSError) as error:
            self._opened.fail(problem_sentence(error))
            return
        if fields["last"]:
            self._use_dropped(*self._dropped.finish())

    def _use_dropped(self, folder: Path, label: str) -> None:
        """Open the files of a folder that were dropped onto the page, as documents."""
        self._open_source(
            Source(str(folder), label, "Dropped onto this page", "dropped", str(folder))
        )


def check_given(collection: object, encoder: object, settings: object) -> None:
    """Check the arguments that pages about a collection share.

    Raises a `ValueError` that names the one that is wrong.
    """
    if encoder is not None:
        check_encoder(encoder)
    if settings is not None:
        check.instance("settings", settings, OperatorSettings)
    if not (collection is None or isinstance(collection, Collection | str | Path)):
        raise ValueError(
            f"collection must be a Collection or a path, got {check.shown(collection)}"
        )


def allowed_settings(settings: OperatorSettings | None) -> OperatorSettings:
    """Return what a page may open: in a notebook of one's own anything, else what is allowed."""
    if settings is not None:
        return settings
    allowed = OperatorSettings.from_environment()
    if is_dashboard():
        return allowed
    return replace(allowed, collections=(*allowed.collections, ANY))


def _encoder_of(collection: Collection) -> Encoder | None:
    try:
        return collection.encoder
    except CollectionError:  # the page says so when it is opened
        return None
