import subprocess
import sys
import threading

import pytest
from filelock import FileLock

from colbert_explain.app import encoding_slots
from colbert_explain.app.encoding_job import Cancelled, EncodingDesk
from colbert_explain.app.encoding_slots import WAITING, encode_in_turn
from colbert_explain.operator_settings import OperatorSettings
from tests.toy_pipeline import text_encoder

HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


LONG = "word " * 1_000


class Fake:
    """An encoder but for what each test says of it."""

    name, dim, document_length = "fake", 32, 200

    def embed_query(self, text, *, progress=None):
        raise NotImplementedError

    embed_document = embed_query


@pytest.fixture(autouse=True)
def slots(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path))
    monkeypatch.setattr(encoding_slots, "_PAUSE", 0.01)
    folder = tmp_path / "slots"
    folder.mkdir()
    return folder


@pytest.fixture
def holding(slots):
    """Start another process that encodes a text of a kind, and so holds a slot of such."""
    holders = []

    def start(kind):
        command = [sys.executable, "-c", HOLDER, str(slots / f"{kind}-0.lock")]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdout.readline() == b"held\n"
        holders.append(holder)
        return holder

    yield start
    for holder in holders:
        holder.kill()
        holder.communicate()


@pytest.fixture
def other_kernel(holding):
    """Another process that encodes a short text."""
    return holding("short")


@pytest.fixture
def reader_of_an_article(holding):
    """Another process that encodes a long text."""
    return holding("long")


def encode(encoder, reports, progress=lambda done, total: None, text="one two", ending=None):
    """Encode a text; end another process where it must be waited for."""

    def report(status, share):
        reports.append(status)
        if status == WAITING and ending is not None:
            ending.kill()

    settings = OperatorSettings.from_environment()
    return encode_in_turn(
        encoder, "query", text, progress=progress, report=report, settings=settings
    )


def test_an_encoding_waits_until_another_kernel_has_died(toy_encoder, other_kernel):
    reports = []
    assert encode(toy_encoder, reports, ending=other_kernel).tokens.text == "one two"
    assert reports == [WAITING, "Reading the query …"]


def test_waiting_can_be_cancelled(toy_encoder, other_kernel):
    stop = threading.Event()

    def cancel(status, share):
        if status == WAITING:
            stop.set()

    with pytest.raises(Cancelled):
        EncodingDesk(lambda: toy_encoder).explain("a", "b", stop=stop, report=cancel)


def test_as_many_encode_at_a_time_as_the_operator_allows(toy_encoder, other_kernel, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_CONCURRENT_ENCODINGS", "2")
    reports = []
    encode(toy_encoder, reports)
    assert WAITING not in reports


def test_a_slot_is_held_while_encoding_and_free_afterwards(toy_encoder, slots):
    held = []

    def progress(done, total):
        lock = FileLock(slots / "short-0.lock", timeout=0)
        try:
            with lock:
                held.append(False)
        except TimeoutError:
            held.append(True)

    encode(toy_encoder, [], progress)
    with FileLock(slots / "short-0.lock", timeout=0):
        pass
    assert held == [False]  # asked before the turn is taken

    class TwoPieces(Fake):
        def embed_query(self, text, *, progress=None):
            progress(0, 2)
            progress(1, 2)
            raise ValueError("no")

    held.clear()
    with pytest.raises(ValueError, match="no"):
        encode(TwoPieces(), [], progress)
    assert held == [False, True]
    with FileLock(slots / "short-0.lock", timeout=0):
        pass


def test_what_needs_no_work_needs_no_turn(toy_encoder, other_kernel):
    class Found(Fake):
        def embed_query(self, text, *, progress=None):
            return toy_encoder.embed_query(text)

    reports = []
    assert encode(Found(), reports).tokens.text == "one two"
    assert reports == []


def test_a_model_that_must_be_loaded_first_is_announced(toy_encoder):
    reports = []
    encode(text_encoder(toy_encoder), reports)
    assert reports == ["Loading the model (first use only) …"]


def test_where_no_lock_can_be_made_everybody_encodes(toy_encoder, slots):
    slots.rmdir()
    slots.write_text("in the way", encoding="utf-8")
    reports = []
    assert encode(toy_encoder, reports).tokens.text == "one two"
    assert WAITING not in reports


class Steps(Fake):
    """Takes ten steps, and reads "read"."""

    def __init__(self, inner, at_step=lambda step: None):
        self.inner, self.at_step = inner, at_step

    def embed_query(self, text, *, progress=None):
        for step in range(10):
            progress(step, 10)
            self.at_step(step)
        return self.inner.embed_query("read")

    embed_document = embed_query


def test_a_sentence_never_waits_for_an_article(toy_encoder, reader_of_an_article):
    reports = []
    assert encode(toy_encoder, reports).tokens.text == "one two"
    assert WAITING not in reports


def test_an_article_waits_for_another_one(toy_encoder, reader_of_an_article):
    reports = []
    found = encode(Steps(toy_encoder), reports, text=LONG, ending=reader_of_an_article)
    assert found.tokens.text == "read"
    assert reports == [WAITING, "Reading the query …"]


def test_an_article_rests_while_a_sentence_is_read_and_says_nothing(
    toy_encoder, holding, monkeypatch
):
    monkeypatch.setattr(encoding_slots, "_LONGEST_REST", 60.0)
    told, steps, holders = [], [], []

    def at_step(step):
        steps.append(step)
        if step == 4:
            holders.append(holding("short"))

    def progress(done, total):
        told.append(done)
        if done == 5 and told.count(5) <= 3:  # asked again while it rests
            assert steps[-1] == 4
        if told.count(5) == 3:
            holders[0].kill()

    reports = []
    assert encode(Steps(toy_encoder, at_step), reports, progress, LONG).tokens.text == "read"
    assert steps == list(range(10))
    assert told.count(5) >= 3
    assert reports == []


def test_an_article_takes_its_next_step_after_a_moment_all_the_same(
    toy_encoder, other_kernel, monkeypatch
):
    monkeypatch.setattr(encoding_slots, "_LONGEST_REST", 0.02)
    assert encode(Steps(toy_encoder), [], text=LONG).tokens.text == "read"


def test_a_resting_article_can_be_cancelled(toy_encoder, other_kernel, monkeypatch):
    monkeypatch.setattr(encoding_slots, "_LONGEST_REST", 60.0)

    def progress(done, total):
        if progress.calls == 5:
            raise Cancelled
        progress.calls += 1

    progress.calls = 0
    steps = []
    with pytest.raises(Cancelled):
        encode(Steps(toy_encoder, steps.append), [], progress, LONG)
    assert steps == [0]
