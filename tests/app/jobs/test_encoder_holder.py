import asyncio
import threading

import pytest

from colbert_explain.analysis import rank
from colbert_explain.analysis.occlusion import occlude
from colbert_explain.app.jobs import encoder_holder
from colbert_explain.app.jobs.encoder_holder import LOADING, EncoderHolder
from colbert_explain.app.jobs.job import Cancelled, Watch
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.explanation import explain
from tests.toy_pipeline import text_encoder


class CountingEncoder:
    """Counts what is encoded, and can stop a watch in the middle of it."""

    def __init__(self, inner, watch=None, stop_at=None):
        self.inner, self.watch, self.stop_at, self.encoded = inner, watch, stop_at, []

    name, dim, document_length = "counting", 32, 200

    def embed_query(self, text, *, progress=None):
        self.encoded.append(text)
        return self.inner.embed_query(text, progress=progress)

    def embed_document(self, text, *, progress=None):
        self.encoded.append(text)

        def watched(done, total):
            if done == self.stop_at:
                self.watch.stop()
            progress(done, total)

        return self.inner.embed_document(text, progress=watched)


def listening():
    """Return a watch, and the list of what it was told."""
    told = []
    return Watch(lambda text, share: told.append((text, share))), told


def quietly():
    return listening()[0]


def explained(holder, query, document, watch=None):
    return explain(query, document, holder.watched(watch or quietly()))


def test_the_model_is_made_once_and_only_when_needed(toy_encoder):
    made = []

    def make():
        made.append(1)
        return toy_encoder

    holder = EncoderHolder(make)
    assert not made
    for _ in range(2):
        explained(holder, "a", "b")
    assert made == [1]
    assert holder.encoder is toy_encoder


def test_a_text_is_encoded_once_while_it_is_kept(toy_encoder, monkeypatch):
    monkeypatch.setattr(encoder_holder, "KEPT_TOKENS", 20)
    encoder = CountingEncoder(toy_encoder)
    holder = EncoderHolder(lambda: encoder)
    for query in ("a", "b", "a"):
        explained(holder, query, "the document")
    assert encoder.encoded == ["a", "the document", "b"]
    for number in range(6):
        explained(holder, "a", f"other {number}")
    explained(holder, "a", "the document")
    assert encoder.encoded.count("the document") == 2


def test_the_same_text_as_query_and_document_is_encoded_on_both_sides(toy_encoder):
    encoder = CountingEncoder(toy_encoder)
    explained(EncoderHolder(lambda: encoder), "a", "a")
    assert encoder.encoded == ["a", "a"]


def test_a_cancelled_text_stops_between_two_windows(toy_encoder, monkeypatch):
    monkeypatch.setattr(encoder_holder, "TELL_EVERY", 0)
    watch, told = listening()
    encoder = CountingEncoder(toy_encoder, watch, stop_at=2)
    holder = EncoderHolder(lambda: encoder)
    with pytest.raises(Cancelled):
        explained(holder, "a", "word " * 80, watch)
    assert [share for _, share in told if share is not None] == [0, 1 / 8]
    assert explained(holder, "a", "a").score == pytest.approx(1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [(80, []), (900, [("Reading the document …", None)])],
    ids=["read in a moment", "not so"],
)
def test_of_a_short_text_nothing_is_told(toy_encoder, monkeypatch, words, expected):
    monkeypatch.setattr(encoder_holder, "TELL_EVERY", 60.0)
    holder = EncoderHolder(lambda: toy_encoder)
    explained(holder, "a", "a")  # loads the model
    watch, told = listening()
    explained(holder, "a", "word " * words, watch)
    assert told == expected


def test_a_model_that_must_be_loaded_first_is_announced(toy_encoder):
    watch, told = listening()
    holder = EncoderHolder(lambda: text_encoder(toy_encoder), loads_here=False)
    for _ in range(2):
        explained(holder, "a", "a", watch)
    assert told == [(LOADING, None)]


def test_work_cancelled_before_the_start_keeps_the_model_from_being_made():
    watch = quietly()
    watch.stop()
    with pytest.raises(Cancelled):
        EncoderHolder(pytest.fail).watched(watch)


def test_an_encoder_chosen_while_the_first_is_made_stays(toy_encoder):
    asked, go_on = threading.Event(), threading.Event()

    def make():
        asked.set()
        go_on.wait(60.0)
        return CountingEncoder(toy_encoder)

    holder = EncoderHolder(make)
    first = threading.Thread(target=lambda: holder.ready(quietly()))
    first.start()
    assert asked.wait(60.0)
    holder.use(toy_encoder)  # and does not wait
    go_on.set()
    first.join(60.0)
    assert holder.encoder is toy_encoder


def test_without_a_loop_callbacks_run_at_once():
    ran = []
    MainThread().run(lambda: ran.append(threading.current_thread()))
    assert ran == [threading.current_thread()]


def test_with_a_loop_callbacks_run_on_its_thread():
    async def main():
        where, here = [], threading.current_thread()
        thread_of = MainThread()
        worker = threading.Thread(
            target=lambda: thread_of.run(lambda: where.append(threading.current_thread()))
        )
        worker.start()
        while worker.is_alive() or not where:
            await asyncio.sleep(0.01)
        return where == [here]

    assert asyncio.run(main())


def test_documents_are_ranked_with_progress_over_them(toy_encoder, monkeypatch):
    monkeypatch.setattr(encoder_holder, "TELL_EVERY", 0.0)
    encoder = CountingEncoder(toy_encoder)
    holder, (watch, told) = EncoderHolder(lambda: encoder), listening()
    documents = {"a": "dogs", "b": "cats " * 30}
    ranking = rank("cats", documents, holder.watched(watch, len(documents)))
    assert ranking.order.tolist() == [1, 0]
    shares = [share for _, share in told if share is not None]
    assert shares == sorted(shares)
    assert {0, 0.5, 0.5 + 1 / 6} <= set(shares)
    assert ("Reading document 2 of 2 …", 0.5) in told
    before = len(encoder.encoded)
    explained(holder, "cats", "dogs")
    assert len(encoder.encoded) == before  # both are kept


def test_a_ranking_stops_between_documents(toy_encoder):
    encoder = CountingEncoder(toy_encoder)
    watch = Watch(lambda text, _: watch.stop() if text.startswith("Reading document 2") else None)
    with pytest.raises(Cancelled):
        rank("q", ["x", "y", "z"], EncoderHolder(lambda: encoder).watched(watch, 3))
    assert encoder.encoded == ["q", "x"]


def test_words_are_removed_with_the_encoder_of_the_page(encoder):
    holder = EncoderHolder(lambda: encoder)
    x = explained(holder, "What do cats eat?", "Cats eat fish. Dogs bark.")
    found = occlude(x, "Cats eat fish.", reencode=holder.watched(quietly()))
    assert found.reencoded.document.text == "Dogs bark."


def test_another_encoder_reads_every_text_anew(toy_encoder):
    first, second = CountingEncoder(toy_encoder), CountingEncoder(toy_encoder)
    holder = EncoderHolder(lambda: first)
    explained(holder, "a", "b")
    holder.use(second)
    explained(holder, "a", "b")
    assert first.encoded == second.encoded == ["a", "b"]
