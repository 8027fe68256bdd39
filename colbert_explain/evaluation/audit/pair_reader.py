"""`PairReader`: encode a query and a document, and sum up what was found."""

from __future__ import annotations

import math

from colbert_explain import argument_checks as check
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.embeddings import Encoder, Provenance, TokenEmbeddings
from colbert_explain.evaluation.audit.pair_facts import PairFacts, pair_facts
from colbert_explain.explanation import Explanation, explain_embeddings


class PairReader:
    """Audits one pair after the other with one encoder.

    Attributes
    ----------
    provenance
        What encoded the pairs.
    """

    def __init__(self, encoder: Encoder, calibration: Calibration | None = None) -> None:
        self._encoder = encoder
        self._calibration = calibration
        self._query: TokenEmbeddings | None = None
        found = getattr(encoder, "provenance", None)
        self.provenance = found if isinstance(found, Provenance) else Provenance(encoder.name)

    def read(self, query: object, document: object) -> PairFacts:
        """Audit a pair; one that cannot be read has the reason in ``error``.

        Raises
        ------
        ValueError
            If the calibration is that of another model.
        """
        try:
            explanation = self._explain(_text("query", query), _text("document", document))
        except ValueError as error:
            return PairFacts(error=str(error))
        return pair_facts(explanation, self._calibration)

    def _explain(self, query: str, document: str) -> Explanation:
        # The pairs of a ranking have one query.
        if self._query is None or self._query.tokens.text != query:
            self._query = self._encoder.embed_query(query)
        embedded = self._encoder.embed_document(document)
        self.provenance = embedded.provenance
        return explain_embeddings(self._query, embedded)


def _text(name: str, value: object) -> str:
    # A table writes None as NaN or <NA>, depending on its column's type.
    is_nan = isinstance(value, float) and math.isnan(value)
    if value is None or is_nan or type(value).__name__ == "NAType":
        raise ValueError(f"{name} must be a string, got a missing value")
    return check.text(name, value)
