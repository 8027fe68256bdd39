"""`ServiceEncoder`: an encoder that runs in an encoder service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Progress, Provenance, TokenEmbeddings
from colbert_explain.encoders.checkpoint.settings import Setting, Side
from colbert_explain.encoders.description import Description
from colbert_explain.encoders.progress_bar import progress_shown
from colbert_explain.encoders.remote.address import (
    ADDRESS_VARIABLE,
    ServiceAddress,
    read_address,
)
from colbert_explain.encoders.remote.connection import ServiceConnection
from colbert_explain.encoders.remote.protocol import NamedModel, unpacked
from colbert_explain.encoders.tokenising import check_text
from colbert_explain.storage.json_values import (
    a_list,
    a_number,
    a_text,
    a_whole_number,
    an_object,
)
from colbert_explain.storage.provenance_values import read_provenance
from colbert_explain.storage.token_columns import read_tokens


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a service says of a model once it is loaded."""

    provenance: Provenance
    query_length: int
    document_length: int
    settings: dict[str, Setting[Any]]
    warnings: tuple[str, ...]
    largest_text: int


class ServiceEncoder:
    """Encode texts in an encoder service; `load_encoder` makes it from an address.

    It holds only addresses and settings: it can be shared by threads and pickled, and keeps working
    after a restart of the service. The token is read from ``COLBERT_EXPLAIN_ENCODER_TOKEN`` for
    each request.

    Parameters
    ----------
    address
        ``http://host:8000``, ``https://host`` or ``unix:/path``; its query string names model and
        settings.
    arguments
        Arguments of `load_encoder`, as JSON values; those that are ``None`` are left out.
    keep
        Whether the service may keep the embeddings of texts, if it keeps any.
    from_environment
        Whether the address is that of ``COLBERT_EXPLAIN_ENCODER``: then messages do not show it,
        and the encoder waits for a service that is not there yet.

    Raises
    ------
    ValueError
        If the address has another form, or an argument is given twice.
    """

    def __init__(
        self,
        address: str,
        *,
        arguments: Mapping[str, Any] | None = None,
        keep: bool = True,
        from_environment: bool = False,
    ) -> None:
        where, named = read_address(check.text("address", address), arguments or {})
        self._set_up(where, named, keep, from_environment)

    @classmethod
    def from_settings(
        cls, address: str, model: str | Path | None, arguments: Mapping[str, Any]
    ) -> ServiceEncoder:
        """Return the encoder for a model in the service that ``COLBERT_EXPLAIN_ENCODER`` names.

        A given model replaces the one in the address. No request is sent to the service yet.
        """
        if model is not None:
            address = address.partition("?")[0]
            # The service may run in another folder.
            named = str(Path(model).absolute()) if Path(model).is_dir() else str(model)
            arguments = {**arguments, "model": named}
        return cls(address, arguments=arguments, from_environment=True)

    def _set_up(
        self, address: ServiceAddress, named: NamedModel, keep: bool, from_environment: bool
    ) -> None:
        self._named, self._keep = named, keep
        self._connection = ServiceConnection(address, from_environment=from_environment)
        self._found: _Facts | None = None
        self._one_at_a_time = threading.Lock()

    @property
    def address(self) -> str:
        """Where the service listens."""
        return str(self._connection.address)

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.provenance.model

    @property
    def dim(self) -> int:
        """Numbers per token vector."""
        return self.provenance.dim

    @property
    def provenance(self) -> Provenance:
        """The model's own weights and settings."""
        return self._facts().provenance

    @property
    def query_length(self) -> int:
        """Maximum number of tokens of a query, including structural tokens."""
        return self._facts().query_length

    @property
    def document_length(self) -> int:
        """Maximum number of tokens of a document, including structural tokens."""
        return self._facts().document_length

    @property
    def settings(self) -> dict[str, Setting[Any]]:
        """Every setting for texts, with the file, default or argument it comes from."""
        return dict(self._facts().settings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about likely mistakes in the checkpoint and unusual settings."""
        return self._facts().warnings

    def __repr__(self) -> str:
        model = self._named.model or "its own model"
        if self._found is not None:
            model = self._found.provenance.sentence()
        hidden = self._connection.from_environment
        return f"ServiceEncoder({ADDRESS_VARIABLE if hidden else self.address}, {model})"

    def __getstate__(self) -> tuple[ServiceAddress, NamedModel, bool, bool]:
        connection = self._connection
        return connection.address, self._named, self._keep, connection.from_environment

    def __setstate__(self, state: tuple[ServiceAddress, NamedModel, bool, bool]) -> None:
        self._set_up(*state)

    def load(
        self, *, progress: Progress | None = None, report: Callable[[str], object] | None = None
    ) -> None:
        """Let the service load the model now, and wait for it; arguments as for `embed_query`."""
        self._facts(progress, report)

    def without_store(self) -> ServiceEncoder:
        """Return an encoder with the same model whose texts the service does not keep."""
        other = ServiceEncoder.__new__(ServiceEncoder)
        address, named, _, from_environment = self.__getstate__()
        other._set_up(address, named, False, from_environment)
        other._found = self._found
        return other

    def describe(self) -> Description:
        """Return every setting with its source, the tokens of sample texts, and warnings."""
        event = self._connection.events("/describe", self._request(), lambda event: None)
        try:
            found = an_object("description", event.get("description"), _DESCRIPTION)
            return Description(
                a_text("name", found["name"]),
                _settings(found["settings"]),
                read_tokens("query", found["query"]),
                read_tokens("document", found["document"]),
                a_number("unreadable", found["unreadable"]),
                tuple(a_text("warning", w) for w in a_list("warnings", found["warnings"])),
            )
        except ValueError as error:
            raise self._connection.unreadable(error) from error

    def embed_query(
        self,
        text: str,
        *,
        progress: Progress | None = None,
        report: Callable[[str], object] | None = None,
    ) -> TokenEmbeddings:
        """Encode a query of up to ``query_length`` tokens; further tokens are counted.

        Parameters
        ----------
        text
            Any text that is not blank.
        progress
            Called at most ten times a second while the text is encoded, and every second while the
            request waits. An exception that it raises also cancels the request in the service.
            Without it, a terminal or notebook shows a bar if encoding takes long.
        report
            Called with a sentence when the request waits for other requests or for the model.

        Returns
        -------
        TokenEmbeddings
            The same as the model gives in this process with the same number of threads; its
            provenance is the model's own.

        Raises
        ------
        ValueError
            If the text is not a string, blank, not valid Unicode, too long for the service, or
            dropped by the tokeniser; or if the service may not load the model.
        EncoderServiceError
            A `ConnectionError`: if the service does not answer, is stopped meanwhile, refuses the
            token, has too many requests or runs a different version.
        """
        return self._embed("query", text, progress, report)

    def embed_document(
        self,
        text: str,
        *,
        progress: Progress | None = None,
        report: Callable[[str], object] | None = None,
    ) -> TokenEmbeddings:
        """Encode a document of up to ``document_length`` tokens, in overlapping windows.

        Parameters, result and errors as for `embed_query`.
        """
        return self._embed("document", text, progress, report)

    def _embed(
        self,
        side: Side,
        text: str,
        progress: Progress | None,
        report: Callable[[str], object] | None,
    ) -> TokenEmbeddings:
        check.function("progress", progress, "done, total")
        check.function("report", report, "sentence")
        check_text(side, text)
        facts = self._facts(progress, report)
        if len(text) > facts.largest_text:
            raise ValueError(
                f"{side} must have at most {facts.largest_text:,} characters for "
                f"{self._connection.called}, got {len(text):,}"
            )
        request = {**self._request(), "side": side, "text": text, "keep": self._keep}
        with progress_shown(progress, f"Reading the {side}") as show:
            event = self._connection.events("/encode", request, _listener(show, report))
        try:
            tokens = read_tokens("text", event.get("tokens"))
            if tokens.text != text:
                raise ValueError("it is for a different text")
            provenance = read_provenance(event.get("provenance"))
            embedded = TokenEmbeddings(tokens, unpacked(event.get("vectors", b"")), provenance)
        except ValueError as error:
            raise self._connection.unreadable(error) from error
        if not provenance.same_model(facts.provenance):
            self._found = None  # the next text is of the new model, and so is this object then
            raise self._connection.unreadable(
                ValueError(
                    f"it comes from a different model than before, {provenance.sentence()}; what "
                    "was encoded before must be encoded again"
                )
            )
        return embedded

    def _request(self) -> dict[str, Any]:
        return {"model": self._named.as_json()}

    def _facts(
        self, progress: Progress | None = None, report: Callable[[str], object] | None = None
    ) -> _Facts:
        with self._one_at_a_time:
            if self._found is None:
                listener = _listener(progress or (lambda done, total: None), report)
                event = self._connection.events("/model", self._request(), listener)
                try:
                    self._found = _read_facts(event)
                except ValueError as error:
                    raise self._connection.unreadable(error) from error
            return self._found


_DESCRIPTION = ("name", "settings", "query", "document", "unreadable", "warnings")


def _listener(
    progress: Progress, report: Callable[[str], object] | None
) -> Callable[[dict[str, Any]], None]:
    """Return a function that passes events on; ``progress`` can stop the work at each of them."""
    done, total, said = 0, 1, ""

    def listen(event: dict[str, Any]) -> None:
        nonlocal done, total, said
        if event["event"] == "progress":
            done = a_whole_number("done", event.get("done"))
            total = a_whole_number("total", event.get("total"))
        elif report is not None and (sentence := event.get("sentence")) and sentence != said:
            said = a_text("sentence", sentence)
            report(said)
        progress(done, total)

    return listen


def _read_facts(event: Mapping[str, Any]) -> _Facts:
    return _Facts(
        read_provenance(event.get("provenance")),
        a_whole_number("query_length", event.get("query_length"), 1),
        a_whole_number("document_length", event.get("document_length"), 1),
        _settings(event.get("settings")),
        tuple(a_text("warning", w) for w in a_list("warnings", event.get("warnings"))),
        a_whole_number("largest_text", event.get("largest_text"), 1),
    )


def _settings(content: object) -> dict[str, Setting[Any]]:
    found = {}
    for row in a_list("settings", content):
        name, value, source = a_list("setting", row, 3)
        found[a_text("setting", name)] = Setting(value, a_text("source", source))
    return found
