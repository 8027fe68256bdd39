"""`Hits`: what a search found, as a ranking that explains its documents on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from colbert_explain.analysis import Ranking
from colbert_explain.explanation import Word
from colbert_explain.explanation.frames import texts
from colbert_explain.explanation.words import words_of
from colbert_explain.search.documents import Document
from colbert_explain.search.first_stage import FirstStage
from colbert_explain.text.wording import count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Hits(Ranking):
    """The hits of a search, best first: a `Ranking` that also has the scores of the index.

    ``contrast(0, 6)`` shows why the first hit is above the seventh; ``explanations[6]`` explains
    the seventh. ``positions`` are the places of the documents in their collection.

    Attributes
    ----------
    documents
        Id, text and metadata of each hit, best first.
    index_scores
        The index's score of each hit, float32, shape ``(n_hits,)``: that of the compressed vectors
        in a compressed collection, otherwise the exact score.
    first_stage
        ``"bm25"`` or ``"pooled"`` if only the documents that it chose were scored, otherwise None.
    n_scored
        How many documents were scored exactly; None if all that pass a filter were.
    n_searched
        How many documents the collection holds.
    """

    documents: tuple[Document, ...] = ()
    index_scores: Float[np.ndarray, " hits"] = field(default_factory=lambda: np.zeros(0, "f4"))
    first_stage: FirstStage | None = None
    n_scored: int | None = 0
    n_searched: int = 0

    def __repr__(self) -> str:
        return (
            f"Hits({len(self)} of {count(self.n_searched, 'document')} for "
            f"{self.query.text[:40]!r}, best: {self.names[0]} with {self.scores[0]:.4f})"
        )

    @property
    def differences(self) -> Float[np.ndarray, " hits"]:
        """The exact score minus the index's score of each hit."""
        return self.scores - self.index_scores

    @property
    def query_words(self) -> tuple[Word, ...]:
        """The scored words of the query, in order."""
        return tuple(word for word in words_of(self.query) if word.scored)

    def word_contributions(self) -> Float[np.ndarray, "hits words"]:
        """Return what each query word adds to the score of each hit; a row adds up to its score."""
        rows = []
        for x in self.explanations:
            words = x.words()
            scored = [word.scored for word in words.query]
            rows.append(words.contributions[scored])
        return np.array(rows, np.float32)

    def to_frame(self, *, pooled_cosine: bool = False) -> pd.DataFrame:
        """Tabulate the hits as `Ranking.to_frame` does, with three more columns.

        Returns
        -------
        pandas.DataFrame
            ``index_score``, the score of the index; ``difference``, the exact score minus that; and
            the text of each document.
        """
        frame = Ranking.to_frame(self, pooled_cosine=pooled_cosine)
        frame["index_score"] = self.index_scores[self.order].astype(np.float64)
        frame["difference"] = self.differences[self.order].astype(np.float64)
        frame["text"] = texts(self.documents[i].text for i in self.order)
        return frame
