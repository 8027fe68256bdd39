"""`JinaReranker` and `VllmReranker`: scores of documents from a service, without vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Progress, Provenance
from colbert_explain.encoders.remote.jina import JINA_ADDRESS, JINA_KEY
from colbert_explain.encoders.remote.remote_error import RemoteError
from colbert_explain.encoders.remote.text_service import TextService, batches, tick_at
from colbert_explain.encoders.remote.vllm import VLLM_KEY
from colbert_explain.encoders.tokenising import check_text
from colbert_explain.text.wording import count

_MOST_CHARACTERS = 500_000


class RerankService(TextService):
    """A reranker at a service, which gets the query and every document.

    `rank` takes it as its ``encoder``.
    """

    _path = "/rerank"

    @property
    def provenance(self) -> Provenance:
        """The model and the service."""
        return Provenance(
            self.name,
            kind=f"{self.kind} at {self.sends_texts_to}",
            dtype="arithmetic not stated",
            settings={"endpoint": self._path},
        )

    def rerank(
        self, query: str, documents: Sequence[str], *, progress: Progress | None = None
    ) -> Float[np.ndarray, " documents"]:
        """Have documents scored for a query.

        Parameters
        ----------
        query, documents
            Texts that are not blank.
        progress
            Called as ``progress(done, total)``, in documents, before each call and at the end.

        Returns
        -------
        numpy.ndarray
            Float64, shape ``(n_documents,)``, in the given order; higher is better. The scale is
            the model's own.

        Raises
        ------
        RefusedTextError
            A `ValueError`: if the service refuses a text.
        RemoteError
            If the service cannot be used.
        """
        check.function("progress", progress, "done, total")
        check_text("query", query)
        documents = check.several("documents", documents, str)
        for i, text in enumerate(documents):
            check_text(f"documents[{i}]", text)
        scores = np.full(len(documents), np.nan)
        parts = batches(documents, self.batch_size, _MOST_CHARACTERS)
        if len(parts) > 1:
            self._calls.say(
                f"{count(len(documents), 'document')} are sent to {self.sends_texts_to} in "
                f"{len(parts):,} calls; if the model reads documents together, scores from "
                "different calls may not be comparable."
            )
        for part in parts:
            tick = tick_at(progress, part.start, len(documents))
            tick()
            body = {
                "model": self.name,
                "query": query,
                "documents": [documents[i] for i in part],
                "top_n": len(part),
                **self._more(),
            }
            answer = self._calls.post(self._path, body, tick)
            scores[part.start : part.stop] = self._scores(answer, len(part))
        tick_at(progress, len(documents), len(documents))()
        return scores

    def _more(self) -> dict[str, Any]:
        """Return additional fields of a request."""
        return {}

    def _scores(self, answer: Any, n: int) -> Float[np.ndarray, " documents"]:
        rule = (
            f"{self.sends_texts_to} must answer with “results”, one for each of "
            f"{count(n, 'document')} with “index” and “relevance_score”"
        )
        results = self._entry(answer, "results")
        if not isinstance(results, list) or len(results) != n:
            got = len(results) if isinstance(results, list) else type(results).__name__
            raise RemoteError(f"{rule}, got {got}")
        scores = np.full(n, np.nan)
        for result in results:
            index = result.get("index") if isinstance(result, dict) else None
            if type(index) is not int or not 0 <= index < n:
                raise RemoteError(f"{rule}, got index {check.shown(index)}")
            score = result.get("relevance_score")
            if isinstance(score, bool) or not isinstance(score, int | float):
                raise RemoteError(f"{rule}, got score {check.shown(score)}")
            if not math.isfinite(score):
                raise RemoteError(f"{rule}, got score {score}")
            scores[index] = score
        if np.isnan(scores).any():
            raise RemoteError(f"{rule}, got one index twice")
        return scores


class JinaReranker(RerankService):
    """Score documents with Jina's rerank endpoint, which gets every text and bills its tokens.

    The key is read from the environment variable ``JINA_API_KEY``, as by `JinaEncoder`.

    Parameters
    ----------
    model
        A model of the rerank endpoint, such as ``"jina-reranker-v2-base-multilingual"`` or
        ``"jina-colbert-v2"``.
    batch_size
        Documents per call at most; in total they have at most 500,000 characters, unless a single
        text is longer. This limit is ours: none is documented where we looked.
    timeout, tries, address
        As for `JinaEncoder`.

    Notes
    -----
    Documented by the SDKs that Konfig made from Jina's schema, version 0.0.86, and by the example
    on jina.ai/reranker: ``POST /v1/rerank`` with ``model``, ``query``, ``documents``, optionally
    ``top_n`` and ``return_documents``; the answer is ``results``, a list of ``index`` and
    ``relevance_score``.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """

    kind = "Jina rerank service"
    _path = "/v1/rerank"

    def __init__(
        self,
        model: str = "jina-reranker-v2-base-multilingual",
        *,
        batch_size: int = 500,
        timeout: float = 60.0,
        tries: int = 5,
        address: str = JINA_ADDRESS,
    ) -> None:
        super().__init__(
            model,
            address,
            JINA_KEY,
            timeout=timeout,
            tries=tries,
            batch_size=batch_size,
        )

    def _more(self) -> dict[str, Any]:
        return {"return_documents": False}


class VllmReranker(RerankService):
    """Score documents with the rerank endpoint of a vLLM server, which gets every text.

    A key is read from the environment variable ``VLLM_API_KEY``, if it is set.

    Parameters
    ----------
    address, model
        As for `VllmEncoder`.
    batch_size
        Documents per call at most, and in total at most 500,000 characters unless one is longer.
    timeout, tries
        As for `JinaEncoder`.

    Notes
    -----
    Documented on docs.vllm.ai, "Specific Model Examples", and in
    vllm/entrypoints/pooling/scoring/protocol.py: ``POST /rerank`` with ``model``, ``query``,
    ``documents`` and ``top_n``; the answer is ``results``, a list of ``index``, ``document`` and
    ``relevance_score``.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """

    kind = "vLLM rerank service"

    def __init__(
        self,
        address: str,
        model: str,
        *,
        batch_size: int = 500,
        timeout: float = 60.0,
        tries: int = 5,
    ) -> None:
        super().__init__(
            model,
            address,
            VLLM_KEY,
            timeout=timeout,
            tries=tries,
            batch_size=batch_size,
        )
