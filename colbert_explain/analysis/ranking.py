"""`rank`: score documents for a query, best first, each explained when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import numpy as np
from jaxtyping import Float, Int

from colbert_explain import argument_checks as check
from colbert_explain.analysis._contrast import Contrast, contrast
from colbert_explain.analysis._pooled_cosine import pooled_vector
from colbert_explain.analysis.reranked_documents import RerankedDocuments, reranked
from colbert_explain.analysis.unreadable_documents import (
    UnreadableDocument,
    is_readable,
    left_out_sentence,
    none_readable,
    string_only,
)
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import (
    BatchEncoder,
    Encoder,
    Progress,
    Reranker,
    TokenEmbeddings,
    is_reranker,
)
from colbert_explain.explanation import Explanation, explain_embeddings, given_encoder
from colbert_explain.explanation.frames import positions, result_frame, texts
from colbert_explain.explanation.scores import nothing_scored
from colbert_explain.similarity import maxsim_scores, ordered, ranks
from colbert_explain.text.wording import count
from colbert_explain.tokens import TokenSequence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class Explanations(Sequence[Explanation]):
    """The explanation of each document, in the given order, computed when it is asked for.

    None is kept: a matrix for each of many long documents would fill the memory.
    """

    _query: TokenEmbeddings
    _documents: tuple[TokenEmbeddings, ...]

    def __len__(self) -> int:
        return len(self._documents)

    def __repr__(self) -> str:
        return f"Explanations({len(self)}, each computed when it is asked for)"

    @overload
    def __getitem__(self, index: int) -> Explanation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Explanation]: ...
    def __getitem__(self, index: int | slice) -> Explanation | Sequence[Explanation]:
        if isinstance(index, slice):
            return Explanations(self._query, self._documents[index])
        return explain_embeddings(self._query, self._documents[index])


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Ranking(ShowsItself):
    """Documents for one query and their MaxSim scores.

    Parameters
    ----------
    query_embeddings, document_embeddings
        Token vectors of the query and of each document, in the given order.
    names
        What the documents are called.
    positions
        Position of each in what was given to `rank`, from 0, increasing; by default 0, 1, 2, ...
        They differ from the positions in ``names`` if a document was left out.
    unreadable
        The documents that were left out.

    Attributes
    ----------
    scores
        Float32, in the given order, shape ``(n_documents,)``. Comparable within this ranking,
        never between queries.
    order
        Places of the documents in ``names``, best first, shape ``(n_documents,)``. Documents whose
        scores are equal within numerical error (1e-5 per scored query token) keep the given order.
    ranks
        From 1, in the given order, shape ``(n_documents,)``; equal documents share a rank.

    Raises
    ------
    ValueError
        If there is no document, not one name or position for each, or a side holds nothing that
        is scored.
    """

    query_embeddings: TokenEmbeddings
    document_embeddings: tuple[TokenEmbeddings, ...]
    names: tuple[str, ...]
    positions: tuple[int, ...] = ()
    unreadable: tuple[UnreadableDocument, ...] = ()
    scores: Float[np.ndarray, " documents"] = field(init=False)
    order: Int[np.ndarray, " documents"] = field(init=False)

    def __post_init__(self) -> None:
        query = self.query_embeddings
        check.instance("query_embeddings", query, TokenEmbeddings, "rank takes texts")
        for name, kind in (
            ("document_embeddings", TokenEmbeddings),
            ("names", str),
            ("positions", int),
            ("unreadable", UnreadableDocument),
        ):
            object.__setattr__(self, name, check.several(name, getattr(self, name), kind))
        n = len(self.document_embeddings)
        if not n:
            raise ValueError("documents must hold at least one text, got none")
        if len(self.names) != n:
            raise ValueError(f"names must hold one name per document, {n}, got {len(self.names)}")
        if not self.positions:
            object.__setattr__(self, "positions", tuple(range(n)))
        elif len(self.positions) != n:
            raise ValueError(
                f"positions must hold one position per document, {n}, got {len(self.positions)}"
            )
        if not query.tokens.scored_mask.any():
            raise ValueError(nothing_scored("query", query.tokens, query.provenance))
        scores = maxsim_scores(
            query,
            self.document_embeddings,
        )
        # Equal texts may differ in the last bit, after a text of another length for instance.
        order = ordered(scores, terms=self._n_scored)
        for name, array in (("scores", scores), ("order", order)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        best = int(self.order[0])
        left_out = f", {len(self.unreadable)} left out" if self.unreadable else ""
        return (
            f"Ranking({count(len(self), 'document')} for {self.query.text[:40]!r}{left_out}, "
            f"best: {self.names[best]} with {self.scores[best]:.4f})"
        )

    @property
    def query(self) -> TokenSequence:
        """The tokens of the query."""
        return self.query_embeddings.tokens

    @property
    def ranks(self) -> Int[np.ndarray, " documents"]:
        """Rank of each document from 1, in the given order; equal scores share a rank."""
        return ranks(self.scores, terms=self._n_scored)

    @property
    def _n_scored(self) -> int:
        return int(self.query.scored_mask.sum())

    @property
    def explanations(self) -> Explanations:
        """One `Explanation` per document, in the given order, computed when asked for."""
        return Explanations(self.query_embeddings, self.document_embeddings)

    def left_out(self) -> str:
        """Return a sentence that says which documents are not ranked, and why; "" if all are."""
        return left_out_sentence(self.unreadable, len(self) + len(self.unreadable))

    def contrast(self, a: int | str, b: int | str) -> Contrast:
        """Compare two documents, each given by its name or by its position in ``names``.

        Raises
        ------
        ValueError
            If there is no document of a name, or several, or none at a position.
        """
        places = (self._place("a", a), self._place("b", b))
        one, other = (self.explanations[place] for place in places)
        return contrast(one, other, (self.names[places[0]], self.names[places[1]]))

    def _place(self, argument: str, wanted: int | str) -> int:
        """Return the position in ``names`` that an argument means."""
        if isinstance(wanted, str):
            n_found = self.names.count(wanted)
            if n_found != 1:
                many = f"{n_found} have: give a position" if n_found else "no document has"
                raise ValueError(
                    f"{argument} must be a name that one document has, got {wanted!r}, which {many}"
                )
            return self.names.index(wanted)
        check.whole_number(argument, wanted)
        if not 0 <= wanted < len(self):
            raise ValueError(
                f"{argument} must be a name or a position, 0 to {len(self) - 1}, got {wanted}"
            )
        return wanted

    def to_frame(self, *, pooled_cosine: bool = False) -> pd.DataFrame:
        """Tabulate the ranking: one row per document, best first.

        Parameters
        ----------
        pooled_cosine
            Whether to add what one vector per text would say: the cosine of the means of the scored
            token vectors. The model may not have been trained to be read in this way.

        Returns
        -------
        pandas.DataFrame
            ``rank`` from 1, shared by equal documents; ``document``, its name; ``position`` in what
            was given, counting those that were left out; ``score``; ``mean_contribution``, the
            score per scored query token; ``pooled_cosine`` if asked for. The index ``place`` counts
            the rows; types are as in `Explanation.to_frame`.
        """
        scores = self.scores[self.order].astype(np.float64)
        columns = {
            "rank": self.ranks[self.order],
            "document": texts(self.names[i] for i in self.order),
            "position": positions(self.positions[i] for i in self.order),
            "score": scores,
            "mean_contribution": scores / self._n_scored,
        }
        if pooled_cosine:
            query = pooled_vector(self.query_embeddings)
            columns["pooled_cosine"] = [
                float(query @ pooled_vector(self.document_embeddings[i])) for i in self.order
            ]
        return result_frame(columns, "place", self.query_embeddings.provenance)


@overload
def rank(
    query: str,
    documents: Iterable[object] | Mapping[Any, object],
    encoder: Encoder | None = None,
    *,
    on_unreadable: Literal["skip", "raise"] = "skip",
    progress: Progress | None = None,
) -> Ranking: ...
@overload
def rank(
    query: str,
    documents: Iterable[object] | Mapping[Any, object],
    encoder: Reranker,
    *,
    on_unreadable: Literal["skip", "raise"] = "skip",
    progress: Progress | None = None,
) -> RerankedDocuments: ...
def rank(
    query: str,
    documents: Iterable[object] | Mapping[Any, object],
    encoder: Encoder | Reranker | None = None,
    *,
    on_unreadable: Literal["skip", "raise"] = "skip",
    progress: Progress | None = None,
) -> Ranking | RerankedDocuments:
    """Rank documents for a query by MaxSim, or by the scores of a reranker.

    Parameters
    ----------
    query
        Any text that is not blank.
    documents
        Texts in any iterable that has an order, or a mapping from names to texts. Texts without
        names are called ``document 0``, ``document 1``, ... after their positions.
    encoder
        What turns texts into token vectors; by default the bundled one. A reranker, such as
        `JinaReranker`, gives scores only, which cannot be explained.
    on_unreadable
        What happens to a document that cannot be read: one that is not a string (such as None or
        NaN), is blank, or has nothing that is scored. ``"skip"`` leaves it out and lists it in
        ``Ranking.unreadable``; ``"raise"`` stops with an error that says which one it is.
    progress
        Called as ``progress(done, total)``, in documents, before each window of each document.
        Raising from it stops the work.

    Returns
    -------
    Ranking or RerankedDocuments
        A `Ranking` keeps the token vectors of all texts: 3 kB per token with the bundled encoder.
        A reranker gives `RerankedDocuments`.

    Raises
    ------
    ValueError
        If there is no document, none that can be read, or the query cannot be read; or a
        document cannot, with ``on_unreadable="raise"``.

    Examples
    --------
    >>> ranking = rank("What do cats eat?", ["It rains in Spain.", "-", "Cats like fish."])
    >>> ranking.to_frame()["position"].tolist()
    [2, 0]
    >>> ranking.left_out()[:38]
    'Left out 1 of 3 documents: document 1 '
    """
    if on_unreadable not in ("skip", "raise"):
        raise ValueError(f"on_unreadable must be 'skip' or 'raise', got {on_unreadable!r}")
    check.text("query", query)
    check.function("progress", progress, "done, total")
    given = given_documents(documents)
    if is_reranker(encoder):
        return reranked(query, given, encoder, on_unreadable, progress)
    encoder = given_encoder(cast(Encoder | None, encoder))
    embedded_query = encoder.embed_query(query)
    embedded: list[TokenEmbeddings] = []
    positions: list[int] = []
    unreadable: list[UnreadableDocument] = []
    together = _read_together(encoder, given, progress)
    for i, (key, name, text) in enumerate(given):
        watch = None if progress is None else _Watch(progress, i, len(given))
        try:
            document = _scored(together[i]) if i in together else _read(encoder, text, watch)
        except ValueError as error:
            if watch is not None and watch.raised:
                raise
            if on_unreadable == "raise":
                raise ValueError(f"documents[{key!r}]: {error}") from error
            unreadable.append(UnreadableDocument(i, name, str(error)))
            continue
        embedded.append(document)
        positions.append(i)
    if progress is not None:
        progress(len(given), len(given))
    if not embedded:
        raise ValueError(none_readable(unreadable))
    names = tuple(given[i][1] for i in positions)
    return Ranking(embedded_query, tuple(embedded), names, tuple(positions), tuple(unreadable))


def given_documents(
    documents: Iterable[object] | Mapping[Any, object],
    rule: str = "documents must be an iterable or mapping of texts",
) -> list[tuple[Any, str, object]]:
    """Return key, name and text of each document; ``rule`` begins the errors about others."""
    if isinstance(documents, (str, bytes)):
        raise ValueError(
            f"{rule}, got {'a single text' if isinstance(documents, str) else 'bytes'}"
        )
    if hasattr(documents, "columns"):
        raise ValueError(f"{rule}, got a table: choose one of its columns")
    if getattr(documents, "shape", None) == ():  # an array that is iterable by name only
        raise ValueError(f"{rule}, got a zero-dimensional array")
    if isinstance(documents, (set, frozenset)):
        raise ValueError(f"{rule} in a definite order, got a set, which has none")
    if isinstance(documents, Mapping):
        given = [(key, str(key), text) for key, text in documents.items()]
    elif isinstance(documents, Iterable):
        given = [(i, f"document {i}", text) for i, text in enumerate(documents)]
    else:
        raise ValueError(f"{rule}, got {type(documents).__name__}")
    if not given:
        raise ValueError("documents must hold at least one text, got none")
    return given


def _read_together(
    encoder: Encoder, given: Sequence[tuple[Any, str, object]], progress: Progress | None
) -> dict[int, TokenEmbeddings | ValueError]:
    """Return the documents that an encoder reads together, by position."""
    if not isinstance(encoder, BatchEncoder):
        return {}
    texts = {i: text for i, (_, _, text) in enumerate(given) if is_readable(text)}
    if not texts:
        return {}

    def in_documents(done: int, _total: int) -> None:
        if progress is not None:
            progress(done, len(given))

    found = encoder.embed_each(list(texts.values()), progress=in_documents)
    return dict(zip(texts, found, strict=True))


def _read(encoder: Encoder, text: object, progress: Progress | None) -> TokenEmbeddings:
    return _scored(encoder.embed_document(string_only(text), progress=progress))


def _scored(document: TokenEmbeddings | ValueError) -> TokenEmbeddings:
    if isinstance(document, ValueError):
        raise document
    if not document.tokens.scored_mask.any():
        raise ValueError(nothing_scored("document", document.tokens, document.provenance))
    return document


@dataclass(slots=True)
class _Watch:
    """Reports documents, however many windows the one at hand has; knows who raised an error."""

    progress: Progress
    done: int
    total: int
    raised: bool = False

    def __call__(self, _window: int, _windows: int) -> None:
        try:
            self.progress(self.done, self.total)
        except BaseException:
            self.raised = True
            raise
