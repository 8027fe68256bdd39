import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from colbert_explain.analysis.calibration import Calibration, calibrate
from colbert_explain.analysis.calibration import _calibrate as measuring
from colbert_explain.analysis.calibration._calibrate import (
    N_DOCUMENTS,
    WORDS,
    continued,
    documents_of,
    packaged_texts,
)
from colbert_explain.embeddings import Provenance
from colbert_explain.encoders import load_encoder
from colbert_explain.explanation import explain
from colbert_explain.samples import load_samples


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path))


def shorten_texts(patch, step):
    """Leave every so many texts and a sample of 800 words, so that a calibration is quick."""
    (sample,) = load_samples("Long document")
    short = replace(sample, document=" ".join(sample.document.split()[:800]))
    patch.setattr(measuring, "load_samples", lambda _: [short])
    patch.setattr(measuring, "packaged_texts", lambda name: packaged_texts(name)[::step])


@pytest.fixture
def few_texts(monkeypatch):
    shorten_texts(monkeypatch, step=10)


@pytest.fixture(scope="module")
def calibration(encoder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(folder))
        shorten_texts(patch, step=8)
        yield calibrate(encoder)


def test_there_are_texts_on_many_subjects():
    documents, queries = packaged_texts("documents"), packaged_texts("queries")
    assert len(documents) > 100
    assert sum(len(text.split()) for text in documents) > 9_000
    assert len(queries) > 100
    assert all(text == text.strip() and text for text in documents + queries)
    words = Counter(word.lower() for text in documents for word in re.findall(r"\w+", text))
    assert len(words) > 3_000


@pytest.mark.parametrize("words", WORDS)
def test_documents_of_each_length_are_many_and_share_no_word(words):
    found = documents_of(packaged_texts("documents"), words)
    assert 24 <= len(found) <= N_DOCUMENTS
    assert {len(text.split()) for text in found} == {words}
    assert len(set(found)) == len(found)


def test_maxima_are_larger_in_longer_documents(calibration):
    medians = [calibration.threshold(n, 50) for n in (4, 12, 50, 200, 1000, 8000)]
    assert (np.diff(medians) > 0.02).all()
    assert 0.15 < calibration.threshold(12, 50) < 0.25


def test_what_stands_for_the_same_is_unusual_and_what_does_not_is_not(calibration, encoder):
    paraphrase = explain("Elephants eat a lot.", "The elephant consumes much food.", encoder)
    unrelated = explain("Elephants eat a lot.", "The train to Leeds was late.", encoder)
    assert np.nanmean(calibration.of(paraphrase)) > 95
    assert np.nanmean(calibration.of(unrelated)) < 70


def test_a_second_time_it_is_read_from_the_cache(toy_encoder, monkeypatch, few_texts):
    plain, n_read = toy_encoder._embed, 0

    def counted(side, text, progress):
        nonlocal n_read
        n_read += 1
        embedded = plain(side, text, progress)
        pinned = Provenance("toy", revision="1")
        return type(embedded)(embedded.tokens, embedded.vectors, pinned)

    monkeypatch.setattr(toy_encoder, "_embed", counted)
    first = calibrate(toy_encoder)
    assert n_read > 50
    n_read = 0
    second = calibrate(toy_encoder)
    assert n_read == 1  # one query, to see whose vectors they are
    np.testing.assert_array_equal(first.quantiles, second.quantiles)


def test_quantiles_are_those_of_maxima_found_one_by_one(toy_encoder, few_texts):
    calibration = calibrate(toy_encoder)
    rows = [
        toy_encoder._vector(word.lower())
        for text in measuring.packaged_texts("queries")
        for word in re.findall(r"\w+", text)
    ]
    maxima, sizes = [], []
    for text in documents_of(measuring.packaged_texts("documents"), WORDS[0]):
        columns = [toy_encoder._vector(word.lower()) for word in re.findall(r"\w+", text)]
        sizes.append(len(columns))
        maxima += [max(float(row @ column) for column in columns) for row in rows]
    assert calibration.lengths[0] == pytest.approx(np.exp(np.mean(np.log(sizes))))
    expected = np.quantile(maxima, np.linspace(0, 1, calibration.quantiles.shape[1]))
    np.testing.assert_allclose(calibration.quantiles[0], expected, atol=1e-5)


def test_progress_counts_texts_and_can_stop_the_work(toy_encoder, few_texts):
    seen = []
    calibrate(toy_encoder, progress=lambda *step: seen.append(step))
    done, totals = zip(*seen, strict=True)
    assert len(set(totals)) == 1
    assert list(done) == sorted(done)
    assert seen[-1] == (totals[0], totals[0])

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(toy_encoder, progress=stop)


def test_beyond_the_texts_growth_lies_between_the_line_and_the_long_document():
    levels = np.linspace(0, 1, 401)
    short = Calibration(
        np.array([2.0, 4.0]), np.stack([0.1 * levels, 0.1 + 0.1 * levels]), Provenance("x")
    )
    # Of two query tokens, each finds its match in every other run of four, and in all of eight.
    one, other = (np.repeat(values, 4) for values in ([0.0, 0.6], [0.2, 0.2]))
    similarity = np.stack([one, other]).astype(np.float32)
    found = continued(short, similarity)
    assert found.lengths.tolist() == [2, 4, 8]
    # At the middle: maxima of runs of four are 0, .6, .2, .2, of runs of eight .6, .2.
    line, in_long = 0.25, 0.15 + (0.4 - 0.2)
    assert found.threshold(8, 50) == pytest.approx(0.8 * line + 0.2 * in_long, abs=1e-3)
    assert continued(short, similarity[:, :7]) is short


def test_an_encoder_that_scores_no_text_is_refused(toy_encoder, monkeypatch):
    monkeypatch.setattr(measuring, "packaged_texts", lambda _: ["zzz", "zzz zzz zzz"])
    with pytest.raises(ValueError, match="must score tokens of English text, but toy scores"):
        calibrate(toy_encoder)


@pytest.mark.parametrize("document_length", [24, 60, 64, 160])
def test_lengths_that_the_encoder_cuts_off_are_left_out(document_length, few_texts):
    encoder = load_encoder(document_length=document_length)
    calibration = calibrate(encoder)
    assert calibration.lengths[-1] <= document_length
    # What it can read at most stands in its text, not 480 tokens.
    assert re.search(rf"at {round(calibration.lengths[-1])}\)$", repr(calibration))


def test_an_encoder_that_cuts_off_short_texts_is_refused(few_texts):
    with pytest.raises(ValueError, match="must read English texts of 6 words whole, but all-Mini"):
        calibrate(load_encoder(document_length=5))
