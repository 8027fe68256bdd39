"""`Explanation`: why a document got its score, token pair by token pair."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool

from colbert_explain import argument_checks as check
from colbert_explain.display_hook import ShowsItself
from colbert_explain.explanation.frames import positions, result_frame, texts
from colbert_explain.explanation.json_file import load_scores, save_explanation, scores_in_bytes
from colbert_explain.explanation.matches import TokenMatch, WordMatch, token_matches, word_matches
from colbert_explain.explanation.passages import Passage, best_passages
from colbert_explain.explanation.scores import PairScores, share_of
from colbert_explain.explanation.words import WordExplanation, explain_words
from colbert_explain.text.wording import count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(PairScores, ShowsItself):
    """Why a document got its score for a query: exact for this score, token pair by token pair.

    A contribution says what the score is made of. It does not prove what the encoder used: each
    vector already carries its context.

    Parameters
    ----------
    query, document
        The tokens of both sides; their ``scored`` flags are the masks.
    similarity
        Cosine similarities, float32, shape ``(n_query, n_document)``, in ``[-1, 1]``.
    provenance
        What computed them.

    Attributes
    ----------
    score
        MaxSim: the sum of ``contributions``. Compare it between documents for one query, never
        between queries.
    contributions
        Shape ``(n_query,)``: each query token's largest similarity; 0 where not scored.
    alignment
        Shape ``(n_query,)``: the document token with that similarity, the first of all that are
        equal within numerical error (1e-5); -1 where not scored.
    tied
        Shape ``(n_query,)``: whether another document token is equal to the match within
        numerical error (1e-5).
    close
        Shape ``(n_query,)``: whether the match is a close call: not tied, but a token in another
        word of the document comes within 0.02 of it.

    Raises
    ------
    ValueError
        If the matrix does not fit the tokens, a similarity is not within [-1, 1], or one side has
        no token that is scored.
    """

    def __repr__(self) -> str:
        return (
            f"Explanation(score {self.score:.4f}, {len(self.query)} query x "
            f"{len(self.document)} document tokens, {self.provenance.model})"
        )

    @cached_property
    def tied(self) -> Bool[np.ndarray, " query"]:
        """Whether another document token is equal to the match, per query token."""
        return self._where("tied")

    @cached_property
    def close(self) -> Bool[np.ndarray, " query"]:
        """Whether another word of the document comes within 0.02 of the match, per query token."""
        return self._where("close")

    def words(self) -> WordExplanation:
        """Return the score by word: the pieces of a word are added up, the score stays the same.

        >>> from colbert_explain import explain
        >>> words = explain("What don't elephants eat?", "They do not eat meat.").words()
        >>> [word.text for word in words.query]
        ['[CLS]', 'What', "don't", 'elephants', 'eat', '?', '[SEP]']
        """
        return self._words

    def passages(self, k: int = 5) -> tuple[Passage, ...]:
        """Return the ``k`` sentences of the document that alone would score highest, best first.

        Sentences are ranked by MaxSim restricted to each; equal scores keep the order of the text.
        There may be fewer: a sentence without a scored token has no score.

        Raises
        ------
        ValueError
            If ``k`` is below 1.

        Examples
        --------
        >>> from colbert_explain import explain
        >>> x = explain("What do cats eat?", "Dogs bark at night. Cats eat fish. It rains.")
        >>> [passage.text for passage in x.passages(k=2)]
        ['Cats eat fish.', 'Dogs bark at night.']
        """
        return best_passages(self, k)

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the score: one row per query token, unscored ones included.

        Returns
        -------
        pandas.DataFrame
            ``token``, ``role``, ``scored``, ``unknown``, ``start``, ``end``; ``contribution``
            (they sum to the score) and its ``share`` of the score; ``match``,
            ``match_position``, ``match_start``, ``match_end``; ``runner_up``,
            ``runner_up_position``, ``runner_up_similarity`` (the best document token in another
            word than the match); ``tied``, ``close``. The index ``position`` counts the tokens.
            Texts are of pandas' type ``string`` and positions ``Int64``, with ``<NA>`` where a
            token is not scored or has no text; other numbers are float64, with NaN;
            ``share`` is NaN where the score is not above 0. ``attrs["provenance"]`` says in a
            dict what computed them.
        """
        matches = self.token_matches
        found = [None if m is None else m.match_position for m in matches]
        second = [None if m is None or not m.runner_up else m.runner_up_position for m in matches]

        def of_document(places: list[int | None], name: str) -> list[Any]:
            return [None if j is None else getattr(self.document[j], name) for j in places]

        return result_frame(
            {
                "token": texts(token.text for token in self.query),
                "role": texts(token.role for token in self.query),
                "scored": self.query.scored_mask,
                "unknown": [token.unknown for token in self.query],
                "start": positions(token.start for token in self.query),
                "end": positions(token.end for token in self.query),
                "contribution": self.contributions.astype(np.float64),
                "share": [share_of(float(part), self.score) for part in self.contributions],
                "match": texts(of_document(found, "text")),
                "match_position": positions(found),
                "match_start": positions(of_document(found, "start")),
                "match_end": positions(of_document(found, "end")),
                "runner_up": texts(of_document(second, "text")),
                "runner_up_position": positions(second),
                "runner_up_similarity": [
                    np.nan if m is None else m.runner_up_similarity for m in matches
                ],
                "tied": self.tied,
                "close": self.close,
            },
            "position",
            self.provenance,
        )

    def provenance_sentence(self) -> str:
        """Return one line: what computed this, in how many windows, and what was not read."""
        parts = [self.provenance.sentence()]
        for name, side in (("query", self.query), ("document", self.document)):
            windows = f" in {side.n_windows} windows" if side.n_windows > 1 else ""
            unread = f", {side.n_unread:,} more not read" if side.n_unread else ""
            parts.append(f"{name}: {count(len(side), 'token')}{windows}{unread}")
        return " · ".join(parts)

    def save(self, path: str | Path) -> None:
        """Write the explanation to a JSON file that `load_explanation` reads back exactly.

        The file is written whole or not at all: it is written under another name and then moved.
        """
        save_explanation(self, check.file_path("path", path))

    @cached_property
    def token_matches(self) -> tuple[TokenMatch | None, ...]:
        """What each query token found; None where it is not scored. See `TokenMatch`."""
        return token_matches(self, self._words.document)

    @cached_property
    def word_matches(self) -> tuple[WordMatch, ...]:
        """What each scored query word found, in the order of the query. See `WordMatch`."""
        return word_matches(self, self.words(), self.token_matches)

    @cached_property
    def _words(self) -> WordExplanation:
        return explain_words(self)

    def _where(self, firmness: str) -> Bool[np.ndarray, " query"]:
        found = [match is not None and match.firmness == firmness for match in self.token_matches]
        array = np.array(found, dtype=bool)
        array.flags.writeable = False
        return array


def load_explanation(path: str | Path) -> Explanation:
    """Read an explanation that `Explanation.save` wrote; needs no model and no network.

    The file may come from a machine whose arithmetic chose a different one of several tied document
    tokens; the choice is made again when the file is loaded.

    Raises
    ------
    ValueError
        If the file is not a saved explanation, was written by a newer version of this package, or
        is damaged: cut short, changed, with impossible values, or with numbers that do not add up.
    OSError
        If there is no such file.
    """
    return _explanation(load_scores(path))


def explanation_in_bytes(name: str, data: bytes) -> Explanation:
    """Read the bytes of such a file, which an error calls by ``name``; see `load_explanation`."""
    return _explanation(scores_in_bytes(name, data))


def _explanation(found: PairScores) -> Explanation:
    return Explanation(found.query, found.document, found.similarity, found.provenance)
