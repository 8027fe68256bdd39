import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.analysis.calibration.convincing import (
    CONVINCING,
    CONVINCING_COSINE,
    is_convincing,
)


@pytest.fixture
def match(toy_encoder):
    x = ce.explain("cats", "cats sleep", toy_encoder)
    return x.word_matches[0]


def test_a_percentile_decides_where_there_is_one_and_else_the_cosine(match):
    assert match.contribution == pytest.approx(1)
    assert is_convincing(match)
    for percentile, expected in ((CONVINCING, True), (94.9, False), (np.nan, True), (100, True)):
        percentiles = np.full(3, percentile, dtype=float)
        assert is_convincing(match, percentiles) is expected, percentile


def test_the_cosine_divides_related_from_unrelated_sample_pairs_as_the_module_says(encoder):
    kinds = "Identical", "Paraphrased", "Unrelated"
    samples = [sample for sample in ce.load_samples() if sample.group in kinds]
    related, unrelated = [], []
    for asked in samples:
        for found in samples:
            x = ce.explain(asked.query, found.document, encoder)
            words = [match for match in x.word_matches if match.word.role == "text"]
            if found is asked and asked.group != "Unrelated":
                related += map(is_convincing, words)
            elif asked.query != found.query and asked.document != found.document:
                unrelated += [is_convincing(each) for each in words if each.kind != "same word"]
    assert CONVINCING_COSINE == 0.4
    assert np.mean(related) == pytest.approx(0.93, abs=0.01)
    assert np.mean(unrelated) < 0.05
