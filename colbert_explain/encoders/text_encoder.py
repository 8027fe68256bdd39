"""`TextEncoder`, which `load_encoder` returns for every model, with or without a store."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Encoder, Progress, Provenance, TokenEmbeddings
from colbert_explain.encoders.checkpoint.settings import Setting, Side
from colbert_explain.encoders.description import Description, describe
from colbert_explain.encoders.tokenising import check_text
from colbert_explain.storage.embedding_store import EmbeddingStore, PiecesOf
from colbert_explain.storage.json_values import digest_of
from colbert_explain.tokens import TokenSequence


@runtime_checkable
class TokenPipeline(Protocol):
    """The part of a `TextEncoder` that computes vectors, such as `pipeline.Pipeline`."""

    model: Any
    window: int

    def encode(
        self, side: Side, text: str, progress: Progress | None
    ) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]:
        """Return the tokens of a text and a vector for each."""
        ...

    def pieces_of(self, ids: Sequence[int]) -> list[str]:
        """Return the vocabulary entries of ids."""
        ...


@runtime_checkable
class SharingPipeline(Protocol):
    """A `TokenPipeline` that can encode several texts in one forward pass."""

    def tokens_to_share(self, side: Side, text: str) -> int | None:
        """Return how many tokens a text has, if it can share a forward pass with others."""
        ...

    def encode_together(
        self, side: Side, texts: Sequence[str], before_pass: Callable[[], object]
    ) -> list[tuple[TokenSequence, Float[np.ndarray, "tokens dim"]] | ValueError]:
        """Return what `encode` returns or raises for each text, to the last bit."""
        ...


@runtime_checkable
class KeptElsewhere(Protocol):
    """An encoder whose embeddings another process keeps, such as `ServiceEncoder`."""

    def without_store(self) -> Encoder:
        """Return an encoder with the same model whose embeddings are not kept."""
        ...


class TextEncoder:
    """Encode texts token by token; `load_encoder` makes it.

    If embeddings are kept (``COLBERT_EXPLAIN_KEEP_EMBEDDINGS=1``, as in dashboards), a text is
    looked up first, and the embeddings of a new text are kept.

    Attributes
    ----------
    provenance
        The weights and settings.
    query_length, document_length
        Maximum number of tokens of a text, including structural tokens.
    settings
        Every setting for texts, with the file, default or argument it comes from.
    warnings
        Sentences about likely mistakes in the checkpoint and unusual settings.
    loaded_by
        The function that loaded it and its arguments, so that another process can load it too; None
        if it was made in another way.
    """

    loaded_by: tuple[Callable[..., Any], Mapping[str, Any]] | None = None

    def __init__(
        self,
        build: Callable[[], TokenPipeline],
        provenance: Provenance,
        *,
        query_length: int,
        document_length: int,
        settings: Mapping[str, Setting[Any]] | None = None,
        warnings: tuple[str, ...] = (),
        store: EmbeddingStore | None = None,
        pieces_of: PiecesOf | None = None,
        shaped_by: Mapping[str, Any] | None = None,
    ) -> None:
        """Set up an encoder whose model is not loaded yet.

        Parameters
        ----------
        build
            Loads the model; called once, when it is first needed.
        provenance, query_length, document_length, settings, warnings
            As the attributes.
        store
            Keeps embeddings, if given.
        pieces_of
            Returns the vocabulary entries of ids for the store; by default the loaded model does.
        shaped_by
            JSON values of all else that a text's vectors depend on.
        """
        self.provenance = provenance
        self.query_length = query_length
        self.document_length = document_length
        self.settings = dict(settings or {})
        self.warnings = warnings
        self._store = store
        self._pieces_of = pieces_of or (lambda ids: self._ready().pieces_of(ids))
        self._shaped_by = dict(shaped_by or {})
        self._build = build
        self._pipeline: TokenPipeline | None = None
        self._one_at_a_time = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.provenance.model

    @property
    def dim(self) -> int:
        """Numbers per token vector."""
        return self.provenance.dim

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory; with a store it is loaded for the first new text."""
        return self._pipeline is not None

    @property
    def model(self) -> Any:
        """The `MultiVectorEncoder` of sentence-transformers, loaded if necessary."""
        return self._ready().model

    @property
    def steps_per_window(self) -> int:
        """How often ``progress`` is called for each window; the model is loaded if necessary."""
        return getattr(self._ready(), "steps_per_window", 1)

    @cached_property
    def identity(self) -> str:
        """Digest of everything that a text's vectors depend on, except the text."""
        # The code too, so that vectors of an older state of the code are not shown in development.
        made_by = {"tokenizers": version("tokenizers"), "code": _code_digest()}
        return digest_of([asdict(self.provenance), self._shaped_by, made_by])

    def __repr__(self) -> str:
        return f"TextEncoder({self.provenance.sentence()})"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.loaded_by is None:
            raise TypeError(
                "this encoder cannot be pickled: only those that load_encoder made can be loaded "
                "again elsewhere"
            )
        return _loaded_again, self.loaded_by

    def load(self) -> None:
        """Load the model now instead of with the first new text."""
        self._ready()

    def describe(self) -> Description:
        """Return every setting with its source, the tokens of sample texts, and warnings."""
        pipeline, provenance = self._ready(), self.provenance
        fixed: dict[str, Setting[Any]] = {
            "kind": Setting(provenance.kind, "which files are present"),
            "revision": Setting(provenance.revision, "the hub"),
            "sha256": Setting((provenance.sha256 or "")[:16] + "…", "the weight files"),
            "dim": Setting(self.dim, "the weights"),
            "dtype": Setting(provenance.dtype, "argument or default"),
            "tokens per pass": Setting(pipeline.window, "the model's positions"),
        }
        if provenance.revision is None:
            del fixed["revision"]
        # The samples are not a user's texts and bypass the store.
        return describe(
            self.name,
            {**fixed, **self.settings},
            self.warnings,
            lambda text: pipeline.encode("query", text, None)[0],
            lambda text: pipeline.encode("document", text, None)[0],
        )

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a query of up to ``query_length`` tokens; further tokens are counted.

        Parameters
        ----------
        text
            Any text that is not blank.
        progress
            Called before each layer of each window, but not for a text in the store. Before the
            model is loaded, it is called as ``progress(0, 1)``. Without it, a bar is shown in a
            terminal or notebook if encoding takes long.

        Raises
        ------
        ValueError
            If the text is not a string, blank, not valid Unicode, or dropped by the tokeniser.
        """
        return self._embed("query", text, progress)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a document of up to ``document_length`` tokens, in overlapping windows.

        Each text token has its vector from the window in which it is most central. Structural
        tokens appear once, from the first and the last window. Tokens past ``document_length``
        are counted.

        Parameters and errors as for `embed_query`.
        """
        return self._embed("document", text, progress)

    def kept(self, side: Literal["query", "document"], text: str) -> TokenEmbeddings | None:
        """Return the embeddings of a text if they are in the store; the model is not loaded.

        Raises a `ValueError` as `embed_query` does.
        """
        check_text(side, text)
        if self._store is None:
            return None
        found = self._store.get(self._address(side, text), text, self._pieces_of)
        # Vectors of another dim are from another model.
        if found is None or self.dim not in (0, found[1].shape[1]):
            return None
        return TokenEmbeddings(*found, self.provenance)

    def _address(self, side: Side, text: str) -> str:
        return digest_of([self.identity, side, text])

    def _embed(self, side: Side, text: str, progress: Progress | None) -> TokenEmbeddings:
        check.function("progress", progress, "done, total")
        if (found := self.kept(side, text)) is not None:
            return found
        if progress is not None and not self.is_loaded:
            progress(0, 1)
        return self._keep(side, text, *self._ready().encode(side, text, progress))

    def _keep(
        self, side: Side, text: str, tokens: TokenSequence, vectors: Float[np.ndarray, "tokens dim"]
    ) -> TokenEmbeddings:
        if self._store is not None and self._is_kept(tokens):
            self._store.put(self._address(side, text), tokens, vectors)
        return TokenEmbeddings(tokens, vectors, self.provenance)

    def _ready(self) -> TokenPipeline:
        with self._one_at_a_time:
            if self._pipeline is None:
                self._pipeline = self._build()
            return self._pipeline

    def _is_kept(self, tokens: TokenSequence) -> bool:
        """Return whether a token is scored, and the ids give the pieces: the store keeps ids."""
        ids = [token.id for token in tokens if token.id is not None]
        pieces = [token.piece for token in tokens]
        ids_suffice = len(ids) == len(pieces) and list(self._pieces_of(ids)) == pieces
        return ids_suffice and bool(tokens.scored_mask.any())


def _loaded_again(load: Callable[..., TextEncoder], arguments: Mapping[str, Any]) -> TextEncoder:
    return load(**arguments)


def without_store(encoder: Encoder) -> Encoder:
    """Return an encoder with the same model that keeps no embeddings."""
    if isinstance(encoder, KeptElsewhere):
        return encoder.without_store()
    if not isinstance(encoder, TextEncoder):
        return encoder
    return TextEncoder(
        encoder._ready,
        encoder.provenance,
        query_length=encoder.query_length,
        document_length=encoder.document_length,
        settings=encoder.settings,
        warnings=encoder.warnings,
    )


def tokens_to_share(encoder: TextEncoder, side: Side, text: str) -> int | None:
    """Return how many tokens a text has, if `embed_together` can encode it with others.

    The model is loaded if necessary. Raises a `ValueError` as `TextEncoder.embed_query` does.
    """
    pipeline = encoder._ready()
    if not isinstance(pipeline, SharingPipeline):
        return None
    return pipeline.tokens_to_share(side, text)


def embed_together(
    encoder: TextEncoder,
    side: Side,
    texts: Sequence[str],
    before_pass: Callable[[], object] = lambda: None,
) -> list[TokenEmbeddings | ValueError]:
    """Return what the encoder returns or raises for each text, to the last bit.

    All texts must have the same `tokens_to_share`, which is not ``None``; they may share forward
    passes. Equal texts are encoded once. ``before_pass`` is called before each pass; an exception
    from it stops the work.
    """
    pipeline = encoder._ready()
    if not isinstance(pipeline, SharingPipeline):
        raise TypeError(f"the pipeline must be able to share passes, got {pipeline!r}")
    known: dict[str, TokenEmbeddings | ValueError] = {}
    new = []
    for text in dict.fromkeys(texts):
        if (kept := encoder.kept(side, text)) is not None:
            known[text] = kept
        else:
            new.append(text)
    for text, one in zip(new, pipeline.encode_together(side, new, before_pass), strict=True):
        known[text] = one if isinstance(one, ValueError) else encoder._keep(side, text, *one)
    return [known[text] for text in texts]


@cache
def _code_digest() -> str:
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
