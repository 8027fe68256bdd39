"""What encoders at a service have in common: calls, labels and checks of vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Progress, Provenance, TokenEmbeddings
from colbert_explain.encoders.checkpoint.settings import Side
from colbert_explain.encoders.remote.http_calls import Tick
from colbert_explain.encoders.remote.received_vectors import received_vectors
from colbert_explain.encoders.remote.remote_error import RefusedTextError, RemoteError
from colbert_explain.encoders.remote.service_key import ServiceKey
from colbert_explain.encoders.remote.text_service import TextService, batches, tick_at
from colbert_explain.encoders.remote.token_labels import TokenLabels, positions, read
from colbert_explain.encoders.tokenising import check_text
from colbert_explain.text.wording import count
from colbert_explain.tokens import TokenSequence

#: Characters of a batch: 128 numbers per token are some 10 MB of JSON.
_MOST_CHARACTERS = 50_000


class VectorService(TextService, ABC):
    """An encoder at a service, which gets every text that is encoded.

    Attributes
    ----------
    document_length
        Most tokens of a document that the model reads, as stated by the caller; the service
        decides.
    """

    def __init__(
        self,
        model: str,
        address: str,
        key: ServiceKey,
        *,
        timeout: float,
        tries: int,
        dim: int,
        document_length: int,
        labels: TokenLabels | None,
        batch_size: int,
        normalize: bool,
    ) -> None:
        super().__init__(model, address, key, timeout=timeout, tries=tries, batch_size=batch_size)
        if check.whole_number("document_length", document_length) < 1:
            raise ValueError(f"document_length must be at least 1, got {document_length}")
        if labels is not None:
            check.instance("labels", labels, TokenLabels)
        self.document_length = document_length
        self._dim = dim
        self._labels = labels
        self._normalize = bool(normalize)
        self._said: set[str] = set()

    @property
    def dim(self) -> int:
        """Numbers per token vector; 0 until the service has sent some, unless it was chosen."""
        return self._dim

    @property
    def provenance(self) -> Provenance:
        """The model and the service; nothing is known of its arithmetic and weights."""
        return Provenance(
            self.name,
            kind=f"{self.kind} at {self.sends_texts_to}",
            dim=self._dim,
            dtype="arithmetic not stated",
            scored="every vector that the service sends",
            settings=self._settings(),
        )

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Have a query encoded, in one call.

        Parameters
        ----------
        text
            Any text that is not blank.
        progress
            Called before the request, and while waiting between two tries. What it raises stops the
            work after the current request.

        Raises
        ------
        RefusedTextError
            A `ValueError`: if the service refuses the text.
        RemoteError
            If the service cannot be used.
        """
        return self._embed("query", text, progress)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Have a document encoded, in one call. Parameters and errors as for `embed_query`."""
        return self._embed("document", text, progress)

    def embed_each(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> list[TokenEmbeddings | RefusedTextError]:
        """Have documents encoded in batches; for a text that is refused, the result is the reason.

        If there are more than ``batch_size``, a line says in how many calls.

        Parameters
        ----------
        texts
            Texts that are not blank.
        progress
            Called as ``progress(done, total)``, in texts, before each batch and at the end.

        Raises
        ------
        RemoteError
            If the service cannot be used.
        """
        check.function("progress", progress, "done, total")
        texts = check.several("texts", texts, str)
        for i, text in enumerate(texts):
            check_text(f"texts[{i}]", text)
        parts = batches(texts, self.batch_size, _MOST_CHARACTERS)
        n_calls = self._n_calls(len(texts), len(parts))
        if len(texts) > self.batch_size:
            self._calls.say(
                f"{count(len(texts), 'document')} are sent to {self.sends_texts_to} "
                f"in {n_calls:,} calls."
            )
        found: list[TokenEmbeddings | RefusedTextError] = []
        for part in parts:
            tick = tick_at(progress, part.start, len(texts))
            tick()
            found += self._each([texts[i] for i in part], tick)
        tick_at(progress, len(texts), len(texts))()
        return found

    def _each(self, texts: Sequence[str], tick: Tick) -> list[TokenEmbeddings | RefusedTextError]:
        try:
            return list(self._embedded("document", texts, tick))
        except RefusedTextError as refused:
            if len(texts) == 1:
                return [refused]
        # One text is the reason: the others must not suffer from it.
        return [one for text in texts for one in self._each([text], tick)]

    def _embed(self, side: Side, text: str, progress: Progress | None) -> TokenEmbeddings:
        check.function("progress", progress, "done, total")
        check_text(side, text)
        tick = tick_at(progress, 0, 1)
        tick()
        (found,) = self._embedded(side, [text], tick)
        tick_at(progress, 1, 1)()
        return found

    def _embedded(self, side: Side, texts: Sequence[str], tick: Tick) -> list[TokenEmbeddings]:
        values = self._request(side, texts, tick)
        found = []
        for text, value in zip(texts, values, strict=True):
            vectors = received_vectors(
                self.sends_texts_to, value, self._dim, normalize=self._normalize
            )
            self._dim = vectors.shape[1]
            if len(vectors) >= self.document_length:
                self._say_once(
                    f"{self.sends_texts_to} sent {len(vectors):,} vectors, the most that "
                    f"{self.name} reads: the end of the text may not have been read."
                )
            tokens = self._tokens(side, text, vectors, tick)
            found.append(TokenEmbeddings(tokens, vectors, self.provenance))
        return found

    def _tokens(
        self, side: Side, text: str, vectors: Float[np.ndarray, "tokens dim"], tick: Tick
    ) -> TokenSequence:
        """Return as many tokens as there are vectors."""
        if self._labels is None:
            return positions(text, len(vectors))
        labelled = read(self._labels, side, text)
        return self._matching(labelled, text, len(vectors))

    def _matching(self, labelled: TokenSequence, text: str, n_vectors: int) -> TokenSequence:
        if len(labelled) == n_vectors:
            return labelled
        self._say_once(
            f"Tokens are named by their positions: the tokeniser reads {len(labelled):,}, but "
            f"{self.sends_texts_to} sends {count(n_vectors, 'vector')}."
        )
        return positions(text, n_vectors)

    def _say_once(self, sentence: str) -> None:
        kind = sentence.partition(":")[0]  # the numbers after it differ from text to text
        if kind not in self._said:
            self._said.add(kind)
            self._calls.say(sentence)

    def _n_calls(self, n_texts: int, n_batches: int) -> int:
        return n_batches

    @abstractmethod
    def _request(self, side: Side, texts: Sequence[str], tick: Tick) -> list[Any]:
        """Return the vectors of each text as the service sends them."""

    @abstractmethod
    def _settings(self) -> dict[str, str]:
        """Return the settings of the service that shape the vectors."""

    def _in_order(self, rows: Any, n: int, name: str) -> list[Any]:
        """Return ``name`` of the rows 0 to n - 1 of an answer, which may be in any order."""
        host = self.sends_texts_to
        rule = (
            f"{host} must answer with {count(n, 'row')} of “data”, each with “index” and “{name}”"
        )
        if not isinstance(rows, list) or len(rows) != n:
            got = count(len(rows), "row") if isinstance(rows, list) else type(rows).__name__
            raise RemoteError(f"{rule}, got {got}")
        found: dict[int, Any] = {}
        for place, row in enumerate(rows):
            if not isinstance(row, dict) or name not in row:
                raise RemoteError(f"{rule}, got a row without “{name}”")
            index = row.get("index", place)
            if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < n:
                raise RemoteError(f"{rule}, got index {check.shown(index)}")
            found[index] = row[name]
        if len(found) != n:
            raise RemoteError(f"{rule}, got one index twice")
        return [found[i] for i in range(n)]
