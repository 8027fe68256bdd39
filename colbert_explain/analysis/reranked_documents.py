"""`RerankedDocuments`: the scores of a reranker, which gives no token vectors to explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from colbert_explain import argument_checks as check
from colbert_explain.analysis.unreadable_documents import (
    UnreadableDocument,
    left_out_sentence,
    none_readable,
    readable,
)
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Progress, Provenance, Reranker
from colbert_explain.explanation.frames import positions, result_frame, texts
from colbert_explain.text.wording import count

if TYPE_CHECKING:
    import pandas as pd

#: What is said wherever an explanation would be.
NOTHING_TO_EXPLAIN = "A reranker gives scores and no token vectors, so there is nothing to explain."


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class RerankedDocuments(ShowsItself):
    """Documents for one query and the scores of a reranker; `rank` makes it.

    Parameters
    ----------
    query
        The query.
    documents
        The texts, in the given order.
    scores
        Shape ``(n_documents,)``, on the reranker's own scale, higher is better; kept as float64.
    provenance
        The model and what ran it.
    names
        What the documents are called.
    positions
        Position of each in what was given to `rank`, from 0; by default 0, 1, 2, ...
    unreadable
        The documents that were left out.

    Attributes
    ----------
    order
        Places of the documents, best first, shape ``(n_documents,)``. Equal ones keep their order.

    Raises
    ------
    ValueError
        If there is no document, or not one finite score and one name for each.
    """

    query: str
    documents: tuple[str, ...]
    scores: Float[np.ndarray, " documents"]
    provenance: Provenance
    names: tuple[str, ...]
    positions: tuple[int, ...] = ()
    unreadable: tuple[UnreadableDocument, ...] = ()
    order: Int[np.ndarray, " documents"] = field(init=False)

    def __post_init__(self) -> None:
        check.text("query", self.query)
        check.instance("provenance", self.provenance, Provenance)
        for name, kind in (("documents", str), ("names", str), ("positions", int)):
            object.__setattr__(self, name, check.several(name, getattr(self, name), kind))
        object.__setattr__(
            self, "unreadable", check.several("unreadable", self.unreadable, UnreadableDocument)
        )
        n = len(self.documents)
        if not n:
            raise ValueError("documents must hold at least one text, got none")
        if not self.positions:
            object.__setattr__(self, "positions", tuple(range(n)))
        for name in ("names", "positions"):
            if len(getattr(self, name)) != n:
                raise ValueError(
                    f"{name} must hold one per document, {n}, got {len(getattr(self, name))}"
                )
        scores = finite_scores(self.scores, n)
        # Exact: the scale is the reranker's own, and probabilities may differ by less than the
        # tolerance that MaxSim scores need.
        order = np.argsort(-scores, kind="stable")
        for name, array in (("scores", scores), ("order", order)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.documents)

    def __repr__(self) -> str:
        best = int(self.order[0])
        left_out = f", {len(self.unreadable)} left out" if self.unreadable else ""
        return (
            f"RerankedDocuments({count(len(self), 'document')} for {self.query[:40]!r}{left_out}, "
            f"best: {self.names[best]} with {self.scores[best]:.4f})"
        )

    @property
    def ranks(self) -> Int[np.ndarray, " documents"]:
        """Rank of each document from 1, in the given order; equal scores share a rank."""
        return 1 + np.searchsorted(np.sort(-self.scores), -self.scores)

    @property
    def explanations(self) -> Sequence[Any]:
        """There are none: raises a `ValueError` that says why."""
        raise ValueError(f"{NOTHING_TO_EXPLAIN} Pass an encoder to rank")

    def left_out(self) -> str:
        """Return a sentence that says which documents are not ranked, and why; "" if all are."""
        return left_out_sentence(self.unreadable, len(self) + len(self.unreadable))

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the documents, best first.

        Returns
        -------
        pandas.DataFrame
            ``rank`` from 1, shared by equal documents; ``document``, its name; ``position`` in
            what was given; ``score``; ``text``. The index ``place`` counts the rows.
        """
        columns = {
            "rank": self.ranks[self.order],
            "document": texts(self.names[i] for i in self.order),
            "position": positions(self.positions[i] for i in self.order),
            "score": self.scores[self.order],
            "text": texts(self.documents[i] for i in self.order),
        }
        return result_frame(columns, "place", self.provenance)


def finite_scores(scores: ArrayLike, n: int) -> Float[np.ndarray, " documents"]:
    """Return a copy of scores as float64 after checking that there is a finite one for each."""
    try:
        found = np.array(scores, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != (n,) or not np.isfinite(found).all():
        raise ValueError(
            f"scores must be one finite number per document, {n}, got {check.shown(scores)}"
        )
    return found


def reranked(
    query: str,
    given: Sequence[tuple[Any, str, object]],
    reranker: Reranker,
    on_unreadable: Literal["skip", "raise"],
    progress: Progress | None,
) -> RerankedDocuments:
    """Have documents scored by a reranker; ``given`` are key, name and text of each."""
    found: list[str] = []
    places: list[int] = []
    unreadable: list[UnreadableDocument] = []
    for i, (key, name, text) in enumerate(given):
        try:
            found.append(readable(text))
        except ValueError as error:
            if on_unreadable == "raise":
                raise ValueError(f"documents[{key!r}]: {error}") from error
            unreadable.append(UnreadableDocument(i, name, str(error)))
        else:
            places.append(i)
    if not found:
        raise ValueError(none_readable(unreadable))
    scores = reranker.rerank(query, found, progress=progress)
    names = tuple(given[i][1] for i in places)
    return RerankedDocuments(
        *(query, tuple(found), scores, reranker.provenance),
        *(names, tuple(places), tuple(unreadable)),
    )
