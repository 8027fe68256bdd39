import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from colbert_explain.dashboard import warm_up as module
from colbert_explain.dashboard.warm_up import run_cells, start_warming_up, warm_up
from tests import patience

SERVER = """
import sys, time
from pathlib import Path
from colbert_explain.dashboard.warm_up import start_warming_up
print(start_warming_up(Path(sys.argv[1])).pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(path, *cells):
    path.parent.mkdir(exist_ok=True)
    code = [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("#"), *code]), path
    )
    return path


def test_cells_run_in_one_namespace_and_give_what_they_would_display(tmp_path):
    path = write(tmp_path / "a.ipynb", "a = 1\na + 1", "b = a", "", "[\n    a,\n    b,\n]")
    assert list(run_cells(path)) == [2, None, None, [1, 1]]


def test_what_a_cell_starts_has_ended_when_its_value_is_given(tmp_path):
    path = write(
        tmp_path / "a.ipynb",
        "import threading, time\ndone = []\n"
        "def work():\n    time.sleep(0.2)\n    done.append(1)\n"
        "threading.Thread(target=work, name='colbert_explain').start()\ndone",
    )
    assert list(run_cells(path)) == [[1]]


def test_texts_are_encoded_once_and_again_when_something_is_missing(tmp_path, cache, monkeypatch):
    ran = tmp_path / "ran.txt"
    append = f"with open({str(ran)!r}, 'a') as file:\n    file.write"
    write(tmp_path / "notebooks" / "bad.ipynb", "1 / 0")
    write(tmp_path / "notebooks" / "good.ipynb", f"{append}('good ')")
    path = write(tmp_path / "notebooks" / "workbench.ipynb", f"{append}('first ')")
    monkeypatch.setattr("colbert_explain.samples.load_samples", lambda: [])

    def keep_one():
        (cache / "embeddings").mkdir(parents=True, exist_ok=True)
        (cache / "embeddings" / "one.embeddings").touch()

    monkeypatch.setattr("colbert_explain.analysis.calibration.calibrate", keep_one)
    for _ in range(2):
        warm_up(tmp_path / "notebooks")
    assert ran.read_text() == "first good "
    (cache / "embeddings" / "one.embeddings").unlink()
    warm_up(tmp_path / "notebooks")
    assert ran.read_text() == "first good " * 2
    write(path, f"{append}('changed ')")
    warm_up(tmp_path / "notebooks")
    assert ran.read_text() == "first good " * 2 + "changed good "
    # Another version of the code finds nothing of what this one kept.
    monkeypatch.setattr("colbert_explain.encoders.text_encoder._code_digest", lambda: "another")
    warm_up(tmp_path / "notebooks")
    assert ran.read_text().endswith("changed good changed good ")


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_it_gives_way_and_ends_with_a_server_that_is_killed(tmp_path):
    write(tmp_path / "notebooks" / "a.ipynb", "import time\ntime.sleep(60)")
    given_way = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "notebooks")], stdout=subprocess.PIPE
    )
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


def test_nothing_is_started_where_embeddings_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(module.subprocess, "Popen", pytest.fail)
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "0")
    assert start_warming_up(tmp_path) is None


def test_a_cache_that_cannot_be_written_is_told_the_operator(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(module.subprocess, "Popen", pytest.fail)
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    assert start_warming_up(tmp_path) is None
    assert "embeddings cannot be kept in" in caplog.text


def test_a_damaged_stamp_is_no_stamp(tmp_path):
    (tmp_path / "lessons.json").write_text(json.dumps(["lessons"]), encoding="ascii")
    assert not module._is_complete(tmp_path, "lessons")
