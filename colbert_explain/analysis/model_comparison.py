"""`compare_models`: one query and one document as several models see them.

Models split texts differently, so their tokens are aligned by the characters that they stand for.
Their scores cannot be compared: they differ in how many query tokens are scored, and in how similar
unrelated tokens are. What can be compared is which part of its own score a word makes up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from colbert_explain import argument_checks as check
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Encoder, Provenance, check_encoder
from colbert_explain.explanation import Explanation, Word, WordMatch, explain
from colbert_explain.explanation.frames import positions, texts
from colbert_explain.explanation.scores import share_of
from colbert_explain.similarity import first_best
from colbert_explain.text.sentence_parts import joined, plain
from colbert_explain.text.wording import count, percent, shorten

if TYPE_CHECKING:
    import pandas as pd

_FEWEST = 2
#: Characters of a word in a sentence.
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A piece of the query, and what each model makes of it.

    Attributes
    ----------
    text
        The characters of the query; "" for all tokens that stand for no text.
    start, end
        Their positions in the query; ``None`` for tokens that stand for no text.
    contributions
        What it adds to the score of each model; NaN where a model scores none of it.
    shares
        Its part of the score of each model, NaN where that score is not above 0.
    matches
        The document word that the strongest of its words found in each model; ``None`` where a
        model scores none of it.
    """

    text: str
    start: int | None
    end: int | None
    contributions: tuple[float, ...]
    shares: tuple[float, ...]
    matches: tuple[Word | None, ...]

    @property
    def is_same_match(self) -> bool:
        """Whether all models find the same place in the document: their matches overlap."""
        found = [match for match in self.matches if match is not None]
        if len(found) < len(self.matches):
            return False
        if any(match.start is None for match in found):
            return len({(match.text, match.start) for match in found}) == 1
        return max(m.start or 0 for m in found) < min(m.end or 0 for m in found)


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class ModelComparison(ShowsItself):
    """The explanations of one pair by several models, aligned by characters of the query.

    Parameters
    ----------
    explanations
        One for each model, at least two, of the same query and the same document.
    names
        What the models are called, one name each.

    Raises
    ------
    ValueError
        If there are fewer than two explanations, they are of different texts, or there is not one
        name for each.
    """

    explanations: tuple[Explanation, ...]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, kind in (("explanations", Explanation), ("names", str)):
            object.__setattr__(self, name, check.several(name, getattr(self, name), kind))
        n = len(self.explanations)
        if n < _FEWEST:
            raise ValueError(f"explanations must hold at least {_FEWEST}, got {n}")
        if len(self.names) != n:
            raise ValueError(f"names must hold one name per model, {n}, got {len(self.names)}")
        for side in ("query", "document"):
            texts = dict.fromkeys(getattr(x, side).text for x in self.explanations)
            if len(texts) > 1:
                one, other = [*texts][:2]
                raise ValueError(
                    f"explanations must be of the same {side}, got {one[:40]!r} and {other[:40]!r}"
                )

    def __repr__(self) -> str:
        return f"ModelComparison({self.sentence()})"

    @property
    def words(self) -> tuple[AlignedWord, ...]:
        """The pieces of the query that no model's word crosses, in the order of the text.

        A model's word is what `Explanation.word_matches` takes for one. Where the words of two
        models overlap, they form one piece together. Tokens that stand for no text, such as [CLS],
        come last, together.
        """
        text = self.explanations[0].query.text
        matches = [x.word_matches for x in self.explanations]
        found = [
            self._aligned(
                text[start:end],
                (start, end),
                [[m for m in one if _lies_within(m.word, start, end)] for one in matches],
            )
            for start, end in _merged(match.word for one in matches for match in one)
        ]
        without_text = [[m for m in one if m.word.start is None] for one in matches]
        if any(without_text):
            found.append(self._aligned("", (None, None), without_text))
        return tuple(found)

    def sentence(self) -> str:
        """Return a sentence: for how many words the models agree, and for which they differ most.

        The models differ most for the word whose share of the score differs most between two of
        them.
        """
        words = self.words
        scored = [word for word in words if word.text and None not in word.matches]
        n_same = sum(word.is_same_match for word in scored)
        all_ = "Both models" if len(self.names) == _FEWEST else f"All {len(self.names)} models"
        parts = [f"{all_} find the same match for {n_same:,} of {count(len(scored), 'query word')}"]
        most = self._most_different(words)
        if most is None:
            return plain(joined(*parts, "."))
        word, low, high = most
        called = f"“{shorten(word.text, _LONGEST_WORD)}”" if word.text else "tokens without text"
        parts.append(
            f"; their shares of the score differ most for {called}: {self._share(word, high)}, "
            f"{self._share(word, low)}."
        )
        return plain(joined(*parts))

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the comparison: one row per piece of the query and model.

        Returns
        -------
        pandas.DataFrame
            ``model``; ``word``, ``start``, ``end`` of the piece of the query (``word`` is empty for
            tokens that stand for no text); ``contribution``, ``share`` of this model's score;
            ``match``, ``match_start``, ``match_end``; ``same_match``, whether all models find the
            same place. The index ``number`` counts the rows. Contributions of one model add up to
            its score. Types and missing values are as in `Explanation.to_frame`.
        """
        import pandas as pd

        rows = [(word, k) for word in self.words for k in range(len(self.names))]
        matches = [word.matches[k] for word, k in rows]
        return pd.DataFrame(
            {
                "model": texts(self.names[k] for _, k in rows),
                "word": texts(word.text for word, _ in rows),
                "start": positions(word.start for word, _ in rows),
                "end": positions(word.end for word, _ in rows),
                "contribution": [word.contributions[k] for word, k in rows],
                "share": [word.shares[k] for word, k in rows],
                "match": texts(match.text if match else None for match in matches),
                "match_start": positions(match.start if match else None for match in matches),
                "match_end": positions(match.end if match else None for match in matches),
                "same_match": [word.is_same_match for word, _ in rows],
            }
        ).rename_axis("number")

    def _aligned(
        self,
        text: str,
        span: tuple[int, int] | tuple[None, None],
        of_models: Sequence[Sequence[WordMatch]],
    ) -> AlignedWord:
        contributions = [
            sum(match.contribution for match in found) if found else np.nan for found in of_models
        ]
        return AlignedWord(
            text,
            span[0],
            span[1],
            tuple(contributions),
            tuple(
                share_of(value, x.score)
                for value, x in zip(contributions, self.explanations, strict=True)
            ),
            tuple(_strongest(found) for found in of_models),
        )

    def _most_different(self, words: Sequence[AlignedWord]) -> tuple[AlignedWord, int, int] | None:
        """Return the word whose share differs most, and the models with its least and largest."""
        found = [word for word in words if np.isfinite(word.shares).all()]
        if not found:
            return None
        shares = np.array([word.shares for word in found])
        word = found[int(first_best(shares.max(axis=1) - shares.min(axis=1)))]
        return word, int(first_best(-np.array(word.shares))), int(first_best(np.array(word.shares)))

    def _share(self, word: AlignedWord, model: int) -> str:
        match = word.matches[model]
        found = f" (→ “{shorten(match.text, _LONGEST_WORD)}”)" if word.text and match else ""
        return f"{percent(word.shares[model])} in {self.names[model]}{found}"


def compare_models(
    query: str,
    document: str,
    encoders: Iterable[Encoder],
    *,
    names: Sequence[str] | None = None,
) -> ModelComparison:
    """Explain one pair with several models, and align what they see by characters.

    Parameters
    ----------
    query, document
        As for `explain`.
    encoders
        At least two: different models, or one model with different settings.
    names
        What to call them; by default the names of the models, with the settings that differ.

    Raises
    ------
    ValueError
        If a model cannot read a text, or there are fewer than two encoders.

    Examples
    --------
    >>> from colbert_explain.encoders import load_encoder
    >>> encoders = load_encoder(), load_encoder(layers=(6,))
    >>> found = compare_models("What do cats eat?", "A cat eats fish.", encoders)
    >>> [word.text for word in found.words]
    ['What', 'do', 'cats', 'eat']
    """
    given = check.listed("encoders", encoders)
    for k, encoder in enumerate(given):
        check_encoder(encoder, f"encoders[{k}]")
    explanations = [explain(query, document, encoder) for encoder in given]
    if len(explanations) < _FEWEST:
        raise ValueError(f"encoders must hold at least {_FEWEST}, got {len(explanations)}")
    if names is None:
        names = model_names([x.provenance for x in explanations])
    return ModelComparison(tuple(explanations), tuple(check.listed("names", names)))


def model_names(provenances: Sequence[Provenance]) -> tuple[str, ...]:
    """Name models so that they can be told apart: by model, by the settings that differ, or both.

    What still has the same name is numbered.
    """
    described = [_described(p) for p in provenances]
    keys = dict.fromkeys(key for one in described for key in one)
    is_one_model = len({p.model for p in provenances}) == 1
    names = []
    for p, own in zip(provenances, described, strict=True):
        alike = [o for o, q in zip(described, provenances, strict=True) if q.model == p.model]
        differing = ", ".join(
            f"{key} {own.get(key) or 'by default'}"
            for key in keys
            if len({one.get(key) for one in alike}) > 1
        )
        with_model = f"{p.model} ({differing})" if differing else p.model
        names.append(differing if is_one_model and differing else with_model)
    return tuple(
        f"{name}, {names[: k + 1].count(name)}" if names.count(name) > 1 else name
        for k, name in enumerate(names)
    )


def _described(p: Provenance) -> dict[str, str]:
    """Return what may differ between two encoders of one model, name to value."""
    return {
        "revision": (p.revision or "")[:12],
        "sha256": (p.sha256 or "")[:12],
        "layers": " + ".join(map(str, p.layers)),
        "dtype": p.dtype,
        **{name.replace("_", " "): str(value) for name, value in p.settings.items()},
    }


def _lies_within(word: Word, start: int, end: int) -> bool:
    return word.start is not None and start <= word.start < end


def _merged(words: Iterable[Word]) -> list[tuple[int, int]]:
    """Return the characters of words, those that overlap joined; words without text have none."""
    spans = sorted((w.start, w.end) for w in words if w.start is not None and w.end is not None)
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _strongest(found: Sequence[WordMatch]) -> Word | None:
    if not found:
        return None
    return found[int(first_best(np.array([m.contribution for m in found])))].pieces[0].match
