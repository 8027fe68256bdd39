"""`JinaEncoder`: token vectors from Jina's multi-vector endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colbert_explain import argument_checks as check
from colbert_explain.encoders.checkpoint.settings import Side
from colbert_explain.encoders.remote.http_calls import Tick
from colbert_explain.encoders.remote.service_key import ServiceKey
from colbert_explain.encoders.remote.token_labels import TokenLabels
from colbert_explain.encoders.remote.vector_service import VectorService

JINA_ADDRESS = "https://api.jina.ai"
JINA_KEY = ServiceKey("JINA_API_KEY", required=True)
_PATH = "/v1/multi-vector"


class JinaEncoder(VectorService):
    """Encode texts with Jina's API, which gets every text and bills its tokens.

    The key is read from the environment variable ``JINA_API_KEY`` for each request. It is not
    kept, shown or logged. Before the first text is sent, a line on stderr says where it goes.

    The service sends no tokens with its vectors. Without ``labels``, tokens are named by their
    positions: ``token 7``.

    Parameters
    ----------
    model
        A model of the multi-vector endpoint, such as ``"jina-colbert-v2"`` (its licence is
        CC BY-NC 4.0) or ``"jina-colbert-v1-en"``.
    dim
        Numbers per vector to ask for: 128, 96 or 64 with jina-colbert-v2. None leaves it to the
        service.
    labels
        The model's tokeniser, for labels and places in the text.
    document_length
        Maximum number of tokens that the model reads, according to its model card; used for a
        warning only.
    batch_size
        Texts per call at most; in total they have at most 50,000 characters, unless a single text
        is longer. This limit is ours: none is documented.
    timeout
        Seconds within which an answer must be complete.
    tries
        Maximum number of times that a request is sent; it is sent again after 429, 500, 502, 503,
        504 or a dropped connection.
    normalize
        Divide vectors by their length; otherwise vectors whose length is not 1 are refused.
    address
        Where the service is; the key is sent there.

    Notes
    -----
    What is documented, and where:

    - https://api.jina.ai/openapi.json: ``Authorization: Bearer``; limits of the free tier 500
      requests and 1 million tokens a minute, 5 at once; codes ``AUTH_*`` (401),
      ``AUTHZ_INSUFFICIENT_BALANCE`` (403), ``INPUT_MODEL_NOT_FOUND`` (400).
    - The SDKs that Konfig made from its versions 0.0.86 and 0.0.89: ``input``, ``model``,
      optionally ``input_type`` (``"query"`` or ``"document"``) and ``encoding_format``
      (``"float"`` or ``"base64"``); 422 for a request of another form.
    - Code in Weaviate's documentation, which sends ``model``, ``dimensions``, ``input_type``,
      ``embedding_type: "float"`` and ``input``, and reads ``data[0].embeddings``. This class
      sends these fields, and takes rows without ``index`` in their order.
    - jina.ai/models/jina-colbert-v2: 128, 96 or 64 numbers, 8,192 tokens.

    Not documented where we looked: whether vectors are of unit length (they are checked), which
    tokens they belong to, the maximum number of texts per call, ``Retry-After``, and what happens
    to a text that is too long. No test has called the real service.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> encoder = JinaEncoder("jina-colbert-v2")
    >>> encoder.sends_texts_to
    'api.jina.ai'
    """

    kind = "Jina multi-vector service"

    def __init__(
        self,
        model: str = "jina-colbert-v2",
        *,
        dim: int | None = 128,
        labels: TokenLabels | None = None,
        document_length: int = 8192,
        batch_size: int = 32,
        timeout: float = 60.0,
        tries: int = 5,
        normalize: bool = False,
        address: str = JINA_ADDRESS,
    ) -> None:
        if dim is not None and check.whole_number("dim", dim) < 1:
            raise ValueError(f"dim must be at least 1, got {dim}")
        self._asked_dim = dim
        super().__init__(
            model,
            address,
            JINA_KEY,
            timeout=timeout,
            tries=tries,
            dim=dim or 0,
            document_length=document_length,
            labels=labels,
            batch_size=batch_size,
            normalize=normalize,
        )

    def _request(self, side: Side, texts: Sequence[str], tick: Tick) -> list[Any]:
        body: dict[str, Any] = {
            "model": self.name,
            "input_type": side,
            "embedding_type": "float",
            "input": list(texts),
        }
        if self._asked_dim is not None:
            body["dimensions"] = self._asked_dim
        answer = self._calls.post(_PATH, body, tick)
        return self._in_order(self._entry(answer, "data"), len(texts), "embeddings")

    def _settings(self) -> dict[str, str]:
        return {"endpoint": _PATH, "input_type": "query or document, by side"}
