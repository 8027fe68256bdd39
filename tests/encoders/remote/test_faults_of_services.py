"""A service that is slow, cut off, wrong or unwilling: one sentence for each, and no key in it."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

import colbert_explain as ce
from colbert_explain.encoders.remote.http_calls import retry_after
from colbert_explain.encoders.remote.service_address import service_address
from tests.each_case import check_each
from tests.encoders.remote import local_service
from tests.encoders.remote.local_service import raw, status


def sentence_of(encoder, kind=ce.RemoteError):
    with pytest.raises(kind) as caught:
        encoder.embed_query("cats")
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert encoder.sends_texts_to in sentence
    return sentence


def test_a_status_that_does_not_pass_is_one_sentence_after_one_request(make, service):
    encoder = make(ce.JinaEncoder)
    encoder.embed_query("cats")
    no_balance = {"code": "AUTHZ_INSUFFICIENT_BALANCE", "detail": "Insufficient account balance"}
    no_model = {"code": "INPUT_MODEL_NOT_FOUND", "detail": "Model 'x' not found"}
    long_text = {"detail": [{"loc": ["input"], "msg": "too many tokens", "input": "cats"}]}
    vllm = {"error": {"message": "maximum context length is 512", "type": "BadRequestError"}}
    cases = [
        (401, {"code": "AUTH_INVALID_API_KEY"}, "does not accept the key in JINA_API_KEY", False),
        (402, None, "balance of the account", False),
        (403, no_balance, r"balance .*\(403, AUTHZ_INSUFFICIENT_BALANCE\): top it up", False),
        (403, None, "does not allow this request with the key in JINA_API_KEY", False),
        (404, None, "has no model 'jina-colbert-v2' or no /v1/multi-vector", False),
        (400, no_model, "INPUT_MODEL_NOT_FOUND.*: check the names", False),
        (422, long_text, "refuses what it was sent.*: “too many tokens”$", True),
        (400, vllm, "“maximum context length is 512”", True),
        (413, None, "without a reason", True),
        (307, None, "redirects to another address", False),
        (418, {"message": "tea\npot"}, "refused the request to .*“tea pot”", False),
    ]

    def check(case):
        code, body, words, about_text = case
        service.faults.append(status(code, body, Location=f"{service.address}/elsewhere"))
        before = len(service.seen)
        sentence = sentence_of(encoder, ce.RefusedTextError if about_text else ce.RemoteError)
        assert re.search(words, sentence), sentence
        assert str(code) in sentence, sentence
        assert len(service.seen) == before + 1, "sent more than once"

    check_each(cases, check)


def test_what_passes_is_tried_again_after_longer_and_longer_waits(encoder, service, waits):
    service.faults.extend([status(500), status(503), local_service.cut_off, status(429)])
    assert len(encoder.embed_query("cats").tokens) == 3
    assert service.bodies(service.seen[0][0])[:5] == [service.seen[0][2]] * 5
    # 0.5, 1, 2 and 4 seconds, of which up to half is left out by chance
    assert 3.75 <= sum(waits) <= 7.5


def test_what_does_not_pass_ends_after_the_given_number_of_tries(make, service, waits):
    encoder = make(ce.JinaEncoder, tries=3)
    for fault, words in (
        (status(500), "answered with a server error (500) (tried 3 times)"),
        (status(429), "was sent more requests than it allows (429) (tried 3 times)"),
        (local_service.cut_off, "broke off the connection before its answer was complete (tried"),
    ):
        service.faults.extend([fault] * 3)
        before = len(service.seen)
        assert words in sentence_of(encoder)
        assert len(service.seen) == before + 3, words


def test_retry_after_is_waited_for_and_one_that_is_too_long_is_not(encoder, service, waits):
    service.faults.append(status(429, None, Retry_After="7"))
    encoder.embed_query("cats")
    assert sum(waits) == pytest.approx(7, abs=0.01)
    waits.clear()
    service.faults.append(status(429, None, Retry_After="3600"))
    assert "asks you to wait 3,600 seconds: try again later" in sentence_of(encoder)
    assert not waits


def test_retry_after_may_be_a_date():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 60 < retry_after({"retry-after": soon}) <= 90
    for value in ("-5", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "", "1e9", "٣"):
        assert retry_after({"retry-after": value}) == 0, value


def test_cancelling_reaches_the_caller_while_it_is_waited(encoder, service):
    class CancelledError(Exception):
        pass

    encoder.embed_query("cats")
    service.faults.append(status(429, None, Retry_After="30"))
    calls = []

    def cancel(*of):
        calls.append(of)
        if len(calls) == 3:
            raise CancelledError

    before = len(service.seen)
    with pytest.raises(CancelledError):
        encoder.embed_query("dogs", progress=cancel)
    assert len(service.seen) == before + 1


def test_a_service_that_is_too_slow_is_left(make, service):
    encoder = make(ce.JinaEncoder, timeout=0.3)
    for fault in (local_service.silent(service), local_service.dripping(service)):
        service.faults.append(fault)
        assert "did not answer within 0.3 s" in sentence_of(encoder)


def test_a_network_that_is_off_is_one_sentence_at_once(make, service, waits):
    for kind in (ce.JinaEncoder, ce.VllmEncoder):
        encoder = make(kind)
        encoder._calls.address = service_address("http://127.0.0.1:9")
        sentence = sentence_of(encoder)
        assert "cannot be reached" in sentence
        assert "check the address and whether the network is on" in sentence
    assert not waits


def test_an_answer_that_is_not_json_is_named(encoder, service):
    page = b"<html>login</html>"
    for content, kind in ((page, "text/html"), (b"", "text/plain"), (b"[" * 100_000, "a/b")):
        service.faults.append(raw(200, content, kind))
        sentence = sentence_of(encoder)
        assert f"not JSON ({len(content):,} bytes, {kind})" in sentence


def test_every_wrong_shape_is_one_sentence(make, service):
    unit = local_service.vector("a")
    cases = {
        "no object": [],
        "no data": {"object": "list"},
        "data is no list": {"data": {"0": [unit]}},
        "too few rows": {"data": []},
        "too many rows": {"data": [{"index": 0, "F": [unit]}, {"index": 1, "F": [unit]}]},
        "row is no object": {"data": [[unit]]},
        "no vectors": {"data": [{"index": 0}]},
        "index too high": {"data": [{"index": 1, "F": [unit]}]},
        "index is a word": {"data": [{"index": "0", "F": [unit]}]},
        "empty": {"data": [{"index": 0, "F": []}]},
        "null": {"data": [{"index": 0, "F": None}]},
        "one vector, not a list of them": {"data": [{"index": 0, "F": unit}]},
        "several lengths": {"data": [{"index": 0, "F": [unit, unit[:-1]]}]},
        "words": {"data": [{"index": 0, "F": [["a"] * 8]}]},
        "numbers as words": {"data": [{"index": 0, "F": [["0.5"] * 8]}]},
        "true": {"data": [{"index": 0, "F": [[True] * 8]}]},
        "NaN": {"data": [{"index": 0, "F": [[float("nan")] * 8]}]},
        "infinity": {"data": [{"index": 0, "F": [[1e39] * 8]}]},
        "zeros": {"data": [{"index": 0, "F": [[0.0] * 8]}]},
        "three axes": {"data": [{"index": 0, "F": [[unit]]}]},
        "no base64": {"data": [{"index": 0, "F": "not base64"}]},
        "half a number": {"data": [{"index": 0, "F": "AAA="}]},
        "half a vector": {"data": [{"index": 0, "F": "AACAPw=="}]},
    }

    def check(case):
        answer = case[1]
        for kind, field in ((ce.JinaEncoder, "embeddings"), (ce.VllmEncoder, "data")):
            encoder = make(kind)
            found = json.loads(json.dumps(answer).replace('"F"', f'"{field}"'))
            service.faults.append(status(200, found))
            sentence = sentence_of(encoder)
            if case[0] in ("NaN", "infinity"):
                assert "finite numbers" in sentence

    check_each(cases.items(), check, lambda case: case[0])


def test_another_dim_than_was_asked_for_or_came_before_is_refused(make, service):
    assert "must return 64 numbers" in sentence_of(make(ce.JinaEncoder, dim=64))
    encoder = make(ce.VllmEncoder)
    encoder.embed_query("cats")
    row = local_service.vector("a", 4)
    service.faults.append(status(200, {"data": [{"index": 0, "data": [row]}]}))
    assert "must return 8 numbers" in sentence_of(encoder)


def test_tokens_of_another_form_are_refused(make, service):
    def check(answer):
        service.change = lambda path, found: answer if path == "/tokenize" else found
        assert "/tokenize" in sentence_of(make(ce.VllmEncoder)) or "tokens" in sentence_of(
            make(ce.VllmEncoder)
        )

    check_each(
        [
            {},
            [],
            {"tokens": "1 2"},
            {"tokens": [1, "2"]},
            {"tokens": [1, 2, 3], "token_strs": ["a"]},
            {"tokens": [1, 2, 3], "token_strs": [1, 2, 3]},
        ],
        check,
    )


def test_an_answer_that_would_fill_the_memory_is_not_read(encoder, service, monkeypatch):
    monkeypatch.setattr("colbert_explain.encoders.remote.http_calls._LARGEST_ANSWER", 1000)
    service.faults.append(raw(200, b" " * 100_000))
    assert "set a smaller batch_size" in sentence_of(encoder)
