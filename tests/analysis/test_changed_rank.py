import numpy as np
import pytest

from colbert_explain.analysis.changed_rank import changed_rank
from colbert_explain.analysis.ranking import Ranking
from colbert_explain.embeddings import TokenEmbeddings


def test_of_equal_others_the_first_is_named_on_every_processor(toy_encoder):
    query = toy_encoder.embed_query("golden leaves")
    one, other, third = map(toy_encoder.embed_document, ("golden leaves", "leaves golden", "snow"))
    for sign in (-1, 1):
        moved = TokenEmbeddings(other.tokens, other.vectors * np.float32(1 + sign * 3e-7))
        ranking = Ranking(query, (one, moved, third), ("one", "other", "third"))
        assert ranking.scores[0] != ranking.scores[1], sign
        new = changed_rank(ranking, 2, 0.5)
        assert (new.other_rank, new.other_score) == (1, ranking.scores[0]), sign


def test_a_document_is_ranked_anew(toy_encoder):
    query = toy_encoder.embed_query("golden leaves")
    texts = ("golden leaves", "leaves", "snow")
    ranking = Ranking(query, tuple(map(toy_encoder.embed_document, texts)), texts)
    for score, after, other in ((2.5, 1, 2), (-2.0, 3, 1), (2.0, 1, 1)):
        new = changed_rank(ranking, 1, score)
        assert (new.before, new.after, new.other_rank) == (2, after, other), score
        assert new.other_score == pytest.approx(2.0), score
