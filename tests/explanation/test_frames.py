"""What all tables have in common: a named index, types, missing values, provenance."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

import colbert_explain as ce
from tests.each_case import check_each


@pytest.fixture
def frames(toy_encoder):
    x = ce.explain("What do cats eat?", "Cats eat fish. Dogs bark.", toy_encoder)
    ranking = ce.rank("cats eat", ["cats sleep", " ", "cats eat fish"], toy_encoder)
    return {
        "tokens": (x.to_frame(), "position"),
        "words": (x.words().to_frame(), "number"),
        "ranking": (ranking.to_frame(), "place"),
        "pooled": (ranking.to_frame(pooled_cosine=True), "place"),
        "contrast": (ranking.contrast(0, 1).to_frame(), "position"),
        "occlusion": (ce.occlude(x, "fish").to_frame(), "position"),
    }, asdict(x.provenance)


def test_every_frame_has_the_same_types_and_says_what_computed_it(frames):
    found, provenance = frames

    def right(name):
        frame, index = found[name]
        assert frame.index.name == index
        assert frame.index.tolist() == list(range(len(frame)))
        assert frame.attrs == {"provenance": provenance}
        json.dumps(frame.attrs)
        for column, dtype in frame.dtypes.items():
            number = pd.api.types.is_float_dtype(dtype)
            assert str(dtype) in ("string", "Int64", "float64", "int64", "bool"), column
            place = any(part in column for part in ("start", "end", "position", "number"))
            assert not place or number is False, column
            assert str(dtype) != "int64" or column in ("rank", "n_tokens"), column

    check_each(found, right)


def test_what_is_not_there_is_missing_in_the_way_of_its_type(frames):
    tokens = frames[0]["tokens"][0]
    begin = tokens.loc[0]  # [CLS]: not scored, has no text
    for column in ("start", "match", "match_position", "match_end", "runner_up"):
        assert begin[column] is pd.NA, column
    assert np.isnan(begin["runner_up_similarity"])
    words = frames[0]["words"][0].loc[0]
    for column in ("end", "match", "match_kind", "match_number"):
        assert words[column] is pd.NA, column
    assert np.isnan(words["match_similarity"])


def test_a_share_needs_a_score_above_0():
    tokens = ce.TokenSequence.from_strings(["cats"])
    for value, share in ((0.5, 1.0), (0.0, np.nan), (-0.5, np.nan)):
        x = ce.Explanation(tokens, tokens, np.array([[value]]), ce.Provenance("mine"))
        shares = [
            x.to_frame()["share"][0],
            x.words().to_frame()["share"][0],
            x.passages()[0].share,
        ]
        assert shares == pytest.approx([share] * 3, nan_ok=True), value
