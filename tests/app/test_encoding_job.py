import asyncio
import threading

import pytest

from colbert_explain.app import encoding_job
from colbert_explain.app.background_job import Cancelled, MainThread
from colbert_explain.app.encoding_job import LOADING, EncodingDesk
from tests.toy_pipeline import text_encoder


class CountingEncoder:
    """Counts what is encoded, and can set a flag in the middle of it."""

    def __init__(self, inner, stop=None, stop_at=None):
        self.inner, self.stop, self.stop_at, self.encoded = inner, stop, stop_at, []

    name, dim, document_length = "counting", 32, 200

    def embed_query(self, text, *, progress=None):
        self.encoded.append(text)
        return self.inner.embed_query(text, progress=progress)

    def embed_document(self, text, *, progress=None):
        self.encoded.append(text)

        def watched(done, total):
            if done == self.stop_at:
                self.stop.set()
            progress(done, total)

        return self.inner.embed_document(text, progress=watched)


QUIETLY = {"stop": threading.Event(), "report": lambda status, share: None}


def test_the_model_is_loaded_once_and_only_when_needed(toy_encoder):
    loads = []

    def load():
        loads.append(1)
        return toy_encoder

    desk = EncodingDesk(load)
    assert not loads
    for _ in range(2):
        desk.explain("a", "b", **QUIETLY)
    assert loads == [1]


def test_a_text_is_encoded_once_while_it_is_kept(toy_encoder, monkeypatch):
    monkeypatch.setattr(encoding_job, "KEPT_TOKENS", 20)
    encoder = CountingEncoder(toy_encoder)
    desk = EncodingDesk(lambda: encoder)
    for query in ("a", "b", "a"):
        desk.explain(query, "the document", **QUIETLY)
    assert encoder.encoded == ["a", "the document", "b"]
    for number in range(6):
        desk.explain("a", f"other {number}", **QUIETLY)
    desk.explain("a", "the document", **QUIETLY)
    assert encoder.encoded.count("the document") == 2


def test_the_same_text_as_query_and_document_is_encoded_on_both_sides(toy_encoder):
    encoder = CountingEncoder(toy_encoder)
    EncodingDesk(lambda: encoder).explain("a", "a", **QUIETLY)
    assert encoder.encoded == ["a", "a"]


def test_the_flag_stops_the_work_between_two_windows(toy_encoder, monkeypatch):
    monkeypatch.setattr(encoding_job, "TELL_EVERY", 0)
    stop = threading.Event()
    encoder = CountingEncoder(toy_encoder, stop, stop_at=2)
    reports = []
    desk = EncodingDesk(lambda: encoder)
    with pytest.raises(Cancelled):
        desk.explain(
            "a", "word " * 80, stop=stop, report=lambda status, share: reports.append(share)
        )
    assert [share for share in reports if share is not None] == [0, 1 / 8]
    assert desk.explain("a", "a", **QUIETLY).score == pytest.approx(1)


@pytest.mark.parametrize(
    ("words", "told"),
    [(80, []), (900, [("Reading the document …", None)])],
    ids=["read in a moment", "not so"],
)
def test_of_a_short_text_nothing_is_told(toy_encoder, monkeypatch, words, told):
    monkeypatch.setattr(encoding_job, "TELL_EVERY", 60.0)
    reports = []
    desk = EncodingDesk(lambda: toy_encoder)
    desk.explain("a", "a", **QUIETLY)  # loads the model
    desk.explain(
        "a",
        "word " * words,
        stop=threading.Event(),
        report=lambda *report: reports.append(report),
    )
    assert reports == told


def test_a_model_that_must_be_loaded_first_is_announced(toy_encoder):
    reports = []
    desk = EncodingDesk(lambda: text_encoder(toy_encoder), loads_here=False)
    for _ in range(2):
        desk.explain("a", "a", stop=threading.Event(), report=lambda *told: reports.append(told))
    assert reports == [(LOADING, None)]


def test_a_flag_set_before_the_start_keeps_the_model_from_loading():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        EncodingDesk(pytest.fail).explain("a", "b", **(QUIETLY | {"stop": stop}))


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
    monkeypatch.setattr(encoding_job, "TELL_EVERY", 0.0)
    encoder = CountingEncoder(toy_encoder)
    desk, reports = EncodingDesk(lambda: encoder), []
    documents = {"a": "dogs", "b": "cats " * 30}
    ranking = desk.rank(
        "cats", documents, stop=threading.Event(), report=lambda *told: reports.append(told)
    )
    assert ranking.names == ("a", "b")
    assert ranking.order.tolist() == [1, 0]
    shares = [share for _, share in reports if share is not None]
    assert shares == sorted(shares)
    assert {0, 0.5, 0.5 + 1 / 6} <= set(shares)
    assert ("Reading document 2 of 2 …", 0.5) in reports
    before = len(encoder.encoded)
    desk.explain("cats", "dogs", **QUIETLY)
    assert len(encoder.encoded) == before  # both are kept


def test_a_document_that_cannot_be_read_is_left_out_and_named(toy_encoder):
    desk = EncodingDesk(lambda: toy_encoder)
    documents = {"a": "x", "b": "", "c": "y", "d": "?!"}
    ranking = desk.rank("y", documents, **QUIETLY)
    assert ranking.names == ("a", "c")
    assert ranking.positions == (0, 2)
    assert [(one.position, one.name) for one in ranking.unreadable] == [(1, "b"), (3, "d")]
    assert "d (document must hold a token that is scored" in ranking.left_out()
    with pytest.raises(ValueError, match=r"text that can be read\. Left out 2 of 2"):
        desk.rank("a", {"b": "", "d": "?!"}, **QUIETLY)


def test_a_ranking_stops_between_documents(toy_encoder):
    stop, encoder = threading.Event(), CountingEncoder(toy_encoder)

    def report(status, share):
        if status.startswith("Reading document 2"):
            stop.set()

    documents = dict(zip("abc", ("x", "y", "z"), strict=True))
    with pytest.raises(Cancelled):
        EncodingDesk(lambda: encoder).rank("q", documents, stop=stop, report=report)
    assert encoder.encoded == ["q", "x"]


def test_another_encoder_reads_every_text_anew(toy_encoder):
    first, second = CountingEncoder(toy_encoder), CountingEncoder(toy_encoder)
    desk = EncodingDesk(lambda: first)
    desk.explain("a", "b", **QUIETLY)
    desk.use(lambda: second)
    desk.explain("a", "b", **QUIETLY)
    assert first.encoded == second.encoded == ["a", "b"]
