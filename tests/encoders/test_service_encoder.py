import pickle
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.analysis import rank
from colbert_explain.embeddings import Encoder, check_encoder
from colbert_explain.encoders import load_encoder
from colbert_explain.encoders.remote import connection
from colbert_explain.encoders.remote.address import is_address, read_address
from colbert_explain.encoders.remote.connection import EncoderServiceError
from colbert_explain.encoders.remote.protocol import VERSION, VERSION_HEADER, as_line, packed
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
from tests.local_server import QuietHandler, serving
from tests.tiny_checkpoints import TEXTS, make_checkpoint

LONG = " ".join(f"Sentence {i} says that elephants eat grass in place {i * 7}." for i in range(80))


def check_same(remote, own, text):
    for side in ("query", "document"):
        given = getattr(remote, f"embed_{side}")(text)
        expected = getattr(own, f"embed_{side}")(text)
        np.testing.assert_array_equal(given.vectors, expected.vectors, err_msg=f"{side} {text!r}")
        assert given.tokens == expected.tokens, (side, text)
        assert given.provenance == expected.provenance


def test_the_bundled_encoder_gives_the_same_bits_in_a_service(service, encoder):
    remote = load_encoder(service.address)
    assert isinstance(remote, Encoder)
    check_encoder(remote)
    for text in (*TEXTS, "What do elephants eat?", LONG):
        check_same(remote, encoder, text)
    assert str(remote.describe()) == str(encoder.describe())
    for name in ("name", "dim", "query_length", "document_length", "settings", "warnings"):
        assert getattr(remote, name) == getattr(encoder, name), name


def test_texts_of_many_clients_at_once_get_the_same_bits_in_a_service(service, encoder):
    clients = [ServiceEncoder(service.address) for _ in range(12)]
    texts = [
        f"Every day {n} kg of grass feed {w}." for n in (17, 23) for w in ("it", "a cow", "us")
    ]

    def asked(number):
        return clients[number].embed_document(texts[number % len(texts)])

    with ThreadPoolExecutor(len(clients)) as pool:
        for _ in range(4):
            for number, given in enumerate(pool.map(asked, range(len(clients)))):
                expected = encoder.embed_document(texts[number % len(texts)])
                np.testing.assert_array_equal(given.vectors, expected.vectors)
                assert given.tokens == expected.tokens


def test_checkpoints_and_their_settings_give_the_same_bits_in_a_service(service):
    folder = make_checkpoint(service.models / "tiny", "pylate", "wordpiece")
    for arguments in (
        {},
        {"document_length": 12, "query_expansion": False},
        {"query_expansion": "min", "expansion_length": 16, "skiplist": [",", "."]},
        {"query_prompt": "search: ", "dtype": "bfloat16"},
    ):
        own = load_encoder(folder, **arguments)
        remote = load_encoder(f"{service.address}?model=tiny", **arguments)
        for text in TEXTS:
            check_same(remote, own, text)
        assert remote.settings == own.settings
        assert remote.warnings == own.warnings
        assert remote.provenance.overridden == own.provenance.overridden
    with pytest.raises(ValueError, match="query_length must be"):
        load_encoder(f"{service.address}?model=tiny", query_length=-5)
    with pytest.raises(ValueError, match="layers must be left out"):
        load_encoder(f"{service.address}?model=tiny&layers=3")


def test_what_is_built_on_encoders_works_with_a_service(service, encoder):
    remote = load_encoder(service.address, layers=(6,), document_length=50)
    assert remote.dim == 384
    assert ce.explain("cats", "cats eat fish", remote).score > 0
    texts = ["Cats eat fish.", "Dogs bark.", "It rains in Spain."]
    own = load_encoder(layers=(6,), document_length=50)
    assert rank("what do cats eat", texts, remote).scores.tolist() == (
        rank("what do cats eat", texts, own).scores.tolist()
    )
    copy = pickle.loads(pickle.dumps(remote))
    assert copy.embed_query("one").tokens == remote.embed_query("one").tokens


def test_a_client_imports_no_torch(service):
    code = (
        "import sys, colbert_explain as ce; "
        f"x = ce.explain('cats', 'cats eat', ce.load_encoder({service.address!r})); "
        "print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_addresses_name_models_and_settings():
    for text, shown, expected in (
        ("http://host:8000", "http://host:8000", {"model": None}),
        ("https://host/encoder/", "https://host/encoder", {"model": None}),
        ("unix:/run/a%20b", "unix:/run/a%20b", {"model": None}),
        (
            "http://h?model=a/b&revision=7&layers=3,6&document_length=9&query_expansion=false"
            "&expansion_attended=true&skiplist=a&skiplist=%2C&query_prompt=q%3A%20",
            "http://h",
            {
                "model": "a/b",
                "revision": "7",
                "layers": [3, 6],
                "document_length": 9,
                "query_expansion": False,
                "expansion_attended": True,
                "skiplist": ["a", ","],
                "query_prompt": "q: ",
            },
        ),
    ):
        assert is_address(text)
        address, named = read_address(text, {})
        assert (str(address), named.as_json()) == (shown, expected)
    assert not any(map(is_address, (None, "org/model", "./folder", "C:\\models", "/models")))


def test_odd_addresses_are_refused_with_a_sentence():
    for text, sentence in (
        ("http://", "must be like http://host:8000"),
        ("http://host:port", "must be like http://host:8000"),
        ("http://host:99999", "must be like http://host:8000"),
        ("unix:relative", "must be unix: and an absolute path"),
        ("http://me:secret@host", "must have no user name or password"),
        ("http://host#part", "must not contain #"),
        ("http://host?models=a", "may name model and arguments of load_encoder, got 'models'"),
        ("http://host?model=a&model=b", "model must be given only once in the address"),
        ("http://host?document_length=many", "document_length must be a whole number"),
        ("http://host?expansion_attended=maybe", "expansion_attended must be true or false"),
    ):
        with pytest.raises(ValueError, match=sentence) as refused:
            read_address(text, {})
        assert "secret" not in str(refused.value)
    with pytest.raises(ValueError, match="dtype must be given once"):
        load_encoder("http://host?dtype=float16", dtype="bfloat16")


def faulty(content, *, version=str(VERSION), length=None, status=200):
    """Serve the same bytes to every request."""

    class Handler(QuietHandler):
        def answer(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            named = {} if version is None else {VERSION_HEADER: version}
            self.send(status, content, Content_Length=length or len(content), **named)

    return serving(Handler)


FACTS = {
    "event": "result",
    "provenance": {"model": "toy", "layers": [], "dim": 32},
    "query_length": 9,
    "document_length": 9,
    "settings": [],
    "warnings": [],
    "largest_text": 100,
}


def test_answers_that_are_not_what_the_protocol_says_are_a_sentence():
    for content, options, sentence in (
        (b"", {}, "ended the connection before the result arrived"),
        (
            as_line(FACTS),
            {"version": None},
            "must be an encoder service, but something else answers there",
        ),
        (as_line(FACTS), {"version": "2"}, "has a newer version .*install the same version"),
        (as_line(FACTS), {"version": "0"}, "has an older version"),
        (b"<html>", {"status": 404, "version": None}, "must be an encoder service"),
        (b"<html>", {"status": 502}, "cannot be read: sentence must be a string, got None"),
        (as_line(FACTS)[:20], {"length": 500}, "ended the connection before the result arrived"),
        (b"<html>\n", {}, "cannot be read: a line must be JSON"),
        (b'{"a": 1}\n', {}, "cannot be read: a line must be an event"),
        (b"[" * 100_000 + b"\n", {}, "cannot be read: a line must be JSON"),
        (as_line({**FACTS, "query_length": "9"}), {}, "cannot be read: query_length must be"),
        (as_line({**FACTS, "provenance": None}), {}, "cannot be read: provenance must be"),
        (as_line({**FACTS, "bytes": -1}), {}, "cannot be read: bytes must be"),
        (as_line({**FACTS, "bytes": 2**40}), {}, "cannot be read: bytes must be"),
    ):
        stated = pytest.raises(EncoderServiceError, match=sentence)
        with faulty(content, **options) as address, stated:
            load_encoder(address)


def test_results_that_do_not_fit_their_text_are_a_sentence(toy_encoder):
    good = toy_encoder.embed_query("one two")
    vectors = packed(good.vectors)
    result = {
        "event": "result",
        "provenance": FACTS["provenance"],
        "tokens": good.tokens.to_columns(),
        "bytes": len(vectors),
    }
    other = toy_encoder.embed_query("one  two").tokens.to_columns()
    for event, tensor, sentence in (
        (result, vectors, None),
        ({**result, "tokens": other}, vectors, "it is for a different text"),
        ({**result, "tokens": {}}, vectors, "text must have an entry"),
        ({**result, "bytes": 5}, b"12345", "vectors must be a safetensors file"),
        ({**result, "bytes": 0}, b"", "vectors must be a safetensors file"),
        (result, packed(2 * good.vectors), "vectors must be of unit length"),
        ({**result, "provenance": {"model": "b", "layers": []}}, vectors, "from a different model"),
    ):
        with faulty(as_line(event) + tensor) as address:
            encoder = ServiceEncoder(address)
            encoder._found = _facts()
            if sentence is None:
                assert encoder.embed_query("one two").tokens == good.tokens
                continue
            with pytest.raises(EncoderServiceError, match=sentence):
                encoder.embed_query("one two")


def _facts():
    from colbert_explain.encoders.remote.service_encoder import _read_facts

    return _read_facts(FACTS)


def test_a_service_that_says_nothing_is_a_sentence(monkeypatch):
    monkeypatch.setattr(connection, "TO_ANSWER", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(EncoderServiceError, match="stopped answering: nothing for"):
            load_encoder(address)


def test_a_service_that_the_environment_names_loads_every_model_and_is_not_shown(
    service, monkeypatch, encoder
):
    folder = make_checkpoint(service.models / "named", "pylate", "wordpiece")
    monkeypatch.setenv("COLBERT_EXPLAIN_ENCODER", f"{service.address}?model=named")
    for given, name in (((), folder.name), ((None,), folder.name), ((folder,), folder.name)):
        found = load_encoder(*given)
        assert isinstance(found, ServiceEncoder), given
        assert name in found.name, given
    monkeypatch.setenv("COLBERT_EXPLAIN_ENCODER", service.address)
    found = load_encoder()
    assert found.name == encoder.name
    assert repr(found).startswith("ServiceEncoder(COLBERT_EXPLAIN_ENCODER, all-MiniLM-L6-v2")
    for same in (found, pickle.loads(pickle.dumps(found)), found.without_store()):
        assert service.address not in repr(same)
        with pytest.raises(ValueError, match="for the encoder service, got") as refused:
            same.embed_query("a" * 2_000_000)
        assert service.address not in str(refused.value)
    assert isinstance(ce.explain("cats", "dogs").score, float)
    # Who gives settings decides by them.
    assert not isinstance(load_encoder(settings=ce.OperatorSettings()), ServiceEncoder)


def test_a_service_that_the_environment_names_is_waited_for(monkeypatch, tmp_path):
    monkeypatch.setattr(connection, "TO_START", 0.05)
    encoder = ServiceEncoder.from_settings(f"unix:{tmp_path}/socket?layers=6", None, {})
    said = []
    with pytest.raises(EncoderServiceError) as refused:
        encoder.load(report=said.append)
    assert said == [connection.STARTING]
    assert str(refused.value) == (
        "the encoder service does not answer (no such file or directory): try again in a moment; "
        "if it never does, no service is listening at the address in COLBERT_EXPLAIN_ENCODER"
    )
    monkeypatch.setattr(connection, "TO_START", 60.0)

    class StopError(Exception):
        pass

    def progress(done, total):
        raise StopError

    with pytest.raises(StopError):
        encoder.load(progress=progress)
