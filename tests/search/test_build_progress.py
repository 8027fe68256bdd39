import io

import pytest

from colbert_explain.encoders import progress_bar
from colbert_explain.search import BuildEstimate, Collection, build_progress
from tests.search.on_disk.made_collections import texts


@pytest.fixture
def watched(monkeypatch):
    """Open an error output that a person sees; in the test, since pytest changes it after setup."""

    def begin(is_watched=True):
        page = io.StringIO()
        page.isatty = lambda: is_watched
        monkeypatch.setattr("sys.stderr", page)
        return page

    monkeypatch.setattr(progress_bar, "DELAY", 0)
    monkeypatch.setattr(build_progress, "_DOCUMENTS", 5)
    return begin


def test_a_person_reads_size_time_and_place_and_then_sees_a_bar(watched, tmp_path, toy_encoder):
    page = watched()
    Collection.build(texts(), toy_encoder, tmp_path / "c")
    assert "24 documents take about 1 second and" in page.getvalue()
    assert f"in {tmp_path / 'c'}." in page.getvalue()
    assert "Encoding documents" in page.getvalue()


def test_a_program_gets_numbers_and_nothing_is_written(watched, tmp_path, toy_encoder):
    page = watched()
    for path, where in ((tmp_path / "c", str(tmp_path / "c")), (None, "memory")):
        seen, estimates = [], []
        collection = Collection.build(
            texts(),
            toy_encoder,
            path,
            progress=lambda *at, seen=seen: seen.append(at),
            on_estimate=estimates.append,
        )
        assert seen == [(done, 24) for done in range(25)]
        [estimate] = estimates
        assert (estimate.documents, estimate.where) == (24, where)
        n_tokens = sum(len(collection.embeddings(id_).embeddings.tokens) for id_, _ in texts())
        assert n_tokens / 3 < estimate.tokens < n_tokens  # the long texts come later
        assert estimate.bytes >= estimate.tokens * 128
        assert estimate.seconds > 0
    size = sum(file.stat().st_size for file in tmp_path.glob("c/segments/*/[!d]*"))
    assert size * 0.3 < estimate.bytes < size
    assert page.getvalue() == ""


def test_documents_of_unknown_number_are_estimated_by_the_thousand(watched, toy_encoder):
    page = watched()
    estimates = []
    Collection.build(iter(texts()), toy_encoder, on_estimate=estimates.append)
    assert estimates[0].documents is None
    assert "Every 1,000 documents take about" in page.getvalue()


def test_a_log_file_gets_no_bar(watched, toy_encoder):
    page = watched(False)
    Collection.build(texts(), toy_encoder)
    assert page.getvalue() == ""


def test_what_a_progress_raises_stops_the_build(toy_encoder):
    def stop(done, total):
        if done == 3:
            raise ValueError("enough")

    with pytest.raises(ValueError, match=r"^enough$"):
        Collection.build(texts(), toy_encoder, progress=stop)


def test_an_estimate_reads_like_a_sentence():
    for numbers, sentence in {
        (20_000, 1_200_000, 3_700_000_000, 1500.0): "20,000 documents take about 25 minutes and "
        "3.7 GB in news.",
        (1, 10, 400, 0.1): "1 document takes about 1 second and 1 kB in news.",
        (None, 10, 4_400_000, 8000.0): "Every 1,000 documents take about 2.2 hours and 4 MB in "
        "news.",
    }.items():
        assert BuildEstimate(*numbers, "news").sentence() == sentence
