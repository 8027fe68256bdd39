from collections import Counter

import pytest

from colbert_explain.encoders import load_encoder
from colbert_explain.evaluation.audit import audit
from colbert_explain.evaluation.audit.causes import CAUSES, OTHER
from colbert_explain.search import Collection
from tests.each_case import check_each
from tests.evaluation.audit.planted import BY_WORDS, IN_SENTENCES

QUERY = "q"


def audited(planted, encoder):
    collection = Collection.build(planted.documents, encoder)
    if planted.run is not None:
        found = {id_: 1.0 / place for place, id_ in enumerate(planted.run, 1)}
    else:
        hits = collection.search(planted.query, 20, first_stage=planted.first_stage)
        found = dict(zip(hits.names, map(float, hits.scores), strict=True))
    return audit(
        {QUERY: found},
        {QUERY: planted.query},
        {QUERY: {"right": 1}},
        collection,
        k=planted.k,
        first_stage=planted.first_stage,
    )


def named_rightly(planted, encoder):
    [query] = audited(planted, encoder).queries
    assert not query.is_found
    assert query.cause == planted.cause, (query.causes, query.sentence)


def test_every_planted_cause_is_named():
    assert len(BY_WORDS) >= 20
    assert {planted.cause for planted in BY_WORDS} == {*CAUSES, OTHER}
    check_each(
        BY_WORDS,
        lambda planted: named_rightly(planted, planted.encoder),
        lambda planted: f"{planted.cause}: {planted.query!r}",
    )


def test_causes_planted_in_sentences_are_named_with_the_bundled_encoder(encoder):
    def check(planted):
        is_short = planted.document_length < 50
        chosen = load_encoder(document_length=planted.document_length) if is_short else encoder
        named_rightly(planted, chosen)

    check_each(IN_SENTENCES, check, lambda planted: f"{planted.cause}: {planted.query!r}")


def test_a_cause_does_not_hold_where_the_right_document_was_found():
    for planted in BY_WORDS:
        if planted.in_collection and planted.run is None:
            collection = Collection.build(planted.documents, planted.encoder)
            run = {QUERY: {"right": 2.0, "wrong0": 1.0}}
            found = audit(run, {QUERY: planted.query}, {QUERY: {"right": 1}}, collection, k=1)
            assert found.queries[0].causes == (), planted


def test_the_frame_shows_every_cause_that_holds_and_the_main_one_first():
    for planted in BY_WORDS:
        result = audited(planted, planted.encoder)
        row = result.to_frame().loc[QUERY]
        holding = [name for name in (*CAUSES, OTHER) if row[name]]
        assert holding[0] == row["cause"], planted
        assert Counter(holding) == Counter(result.queries[0].causes)


def test_the_rank_by_exact_maxsim_tells_what_the_first_stage_dropped():
    [planted] = [one for one in BY_WORDS if one.first_stage == "bm25"]
    [query] = audited(planted, planted.encoder).queries
    assert (query.rank, query.exact_rank) == (None, 1)


def test_what_was_cut_off_is_scored_as_if_it_had_been_read():
    planted = next(one for one in BY_WORDS if one.cause == "evidence cut off")
    [query] = audited(planted, planted.encoder).queries
    assert query.right_score < query.winner_score
    assert query.score_if_read == pytest.approx(2)  # painted, ceiling
