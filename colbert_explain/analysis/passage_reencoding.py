"""The best passages encoded again, each as a text of its own.

In a long text every token's vector carries what stands around it, and a sentence is judged
together with its surroundings. Encoded alone, or with its neighbours only, it is judged more by
itself. On the development data both put the sentence that answers first more often, and equally
often (benchmarks/pointing.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from colbert_explain import argument_checks as check
from colbert_explain.deprecation import warn_renamed
from colbert_explain.display_hook import ShownTuple, ShowsItself
from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings, check_encoder
from colbert_explain.explanation import Explanation, Passage, explain_embeddings
from colbert_explain.explanation._explain import difference_of_models
from colbert_explain.similarity import ordered
from colbert_explain.text.sentences import sentence_spans
from colbert_explain.tokens import TokenSequence


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class ReencodedPassage(ShowsItself):
    """A sentence with its score in the document, and with the score it has alone.

    Parameters
    ----------
    passage
        The sentence as part of the whole document: its score in context, its rank there.
    explanation
        The explanation of the query and this sentence as a document of its own. No token of
        neighbours that were encoded with it is scored.
    rank
        Place by ``score`` among the sentences that were encoded again, from 1.
    """

    passage: Passage
    explanation: Explanation
    rank: int

    @property
    def text(self) -> str:
        """The sentence, as the user wrote it."""
        return self.passage.text

    @property
    def start(self) -> int:
        """First character of the sentence in the document."""
        return self.passage.start

    @property
    def end(self) -> int:
        """The position after its last character in the document."""
        return self.passage.end

    @property
    def score(self) -> float:
        """MaxSim of the query and the sentence, encoded again."""
        return self.explanation.score

    @property
    def alone(self) -> Explanation:
        """Deprecated: the old name of ``explanation``."""
        warn_renamed("ReencodedPassage.alone", "ReencodedPassage.explanation")
        return self.explanation

    def __repr__(self) -> str:
        alone = f"{self.rank}: alone {self.score:.4f}"
        return f"ReencodedPassage({alone}, in the document {self.passage!r})"


class ReencodedPassages(ShownTuple[ReencodedPassage]):
    """Sentences encoded again, best first."""

    __slots__ = ()


def reencode_passages(
    explanation: Explanation,
    encoder: Encoder,
    k: int = 5,
    *,
    candidates: int = 10,
    neighbours: int = 0,
    progress: Progress | None = None,
) -> tuple[ReencodedPassage, ...]:
    """Encode the best sentences of a document again, one by one, and rank them by their scores.

    The scores are not parts of the document's score: each is the MaxSim score of the query and that
    sentence as a document of its own. Compare them with each other, not with ``explanation.score``.

    Parameters
    ----------
    explanation
        A query and a document.
    encoder
        The encoder that ``explanation`` was made with; the versions of its libraries may differ.
    k
        How many sentences to return; fewer if the document has fewer.
    candidates
        How many of the best sentences in context are encoded again; ``k`` if that is more.
    neighbours
        How many sentences on both sides are encoded with each, as context that is not scored.
    progress
        Called as ``progress(done, total)`` before each sentence and at the end. Raising from it
        stops the work.

    Returns
    -------
    tuple of ReencodedPassage
        Best first; equal scores keep the order of the document's own ranking.

    Raises
    ------
    ValueError
        If ``k`` or ``candidates`` is below 1, ``neighbours`` below 0, or ``encoder`` is not the
        explanation's model, or encodes texts in another way.

    Examples
    --------
    >>> import colbert_explain as ce
    >>> encoder = ce.load_encoder()
    >>> x = ce.explain("What do cats eat?", "Dogs bark at night. Cats eat fish. It rains.", encoder)
    >>> reencode_passages(x, encoder, k=1)[0].text
    'Cats eat fish.'
    """
    check.instance("explanation", explanation, Explanation, "explain makes one")
    check_encoder(encoder)
    for name, value in (("k", k), ("candidates", candidates), ("neighbours", neighbours)):
        check.whole_number(name, value)
    check.function("progress", progress, "done, total")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if candidates < 1:
        raise ValueError(f"candidates must be at least 1, got {candidates}")
    if neighbours < 0:
        raise ValueError(f"neighbours must be at least 0, got {neighbours}")
    query = encoder.embed_query(explanation.query.text)
    if not query.provenance.same_model(explanation.provenance):
        what, given, own = difference_of_models(query.provenance, explanation.provenance)
        raise ValueError(
            "encoder must be the one that made the explanation, "
            f"{explanation.provenance.model}, got {what} {given} instead of {own}"
        )
    passages = explanation.passages(k=max(k, candidates))
    alone = []
    for number, passage in enumerate(passages):
        if progress is not None:
            progress(number, len(passages))
        read = _encode_again(encoder, explanation.document.text, passage, neighbours)
        alone.append(explain_embeddings(query, read))
    if progress is not None:
        progress(len(passages), len(passages))
    n_scored = int(query.tokens.scored_mask.sum())
    order = ordered(np.array([x.score for x in alone]), terms=n_scored)
    return ReencodedPassages(
        ReencodedPassage(passages[i], alone[i], rank) for rank, i in enumerate(order[:k], start=1)
    )


def _encode_again(
    encoder: Encoder, text: str, passage: Passage, neighbours: int
) -> TokenEmbeddings:
    """Encode a sentence, together with so many on both sides that are not scored."""
    spans = sentence_spans(text)
    number = spans.index((passage.start, passage.end))
    begin = spans[max(0, number - neighbours)][0]
    end = spans[min(len(spans) - 1, number + neighbours)][1]
    read = encoder.embed_document(text[begin:end])
    first, stop = passage.start - begin, passage.end - begin
    # A piece may hold the space before its word, so it counts where it overlaps the sentence.
    kept = [
        t.start is None or t.end is None or (t.start < stop and t.end > first) for t in read.tokens
    ]
    if not any(
        t.scored and t.start is not None for t, k in zip(read.tokens, kept, strict=True) if k
    ):
        return encoder.embed_document(passage.text)  # its neighbours took all the length
    tokens = tuple(
        token if keep else replace(token, scored=False)
        for token, keep in zip(read.tokens, kept, strict=True)
    )
    part = TokenSequence(read.tokens.text, tokens, read.tokens.n_unread, read.tokens.unread_start)
    return TokenEmbeddings(part, read.vectors, read.provenance)
