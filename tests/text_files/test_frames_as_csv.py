import numpy as np
import pandas as pd
import pytest

from colbert_explain.analysis import rank
from colbert_explain.analysis.occlusion import occlude
from colbert_explain.explanation import explain

QUERY, DOCUMENTS = 'cats, "eat" null\nfish zzz', ["Dogs eat fish. NA", 'cats; sleep,\n"null"']


def frames(encoder):
    x = explain(QUERY, DOCUMENTS[0], encoder)
    ranking = rank(QUERY, DOCUMENTS, encoder)
    return {
        "tokens": x.to_frame(),
        "words": x.words().to_frame(),
        "ranking": ranking.to_frame(),
        "contrast": ranking.contrast(0, 1).to_frame(),
        "occlusion": occlude(x, (0, 4), reencode=encoder).to_frame(),
    }


@pytest.mark.parametrize("name", ["tokens", "words", "ranking", "contrast", "occlusion"])
def test_a_table_survives_csv(toy_encoder, tmp_path, name):
    frame = frames(toy_encoder)[name]
    path = tmp_path / "x.csv"
    frame.to_csv(path, index=False)
    read = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in frame.columns})
    assert list(read.columns) == list(frame.columns)
    assert len(read) == len(frame)
    for column in frame.columns:
        was, now = frame[column], read[column]
        assert now.isna().tolist() == was.isna().tolist(), column
        known = ~was.isna()
        if pd.api.types.is_float_dtype(was.dtype):
            np.testing.assert_allclose(now[known].astype(float), was[known].astype(float), 1e-6)
        else:
            assert now[known].tolist() == was[known].tolist(), column
