import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket

from colbert_explain.encoder_service.access import ServiceAccess
from colbert_explain.encoder_service.handlers import application
from colbert_explain.encoder_service.serve import on_device
from colbert_explain.encoder_service.service import EncoderService
from colbert_explain.encoders import load_encoder, without_store
from colbert_explain.encoders.remote.connection import EncoderServiceError
from colbert_explain.encoders.remote.protocol import VERSION_HEADER, EventReader, NamedModel
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
from colbert_explain.operator_settings import OperatorSettings
from tests import patience
from tests.encoder_service.programs import wait_for
from tests.toy_pipeline import text_encoder

TEXT = "Cats eat fish, and dogs — naïve 🐘 zzz — eat what is left over from yesterday's dinner."
TOKEN = "a-token.of_tests~1234567890"


@pytest.fixture
def others():
    """Threads in which requests wait."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


def with_progress(embed, text):
    seen = []
    return embed(text, progress=lambda *at: seen.append(at)), seen


def events_of(answer):
    return EventReader().feed(answer.content)


def test_a_service_gives_what_the_encoder_gives(shared, toy_encoder):
    remote, own = load_encoder(shared.address), text_encoder(toy_encoder)
    assert remote.name == "toy"
    assert (remote.dim, remote.query_length, remote.document_length) == (32, 200, 200)
    for text in (TEXT, "one", "word " * 300):
        for side in ("query", "document"):
            (given, seen), (local, expected) = (
                with_progress(getattr(encoder, f"embed_{side}"), text) for encoder in (remote, own)
            )
            np.testing.assert_array_equal(given.vectors, local.vectors)
            assert [t.piece for t in given.tokens] == [t.piece for t in local.tokens]
            assert (given.tokens.text, given.tokens.n_unread) == (text, local.tokens.n_unread)
            assert given.provenance == local.provenance
            # A service leaves steps out; it may say 0 of 1 while the request waits.
            assert set(seen) <= {(0, 1), *expected}, (side, text)


def test_what_is_no_text_is_refused_before_it_is_sent(shared, unchecked):
    encoder = load_encoder(shared.address)
    for text, sentence in (
        ("", "must contain text, got nothing"),
        (17, "must be a string, got 17"),
        ("ab\ud83d", "half of a surrogate pair"),
    ):
        with pytest.raises(ValueError, match=f"document.*{sentence}"):
            encoder.embed_document(text)


def test_an_exception_in_progress_cancels_in_the_service_too(shared):
    encoder = load_encoder(shared.address)

    class StopError(Exception):
        pass

    def progress(done, total):
        if total == 10:
            raise StopError

    with pytest.raises(StopError):
        encoder.embed_document("wait never", progress=progress)
    shared.wait_until(requests=0, waiting=0)
    assert encoder.embed_document(TEXT).tokens.text == TEXT


def test_a_request_is_cancelled_by_its_id(shared, others):
    with shared.client() as client:
        request = {"side": "query", "text": "wait never", "id": "mine-1"}
        waiting = others.submit(client.post, "/encode", json=request)
        shared.wait_until(requests=1)
        again = client.post("/encode", json=request)
        assert again.status_code == 400
        assert "id must be new for every request, got 'mine-1' again" in again.text
        assert client.delete("/requests/mine-1").status_code == 200
        last = events_of(waiting.result())[-1]
        assert (last["kind"], last["sentence"]) == ("stopped", "the request was cancelled")
        assert client.delete("/requests/mine-1").status_code == 404


def test_a_short_text_overtakes_a_long_one_between_its_windows(shared, others):
    encoder = load_encoder(shared.address)
    long = others.submit(encoder.embed_document, "wait overtaken " + "word " * 600)
    shared.wait_until(requests=1)
    assert len(encoder.embed_query("one two").tokens) == 4
    assert not long.done()
    shared.let("overtaken")
    assert long.result().tokens.n_unread > 0


def test_a_full_queue_is_refused_with_a_sentence_and_a_time(start, others):
    service = start(environment={"COLBERT_EXPLAIN_ENCODER_QUEUE": "2"})
    encoder = load_encoder(service.address)
    held = [others.submit(encoder.embed_document, "wait room " + "word " * 600) for _ in range(3)]
    service.wait_until(requests=3)
    with pytest.raises(EncoderServiceError, match=r"busy with 3 requests.*try again in 5 s"):
        encoder.embed_query(TEXT)
    with service.client() as client:
        answer = client.post("/encode", json={"side": "query", "text": TEXT})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    service.let("room")
    assert all(each.result().tokens for each in held)
    assert encoder.embed_query(TEXT).tokens


def test_a_killed_service_is_a_sentence_and_the_same_text_succeeds_after_a_restart(start, others):
    service = start()
    encoder = load_encoder(service.address)
    text = "wait killed " + TEXT
    held = others.submit(encoder.embed_document, text)
    service.wait_until(requests=1)
    service.kill()
    with pytest.raises(EncoderServiceError, match=r"^the encoder service at unix:.* try again$"):
        held.result()
    with pytest.raises(EncoderServiceError, match=r"^no encoder service answers at unix:/"):
        encoder.embed_query("one")
    service.let("killed")
    service.start()  # the socket's file of the killed one lies in its way
    assert encoder.embed_document(text).tokens.text == text


def test_a_service_that_is_terminated_says_so_to_its_clients_and_removes_its_socket(start, others):
    service = start()
    encoder = load_encoder(service.address)
    held = others.submit(encoder.embed_document, "wait never")
    service.wait_until(requests=1)
    service.process.send_signal(signal.SIGTERM)
    with pytest.raises(EncoderServiceError, match="the encoder service is being stopped"):
        held.result()
    assert service.process.wait() == 0
    assert not (service.folder / "socket").exists()


def test_a_request_that_takes_too_long_is_ended(start):
    service = start(environment={"COLBERT_EXPLAIN_ENCODER_MINUTES": "0.002"})
    encoder = load_encoder(service.address)
    with pytest.raises(EncoderServiceError, match=r"a text may take at most 0\.002 min here"):
        encoder.embed_document("wait never")
    service.wait_until(requests=0)


def test_a_text_that_is_too_long_is_refused_on_both_sides(start):
    service = start(environment={"COLBERT_EXPLAIN_LARGEST_TEXT": "20"})
    with pytest.raises(ValueError, match=r"query must have at most 20 characters .*, got 21"):
        load_encoder(service.address).embed_query("x" * 21)
    with service.client() as client:
        answer = client.post("/encode", json={"side": "query", "text": "x" * 21})
    assert answer.status_code == 413
    assert "at most 20 characters here (COLBERT_EXPLAIN_LARGEST_TEXT), got 21" in answer.text


def test_a_failure_reaches_its_client_and_its_text_no_log(shared):
    encoder = load_encoder(shared.address)
    with pytest.raises(EncoderServiceError, match="encoding failed: RuntimeError: no room for"):
        encoder.embed_query("fail Oglethorpe")
    log = shared.log.read_text()
    assert "a request failed: RuntimeError" in log
    assert "Oglethorpe" not in log
    assert encoder.embed_query("one").tokens


def test_models_are_named_by_address_or_arguments_and_at_most_two_are_in_memory(shared):
    # One of them is the model that was loaded at the start.
    assert load_encoder(f"{shared.address}?model=first").name == "first"
    assert load_encoder(f"{shared.address}?model=second&document_length=100").name == "second"
    first = load_encoder(f"{shared.address}?model=first")
    load_encoder(f"{shared.address}?model=third", document_length=7)
    loaded = shared.health()["models"]
    assert [(m["model"], m["is_loaded"]) for m in loaded] == [(None, True), ("third", True)]
    assert loaded[1]["document_length"] == 7
    assert first.embed_query("one").provenance.model == "first"


def test_a_model_that_cannot_be_used_is_a_sentence(shared, start):
    with pytest.raises(ValueError, match=r"^model must be whole, but its weights are damaged$"):
        load_encoder(f"{shared.address}?model=damaged")
    with pytest.raises(ValueError, match=r"whoever runs this encoder service must allow"):
        load_encoder(f"{shared.address}?model=/etc")
    service = start(environment={"COLBERT_EXPLAIN_MODELS": ""}, models=["named/here"])
    assert load_encoder(service.address).name == "named/here"
    assert load_encoder(f"{service.address}?model=named/here").name == "named/here"
    assert len(service.health()["models"]) == 1
    with pytest.raises(ValueError, match="model 'other' may not be loaded here"):
        load_encoder(f"{service.address}?model=other")


def test_the_log_says_where_a_model_computes(start):
    service = start(models=["first", "second"])
    assert "encoder: ready (first on cpu, second on cpu)" in service.log.read_text()


def test_models_are_loaded_onto_the_device_of_the_service_unless_a_client_names_one():
    named = NamedModel("org/model", {"layers": [3]})
    assert on_device(named, "cuda:1").arguments == {"layers": [3], "device": "cuda:1"}
    chosen = NamedModel(None, {"device": "cpu"})
    assert on_device(chosen, "cuda:1") == chosen
    started = [sys.executable, "-m", "colbert_explain.cli", "encoder", "--port", "0"]
    done = subprocess.run(
        [*started, "--device", "cuda:99"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "device must be one this PyTorch can use, got 'cuda:99'" in done.stderr


def test_who_waits_for_a_model_hears_how_far_it_is(shared, others):
    said, calls = [], []
    encoder = ServiceEncoder(f"{shared.address}?model=slow")
    waiting = others.submit(encoder.load, report=said.append, progress=lambda *at: calls.append(at))
    wait_for(lambda: len(said) > 1, "loading must be reported")
    assert calls[0] == (0, 1)
    shared.let("slow")
    waiting.result()
    assert all(sentence.startswith("Loading slow: ") for sentence in said), said


def test_the_token_is_asked_for_and_is_nowhere_to_be_read(start, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = start(environment={"COLBERT_EXPLAIN_ENCODER_TOKEN": TOKEN}, port=port)
    assert set(service.health()) == {"event", "protocol", "status"}
    with pytest.raises(EncoderServiceError, match="asks for a token: set COLBERT_EXPLAIN_ENCODER"):
        load_encoder(service.address)
    wrong = "wrong-" + TOKEN
    monkeypatch.setenv("COLBERT_EXPLAIN_ENCODER_TOKEN", wrong)
    with pytest.raises(EncoderServiceError, match="refused the token") as refused:
        load_encoder(service.address)
    assert wrong not in str(refused.value)
    monkeypatch.setenv("COLBERT_EXPLAIN_ENCODER_TOKEN", TOKEN)
    encoder = load_encoder(service.address)
    assert encoder.embed_query("one").tokens
    with pytest.raises(EncoderServiceError) as failed:
        encoder.embed_query("fail")
    service.kill()
    with pytest.raises(EncoderServiceError) as gone:
        encoder.embed_query("one")
    said = [repr(encoder), str(failed.value), str(gone.value), repr(gone.value.__cause__)]
    said += [service.log.read_text(), json.dumps(vars(encoder), default=repr)]
    assert TOKEN not in "".join(said)


def test_who_has_no_token_is_refused_before_the_text_has_come(start):
    service = start(environment={"COLBERT_EXPLAIN_ENCODER_TOKEN": TOKEN})
    request = "POST /encode HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience.seconds(30))
        connection.connect(str(service.folder / "socket"))
        connection.sendall(f"{request}\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"this encoder service asks for a token" in answer
    with service.client() as client:  # the sentence arrives although the text is on its way
        for size in (10, 10_000, 900_000):
            got = client.post("/encode", json={"side": "query", "text": "x" * size})
            assert (got.status_code, got.json()["kind"]) == (401, "token")


def test_who_goes_while_its_text_is_coming_leaves_nothing(tmp_path):
    async def test():
        service = EncoderService(OperatorSettings(), lambda named: None)
        server = HTTPServer(application(service, ServiceAccess()))
        server.add_socket(bind_unix_socket(str(tmp_path / "socket")))
        _, writer = await asyncio.open_unix_connection(tmp_path / "socket")
        before = asyncio.all_tasks()
        writer.write(b"POST /encode HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        async with asyncio.timeout(60):
            while not asyncio.all_tasks() - before:
                await asyncio.sleep(0.005)
            writer.close()
            while asyncio.all_tasks() - before:
                await asyncio.sleep(0.005)
        server.stop()
        await service.close(60)

    asyncio.run(test())


def test_another_version_is_a_sentence_on_both_sides(shared, monkeypatch):
    from colbert_explain.encoders.remote import connection

    with shared.client() as client:
        for given, age in (("99", "a newer"), ("0", "an older"), ("²", "an older")):
            answer = client.get("/health", headers={VERSION_HEADER: given.encode("latin-1")})
            assert answer.status_code == 400
            assert f"the client has {age} version" in answer.text
    for version, age in ((0, "a newer"), (99, "an older")):
        monkeypatch.setattr(connection, "VERSION", version)
        with pytest.raises(EncoderServiceError, match=f"has {age} version.*install the same"):
            load_encoder(shared.address)


def test_pages_of_a_browser_are_not_answered(start):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = start(port=port)
    with service.client() as client:
        for headers in (
            {"Origin": "https://example.org"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Host": "rebound.example.org"},
        ):
            assert client.get("/health", headers=headers).status_code == 403, headers
        assert client.get("/health", headers={"Host": f"localhost:{port}"}).status_code == 200


def test_odd_requests_are_refused_with_a_sentence(shared):
    good = {"side": "query", "text": "one"}
    with shared.client() as client:
        for content, sentence in (
            (b"not JSON", "a request must be a JSON object"),
            (b"\xff", "a request must be a JSON object"),
            (b"[" * 100_000, "a request must be a JSON object"),
            ([], "request must be an object"),
            ({}, "request must have an entry 'side'"),
            ({**good, "side": "both"}, "side must be one of query, document"),
            ({**good, "text": 5}, "text must be a string"),
            ({**good, "text": "\ud800"}, "text must be valid Unicode"),
            ({**good, "keep": "no"}, "keep must be true or false"),
            ({**good, "pickle": ""}, "request must have no entry 'pickle'"),
            ({**good, "id": "x" * 101}, "id must have at most 100 characters"),
            ({**good, "model": {"code": "x"}}, "model must have no entry 'code'"),
            ({**good, "model": {"layers": "3"}}, "layers must be a list"),
            ({**good, "model": {"document_length": 1.5}}, "document_length must be a whole number"),
            ({**good, "model": {"settings": {}}}, "model must have no entry 'settings'"),
        ):
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            answer = client.post("/encode", content=body)
            assert answer.status_code == 400, content
            assert sentence in answer.json()["sentence"], answer.text
            assert VERSION_HEADER in answer.headers
        assert client.get("/nothing").status_code == 404
        assert client.get("/encode").status_code == 405
        assert client.get("/encode").json()["event"] == "error"
    assert shared.health()["requests"] == 0


def test_a_client_that_is_cut_off_while_it_waits_leaves_no_request(shared):
    with shared.client() as client:
        request = {"side": "document", "text": "wait never"}
        with client.stream("POST", "/encode", json=request) as answer:
            events = answer.iter_bytes()
            next(events)
            shared.wait_until(requests=1)
    shared.wait_until(requests=0, waiting=0)


def test_the_service_keeps_embeddings_if_it_is_told_to(start, tmp_path):
    # Toys have no store: whether a request may be kept is seen at the real encoder.
    service = start(
        "colbert_explain.encoder_service",
        environment={
            "COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "1",
            "COLBERT_EXPLAIN_CACHE_FOLDER": str(tmp_path / "cache"),
        },
    )
    kept = tmp_path / "cache" / "embeddings"
    encoder = load_encoder(service.address)
    without_store(encoder).embed_query(TEXT)
    assert not kept.exists()
    first = encoder.embed_query(TEXT)
    assert len(list(kept.iterdir())) == 1
    seen = []
    second = encoder.embed_query(TEXT, progress=lambda *at: seen.append(at))
    np.testing.assert_array_equal(first.vectors, second.vectors)
    assert not [at for at in seen if at != (0, 1)]


def test_threads_share_an_encoder(shared, others):
    encoder = ServiceEncoder(shared.address)
    texts = [f"text number {n} " + "word " * n for n in range(40)]
    found = list(others.map(encoder.embed_document, texts))
    assert [each.tokens.text for each in found] == texts
    assert threading.active_count() < 100
