"""Figures for several variants measured on the same items, with errors of their differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure per variant, and what it would be without each independent unit of the data.

    Attributes
    ----------
    figures
        Shape ``(variants,)``.
    without
        Shape ``(units, variants)``.
    n_items
        How many questions, words, ... were measured.
    """

    figures: np.ndarray
    without: np.ndarray
    n_items: int

    def differences(self, baseline: int) -> np.ndarray:
        """Figures minus the figure of variant number ``baseline``, shape ``(variants,)``."""
        return self.figures - self.figures[baseline]

    def errors(self, baseline: int) -> np.ndarray:
        """Estimate the standard errors of `differences` by the jackknife, shape ``(variants,)``."""
        differences = self.without - self.without[:, [baseline]]
        return np.sqrt(len(differences) - 1) * differences.std(axis=0)


def mean(values: np.ndarray, units: np.ndarray) -> Measured:
    """Average over items.

    Parameters
    ----------
    values
        Shape ``(items, variants)``; NaN does not count.
    units
        Shape ``(items,)``: items with one number (words of one sentence, say) belong together.
    """
    _, units = np.unique(units, return_inverse=True)
    sums, counts = np.zeros((2, units.max() + 1, values.shape[1]))
    np.add.at(sums, units, np.nan_to_num(values))
    np.add.at(counts, units, ~np.isnan(values))
    without = (sums.sum(axis=0) - sums) / (counts.sum(axis=0) - counts)
    return Measured(sums.sum(axis=0) / counts.sum(axis=0), without, len(values))


def spearman(values: np.ndarray, gold: np.ndarray) -> Measured:
    """Rank correlation of each column of ``values``, shape ``(items, variants)``, with gold."""
    table = pd.DataFrame(np.column_stack([gold, values]))

    def correlation(rows: pd.DataFrame) -> np.ndarray:
        return np.corrcoef(rows.rank(), rowvar=False)[0, 1:]

    without = np.array([correlation(table.drop(index=i)) for i in table.index])
    return Measured(correlation(table), without, len(table))
