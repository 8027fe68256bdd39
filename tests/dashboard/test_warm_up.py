import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colbert_explain.dashboard.warm_up import keeps_embeddings, warm_up, write_first_screen
from colbert_explain.samples import load_samples
from tests import patience

SERVER = """
import time
from colbert_explain.dashboard.warm_up import start_warming_up
print(start_warming_up(True, print).pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_samples_are_encoded_as_what_they_are_and_the_encoder_is_calibrated(
    toy_encoder, monkeypatch
):
    asked = []

    class Listening(type(toy_encoder)):
        def _embed(self, side, text, progress):
            asked.append((side, text))
            return super()._embed(side, text, progress)

    listening = Listening()
    monkeypatch.setattr("colbert_explain.encoders.load_encoder", lambda: listening)
    monkeypatch.setattr("colbert_explain.analysis.calibration.calibrate", asked.append)
    warm_up()
    samples = load_samples()
    expected = {("query", s.query) for s in samples} | {("document", s.document) for s in samples}
    assert expected < set(asked[:-1])
    collection = set(asked[:-1]) - expected
    assert [sum(side == one for one, _ in collection) for side in ("query", "document")] == [
        40,
        161,
    ]
    assert asked[-1] is listening


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_it_gives_way_and_ends_with_a_server_that_is_killed(tmp_path, monkeypatch):
    patience.slowness()  # measured now: the program does not wait for ever
    # It waits for a service that is never there.
    monkeypatch.setenv("COLBERT_EXPLAIN_ENCODER", f"unix:{tmp_path}/socket")
    given_way = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
    pid = int(server.stdout.readline())
    try:
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, pid) == given_way)
        assert is_running(pid)
        server.send_signal(signal.SIGKILL)
        wait_until(lambda: not is_running(pid))
    finally:
        server.kill()
        server.communicate()


def wait_until(condition):
    deadline = time.monotonic() + patience.seconds()
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_embeddings_that_are_not_wanted_are_not_kept(monkeypatch):
    assert keeps_embeddings()
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "0")
    assert not keeps_embeddings()


def test_a_cache_that_cannot_be_written_is_told_the_operator(tmp_path, caplog):
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    assert not keeps_embeddings()
    assert "embeddings cannot be kept in" in caplog.text


def test_the_first_screen_is_written_and_its_end_is_told(toy_encoder, monkeypatch, tmp_path):
    monkeypatch.setattr("colbert_explain.encoders.load_encoder", lambda: toy_encoder)
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb", closefd=False) as writer:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(writer))
        write_first_screen()
        screen = reader.read().decode()  # returns when the writer has closed
    assert load_samples("Paraphrased")[0].query in screen
    assert "<table>" in screen
