import numpy as np
import pytest

from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.encoders import load_encoder
from colbert_explain.explanation import explain, explain_embeddings
from colbert_explain.tokens import TokenSequence


def test_text_in_explanation_out(toy_encoder):
    x = explain("cats eat", "dogs eat fish", toy_encoder)
    assert x.query.text == "cats eat"
    assert x.document[int(x.alignment[2])].text == "eat"
    assert x.contributions[2] == pytest.approx(1)


def test_the_bundled_encoder_is_the_default():
    x = explain("cats eat", "dogs eat fish")
    assert x.provenance.model == "all-MiniLM-L6-v2"


def test_vectors_of_your_own_need_no_encoder():
    words = TokenSequence.from_strings(["x", "y"])
    mine = TokenEmbeddings(words, np.eye(2, dtype=np.float32))
    assert explain_embeddings(mine, mine).score == 2


def test_sides_from_different_models_are_refused():
    words = TokenSequence.from_strings(["x"])
    one, other = (
        TokenEmbeddings(words, np.eye(1, dtype=np.float32), Provenance(name)) for name in "ab"
    )
    with pytest.raises(ValueError, match="must come from the same model, got model a and b"):
        explain_embeddings(one, other)


@pytest.mark.parametrize(
    ("query", "document", "sentence"),
    [
        ("", "cats", "query must contain text, got nothing"),
        ("cats", " \n ", "document must contain text, got blank space"),
        (3, "cats", "query must be a string, got 3"),
        ("cats", None, "document must be a string, got None"),
        ("🐘 象", "cats", "query must hold a word that all-MiniLM-L6-v2 can read; .* 2 unknown"),
        ("\u0301", "cats", "query must contain something to read"),
        ("cats", "?!", "document must hold a token that is scored"),
        ("cats\ud800", "cats", "query must be valid Unicode, but character 5 is half"),
    ],
)
def test_texts_that_cannot_be_explained_get_one_clear_sentence(
    query, document, sentence, unchecked
):
    with pytest.raises(ValueError, match=sentence):
        explain(query, document)


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b cats",
        "שלום עולם",
        "<script>alert(1)</script>",
        "</s> cats",
        "$x$",
        "&amp;",
        "[MASK]",
    ],
)
def test_odd_texts_are_explained(text):
    x = explain(text, text)
    assert x.mean_contribution == pytest.approx(1, abs=1e-5)
    assert x.query.text == text


def test_a_text_of_80_000_tokens_is_read_up_to_the_length_and_the_rest_is_counted():
    x = explain("cats", "cats eat fish. " * 20_000, load_encoder(document_length=1024))
    assert len(x.document) == 1024
    assert x.document.n_unread == 4 * 20_000 - 1022
    assert x.document.text[x.document.unread_start - 1] == " "


def test_libraries_may_have_other_versions_and_another_setting_is_named():
    words = TokenSequence.from_strings(["cats"])

    def side(**options):
        return TokenEmbeddings(words, np.eye(1, dtype=np.float32), Provenance("mine", **options))

    old, new = side(versions={"torch": "2.0"}), side(versions={"torch": "2.1"})
    assert explain_embeddings(old, new).score == 1
    with pytest.raises(ValueError, match="same model, got setting length 32 and none"):
        explain_embeddings(side(settings={"length": "32"}), new)
