"""One pair of texts as several models see it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.analysis.model_comparison import ModelComparison, compare_models, model_names
from colbert_explain.explanation import Explanation
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.html.result_tables import models_table
from tests.views.page_data.pairs import ELEPHANTS, PARAPHRASE, given

#: Words that the toy and WordPiece split differently, and words that occur twice.
QUERY = "The 3.5-kg cat's cats eat the fish, the fish's un-frozen \N{GREEK SMALL LETTER PI}."
DOCUMENT = "The fish that the cat eats weighs 3.5 kg."


def made(text, spans, vectors, *, name):
    """Token embeddings with the given words; a span of None is a token without text."""
    tokens = [
        Token(k, "[CLS]", "[CLS]", None, None, "special")
        if span is None
        else Token(k, f"t{k}", text[slice(*span)], *span, "text")
        for k, span in enumerate(spans)
    ]
    vectors = np.array(vectors, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    provenance = ce.Provenance(name, dim=vectors.shape[1])
    return ce.TokenEmbeddings(TokenSequence(text, tuple(tokens), 0, None), vectors, provenance)


def test_contributions_of_each_model_add_up_to_its_score(toy_encoder):
    encoders = [ce.load_encoder(), toy_encoder, ce.load_encoder(layers=(6,))]
    found = compare_models(QUERY, DOCUMENT, encoders)
    frame = found.to_frame()
    for x, name, encoder in zip(found.explanations, found.names, encoders, strict=True):
        assert x.score == ce.explain(QUERY, DOCUMENT, encoder).score
        own = frame[frame["model"] == name]
        assert own["contribution"].sum() == pytest.approx(x.score, abs=1e-5)
        assert own["share"].sum() == pytest.approx(1, abs=1e-5)


def test_pieces_are_the_characters_of_the_query_in_order_and_never_overlap(toy_encoder):
    found = compare_models(QUERY, DOCUMENT, [ce.load_encoder(), toy_encoder])
    spans = [(word.start, word.end) for word in found.words]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert [word.text for word in found.words] == [QUERY[start:end] for start, end in spans]
    # A word that occurs twice has a row for each time.
    assert [word.text for word in found.words].count("the") == 2
    for x, k in ((found.explanations[0], 0), (found.explanations[1], 1)):
        for match in x.word_matches:
            [word] = [w for w in found.words if w.start <= match.word.start < w.end]
            assert match.word.end <= word.end
            assert word.matches[k] is not None


def test_words_that_two_models_split_differently_are_one_piece():
    query, document = "ice cream", "cream ice"
    e = np.eye(3)
    one = ce.explain_embeddings(
        made(query, [(0, 3), (4, 9)], [e[0], e[1]], name="words"),
        made(document, [(0, 5), (6, 9)], [e[1], e[0]], name="words"),
    )
    # This model reads the whole as one word, and [CLS] is scored.
    other = ce.explain_embeddings(
        made(query, [None, (0, 9)], [e[2], e[0] + e[1]], name="whole"),
        made(document, [None, (0, 5)], [e[2], e[1]], name="whole"),
    )
    found = ModelComparison((one, other), ("words", "whole"))
    piece, without_text = found.words
    assert (piece.text, piece.start, piece.end) == (query, 0, 9)
    assert piece.contributions == (pytest.approx(2), pytest.approx(np.sqrt(0.5)))
    assert piece.shares == (pytest.approx(1), pytest.approx(np.sqrt(0.5) / other.score))
    # Both words of the first add 1: the first of equals decides, which found "ice".
    assert [match.text for match in piece.matches] == ["ice", "cream"]
    assert not piece.is_same_match
    assert (without_text.text, without_text.start) == ("", None)
    assert np.isnan(without_text.contributions[0])
    assert without_text.contributions[1] == pytest.approx(1)
    assert without_text.matches[0] is None
    assert found.sentence() == (
        "Both models find the same match for 0 of 1 query word; their shares of the score differ "
        "most for “ice cream”: 100% in words (→ “ice”), 41% in whole (→ “cream”)."
    )
    text = models_table(found).text()
    assert "tokens without text" in text
    assert "not scored" in text


def test_the_same_model_twice_agrees_everywhere():
    x = given("expansion")
    found = ModelComparison((x, x), ("a", "b"))
    assert all(word.is_same_match for word in found.words)
    assert found.words[-1].text == ""
    total = sum(word.contributions[0] for word in found.words)
    assert total == pytest.approx(x.score, abs=1e-5)


def test_no_share_is_compared_where_a_score_is_not_positive():
    e = np.eye(2)
    query, document = made("a", [(0, 1)], [e[0]], name="m"), made("b", [(0, 1)], [-e[0]], name="m")
    x = ce.explain_embeddings(query, document)
    assert x.score < 0
    sentence = ModelComparison((x, x), ("one", "two")).sentence()
    assert sentence == "Both models find the same match for 1 of 1 query word."


def test_models_are_named_so_that_they_can_be_told_apart(toy_encoder):
    bundled = ce.load_encoder().provenance
    toy = toy_encoder.embed_query("cats").provenance
    assert model_names([bundled, toy]) == (bundled.model, "toy")
    last = ce.load_encoder(layers=(6,)).provenance
    assert model_names([bundled, last]) == ("layers 3 + 6", "layers 6")
    assert model_names([bundled, last, toy]) == (
        f"{bundled.model} (layers 3 + 6)",
        f"{bundled.model} (layers 6)",
        "toy",
    )
    assert model_names([toy, toy]) == ("toy, 1", "toy, 2")
    longer = replace(toy, settings={"query_length": "64"})
    assert model_names([toy, longer]) == ("query length by default", "query length 64")


def test_heatmaps_of_models_are_called_by_the_models():
    found = compare_models(ELEPHANTS, PARAPHRASE, [ce.load_encoder(), ce.load_encoder(layers=(6,))])
    figure = ce.compare_heatmaps(found.explanations)
    assert figure.layout.title.text.startswith("<b>2 models</b>")
    headings = [note.text for note in figure.layout.annotations]
    assert any("layers 3 + 6" in text for text in headings[1:])
    # Two documents of one model are called by their texts as before.
    x = found.explanations[0]
    figure = ce.compare_heatmaps([x, ce.explain(ELEPHANTS, "Cats sleep.")])
    assert figure.layout.title.text.startswith("<b>2 documents</b>")


def test_what_cannot_be_compared_is_refused_and_a_contrast_names_the_way(toy_encoder):
    encoder = ce.load_encoder()
    x = ce.explain(ELEPHANTS, PARAPHRASE, encoder)
    for arguments, problem in (
        (((x,), ("a",)), "explanations must hold at least 2, got 1"),
        (((x, x), ("a",)), "names must hold one name per model, 2, got 1"),
        (
            ((x, ce.explain(ELEPHANTS, "Rain.")), ("a", "b")),
            "must be of the same document, got 'Eve",
        ),
        (((x, ce.explain("Rain", PARAPHRASE)), ("a", "b")), "must be of the same query, got 'Ele"),
        (((x, 3), ("a", "b")), r"explanations\[1\] must be of type Explanation"),
    ):
        with pytest.raises(ValueError, match=problem):
            ModelComparison(*arguments)
    with pytest.raises(ValueError, match="encoders must hold at least 2, got 1"):
        compare_models(ELEPHANTS, PARAPHRASE, [encoder])
    with pytest.raises(ValueError, match="encoders must be a list"):
        compare_models(ELEPHANTS, PARAPHRASE, encoder)
    other = Explanation(
        *(ce.explain(ELEPHANTS, PARAPHRASE, toy_encoder).query, x.document),
        np.zeros((len(toy_encoder.embed_query(ELEPHANTS).tokens), len(x.document))),
        x.provenance,
    )
    with pytest.raises(ValueError, match=r"got 11 tokens from .* ce\.compare_models compares"):
        ce.contrast(x, other)
    with pytest.raises(ValueError, match=r"same model, .*ce\.compare_models compares models"):
        ce.contrast(x, ce.explain(ELEPHANTS, PARAPHRASE, ce.load_encoder(layers=(6,))))
