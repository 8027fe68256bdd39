import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from colbert_explain.encoder_service import child as supervisor
from colbert_explain.encoder_service.child import EncoderChild
from colbert_explain.encoders import load_encoder
from tests import patience
from tests.encoder_service.programs import ROOT, wait_for

#: Starts the toys' service as `EncoderChild` starts the package's own.
COMMAND = (sys.executable, "-m", "tests.encoder_service.toy_child")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def said():
    return []


@pytest.fixture
def start(said, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    children = []

    def start(**arguments):
        child = EncoderChild(
            environment=ENVIRONMENT, on_change=said.append, command=COMMAND, **arguments
        )
        children.append(child)
        child.wait_until_ready(patience.seconds(60))
        return child

    yield start
    for child in children:
        child.stop()


def test_it_starts_on_a_private_socket_and_ends_without_a_trace(start, said):
    child = start()
    folder = Path(child.address.removeprefix("unix:")).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert child.token is None
    assert load_encoder(child.address).embed_query("one").tokens
    process = psutil.Process(child.pid)
    child.stop()
    assert not process.is_running()
    assert not folder.exists()
    assert said == []


def test_it_is_started_again_on_the_same_address_when_it_dies(start, said):
    child = start()
    encoder = load_encoder(child.address)
    first = child.pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: child.pid != first and child.is_ready(), "it must be started again", 60)
    assert child.n_restarts == 1
    assert "killed by SIGKILL" in said[0]
    assert encoder.embed_query("one").tokens


def test_it_uses_a_port_and_a_token_where_there_are_no_sockets(start, monkeypatch):
    child = start(with_socket=False)
    assert child.address.startswith("http://127.0.0.1:")
    assert child.token not in repr(child) + repr(psutil.Process(child.pid).cmdline())
    with pytest.raises(ConnectionError, match="asks for a token"):
        load_encoder(child.address)
    monkeypatch.setenv("COLBERT_EXPLAIN_ENCODER_TOKEN", child.token)
    assert load_encoder(child.address).embed_query("one").tokens


PARENT = """
import json, os, sys, time
from colbert_explain.encoder_service.child import EncoderChild

child = EncoderChild(command=json.loads(sys.argv[1]))
child.wait_until_ready(600)
print(json.dumps([child.pid, child.address]), flush=True)
if sys.argv[2] == "forks" and os.fork() == 0:
    time.sleep(600)  # holds the pipe of the child open
time.sleep(600)
"""


@pytest.mark.parametrize("how", ["alone", "forks"])
def test_it_ends_with_its_parent_even_if_that_is_killed(how):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, json.dumps(COMMAND), how],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
    )
    try:
        pid, address = json.loads(parent.stdout.readline())
        child = psutil.Process(pid)
        others = psutil.Process(parent.pid).children()
        parent.kill()
        child.wait(patience.seconds(60))
        socket = Path(address.removeprefix("unix:"))
        assert not socket.parent.exists()
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    for other in others:
        if other.pid != pid:
            other.kill()


def test_one_that_never_starts_is_a_sentence(said):
    command = (sys.executable, "-c", "raise SystemExit(3)")
    child = EncoderChild(command=command, on_change=said.append)
    try:
        with pytest.raises(TimeoutError, match=r"^the encoder service at unix:.* was not ready"):
            child.wait_until_ready(0.5)
        wait_for(lambda: said, "it must be said that it ended")
        assert "exit status 3" in said[0]
    finally:
        child.stop()
