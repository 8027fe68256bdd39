"""The key is in no message, log, repr, saved file or exception."""

import copy
import io
import logging
import pickle
import traceback

import pytest

import colbert_explain as ce
from colbert_explain.encoders.remote.service_address import service_address
from tests.encoders.remote import local_service
from tests.encoders.remote.conftest import KEY
from tests.encoders.remote.local_service import status

ENCODERS = (ce.JinaEncoder, ce.VllmEncoder)
RERANKERS = (ce.JinaReranker, ce.VllmReranker)


@pytest.fixture
def log():
    """Everything that any library logs, at every level."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def keys(service, monkeypatch):
    monkeypatch.setenv("VLLM_API_KEY", KEY)


def chain(error):
    """Return an exception and all that it came from, with everything they hold."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def used(thing):
    if isinstance(thing, ENCODERS):
        return thing.embed_document("cats eat fish")
    return ce.rank("cats", ["cats eat", "fish"], thing)


def test_the_key_is_sent_and_found_nowhere_else(make, service, log, tmp_path, capsys):
    for kind in (*ENCODERS, *RERANKERS):
        thing = make(kind)
        result = used(thing)
        texts = [
            *(repr(thing), str(vars(thing)), repr(thing._calls), str(vars(thing._calls))),
            *(repr(result), str(result._repr_mimebundle_() if kind in RERANKERS else "")),
            repr(thing.provenance),
            thing.provenance.sentence(),
            str(pickle.dumps(thing)),
            str(pickle.dumps(copy.deepcopy(thing))),
        ]
        if kind in ENCODERS:
            path = tmp_path / "x.json"
            ce.explain("cats", "cats eat", thing).save(path)
            texts.append(path.read_text())
        for text in texts:
            assert KEY not in text, kind
    assert service.seen
    assert all(headers["Authorization"] == f"Bearer {KEY}" for _, headers, _ in service.seen)
    assert "HTTP Request" in log.getvalue()  # httpx has logged
    assert KEY not in log.getvalue()
    assert KEY not in "".join(capsys.readouterr())


def test_no_fault_shows_the_key_not_even_one_that_repeats_it(make, service, log):
    echo = {"detail": f"bad key {KEY}", "code": "AUTH_INVALID_API_KEY"}
    part = {"detail": f"bad key {KEY[:8]}***", "message": f"key {KEY[-7:]}"}
    codes = (400, 401, 402, 403, 404, 418, 422, 500)
    faults = [
        *(status(code, echo) for code in codes),
        *(status(code, part) for code in codes),
        local_service.cut_off,
        local_service.raw(200, KEY.encode(), "text/html"),
        status(200, {"data": [{"index": 0, "data": [[1, 2], [3]], "embeddings": [[1, 2], [3]]}]}),
        status(200, {"results": []}),
    ]
    for kind in (*ENCODERS, *RERANKERS):
        for i, fault in enumerate(faults):
            thing = make(kind, tries=1)
            service.faults.append(fault)
            with pytest.raises(ce.RemoteError) as caught:
                used(thing)
            shown = "".join(traceback.format_exception(caught.value))
            links = chain(caught.value)
            held = shown + "".join(f"{one!r} {vars(one)}" for one in links)
            for secret in (KEY, KEY[:8], KEY[-7:]):
                assert secret not in held, (kind, i)
            for one in links:
                assert not hasattr(one, "request"), (kind, i)
    assert KEY not in log.getvalue()


def test_no_network_holds_no_request_in_the_exception(make):
    thing = make(ce.VllmEncoder)
    thing._calls.timeout = 0.2
    thing._calls.address = service_address("http://127.0.0.1:9")
    with pytest.raises(ce.RemoteError) as caught:
        thing.embed_query("cats")
    assert chain(caught.value) == [caught.value]


def test_a_secret_in_an_address_is_refused_and_not_shown():
    for address in (
        f"http://me:{KEY}@gpu-box:8000",
        f"http://gpu-box:8000?key={KEY}",
        f"http://gpu-box:8000#{KEY}",
    ):
        with pytest.raises(ValueError, match="without a user name") as caught:
            ce.VllmEncoder(address, "m")
        assert KEY not in "".join(traceback.format_exception(caught.value)), address


def test_a_key_that_is_missing_or_damaged_is_one_sentence_before_anything_is_sent(
    make, service, monkeypatch, caplog
):
    encoder = make(ce.JinaEncoder)
    for value, words in (
        (None, "needs a key: set JINA_API_KEY"),
        ("  ", "needs a key: set JINA_API_KEY"),
        (f"{KEY}\n{KEY}", "must be one word of ASCII characters"),
        (f"{KEY}é", "must be one word of ASCII characters"),
    ):
        if value is None:
            monkeypatch.delenv("JINA_API_KEY")
        else:
            monkeypatch.setenv("JINA_API_KEY", value)
        with pytest.raises(ce.RemoteError, match=words) as caught:
            encoder.embed_query("cats")
        assert KEY not in str(caught.value)
    assert not service.seen
    assert not caplog.records
    monkeypatch.setenv("JINA_API_KEY", f" {KEY}\n")  # as a file gives it
    encoder.embed_query("cats")


def test_a_vllm_server_that_wants_a_key_where_none_is_set_says_which(make, service, monkeypatch):
    monkeypatch.delenv("VLLM_API_KEY")
    service.faults.append(status(401))
    with pytest.raises(ce.RemoteError, match=r"needs a key \(401\): set VLLM_API_KEY"):
        make(ce.VllmEncoder).embed_query("cats")
