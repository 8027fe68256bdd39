"""`TextEncoder`: what `load_encoder` returns, for every model and with or without a store."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Encoder, Progress, Provenance, TokenEmbeddings
from colbert_explain.encoders.checkpoint.settings import Setting, Side
from colbert_explain.encoders.description import Description, describe
from colbert_explain.encoders.tokenising import check_text
from colbert_explain.storage.digests import digest_of
from colbert_explain.storage.embedding_store import EmbeddingStore, Spelling
from colbert_explain.tokens import TokenSequence


@runtime_checkable
class TokenPipeline(Protocol):
    """What computes a `TextEncoder`'s vectors; `pipeline.Pipeline` does, with torch."""

    model: Any
    window: int

    def encode(
        self, side: Side, text: str, progress: Progress | None
    ) -> tuple[TokenSequence, Float[np.ndarray, "tokens dim"]]:
        """Read a text, and compute a vector for each of its tokens."""
        ...

    def spelling(self, ids: Sequence[int]) -> list[str]:
        """Return the vocabulary entries of ids."""
        ...


class TextEncoder:
    """Encode texts token by token; `load_encoder` makes it.

    Where embeddings are kept (``COLBERT_EXPLAIN_KEEP_EMBEDDINGS=1``, as in dashboards) a text is
    looked up first, and what is encoded is kept.

    Attributes
    ----------
    provenance
        Which weights, read in which way.
    query_length, document_length
        Most tokens read of a text, structural tokens included.
    settings
        Every setting of how texts are read, with the file, default or argument it comes from.
    warnings
        What looks wrong with the checkpoint or surprises, in sentences.
    """

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
        spelling: Spelling | None = None,
        shaped_by: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what is known without the model.

        Parameters
        ----------
        build
            Loads the model; called once, when it is first needed.
        provenance, query_length, document_length, settings, warnings
            As the attributes.
        store
            Where embeddings are kept, if they are.
        spelling
            Spells vocabulary ids for the store; by default the model does, which loads it.
        shaped_by
            What else a text's vectors depend on, in values that JSON knows.
        """
        self.provenance = provenance
        self.query_length = query_length
        self.document_length = document_length
        self.settings = dict(settings or {})
        self.warnings = warnings
        self._store = store
        self._spelling = spelling if spelling is not None else self._own_spelling
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
        """Whether the model is in memory: with kept embeddings it is loaded for a new text."""
        return self._pipeline is not None

    @property
    def model(self) -> Any:
        """The `MultiVectorEncoder` of sentence-transformers that computes; it is loaded first."""
        return self._ready().model

    @cached_property
    def identity(self) -> str:
        """Digest of all that a text's vectors depend on: another one makes other entries."""
        # The code, too: a version that is being worked on must not show what it did yesterday.
        made_by = {"tokenizers": version("tokenizers"), "code": _code_digest()}
        return digest_of([asdict(self.provenance), self._shaped_by, made_by])

    def __repr__(self) -> str:
        return f"TextEncoder({self.provenance.sentence()})"

    def load(self) -> None:
        """Load the model now, and not when a text is new."""
        self._ready()

    def describe(self) -> Description:
        """Tell every setting with the file it comes from, what is read, and what looks wrong."""
        pipeline, provenance = self._ready(), self.provenance
        fixed: dict[str, Setting[Any]] = {
            "kind": Setting(provenance.kind, "the files there are"),
            "revision": Setting(provenance.revision, "the hub"),
            "sha256": Setting((provenance.sha256 or "")[:16] + "…", "the weight files"),
            "dim": Setting(self.dim, "the weights"),
            "dtype": Setting(provenance.dtype, "argument or default"),
            "tokens per pass": Setting(pipeline.window, "the model's positions"),
        }
        if provenance.revision is None:
            del fixed["revision"]
        # Not by way of the store: the samples are no texts of a user.
        return describe(
            self.name,
            {**fixed, **self.settings},
            self.warnings,
            lambda text: pipeline.encode("query", text, None)[0],
            lambda text: pipeline.encode("document", text, None)[0],
        )

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a query; at most ``query_length`` tokens are read, the rest is counted.

        Parameters
        ----------
        text
            Any text that is not blank.
        progress
            Called before each layer of each window; not for a text that is found in the store.
            If the model must be loaded, that is reported first, as ``progress(0, 1)``. Without
            it, a bar is shown in a terminal or notebook if it takes long.

        Raises
        ------
        ValueError
            If the text is no string, blank, not valid Unicode, or dropped by the tokeniser.
        """
        return self._embed("query", text, progress)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a document of up to ``document_length`` tokens, in overlapping windows.

        Each text token takes its vector from the window in which it is most central. Of the
        structural tokens the first window's leading and the last window's closing ones are
        kept: copies would inflate their rows. What lies past ``document_length`` is counted.

        Parameters and errors as for `embed_query`.
        """
        return self._embed("document", text, progress)

    def _embed(self, side: Side, text: str, progress: Progress | None) -> TokenEmbeddings:
        check.function("progress", progress, "done, total")
        check_text(side, text)
        address = ""
        if self._store is not None:
            address = digest_of([self.identity, side, text])
            found = self._store.get(address, text, self._spelling)
            # Of another dim it is of another model, whoever wrote it.
            if found is not None and self.dim in (0, found[1].shape[1]):
                return TokenEmbeddings(*found, self.provenance)
        if progress is not None and not self.is_loaded:
            progress(0, 1)
        tokens, vectors = self._ready().encode(side, text, progress)
        if self._store is not None and self._is_kept(tokens):
            self._store.put(address, tokens, vectors)
        return TokenEmbeddings(tokens, vectors, self.provenance)

    def _ready(self) -> TokenPipeline:
        with self._one_at_a_time:
            if self._pipeline is None:
                self._pipeline = self._build()
            return self._pipeline

    def _own_spelling(self, ids: Sequence[int]) -> Sequence[str]:
        return self._ready().spelling(ids)

    def _is_kept(self, tokens: TokenSequence) -> bool:
        """Tell whether anything is scored, and the ids spell the tokens: the store keeps ids."""
        ids = [token.id for token in tokens if token.id is not None]
        pieces = [token.piece for token in tokens]
        is_spelled = len(ids) == len(pieces) and list(self._spelling(ids)) == pieces
        return is_spelled and bool(tokens.scored_mask.any())


def without_store(encoder: Encoder) -> Encoder:
    """Return an encoder for texts that nobody looks up again: the same model, nothing is kept."""
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


@cache
def _code_digest() -> str:
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
