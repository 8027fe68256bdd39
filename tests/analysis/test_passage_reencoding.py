from dataclasses import replace

import numpy as np
import pytest

from colbert_explain import load_encoder, load_samples
from colbert_explain.analysis.occlusion import occlude
from colbert_explain.analysis.passage_reencoding import reencode_passages
from colbert_explain.embeddings import TokenEmbeddings
from colbert_explain.explanation import Explanation, explain, load_explanation


class Neighbourly:
    """An encoder whose vectors lean on the next word, so that a sentence alone reads otherwise."""

    def __init__(self, plain):
        self.plain, self.document_texts = plain, []
        self.name, self.dim, self.document_length = plain.name, plain.dim, plain.document_length

    def embed_query(self, text, *, progress=None):
        return self.plain.embed_query(text, progress=progress)

    def embed_document(self, text, *, progress=None):
        self.document_texts.append(text)
        read = self.plain.embed_document(text, progress=progress)
        vectors = read.vectors + 1.5 * np.roll(read.vectors, -1, axis=0)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return TokenEmbeddings(read.tokens, vectors, read.provenance)


def test_each_of_the_best_sentences_is_scored_as_a_document_of_its_own(toy_encoder):
    encoder = Neighbourly(toy_encoder)
    x = explain("cats eat fish", "Dogs bark. Cats sleep; fish eat. Cats eat fish. Rain.", encoder)
    encoder.document_texts.clear()
    found = reencode_passages(x, encoder, k=2, candidates=3)
    texts = list(encoder.document_texts)
    assert texts == [passage.text for passage in x.passages(k=3)]
    scores = {text: explain("cats eat fish", text, encoder).score for text in texts}
    assert [f.text for f in found] == sorted(scores, key=scores.get, reverse=True)[:2]
    for rank, passage in enumerate(found, start=1):
        assert passage.rank == rank
        assert passage.score == scores[passage.text] == passage.explanation.score
        assert x.document.text[passage.start : passage.end] == passage.text
        assert passage.passage.score <= x.score
    assert repr(found[0]).startswith("ReencodedPassage(1: alone ")


def test_what_a_sentence_owes_to_its_surroundings_is_gone(toy_encoder):
    encoder = Neighbourly(toy_encoder)
    # In the document "fish" leans on the next word, "cats".
    x = explain("cats", "Fish\n\nCats sleep.", encoder)
    assert [passage.text for passage in x.passages()] == ["Fish", "Cats sleep."]
    found = reencode_passages(x, encoder)
    assert [passage.text for passage in found] == ["Cats sleep.", "Fish"]
    assert [(f.rank, f.passage.rank) for f in found] == [(1, 2), (2, 1)]


def test_neighbours_are_read_and_not_scored(toy_encoder):
    encoder = Neighbourly(toy_encoder)
    x = explain("cats", "Fish eat.\n\nCats sleep. Dogs bark. Rain.", encoder)
    encoder.document_texts.clear()
    found = reencode_passages(x, encoder, neighbours=1)
    assert set(encoder.document_texts) == {
        "Fish eat.\n\nCats sleep.",
        "Fish eat.\n\nCats sleep. Dogs bark.",
        "Cats sleep. Dogs bark. Rain.",
        "Dogs bark. Rain.",
    }
    for passage in found:
        scored = [t.text for t in passage.explanation.document if t.scored]
        assert scored == passage.text.rstrip(".").split()


def test_a_sentence_that_its_neighbours_keep_from_being_read_is_read_alone(encoder):
    long = " ".join(["Grass is green"] * 40) + "."
    x = explain("cats", f"{long} Cats sleep.", encoder)
    short = load_encoder(document_length=40)
    x = type(x)(x.query, x.document, x.similarity, short.provenance)
    found = {p.text: p for p in reencode_passages(x, short, neighbours=1)}
    assert found["Cats sleep."].explanation.document.text == "Cats sleep."
    assert found[long].explanation.document.text == x.document.text


def test_k_above_candidates_reads_k_sentences(toy_encoder):
    x = explain("cats", "Cats. Dogs. Fish.", toy_encoder)
    assert len(reencode_passages(x, toy_encoder, k=3, candidates=1)) == 3
    assert len(reencode_passages(x, toy_encoder, k=9)) == 3


def test_equals_keep_the_order_of_the_document_s_own_ranking(toy_encoder):
    x = explain("cats", "Cats. Dogs. Cats. Cats.", toy_encoder)
    assert [p.start for p in reencode_passages(x, toy_encoder)] == [0, 12, 18, 6]


def test_progress_is_told_and_can_stop(toy_encoder):
    x = explain("cats", "Cats. Dogs. Fish.", toy_encoder)
    told = []
    reencode_passages(x, toy_encoder, candidates=2, k=1, progress=lambda *at: told.append(at))
    assert told == [(0, 2), (1, 2), (2, 2)]

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reencode_passages(x, toy_encoder, progress=stop)


def test_an_encoder_of_other_lengths_is_refused_with_the_length(encoder):
    x = explain("cats", "Cats. Dogs.", encoder)
    said = "MiniLM-L6-v2, got setting document_length 40 instead of none"
    with pytest.raises(ValueError, match=said):
        reencode_passages(x, load_encoder(document_length=40))
    with pytest.raises(ValueError, match=said):
        occlude(x, (0, 4), reencode=load_encoder(document_length=40))


def test_another_encoder_is_refused(toy_encoder, encoder):
    x = explain("cats", "Cats. Dogs.", toy_encoder)
    with pytest.raises(ValueError, match=r"encoder must be the one that made .*toy.*MiniLM"):
        reencode_passages(x, encoder)


def test_libraries_of_other_versions_are_no_other_encoder(toy_encoder, tmp_path):
    """A saved explanation outlives an upgrade, for re-reading as for occlusion."""
    x = explain("cats", "Cats. Dogs.", toy_encoder)
    older = replace(x.provenance, versions={"torch": "1.0"}, overridden={"query_length": 5})
    replace_provenance(x, older).save(tmp_path / "x.json")
    saved = load_explanation(tmp_path / "x.json")
    found = reencode_passages(saved, toy_encoder)
    assert [p.text for p in found] == [p.text for p in reencode_passages(x, toy_encoder)]
    assert occlude(saved, (0, 4), reencode=toy_encoder) is not None


@pytest.mark.parametrize(
    "change",
    [{"model": "another"}, {"sha256": "0" * 64}, {"layers": (6,)}, {"settings": {"marker": "[D]"}}],
)
def test_other_weights_and_another_way_of_reading_are_refused(toy_encoder, change):
    x = explain("cats", "Cats. Dogs.", toy_encoder)
    other = replace_provenance(x, replace(x.provenance, **change))
    with pytest.raises(ValueError, match="encoder must be the one that made the explanation"):
        reencode_passages(other, toy_encoder)
    with pytest.raises(ValueError, match="must"):
        occlude(other, (0, 4), reencode=toy_encoder)


def replace_provenance(x, provenance):
    return Explanation(x.query, x.document, x.similarity, provenance)


@pytest.mark.parametrize("name", ["k", "candidates"])
def test_numbers_below_one_are_refused(toy_encoder, name):
    x = explain("cats", "Cats. Dogs.", toy_encoder)
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        reencode_passages(x, toy_encoder, **{name: 0})


def test_fewer_neighbours_than_none_are_refused(toy_encoder):
    x = explain("cats", "Cats. Dogs.", toy_encoder)
    with pytest.raises(ValueError, match="neighbours must be at least 0, got -1"):
        reencode_passages(x, toy_encoder, neighbours=-1)


def test_the_planted_sentence_of_the_long_sample_stays_first(keeping_encoder):
    (sample,) = load_samples("Long document")
    best, second = reencode_passages(
        explain(sample.query, sample.document, keeping_encoder), keeping_encoder, k=2
    )
    assert best.text == sample.planted
    assert best.score >= 1.25 * second.score
