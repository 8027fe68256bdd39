import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from colbert_explain.dashboard import shared_encoder as module
from colbert_explain.dashboard.shared_encoder import shared_encoder
from colbert_explain.encoders.remote.address import read_address
from colbert_explain.operator_settings import OperatorSettings
from tests.encoder_service.programs import Program, wait_for
from tests.processes import command_of
from tests.served_page import NOBODY, served

#: What a service asks for.
OPEN = "a-token-of-sixteen-letters"
ADDRESS, TOKEN = "COLBERT_EXPLAIN_ENCODER", "COLBERT_EXPLAIN_ENCODER_TOKEN"
#: Explains what was typed, and writes down what the kernel is then.
TYPED = """
import json, os, sys, uuid
import colbert_explain as ce
bench = ce.Workbench(query="", documents="")
encoder = ce.load_encoder()
def explain(document):
    bench.start("Do cats eat fish?", document)
    bench.wait(300)
    known = dict(
        problem=bench.page.problem,
        explained=bench.explanation is not None and bench.explanation.document.text == document,
        torch="torch" in sys.modules,
        address=os.environ["COLBERT_EXPLAIN_ENCODER"],
    )
    with open(os.path.join(FOLDER, "known.json"), "w") as file:
        json.dump(known, file)
explain(f"Cats eat fish {uuid.uuid4()}.")
encoder
"""


def services(server):
    """Return the encoder services of a server."""
    running = psutil.Process(server.process.pid).children(recursive=True)
    return [process for process in running if "encoder_service" in command_of(process)]


def is_gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.delenv(ADDRESS, raising=False)
    cell = TYPED.replace("FOLDER", repr(str(tmp_path)))
    with served(tmp_path, environment={}, page=[cell], none=["import colbert_explain"]) as running:
        yield running


def known(tmp_path):
    return json.loads((tmp_path / "known.json").read_text())


def test_a_kernel_explains_what_is_typed_without_torch_even_after_the_service_was_killed(
    server, tmp_path
):
    page = server.open("page").text
    found = known(tmp_path)
    assert (found["problem"], found["explained"], found["torch"]) == ("", True, False)
    where = Path(found["address"].removeprefix("unix:"))
    assert where.parent.stat().st_mode & 0o777 == 0o700
    [service] = services(server)
    service.send_signal(signal.SIGKILL)
    wait_for(lambda: is_gone(service), "it must end")
    again = server.open("page").text  # the page waits until the service is there again
    found = known(tmp_path)
    assert (found["problem"], found["explained"], found["torch"]) == ("", True, False)
    assert "ServiceEncoder(COLBERT_EXPLAIN_ENCODER, all-MiniLM-L6-v2" in again
    log = "\n".join(server.log())
    assert "The encoder service ended (killed by SIGKILL); it will be started again" in log
    assert where.parent.name not in page + again + log


def test_the_service_ends_with_the_server_however_that_ends(server):
    [service] = services(server)
    folder = Path(json.loads(service.cmdline()[-1])["socket"]).parent
    assert folder.is_dir()
    server.process.kill()
    wait_for(lambda: is_gone(service) and not folder.exists(), "service and folder must go")


def test_a_server_that_is_terminated_leaves_no_service_and_no_folder(server):
    [service] = services(server)
    folder = Path(json.loads(service.cmdline()[-1])["socket"]).parent
    server.process.terminate()
    server.process.wait()
    assert is_gone(service)
    assert not folder.exists()


def test_an_operator_may_name_a_service_elsewhere_and_none_is_started_then(tmp_path):
    named = {ADDRESS: NOBODY}
    with served(tmp_path, environment=named, page=["1"]) as server:
        server.open("page")
        assert services(server) == []
        told = f"No encoder service answers at {NOBODY} (connection refused)"
        wait_for(lambda: told in server.log_file.read_text(), "the terminal must say so")


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("", "asks for a token: set COLBERT_EXPLAIN_ENCODER_TOKEN. Until it can"),
        ("another-long-token", "refused the token in COLBERT_EXPLAIN_ENCODER_TOKEN. Until it can"),
        (OPEN, None),
    ],
)
def test_a_service_elsewhere_that_does_not_let_us_in_is_told_at_once(
    tmp_path, monkeypatch, caplog, token, sentence
):
    with closing(Program(environment={TOKEN: OPEN})) as program:
        monkeypatch.setenv(TOKEN, token)
        module._look(read_address(program.address, {})[0])
    assert len(caplog.messages) == (sentence is not None)
    assert all(sentence in message and OPEN not in message for message in caplog.messages)


def test_an_address_that_is_none_ends_the_start_with_a_sentence(tmp_path):
    code = (
        "import pathlib, sys; from colbert_explain.dashboard.serve import serve; "
        "serve(port=0, open_browser=False, notebooks=pathlib.Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {ADDRESS: "http://user:secret@host"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ValueError: the address of an encoder service must have no user name" in done.stderr
    assert "secret" not in done.stderr


def test_where_there_are_no_sockets_kernels_get_a_token_and_keep_it_no_longer_than_the_server(
    monkeypatch,
):
    class Child:
        address, token = "http://127.0.0.1:1", "a-token-of-a-child"

        def __init__(self, **_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(module, "EncoderChild", Child)
    monkeypatch.setenv(TOKEN, "of another service")
    with shared_encoder(OperatorSettings()):
        assert (os.environ[ADDRESS], os.environ[TOKEN]) == (Child.address, Child.token)
    assert ADDRESS not in os.environ
    assert TOKEN not in os.environ
    Child.token = None
    monkeypatch.setenv(TOKEN, "of another service")
    with shared_encoder(OperatorSettings()):
        assert TOKEN not in os.environ
