"""Which tokens are scored, as masks over texts that are encoded once."""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.similarity import maxsim, similarity_matrix
from colbert_explain.tokens import Token

Side = Literal["query", "document"]
HEADER = "[CLS] [SEP] | punctuation | unknown"


@dataclass(frozen=True, slots=True)
class Variant:
    """Which tokens are scored beside the words.

    Parameters
    ----------
    structural
        Whether [CLS] and [SEP] are, on both sides.
    punctuation
        The sides on which punctuation and ASCII symbols are.
    unknown
        Whether text without a vocabulary entry is, on both sides.
    """

    structural: bool = False
    punctuation: tuple[Side, ...] = ()
    unknown: bool = False

    def mask(self, text: Text, side: Side) -> np.ndarray:
        """Boolean array, shape ``(n_tokens,)``: which tokens of a text are scored."""
        scored = {
            "word": True,
            "structural": self.structural,
            "punctuation": side in self.punctuation,
            "unknown": self.unknown,
        }
        return np.array([scored[kind] for kind in text.kinds])

    def __str__(self) -> str:
        """Cells of a Markdown table, to be read below `HEADER`."""
        sides = ("neither side", "query only", "both sides")[len(self.punctuation)]
        return " | ".join(
            ["scored" if self.structural else "no", sides, "scored" if self.unknown else "no"]
        )


PUNCTUATION: tuple[tuple[Side, ...], ...] = ((), ("query",), ("query", "document"))
VARIANTS = [
    *(Variant(structural, sides) for structural, sides in product((False, True), PUNCTUATION)),
    Variant(unknown=True),
]
BASELINE = VARIANTS.index(Variant())


@dataclass(frozen=True, slots=True)
class Text:
    """Token vectors, shape ``(n_tokens, dim)``; each token's kind; where it starts, or -1."""

    vectors: np.ndarray
    kinds: list[str]
    starts: np.ndarray


class Reader:
    """Encodes texts, and counts the tokens that it reads by kind."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.counts: Counter[str] = Counter()

    def query(self, text: str) -> Text:
        """Encode a query."""
        return self._text(self.encoder.embed_query(text))

    def document(self, text: str) -> Text:
        """Encode a document."""
        return self._text(self.encoder.embed_document(text))

    def _text(self, embedded: TokenEmbeddings) -> Text:
        kinds = [kind_of(token) for token in embedded.tokens]
        self.counts.update(kinds)
        starts = [-1 if token.start is None else token.start for token in embedded.tokens]
        return Text(embedded.vectors, kinds, np.array(starts))


def kind_of(token: Token) -> str:
    """Return one of the names that `Variant.mask` knows; "punctuation" has ASCII symbols in it."""
    if token.role != "text":
        return "structural"
    if token.unknown:
        return "unknown"
    is_mark = len(token.piece) == 1 and unicodedata.category(token.piece).startswith("P")
    return "punctuation" if is_mark or token.piece in string.punctuation else "word"


def totals(query: Text, document: Text) -> np.ndarray:
    """MaxSim score, and its mean per scored query token, shape ``(2, variants)``."""
    similarity = similarity_matrix(query.vectors, document.vectors)
    scores = []
    for variant in VARIANTS:
        rows, columns = variant.mask(query, "query"), variant.mask(document, "document")
        score = maxsim(similarity, query_mask=rows, document_mask=columns).score
        scores.append((score, score / rows.sum()))
    return np.array(scores).T
