import subprocess
import sys
import threading

import pytest
from filelock import FileLock

from colbert_explain.app import encoding_slots
from colbert_explain.app.encoding_job import Cancelled, EncodingDesk
from colbert_explain.app.encoding_slots import WAITING, encode_in_turn

HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


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
def other_kernel(slots):
    """Another process that encodes, and so holds the only slot."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(slots / "0.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    yield holder
    holder.kill()
    holder.communicate()


def encode(encoder, reports, progress=lambda done, total: None):
    def report(status, share):
        reports.append(status)

    return encode_in_turn(encoder, "query", "one two", progress=progress, report=report)


def test_an_encoding_waits_until_another_kernel_has_died(toy_encoder, other_kernel):
    reports = []

    def report_and_end(status, share):
        reports.append(status)
        if status == WAITING:
            other_kernel.kill()

    found = encode_in_turn(
        toy_encoder, "query", "a", progress=lambda done, total: None, report=report_and_end
    )
    assert found.tokens.text == "a"
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
        lock = FileLock(slots / "0.lock", timeout=0)
        try:
            with lock:
                held.append(False)
        except TimeoutError:
            held.append(True)

    encode(toy_encoder, [], progress)
    with FileLock(slots / "0.lock", timeout=0):
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
    with FileLock(slots / "0.lock", timeout=0):
        pass


def test_what_needs_no_work_needs_no_turn(toy_encoder, other_kernel):
    class Found(Fake):
        def embed_query(self, text, *, progress=None):
            return toy_encoder.embed_query(text)

    reports = []
    assert encode(Found(), reports).tokens.text == "one two"
    assert reports == []


def test_a_model_that_must_be_loaded_first_is_announced(toy_encoder):
    class Lazy(Fake):
        is_loaded = False

        def embed_query(self, text, *, progress=None):
            progress(0, 1)
            return toy_encoder.embed_query(text)

    reports = []
    encode(Lazy(), reports)
    assert reports == ["Loading the model, once …"]


def test_where_no_lock_can_be_made_everybody_encodes(toy_encoder, slots):
    slots.rmdir()
    slots.write_text("in the way", encoding="utf-8")
    reports = []
    assert encode(toy_encoder, reports).tokens.text == "one two"
    assert WAITING not in reports
