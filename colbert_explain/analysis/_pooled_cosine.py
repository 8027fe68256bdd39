"""The single-vector view of a text: the mean of its token vectors, and the cosine of two means."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import TokenEmbeddings


def pooled_vector(embedded: TokenEmbeddings) -> Float[np.ndarray, " dim"]:
    """Return the mean of the scored token vectors, scaled to unit length."""
    mean = embedded.vectors[embedded.tokens.scored_mask].mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), np.finfo(np.float32).tiny)


def pooled_cosine(query: TokenEmbeddings, document: TokenEmbeddings) -> float:
    """Compare two texts by one vector each: the cosine of the means of their token vectors.

    Late interaction keeps the token vectors apart; a single-vector model pools them first. The
    model may not have been trained to be read in this way.

    Parameters
    ----------
    query, document
        Token vectors of the two texts. Tokens that are not scored are left out of the means.

    Returns
    -------
    float
        In ``[-1, 1]`` up to rounding.

    Raises
    ------
    ValueError
        If the two differ in dim, or one holds no token that is scored.

    Examples
    --------
    >>> from colbert_explain.tokens import TokenSequence
    >>> words = TokenSequence.from_strings(["cats", "eat"])
    >>> two = TokenEmbeddings(words, np.eye(2, dtype=np.float32))
    >>> one = TokenEmbeddings(TokenSequence.from_strings(["cats"]), two.vectors[:1])
    >>> round(pooled_cosine(two, one), 3)  # MaxSim of the same vectors is 1 + 0
    0.707
    """
    for name, side in (("query", query), ("document", document)):
        check.instance(name, side, TokenEmbeddings, "embed_query and embed_document return one")
    dims = query.vectors.shape[1], document.vectors.shape[1]
    if dims[0] != dims[1]:
        raise ValueError(f"query and document must have the same dim, got {dims[0]} and {dims[1]}")
    for name, side in (("query", query), ("document", document)):
        if not side.tokens.scored_mask.any():
            raise ValueError(f"{name} must hold a token that is scored, got {side!r}")
    return float(pooled_vector(query) @ pooled_vector(document))
