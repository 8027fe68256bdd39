"""From two texts, or two sets of token embeddings, to an `Explanation`."""

from __future__ import annotations

from dataclasses import fields
from functools import cache

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Encoder, Provenance, TokenEmbeddings, check_encoder
from colbert_explain.explanation.explanation import Explanation
from colbert_explain.similarity import similarity_matrix


def explain(query: str, document: str, encoder: Encoder | None = None) -> Explanation:
    """Explain the MaxSim score of a document for a query.

    Parameters
    ----------
    query, document
        Any texts that are not blank.
    encoder
        What turns them into token vectors; by default the bundled one, loaded at first use.

    Raises
    ------
    ValueError
        If a text is not a string, is blank, is not valid Unicode, or holds nothing that is scored.

    Examples
    --------
    >>> x = explain("Elephants eat 150 kg of food per day.", "An elephant consumes 150 kg a day.")
    >>> {x.query[i].text: x.document[int(x.alignment[i])].text for i in (2, 3)}
    {'eat': 'consume', '150': '150'}
    """
    check.text("query", query)
    check.text("document", document)
    encoder = given_encoder(encoder)
    return explain_embeddings(encoder.embed_query(query), encoder.embed_document(document))


def explain_embeddings(query: TokenEmbeddings, document: TokenEmbeddings) -> Explanation:
    """Explain the score of token embeddings you already have, from any model.

    Parameters
    ----------
    query, document
        Unit-length token vectors with their tokens. Tokens flagged as not scored are left out
        of the score and still shown.

    Raises
    ------
    ValueError
        If the two come from different models, differ in dim, are not of unit length, or hold
        nothing that is scored.

    Examples
    --------
    >>> import numpy as np
    >>> from colbert_explain.tokens import TokenSequence
    >>> words = TokenSequence.from_strings(["cats", "eat"])
    >>> mine = TokenEmbeddings(words, np.eye(2, dtype=np.float32))
    >>> explain_embeddings(mine, mine).score
    2.0
    """
    for name, side in (("query", query), ("document", document)):
        check.instance(name, side, TokenEmbeddings, "explain takes texts")
    if not query.provenance.same_model(document.provenance):
        what, one, other = difference_of_models(query.provenance, document.provenance)
        raise ValueError(
            f"query and document must come from the same model, got {what} {one} and {other}"
        )
    similarity = similarity_matrix(query, document)
    return Explanation(query.tokens, document.tokens, similarity, query.provenance)


def difference_of_models(one: Provenance, other: Provenance) -> tuple[str, object, object]:
    """Return the first field in which two different models differ, with its value in each."""
    for field in fields(Provenance):
        if field.name in ("versions", "overridden"):  # of the libraries, and said by the settings
            continue
        mine, yours = getattr(one, field.name), getattr(other, field.name)
        if field.name == "settings":
            key = next(k for k in {**mine, **yours} if mine.get(k) != yours.get(k))
            return f"setting {key}", mine.get(key, "none"), yours.get(key, "none")
        if mine != yours:
            return field.name, mine, yours
    return "models", one.model, other.model


def given_encoder(encoder: Encoder | None) -> Encoder:
    """Return the encoder that was given, or the bundled one if none was.

    Raises
    ------
    ValueError
        If it is no encoder.
    """
    if encoder is None:
        return _bundled_encoder()
    check_encoder(encoder)
    return encoder


@cache
def _bundled_encoder() -> Encoder:
    """Load the bundled encoder, once."""
    from colbert_explain.encoders import load_encoder  # torch: only when a text is encoded

    return load_encoder()
