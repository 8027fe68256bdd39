import numpy as np
import pandas as pd
import pytest

import colbert_explain as ce
from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.evaluation.audit import audit
from colbert_explain.tokens import Token, TokenSequence
from tests.conftest import ToyEncoder
from tests.each_case import check_each

QUERY = "What do cats eat ?"
SHARES = ["structural_share", "same_word_share", "same_stem_share", "different_word_share"]


def test_a_row_a_pair_with_the_numbers_of_its_explanation(toy_encoder):
    frame = audit([(QUERY, "Cats eat fish . Cats sleep ."), (QUERY, "It rains .")], toy_encoder)
    for document, row in zip(frame["document"], frame.itertuples(), strict=True):
        x = ce.explain(QUERY, document, toy_encoder)
        assert row.score == pytest.approx(x.score)
        assert row.mean_contribution == pytest.approx(x.score / 4)
        assert row.n_query_words == 4
        firmness = [match.firmness for match in x.word_matches]
        assert [row.n_tied, row.n_close, row.n_firm] == [
            firmness.count(name) for name in ("tied", "close", "firm")
        ]
    assert frame["n_tied"][0] == 1  # cats, twice
    assert frame["matched_words"][0] == "cats, eat"
    assert frame["unmatched_words"][0] == "What, do"


def test_shares_add_up_to_the_score_and_tokens_without_text_are_structural():
    def text(words, directions):
        tokens = [Token(0, "[CLS]", "[CLS]", None, None, "special")]
        for word in words.split():
            start = words.index(word)
            tokens.append(Token(1, word, word, start, start + len(word)))
        vectors = np.eye(8, dtype=np.float32)[directions]
        return TokenEmbeddings(TokenSequence(words, tuple(tokens)), vectors, Provenance("own"))

    class Own:
        name, dim, document_length = "own", 8, 50

        def embed_query(self, _text, *, progress=None):
            return text("cats eat fish now", [0, 1, 2, 3, 4])

        def embed_document(self, _text, *, progress=None):
            # "cats" is there, "eaten" has another stem form, "cod" is a word; "now" finds [CLS].
            return text("cats eating cod", [0, 1, 2, 3])

    query = Own().embed_query("")
    vectors = query.vectors.copy()
    vectors[4] = vectors[0]
    encoder = Own()
    encoder.embed_query = lambda _text, *, progress=None: TokenEmbeddings(
        query.tokens, vectors, query.provenance
    )
    row = audit([("q", "d")], encoder).iloc[0]
    assert row[SHARES].tolist() == pytest.approx([2 / 5, 1 / 5, 1 / 5, 1 / 5])


def test_the_bundled_encoder_scores_no_structural_token(encoder):
    frame = audit([(s.query, s.document) for s in ce.load_samples()[:6]], encoder)
    assert frame["structural_share"].tolist() == [0.0] * 6
    assert frame[SHARES].sum(axis=1).tolist() == pytest.approx([1.0] * 6)


def test_words_that_stand_only_in_the_part_not_read_are_named():
    frame = audit(
        [
            ("where cats eat the fish", "dogs bark all night . The fish is eaten by a cat ."),
            ("where cats eat the fish", "cats eat fish"),
        ],
        ToyEncoder(document_length=7),
    )
    assert frame["n_unread"].tolist() == [8, 0]
    assert frame["words_not_read"].tolist() == ["cats, fish", ""]


def test_a_calibration_gives_percentiles_and_decides_what_matches(toy_encoder):
    provenance = toy_encoder.embed_query("cats").provenance
    levels = np.linspace(0, 1, 101)
    calibration = ce.Calibration(np.array([1.0, 9.0]), np.stack([levels, levels]), provenance)
    row = audit([(QUERY, "Cats eat fish")], toy_encoder, calibration=calibration).iloc[0]
    x = ce.explain(QUERY, "Cats eat fish", toy_encoder)
    known = calibration.of(x)
    assert row["weakest_percentile"] == pytest.approx(np.nanmin(known))
    assert row["mean_percentile"] == pytest.approx(np.nanmean(known))
    assert row["matched_words"] == "cats, eat"
    plain = audit([(QUERY, "Cats eat fish")], toy_encoder).iloc[0]
    assert np.isnan(plain["weakest_percentile"])
    other = ce.Calibration(calibration.lengths, calibration.quantiles, Provenance("another"))
    with pytest.raises(ValueError, match="must come from the model that was calibrated"):
        audit([(QUERY, "Cats eat fish")], toy_encoder, calibration=other)


def test_a_pair_that_cannot_be_read_has_the_reason_and_no_numbers(toy_encoder):
    frame = audit(
        [(QUERY, " "), (None, "Cats"), (QUERY, 5), (QUERY, "..."), (QUERY, "Cats")], toy_encoder
    )
    reasons = ["must contain text", "missing value", "must be a string, got 5", "scored"]
    for reason, error in zip(reasons, frame["error"], strict=False):
        assert reason in error
    assert frame["error"].isna().tolist() == [False] * 4 + [True]
    assert frame["score"].isna().tolist() == [True] * 4 + [False]
    assert frame["n_tied"].isna().tolist() == [True] * 4 + [False]
    assert frame["document"].isna().tolist() == [False, False, True, False, False]


def test_text_that_is_no_unicode_is_an_error_of_its_pair(encoder):
    frame = audit([(QUERY, "half \ud800"), (QUERY, "Cats")], encoder)
    assert "surrogate" in frame["error"][0]
    assert frame["document"].isna().tolist() == [True, False]


def test_further_columns_and_the_index_are_carried_through(toy_encoder):
    given = pd.DataFrame(
        {
            "query_id": [7, 8],
            "query": [QUERY, "Dogs"],
            "document": ["Cats eat", "Dogs bark"],
            "score": [0.5, 0.25],
        },
        index=["x", "y"],
    )
    before = given.copy()
    frame = audit(given, toy_encoder)
    pd.testing.assert_frame_equal(given, before)
    assert frame.index.tolist() == ["x", "y"]
    assert frame.index.name == "pair"
    assert frame.columns[:4].tolist() == ["query_id", "query", "document", "given_score"]
    assert frame["query_id"].tolist() == [7, 8]
    assert frame["given_score"].tolist() == [0.5, 0.25]
    assert frame.attrs["provenance"]["model"] == "toy"


def test_pairs_may_be_mappings_tuples_or_a_generator(toy_encoder):
    expected = audit([(QUERY, "Cats eat"), (QUERY, "Dogs bark")], toy_encoder)
    for given in (
        [{"query": QUERY, "document": "Cats eat"}, {"document": "Dogs bark", "query": QUERY}],
        ((QUERY, document) for document in ("Cats eat", "Dogs bark")),
        [[QUERY, "Cats eat"], [QUERY, "Dogs bark"]],
    ):
        pd.testing.assert_frame_equal(audit(given, encoder=toy_encoder), expected)
    with_ids = audit([(QUERY, "Cats eat", "q1", "d1")], toy_encoder)
    assert with_ids[["query_id", "document_id"]].iloc[0].tolist() == ["q1", "d1"]


def test_types_of_columns_are_those_of_all_tables_even_if_nothing_was_read(toy_encoder):
    for given in ([(QUERY, "Cats")], [(QUERY, " ")]):
        types = audit(given, toy_encoder).dtypes.astype(str).to_dict()
        assert types["score"] == types["weakest_percentile"] == "float64"
        assert types["n_tied"] == types["n_unread"] == "Int64"
        assert types["error"] == types["matched_words"] == types["query"] == "string"


def test_a_query_of_many_pairs_is_encoded_once():
    class Counting(ToyEncoder):
        queries = 0

        def embed_query(self, text, *, progress=None):
            self.queries += 1
            return super().embed_query(text)

    encoder = Counting()
    audit([(QUERY, f"Cats {i}") for i in range(5)], encoder)
    assert encoder.queries == 1


def test_progress_is_told_in_pairs(toy_encoder):
    seen = []
    audit([(QUERY, "Cats"), (QUERY, "Dogs")], toy_encoder, progress=lambda *told: seen.append(told))
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_wrong_arguments_get_a_sentence(toy_encoder):
    good = [(QUERY, "Cats")]

    def refused(case):
        given, changed, words = case
        with pytest.raises(ValueError, match=words):
            audit(given, **{"encoder": toy_encoder, **changed})

    check_each(
        [
            ([], {}, "pairs must hold query and document texts, got no pair"),
            ("cats", {}, "pairs must be a table or a list of pairs, got 'cats'"),
            (5, {}, "pairs must be a table or a list of pairs, got 5"),
            ([("a", "b"), "cats"], {}, r"pairs\[1\] must be a mapping"),
            ([("a",)], {}, r"pairs\[0\] must be a mapping"),
            ([{"query": "a", "text": "b"}], {}, "columns query and document, got the columns"),
            (pd.DataFrame({"query": ["a"]}), {}, "got the columns query"),
            (good, {"encoder": "toy"}, "encoder must be an encoder"),
            (good, {"calibration": 3}, "calibration must be a Calibration"),
            (good, {"workers": 0}, "workers must be at least 1, got 0"),
            (good, {"workers": 1.5}, "workers must be a whole number"),
            (good, {"k": 5}, "k must be left out for an audit of pairs"),
            (good, {"first_stage": "bm25"}, "first_stage must be left out for an audit of pairs"),
            (good, {"progress": 3}, "progress must be a function"),
            (good, {"queries": toy_encoder}, "encoder must be given once"),
        ],
        refused,
    )
