"""BM25 over the sentences of one text: the word-counting ranking that others are held against.

Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the
idf and the parameters of Lucene's and Anserini's defaults for passages (k1 .9, b .4), lower case,
without stop words, without stemming. Of the settings tried on the development data (k1 1.5 or
1.2 and b .75, stop words kept, plural endings cut) none ranked more answers first but a rule of
thumb for endings, by 2 questions of 252.
"""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np

K1, B = 0.9, 0.4
STOP_WORDS = re.compile(
    r"an?|and|are|as|at|be|been|but|by|did|do|does|for|from|had|has|have|how|if|in|into|is|its?|"
    r"many|much|of|on|or|s|such|that|the|their|then|there|these|they|this|to|was|were|what|when|"
    r"where|which|who|whom|whose|why|will|with"
)


def terms(text: str) -> list[str]:
    """Cut a text to lower-case words that are no stop words."""
    return [word for word in re.findall(r"\w+", text.lower()) if not STOP_WORDS.fullmatch(word)]


def inverse_frequency(n_with: int, n_sentences: int) -> float:
    """Weigh a term by how few of the sentences have it; above 0, also for one that all have."""
    return math.log(1 + (n_sentences - n_with + 0.5) / (n_with + 0.5))


def bm25_scores(query: str, sentences: list[str]) -> np.ndarray:
    """Score each sentence for a query, shape ``(sentences,)``; 0 where no term is shared."""
    counts = [Counter(terms(sentence)) for sentence in sentences]
    lengths = np.array([count.total() for count in counts])
    norm = K1 * (1 - B + B * lengths / lengths.mean())
    scores = np.zeros(len(sentences))
    for term in terms(query):
        found = np.array([count[term] for count in counts])
        idf = inverse_frequency(int((found > 0).sum()), len(sentences))
        scores += idf * found * (K1 + 1) / (found + norm)
    return scores
