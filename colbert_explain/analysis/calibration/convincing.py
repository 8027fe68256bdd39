"""When the match of a query word convinces: a percentile, or without a calibration a cosine."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from colbert_explain.explanation import WordMatch
from colbert_explain.similarity import TIE_TOLERANCE

#: A best match that beats fewer percent of unrelated text than this convinces nobody.
CONVINCING = 95
#: The same without a calibration, for a word's contribution per piece. Measured with the bundled
#: encoder on the package's sample pairs: 93% of the words of identical and paraphrased pairs
#: reach it, and 4% of the words that find a different word in an unrelated text. Thresholds
#: from 0.3 to 0.7 in steps of 0.05 divide the two less well.
CONVINCING_COSINE = 0.4


def is_convincing(match: WordMatch, percentiles: Float[np.ndarray, " query"] | None = None) -> bool:
    """Return whether a query word found more than unrelated text would offer.

    Parameters
    ----------
    match
        The word and what its pieces found.
    percentiles
        Of every query token, as `Calibration.of` gives them. Then the percentile of the word's
        strongest piece must reach `CONVINCING`; without them, or where it is NaN, the word's
        contribution per piece must reach `CONVINCING_COSINE`.

    Examples
    --------
    >>> from colbert_explain import explain
    >>> x = explain("Cats purr", "My cats sleep all day")
    >>> [match.word.text for match in x.word_matches if is_convincing(match)]
    ['Cats']
    """
    percentile = np.nan if percentiles is None else percentiles[match.pieces[0].position]
    if np.isfinite(percentile):
        return bool(percentile >= CONVINCING)
    # Last bits differ between processors.
    return match.contribution / len(match.pieces) >= CONVINCING_COSINE - TIE_TOLERANCE
