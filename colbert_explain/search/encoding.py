"""Encode the documents of a collection one after the other, with the collection's own model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from colbert_explain.analysis import UnreadableDocument
from colbert_explain.embeddings import Encoder, Provenance
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
    """Encode documents one after the other; append to a list those that cannot be read.

    Parameters
    ----------
    given, engine, encoder, unreadable, on_unreadable, report
        The documents, where they will lie, and what they are encoded with.
    stored
        Returns a document that the engine has, when a build continues that was cut off: such
        a document is not encoded again.

    Raises a `CollectionError` if the build that was cut off was of other documents.
    """
    check_fits = check_of(engine)
    n_stored = 0 if stored is None else len(engine)
    done, taken = 0, set[str]()
    for item in given.items:
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
            # Without a function the encoder would show a bar of its own.
            embedded = encoder.embed_document(item.text, progress=_silent)
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


def check_same_document(given: Document, stored: Document, engine: Engine) -> None:
    """Raise a `CollectionError` unless a document is the one that was stored by its id."""
    for what, one, other in (
        ("text", given.text, stored.text),
        ("metadata", dict(given.metadata), dict(stored.metadata)),
    ):
        if one != other:
            raise CollectionError(
                f"document {given.id!r} has another {what} than the one of this id in "
                f"{engine.where_it_lies()}, whose build was cut off: continue with the same "
                "documents, or name another folder"
            )


def check_all_given(given: set[str], n_stored: int, engine: Engine) -> None:
    """Raise a `CollectionError` unless all documents that a build had stored were given again."""
    if len(given) >= n_stored:
        return
    other = next(one.id for one in engine.documents() if one.id not in given)
    raise CollectionError(
        f"{engine.where_it_lies()} holds {count(n_stored, 'document')} of a build that was cut "
        f"off, such as {other!r}, which is not given, or comes after new ones: continue with the "
        "same documents, or name another folder"
    )


def check_same_model(name: str, given: Provenance, own: Provenance | None) -> None:
    """Raise a `CollectionError` unless vectors are of the model that a collection was made with."""
    if own is None or given.same_model(own):
        return
    what, theirs, ours = difference_of_models(given, own)
    raise CollectionError(
        f"{name} must be encoded with the collection's model, {own.model}, got {what} {theirs} "
        f"instead of {ours}"
    )


def check_encoder_of_build(engine: Engine, encoder: Encoder) -> None:
    """Raise a `CollectionError` if a build that was cut off had another encoder."""
    for document in engine.documents():
        given = getattr(encoder, "provenance", None)
        if not isinstance(given, Provenance):
            given = encoder.embed_document(document.text, progress=_silent).provenance
        check_same_model("document", given, engine.provenance)
        return


def encoder_of(provenance: Provenance | None) -> Encoder:
    """Return the bundled encoder, with the layers that a collection was made with.

    Raises a `CollectionError` if the collection was made with another model.
    """
    if provenance is None:
        return given_encoder(None)
    from colbert_explain.encoders import load_encoder
    from colbert_explain.encoders.bundled.recipe import NAME, SHA256

    if (provenance.model, provenance.sha256) == (NAME, SHA256):
        usual = given_encoder(None)
        if provenance.same_model(usual.provenance):  # type: ignore[attr-defined] # a TextEncoder
            return usual
        return load_encoder(layers=provenance.layers, dtype=provenance.dtype)
    revision = f', revision="{provenance.revision}"' if provenance.revision else ""
    raise CollectionError(
        f"the collection was made with {provenance.sentence()}: pass this encoder, such as "
        f'encoder=ce.load_encoder("{provenance.model}"{revision}), or search with the token '
        "vectors of a query"
    )


def _silent(done: int, total: int, /) -> None:
    pass
