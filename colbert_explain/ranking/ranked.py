"""`rank`: score documents for a query, best first, each explained when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from jaxtyping import Float, Int

from colbert_explain import display_hook
from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.explanation import Explanation, default_encoder, explain_embeddings
from colbert_explain.explanation.scores import nothing_scored
from colbert_explain.ranking.contrasting import Contrast, contrast
from colbert_explain.ranking.pooling import pooled_vector
from colbert_explain.similarity import maxsim_scores, ordered, ranks
from colbert_explain.tokens import TokenSequence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class Explanations(Sequence[Explanation]):
    """The explanation of each document, in the given order, computed when it is asked for.

    None is kept: a matrix for each of many long documents would fill the memory.
    """

    _query: TokenEmbeddings
    _documents: tuple[TokenEmbeddings, ...]

    def __len__(self) -> int:
        return len(self._documents)

    def __repr__(self) -> str:
        return f"Explanations({len(self)}, each computed when it is asked for)"

    @overload
    def __getitem__(self, index: int) -> Explanation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Explanation]: ...
    def __getitem__(self, index: int | slice) -> Explanation | Sequence[Explanation]:
        if isinstance(index, slice):
            return Explanations(self._query, self._documents[index])
        return explain_embeddings(self._query, self._documents[index])


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Ranking:
    """Documents for one query and their MaxSim scores.

    Parameters
    ----------
    query_embeddings, document_embeddings
        Token vectors of the query and of each document, in the given order.
    names
        What the documents are called.

    Attributes
    ----------
    scores
        Float32, in the given order, shape ``(n_documents,)``. Comparable within this ranking,
        never between queries.
    order
        Positions of the documents, best first, shape ``(n_documents,)``. Documents whose scores
        are equal within numerical error (1e-5 per scored query token) keep the given order.
    ranks
        From 1, in the given order, shape ``(n_documents,)``; equal documents share a rank.

    Raises
    ------
    ValueError
        If there is no document, not one name for each, or a side holds nothing that is scored.
    """

    query_embeddings: TokenEmbeddings
    document_embeddings: tuple[TokenEmbeddings, ...]
    names: tuple[str, ...]
    scores: Float[np.ndarray, " documents"] = field(init=False)
    order: Int[np.ndarray, " documents"] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.document_embeddings)
        if not n:
            raise ValueError("documents must hold at least one text, got none")
        if len(self.names) != n:
            raise ValueError(f"names must be one per document, {n}, got {len(self.names)}")
        query = self.query_embeddings
        if not query.tokens.scored_mask.any():
            raise ValueError(nothing_scored("query", query.tokens, query.provenance))
        scores = maxsim_scores(
            query,
            self.document_embeddings,
        )
        # Equal texts may differ in the last bit, after a text of another length for instance.
        order = ordered(scores, terms=self._n_scored)
        for name, array in (("scores", scores), ("order", order)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        best = int(self.order[0])
        return (
            f"Ranking({len(self)} documents for {self.query.text[:40]!r}, "
            f"best: {self.names[best]} with {self.scores[best]:.4f})"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return display_hook.mimebundle(self)

    @property
    def query(self) -> TokenSequence:
        """The tokens of the query."""
        return self.query_embeddings.tokens

    @property
    def ranks(self) -> Int[np.ndarray, " documents"]:
        """Rank of each document from 1, in the given order; equal documents share one."""
        return ranks(self.scores, terms=self._n_scored)

    @property
    def _n_scored(self) -> int:
        return int(self.query.scored_mask.sum())

    @property
    def explanations(self) -> Explanations:
        """One `Explanation` per document, in the given order, computed when asked for."""
        return Explanations(self.query_embeddings, self.document_embeddings)

    def contrast(self, a: int, b: int) -> Contrast:
        """Compare two documents, by their positions in the given order.

        Raises
        ------
        ValueError
            If there is no document at a position.
        """
        for name, position in (("a", a), ("b", b)):
            if not 0 <= position < len(self):
                raise ValueError(f"{name} must be a position, 0 to {len(self) - 1}, got {position}")
        explanations = self.explanations
        return contrast(explanations[a], explanations[b], (self.names[a], self.names[b]))

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the ranking: one row per document, best first.

        Returns
        -------
        pandas.DataFrame
            ``rank`` from 1, shared by equal documents; ``document``, its name; ``position`` in
            the given order; ``score``;
            ``mean_contribution``, the score per scored query token; ``pooled_cosine``, what one
            vector per text would say: the cosine of the means of the scored token vectors. The
            model may not have been trained to be read so.
        """
        import pandas as pd

        query = pooled_vector(self.query_embeddings)
        return pd.DataFrame(
            {
                "rank": self.ranks[self.order],
                "document": [self.names[i] for i in self.order],
                "position": self.order,
                "score": self.scores[self.order],
                "mean_contribution": self.scores[self.order] / self._n_scored,
                "pooled_cosine": [
                    float(query @ pooled_vector(self.document_embeddings[i])) for i in self.order
                ],
            }
        )


def rank(
    query: str,
    documents: Sequence[str] | Mapping[str, str],
    encoder: Encoder | None = None,
    *,
    progress: Progress | None = None,
) -> Ranking:
    """Rank documents for a query by MaxSim.

    Parameters
    ----------
    query
        Any text that is not blank.
    documents
        Texts, or a mapping from names to texts. Texts without names are called ``document 0``,
        ``document 1``, ... after their positions.
    encoder
        What turns texts into token vectors; by default the bundled one.
    progress
        Called as ``progress(done, total)``, in documents, before each window of each. Raising
        from it stops the work.

    Returns
    -------
    Ranking
        Keeps the token vectors of all texts: 3 kB per token with the bundled encoder.

    Raises
    ------
    ValueError
        If there is no document, the query cannot be read, or a document cannot be read; the
        error says which one.

    Examples
    --------
    >>> ranking = rank("What do cats eat?", ["It rains in Spain.", "Cats like fish."])
    >>> ranking.order.tolist()
    [1, 0]
    """
    if isinstance(documents, str):
        raise ValueError("documents must be a sequence or mapping of texts, got a single text")
    keys = list(documents) if isinstance(documents, Mapping) else list(range(len(documents)))
    texts = list(documents.values()) if isinstance(documents, Mapping) else list(documents)
    if not texts:
        raise ValueError("documents must hold at least one text, got none")
    encoder = encoder if encoder is not None else default_encoder()
    embedded_query = encoder.embed_query(query)
    embedded = []
    for i, text in enumerate(texts):
        tell = _telling(progress, i, len(texts))
        try:
            document = encoder.embed_document(text, progress=tell)
        except ValueError as error:
            raise ValueError(f"documents[{keys[i]!r}]: {error}") from error
        if not document.tokens.scored_mask.any():
            reason = nothing_scored("document", document.tokens, document.provenance)
            raise ValueError(f"documents[{keys[i]!r}]: {reason}")
        embedded.append(document)
    if progress is not None:
        progress(len(texts), len(texts))
    named = isinstance(documents, Mapping)
    names = tuple(str(key) if named else f"document {key}" for key in keys)
    return Ranking(embedded_query, tuple(embedded), names)


def _telling(progress: Progress | None, done: int, total: int) -> Progress | None:
    """Report documents, however many windows the one at hand has."""
    if progress is None:
        return None

    def tell(_window: int, _windows: int) -> None:
        progress(done, total)

    return tell
