"""BM25 over the sentences of one text: the word-counting ranking that others are compared with.

Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, as bm25s
computes it, with the idf and the parameters of Lucene's and Anserini's defaults for passages
(k1 .9, b .4), lower case, the stop words below, without stemming. Of the settings tried on the
development data (k1 1.5 or 1.2 and b .75; the stop words of bm25s, short list and long; Snowball's
stemmer) none ranked more answers first but two with the stemmer, by 2 and 3 questions of 252.
"""

from __future__ import annotations

import bm25s
import numpy as np

K1, B = 0.9, 0.4
STOP_WORDS = [
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "did", "do", "does", "for",
    "from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "many", "much",
    "of", "on", "or", "s", "such", "that", "the", "their", "then", "there", "these", "they",
    "this", "to", "was", "were", "what", "when", "where", "which", "who", "whom", "whose",
    "why", "will", "with",
]  # fmt: skip


def terms(texts: list[str]) -> list[list[str]]:
    """Cut each text to lower-case words that are no stop words."""
    return bm25s.tokenize(
        texts, token_pattern=r"\w+", stopwords=STOP_WORDS, return_ids=False, show_progress=False
    )


def bm25_scores(query: str, sentences: list[str]) -> np.ndarray:
    """Score each sentence for a query, shape ``(sentences,)``; 0 where no term is shared."""
    ranker = bm25s.BM25(method="lucene", k1=K1, b=B)
    ranker.index(terms(sentences), show_progress=False)
    [asked] = terms([query])
    return ranker.get_scores(asked) if asked else np.zeros(len(sentences))
