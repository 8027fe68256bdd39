"""First stages of a search: cheap ways to choose the documents that MaxSim then scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from snowballstemmer.english_stemmer import EnglishStemmer

from colbert_explain.search.best import best_positions
from colbert_explain.search.documents import Document
from colbert_explain.search.filters import Where, matches

FirstStage = Literal["bm25", "pooled"]
"""BM25 over words, or the cosine of the means of the scored token vectors."""
FIRST_STAGES: tuple[FirstStage, ...] = get_args(FirstStage)

#: Anserini's parameters for passages.
_K1, _B = 0.9, 0.4


class WordIndex:
    """BM25 over the words of documents, as Lucene computes it.

    Words are put in lower case and stemmed by Snowball's English stemmer; bm25s's 33 English stop
    words are left out; k1 is 0.9 and b 0.4. Source: Robertson & Zaragoza, "The Probabilistic
    Relevance Framework: BM25 and Beyond", 2009; bm25s (Lù, 2024).

    Parameters
    ----------
    documents
        The documents, in the order that decides between equal scores. Their texts are not kept.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._ids: list[str] = []
        self._metadata = []
        words = []
        for document in documents:
            self._ids.append(document.id)
            self._metadata.append(document.metadata)
            words.append(document.text)
        self._ranker: Any = None
        terms = _terms(words)
        if any(terms):
            import bm25s  # it imports scipy, which displays of other results do not need

            self._ranker = bm25s.BM25(method="lucene", k1=_K1, b=_B)
            self._ranker.index(terms, show_progress=False)

    def best(self, query: str, n: int, where: Where | None = None) -> list[tuple[str, float]]:
        """Return id and score of the ``n`` best documents that hold a word of the query."""
        [asked] = _terms([query])
        if self._ranker is None or not asked:
            return []
        scores = self._ranker.get_scores(asked).astype(np.float64)
        scores[scores <= 0] = -np.inf
        if where:
            for i in np.flatnonzero(np.isfinite(scores)):
                if not matches(self._metadata[i], where):
                    scores[i] = -np.inf
        return [(self._ids[i], float(scores[i])) for i in best_positions(scores, n)]


def shared_words(words: Sequence[str], text: str) -> list[str]:
    """Return the words that BM25 finds in a text: by their stems, and without stop words."""
    *of_words, of_text = _terms([*words, text])
    found = set(of_text)
    return [word for word, terms in zip(words, of_words, strict=True) if found & set(terms)]


def _terms(texts: Sequence[str]) -> list[list[str]]:
    import bm25s

    return bm25s.tokenize(
        list(texts),
        token_pattern=r"\w+",
        stopwords="en",
        stemmer=EnglishStemmer().stemWords,
        return_ids=False,
        show_progress=False,
    )
