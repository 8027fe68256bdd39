"""`VllmEncoder`: token vectors and tokens from a vLLM server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.encoders.checkpoint.settings import Side
from colbert_explain.encoders.remote.http_calls import Tick
from colbert_explain.encoders.remote.remote_error import RemoteError
from colbert_explain.encoders.remote.service_key import ServiceKey
from colbert_explain.encoders.remote.token_labels import TokenLabels, read
from colbert_explain.encoders.remote.vector_service import VectorService
from colbert_explain.tokens import Role, Token, TokenSequence

VLLM_KEY = ServiceKey("VLLM_API_KEY", required=False)
_POOLING, _TOKENIZE = "/pooling", "/tokenize"
#: A text that shows which tokens a server puts around every text.
_SAMPLE = "a"


class VllmEncoder(VectorService):
    """Encode texts with a model that a vLLM server serves, which gets every text.

    A key is read from the environment variable ``VLLM_API_KEY`` for each request, if it is set. It
    is not kept, shown or logged. Before the first text is sent, a line on stderr says where it
    goes.

    The server names the tokens of each text, but not their character spans; with ``labels`` they
    have spans if the tokeniser reads the same ids.

    **Queries are encoded like documents**, apart from the prefixes: the pooling endpoint adds no
    marker and no query expansion. A checkpoint that is trained with them scores differently here
    than with ``load_encoder``. The provenance holds the prefixes.

    Parameters
    ----------
    address
        Where the server is: ``"http://gpu-box:8000"``.
    model
        The name under which the server offers the model.
    query_prefix, document_prefix
        What is put before every text, as the model's card asks for: ``"[Q] "``.
    labels
        The model's tokeniser, for places in the text. Its markers and query expansion do not
        apply here.
    document_length
        Maximum number of tokens that the model reads; used for a warning only, since vLLM refuses
        longer texts.
    batch_size
        Texts per call at most; in total they have at most 50,000 characters, unless one alone is
        longer.
    timeout, tries, normalize
        As for `JinaEncoder`.

    Notes
    -----
    What is documented, and where:

    - docs.vllm.ai, models/pooling_models, "Token Embedding Usages" and "Specific Model Examples":
      ``POST /pooling`` with ``model``, ``input`` (a text or a list) and ``task: "token_embed"``.
    - vllm/entrypoints/pooling/pooling/protocol.py: the answer is ``data``, a list of ``index``
      and ``data``, which is a list of vectors or base64.
    - vllm/entrypoints/serve/tokenize/protocol.py: ``POST /tokenize`` with ``model``, ``prompt``,
      ``add_special_tokens`` and ``return_token_strs`` gives ``count``, ``max_model_len``,
      ``tokens`` (ids) and ``token_strs``.
    - BAAI/bge-m3 has no vectors for special tokens ("Specific Model Examples"); this class detects
      this by the number of vectors.
    - Issue 42234 of vllm-project/vllm: queries and documents are encoded alike. Pull request 44530
      would add ``embedding_mode``; it was open when we looked, so it is not used.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> VllmEncoder("http://gpu-box:8000", "answerdotai/answerai-colbert-small-v1").sends_texts_to
    'gpu-box:8000'
    """

    kind = "vLLM pooling service"

    def __init__(
        self,
        address: str,
        model: str,
        *,
        query_prefix: str = "",
        document_prefix: str = "",
        labels: TokenLabels | None = None,
        document_length: int = 8192,
        batch_size: int = 32,
        timeout: float = 60.0,
        tries: int = 5,
        normalize: bool = False,
    ) -> None:
        self._prefixes: dict[Side, str] = {
            "query": check.valid_unicode("query_prefix", check.text("query_prefix", query_prefix)),
            "document": check.valid_unicode(
                "document_prefix", check.text("document_prefix", document_prefix)
            ),
        }
        self._around: tuple[int, int] | None = None
        super().__init__(
            model,
            address,
            VLLM_KEY,
            timeout=timeout,
            tries=tries,
            dim=0,
            document_length=document_length,
            labels=labels,
            batch_size=batch_size,
            normalize=normalize,
        )

    def _request(self, side: Side, texts: Sequence[str], tick: Tick) -> list[Any]:
        body = {
            "model": self.name,
            "task": "token_embed",
            "encoding_format": "float",
            "input": [self._prefixes[side] + text for text in texts],
        }
        answer = self._calls.post(_POOLING, body, tick)
        return self._in_order(self._entry(answer, "data"), len(texts), "data")

    def _settings(self) -> dict[str, str]:
        return {
            "endpoint": _POOLING,
            "query prefix": self._prefixes["query"],
            "document prefix": self._prefixes["document"],
        }

    def _n_calls(self, n_texts: int, n_batches: int) -> int:
        return n_batches + n_texts + (0 if self._around else 2)

    def _tokens(
        self, side: Side, text: str, vectors: Float[np.ndarray, "tokens dim"], tick: Tick
    ) -> TokenSequence:
        prefix = self._prefixes[side]
        ids, pieces = self._tokenised(prefix + text, tick)
        first, last = self._special_around(tick)
        n = len(ids)
        roles: list[Role] = ["special" if i < first or i >= n - last else "text" for i in range(n)]
        kept = list(range(n))
        if n != len(vectors) == n - first - last:
            kept = list(range(first, n - last))  # a model without vectors for special tokens
        tokens = [Token(ids[i], pieces[i], pieces[i], None, None, roles[i]) for i in kept]
        if self._labels is not None:
            local = [
                one
                for one in read(self._labels, side, text, prefix)
                if one.role != "special" or len(kept) == n
            ]
            if [one.id for one in local] == [one.id for one in tokens]:
                tokens = local  # with places in the text
            else:
                self._say_once(
                    "The positions of the tokens in the text are not known: the "
                    f"tokeniser and {self.sends_texts_to} read different ids."
                )
        return self._matching(TokenSequence(text, tuple(tokens)), text, len(vectors))

    def _tokenised(
        self, text: str, tick: Tick, *, add_special_tokens: bool = True
    ) -> tuple[list[int], list[str]]:
        host = self.sends_texts_to
        body = {
            "model": self.name,
            "prompt": text,
            "add_special_tokens": add_special_tokens,
            "return_token_strs": True,
        }
        answer = self._calls.post(_TOKENIZE, body, tick)
        ids = self._entry(answer, "tokens")
        if not isinstance(ids, list) or not all(type(id_) is int for id_ in ids):
            raise RemoteError(
                f"{host} must answer {_TOKENIZE} with a list of ids, got something else"
            )
        pieces = answer.get("token_strs")
        if pieces is None:  # an older server
            pieces = [f"id {id_}" for id_ in ids]
        if (
            not isinstance(pieces, list)
            or len(pieces) != len(ids)
            or not all(isinstance(piece, str) for piece in pieces)
        ):
            raise RemoteError(
                f"{host} must answer {_TOKENIZE} with one text in “token_strs” per id, got "
                "something else"
            )
        return ids, pieces

    def _special_around(self, tick: Tick) -> tuple[int, int]:
        """Return how many special tokens come before and after every text."""
        if self._around is None:
            whole, _ = self._tokenised(_SAMPLE, tick)
            plain, _ = self._tokenised(_SAMPLE, tick, add_special_tokens=False)
            starts = [
                i
                for i in range(len(whole) - len(plain) + 1)
                if plain and whole[i : i + len(plain)] == plain
            ]
            first = starts[0] if len(starts) == 1 else 0
            last = len(whole) - len(plain) - first if len(starts) == 1 else 0
            self._around = first, last
        return self._around
