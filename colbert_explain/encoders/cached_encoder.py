"""`StoredEncoder`: an encoder that loads its model only for texts it has not read before."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Progress, Provenance, TokenEmbeddings
from colbert_explain.encoders.tokenising import check_text
from colbert_explain.storage.digests import digest_of
from colbert_explain.storage.embedding_store import EmbeddingStore, Spelling
from colbert_explain.tokens import TokenSequence

if TYPE_CHECKING:
    from colbert_explain.encoders.description import Description
    from colbert_explain.encoders.text_encoder import PipelineEncoder

#: What else a `PipelineEncoder` tells; only the model itself knows.
_ASKED_OF_THE_MODEL = (
    *("model", "window", "query_length", "expansion", "overlap", "settings", "warnings"),
)


class StoredEncoder:
    """Look texts up before they are encoded, and keep what is encoded.

    Parameters
    ----------
    provenance
        What to say about the encoder; the same as its model's own.
    document_length
        Most tokens read of a document.
    shaped_by
        What else a text's vectors depend on, in values that JSON knows.
    store
        Where embeddings are kept.
    spelling
        Spells the model's vocabulary ids; called only when a text is in the store.
    load
        Makes the encoder; called once, when a text is not in the store.
    loaded
        The encoder, where there is one already: it is not made then.
    """

    def __init__(
        self,
        provenance: Provenance,
        *,
        document_length: int,
        shaped_by: Mapping[str, Any],
        store: EmbeddingStore,
        spelling: Spelling,
        load: Callable[[], PipelineEncoder],
        loaded: PipelineEncoder | None = None,
    ) -> None:
        self.provenance = provenance
        self.document_length = document_length
        self._store = store
        self._spelling = spelling
        self._load = load
        self._encoder = loaded
        self._one_at_a_time = threading.Lock()
        # The code, too: a version that is being worked on must not show what it did yesterday.
        made_by = {"tokenizers": version("tokenizers"), "code": _code_digest()}
        self.identity = digest_of([asdict(provenance), dict(shaped_by), made_by])

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
        """Whether the model was needed so far."""
        return self._encoder is not None

    @property
    def loaded(self) -> PipelineEncoder:
        """The encoder itself, without the store."""
        with self._one_at_a_time:
            if self._encoder is None:
                self._encoder = self._load()
            return self._encoder

    def __repr__(self) -> str:
        return f"StoredEncoder({self.provenance.sentence()})"

    def __getattr__(self, name: str) -> Any:
        # By name: whatever a notebook looks for to display an object must not load a model.
        if name in _ASKED_OF_THE_MODEL:
            return getattr(self.loaded, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def describe(self) -> Description:
        """Tell every setting with the file it comes from, what is read, and what looks wrong."""
        return self.loaded.describe()

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Look a query up, or encode and keep it; as `PipelineEncoder.embed_query`."""
        return self._embed("query", text, progress)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Look a document up, or encode and keep it; as `PipelineEncoder.embed_document`.

        ``progress`` is not called for what is found: there is no work. If the model must be
        loaded, that is reported first, as ``progress(0, 1)``.
        """
        return self._embed("document", text, progress)

    def _embed(
        self, side: Literal["query", "document"], text: str, progress: Progress | None
    ) -> TokenEmbeddings:
        check.function("progress", progress, "done, total")
        address = digest_of([self.identity, side, check_text(side, text)])
        found = self._store.get(address, text, self._spelling)
        # Of another dim it is of another model, whoever wrote it.
        if found is not None and self.dim in (0, found[1].shape[1]):
            return TokenEmbeddings(*found, self.provenance)
        if progress is not None and not self.is_loaded:
            progress(0, 1)
        encoder = self.loaded
        embed = encoder.embed_query if side == "query" else encoder.embed_document
        embeddings = embed(text, progress=progress)
        # Of a text in which nothing is scored nothing is shown.
        is_scored = embeddings.tokens.scored_mask.any()
        if is_scored and self._is_spelled_by_its_ids(embeddings.tokens):
            self._store.put(address, embeddings.tokens, embeddings.vectors)
        return embeddings

    def _is_spelled_by_its_ids(self, tokens: TokenSequence) -> bool:
        """Tell whether the tokens can be put together again from what the store keeps."""
        ids = [token.id for token in tokens if token.id is not None]
        pieces = [token.piece for token in tokens]
        return len(ids) == len(pieces) and list(self._spelling(ids)) == pieces


@cache
def _code_digest() -> str:
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
