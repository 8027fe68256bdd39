"""Encode the documents of a collection with its own model, one by one or many in a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from inspect import signature
from itertools import islice
from typing import Any, Literal

from colbert_explain.analysis import UnreadableDocument
from colbert_explain.analysis.unreadable_documents import is_readable
from colbert_explain.embeddings import BatchEncoder, Encoder, Provenance, TokenEmbeddings
from colbert_explain.explanation import given_encoder
from colbert_explain.explanation._explain import difference_of_models
from colbert_explain.explanation.scores import nothing_scored
from colbert_explain.search.build_progress import BuildProgress
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.engine import Engine
from colbert_explain.search.error import CollectionError
from colbert_explain.search.readers import GivenDocuments
from colbert_explain.search.server import check_of
from colbert_explain.text.wording import count

OnUnreadable = Literal["skip", "raise"]
"""What happens to a document that cannot be read: it is listed, or the work stops."""


def encoded_documents(
    given: GivenDocuments,
    engine: Engine,
    encoder: Encoder,
    unreadable: list[UnreadableDocument],
    on_unreadable: OnUnreadable,
    report: BuildProgress,
    stored: Callable[[str], Document] | None = None,
) -> Iterator[EncodedDocument]:
    """Encode documents in their order; append to a list those that cannot be read.

    A `BatchEncoder` gets as many at a time as it reads together.

    Parameters
    ----------
    given, engine, encoder, unreadable, on_unreadable, report
        The documents, where they are to be kept, what encodes them, and how the work is reported.
    stored
        Returns a document that the engine has, if an interrupted build continues: such a document
        is not encoded again.

    Raises a `CollectionError` if the interrupted build had other documents.
    """
    check_fits = check_of(engine)
    n_stored = 0 if stored is None else len(engine)
    done, taken = 0, set[str]()
    read = _read_together(given.items, engine, encoder, lambda: report.before(done))
    for item, found in read:
        report.before(done)
        done += 1
        name = item.name if isinstance(item, UnreadableDocument) else item.id
        try:
            if isinstance(item, UnreadableDocument):
                raise ValueError(item.reason)
            if stored is not None and item.id not in taken and item.id in engine:
                taken.add(item.id)
                check_same_document(item, stored(item.id), engine)
                continue
            if item.id in taken or item.id in engine:
                raise ValueError(f"its id is that of another document, {item.id!r}")
            if isinstance(found, ValueError):
                raise found
            # Without a function the encoder would show a bar of its own.
            embedded = found or encoder.embed_document(item.text, progress=_silent)
            check_same_model("document", embedded.provenance, engine.provenance)
            if not embedded.tokens.scored_mask.any():
                raise ValueError(nothing_scored("document", embedded.tokens, embedded.provenance))
            encoded = EncodedDocument(item, embedded)
            check_fits(encoded)
            check_all_given(taken, n_stored, engine)
        except CollectionError:
            raise
        except ValueError as error:
            reason = str(error).removeprefix(f"{name}: ")  # a server's check names it too
            if on_unreadable == "raise":
                raise ValueError(f"{name}: {reason}") from error
            unreadable.append(UnreadableDocument(done - 1, name, reason))
            continue
        taken.add(item.id)
        report.encoded(encoded)
        yield encoded
    check_all_given(taken, n_stored, engine)
    report.after(done)


def _read_together(
    items: Iterable[Document | UnreadableDocument],
    engine: Engine,
    encoder: Encoder,
    tick: Callable[[], object],
) -> Iterator[tuple[Document | UnreadableDocument, TokenEmbeddings | ValueError | None]]:
    """Yield documents, each with what a `BatchEncoder` makes of it; ``None`` if it was not asked.

    It is not asked for documents that the engine has, nor for the second of two with one id.
    """
    if not isinstance(encoder, BatchEncoder):
        yield from ((item, None) for item in items)
        return
    left = iter(items)
    while part := list(islice(left, encoder.batch_size)):
        new: dict[str, Document] = {}
        for item in part:
            if isinstance(item, Document) and item.id not in engine and is_readable(item.text):
                new.setdefault(item.id, item)
        found: Sequence[TokenEmbeddings | ValueError] = ()
        if new:
            texts = [item.text for item in new.values()]
            found = encoder.embed_each(texts, progress=lambda done, total: tick())
        by_document = dict(zip(map(id, new.values()), found, strict=True))
        yield from ((item, by_document.get(id(item))) for item in part)


def check_same_document(given: Document, stored: Document, engine: Engine) -> None:
    """Raise a `CollectionError` unless a document is the one that was stored with its id."""
    for what, one, other in (
        ("text", given.text, stored.text),
        ("metadata", dict(given.metadata), dict(stored.metadata)),
    ):
        if one != other:
            raise CollectionError(
                f"document {given.id!r} has a different {what} from the one with this id in "
                f"{engine.where_it_lies()}, whose build was interrupted: continue with the same "
                "documents, or name another folder"
            )


def check_all_given(given: set[str], n_stored: int, engine: Engine) -> None:
    """Raise a `CollectionError` unless all documents that a build stored are given again."""
    if len(given) >= n_stored:
        return
    other = next(one.id for one in engine.documents() if one.id not in given)
    raise CollectionError(
        f"{engine.where_it_lies()} holds {count(n_stored, 'document')} of an interrupted "
        f"build, but {other!r} is missing now, or comes after a new document: continue with the "
        "same documents in the same order, or name another folder"
    )


def check_same_model(name: str, given: Provenance, own: Provenance | None) -> None:
    """Raise a `CollectionError` unless vectors come from the model of the collection."""
    if own is None or given.same_model(own):
        return
    what, theirs, ours = difference_of_models(given, own)
    raise CollectionError(
        f"{name} must be encoded with the collection's model, {own.model}, got {what} {theirs} "
        f"instead of {ours}"
    )


def check_encoder_of_build(engine: Engine, encoder: Encoder) -> None:
    """Raise a `CollectionError` if an interrupted build had another encoder."""
    for document in engine.documents():
        given = getattr(encoder, "provenance", None)
        if not isinstance(given, Provenance):
            given = encoder.embed_document(document.text, progress=_silent).provenance
        elif not given.dim and engine.provenance is not None:
            # A service has not been asked yet: what it sends is checked when it comes.
            given = replace(given, dim=engine.provenance.dim)
        check_same_model("document", given, engine.provenance)
        return


def encoder_of(provenance: Provenance | None) -> Encoder:
    """Return the bundled encoder, with the layers and lengths that a collection was made with.

    Raises a `CollectionError` if the collection was made with another model.
    """
    if provenance is None:
        return given_encoder(None)
    from colbert_explain.encoders import load_encoder
    from colbert_explain.encoders.bundled.recipe import LENGTHS, NAME, SHA256

    if (provenance.model, provenance.sha256) == (NAME, SHA256):
        usual = given_encoder(None)
        if provenance.same_model(usual.provenance):  # type: ignore[attr-defined] # a TextEncoder
            return usual
        known = {name: provenance.settings.get(name, "") for name in LENGTHS}
        lengths: dict[str, Any] = {n: int(given) for n, given in known.items() if given.isdecimal()}
        return load_encoder(layers=provenance.layers, dtype=provenance.dtype, **lengths)
    raise CollectionError(
        f"the collection was made with {provenance.sentence()}: pass {_loading(provenance)}, or "
        "search with the token vectors of a query"
    )


def _loading(provenance: Provenance) -> str:
    """Return words for how the encoder of a collection is loaded; its folder is not known."""
    if not (provenance.revision or provenance.sha256):
        return "the encoder that made it"
    from colbert_explain.encoders import load_encoder

    taken = signature(load_encoder).parameters
    arguments = {name: given for name, given in provenance.overridden.items() if name in taken}
    if provenance.dtype != "float32":
        arguments["dtype"] = provenance.dtype
    model, where = "FOLDER", f", where FOLDER is the path of the folder {provenance.model!r}"
    if provenance.revision:
        arguments = {"revision": provenance.revision, **arguments}
        model, where = repr(provenance.model), ""
    written = "".join(f", {name}={given!r}" for name, given in arguments.items())
    return f"encoder=ce.load_encoder({model}{written}){where}"


def _silent(done: int, total: int, /) -> None:
    pass
