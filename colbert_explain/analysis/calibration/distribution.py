"""`Calibration`: what query tokens find in unrelated documents, by the document's length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.deprecation import renamed_argument, warn_of_fractions
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Provenance, as_array, as_table
from colbert_explain.explanation import Explanation
from colbert_explain.explanation._explain import difference_of_models

#: Fewest documents' lengths from which a growth can be read, and how many it is read from.
FEWEST_LENGTHS, _GROWTH_LENGTHS = 2, 3


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Calibration(ShowsItself):
    """The distribution of a query token's largest similarity in an unrelated document.

    The population is every scored text token of queries of all kinds (questions, claims,
    captions, keywords), each against documents on other subjects. It is not conditioned on the
    token: *the* meets *the* in almost any document, so function words sit high in it, and rare
    names low. It says how unusual a similarity is between unrelated texts, not how probable it
    is that the texts are related.

    A maximum over more tokens is larger, so everything depends on the document's length. The
    quantiles are interpolated in the logarithm of the length, and continued beyond the last one
    in a straight line through the last three.

    Parameters
    ----------
    lengths
        Scored tokens of the documents that were measured, increasing, shape ``(n_lengths,)``.
    quantiles
        Of the maxima at each length, at equally spaced levels from 0 to 1, shape
        ``(n_lengths, n_levels)``.
    provenance
        Whose vectors they are.

    Raises
    ------
    ValueError
        If the lengths do not increase, a row of quantiles falls, or there are too few of either.
    """

    lengths: Float[np.ndarray, " lengths"]
    quantiles: Float[np.ndarray, "lengths levels"]
    provenance: Provenance

    def __post_init__(self) -> None:
        for name, made in (
            ("lengths", as_array("lengths", self.lengths)),
            ("quantiles", as_table("quantiles", self.quantiles, "lengths, levels")),
        ):
            object.__setattr__(self, name, made)
        check.instance("provenance", self.provenance, Provenance)
        n_lengths, n_levels = self.quantiles.shape
        if n_lengths < FEWEST_LENGTHS or n_levels < FEWEST_LENGTHS:
            raise ValueError(
                f"quantiles must have at least {FEWEST_LENGTHS} rows and columns, "
                f"got {n_lengths} and {n_levels}"
            )
        if self.lengths.dtype.kind not in "fiu":
            raise ValueError(f"lengths must be numbers, got {self.lengths.dtype}")
        if self.lengths.shape != (n_lengths,):
            raise ValueError(
                f"lengths must have one entry per row of quantiles, {n_lengths}, "
                f"got {self.lengths.size}"
            )
        # Written so that NaN is wrong too.
        if not (np.all(self.lengths > 0) and np.all(np.diff(self.lengths) > 0)):
            raise ValueError(f"lengths must be above 0 and increase, got {self.lengths.tolist()}")
        if not np.all(np.diff(self.quantiles, axis=1) >= 0):
            raise ValueError("quantiles must not decrease along a row or contain NaN")

    def __repr__(self) -> str:
        # A model of shorter documents cannot read 480 tokens.
        short, long = 12, min(480, round(float(self.lengths[-1])))
        return (
            f"Calibration({self.provenance.model}: median maximum of unrelated texts "
            f"{self.threshold(short, 50):.2f} at {short} tokens, {self.threshold(long, 50):.2f} at "
            f"{long})"
        )

    def percentile(self, value: float, n_document: int) -> float:
        """Return the percentage of unrelated maxima that lie below a similarity.

        Parameters
        ----------
        value
            A query token's contribution, its largest similarity, in ``[-1, 1]``.
        n_document
            Scored tokens of the document, at least 1.

        Returns
        -------
        float
            In ``[0, 100]``: 0 below, 100 above everything that was measured.

        Raises
        ------
        ValueError
            If ``n_document`` is below 1, or ``value`` is not finite.
        """
        values = np.array([check.number("value", value)])
        return float(self.percentiles(values, n_document)[0])

    def percentiles(
        self, values: Float[np.ndarray, " values"], n_document: int
    ) -> Float[np.ndarray, " values"]:
        """Return the percentiles of several similarities with one document."""
        if not np.isfinite(values).all():
            raise ValueError(f"values must be finite, got {values[~np.isfinite(values)][0]}")
        quantiles = self.quantiles_at(n_document)
        levels = np.linspace(0, 1, len(quantiles))
        # np.interp wants increasing places: of equal ones the lowest level, as "below" says.
        places, first = np.unique(quantiles, return_index=True)
        return 100 * np.interp(values, places, levels[first], left=0.0, right=1.0)

    @renamed_argument("level", "percentile", lambda level: 100 * level)
    def threshold(self, n_document: int, percentile: float | int = 95) -> float:
        """Return the similarity below which the given percentage of unrelated maxima lies.

        Raises
        ------
        ValueError
            If ``n_document`` is below 1, or ``percentile`` is not within ``[0, 100]``.
        """
        if not 0 <= check.number("percentile", percentile) <= 100:
            raise ValueError(f"percentile must be within [0, 100], got {percentile}")
        warn_of_fractions(np.array([percentile], dtype=np.float64))
        quantiles = self.quantiles_at(n_document)
        return float(np.interp(percentile / 100, np.linspace(0, 1, len(quantiles)), quantiles))

    def of(self, explanation: Explanation) -> Float[np.ndarray, " query"]:
        """Return the percentile of every query token's contribution.

        Returns
        -------
        numpy.ndarray
            Shape ``(n_query,)``, in ``[0, 100]``; NaN for a token that is not scored, and for one
            that has no text ([CLS], markers, query expansion): no population was measured for it.

        Raises
        ------
        ValueError
            If the explanation comes from a different model than the calibration.
        """
        check.instance("explanation", explanation, Explanation, "explain makes one")
        if not self.provenance.same_model(explanation.provenance):
            what, given, own = difference_of_models(explanation.provenance, self.provenance)
            raise ValueError(
                "explanation must come from the model that was calibrated, "
                f"{self.provenance.model}, got {what} {given} instead of {own}"
            )
        counted = np.array([token.role == "text" and token.scored for token in explanation.query])
        n_document = int(explanation.document.scored_mask.sum())
        found = self.percentiles(explanation.contributions, n_document)
        return np.where(counted, found, np.nan)

    def quantiles_at(self, n_document: int) -> Float[np.ndarray, " levels"]:
        """Return the quantiles of the maxima in documents with a given number of scored tokens."""
        if check.whole_number("n_document", n_document) < 1:
            raise ValueError(f"n_document must be at least 1, got {n_document}")
        x, logs = np.log2(n_document), np.log2(self.lengths)
        if x > logs[-1]:
            last = slice(-_GROWTH_LENGTHS, None)
            growth = np.polynomial.polynomial.polyfit(logs[last], self.quantiles[last], 1)[1]
            found = self.quantiles[-1] + growth * (x - logs[-1])
        else:
            i = int(np.clip(np.searchsorted(logs, x) - 1, 0, len(logs) - 2))
            share = (x - logs[i]) / (logs[i + 1] - logs[i])  # below 0 before the first length
            found = (1 - share) * self.quantiles[i] + share * self.quantiles[i + 1]
        # A straight line knows neither that a cosine ends at 1 nor that quantiles keep their order.
        return np.sort(np.clip(found, -1, 1))
