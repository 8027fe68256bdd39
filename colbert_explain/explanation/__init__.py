"""One query, one document: the score, the token pairs that made it, and what computed them."""

from __future__ import annotations

from colbert_explain.explanation._explain import explain, explain_embeddings, given_encoder
from colbert_explain.explanation.explanation import Explanation, load_explanation
from colbert_explain.explanation.matches import CLOSE_CALL, Firmness, TokenMatch, WordMatch
from colbert_explain.explanation.passages import Passage
from colbert_explain.explanation.words import Word, WordExplanation
from colbert_explain.text.match_kinds import MatchKind

__all__ = [
    "CLOSE_CALL",
    "Explanation",
    "Firmness",
    "MatchKind",
    "Passage",
    "TokenMatch",
    "Word",
    "WordExplanation",
    "WordMatch",
    "explain",
    "explain_embeddings",
    "given_encoder",
    "load_explanation",
]
