import json

import pytest

from colbert_explain.dashboard.server import kernel_connection
from colbert_explain.dashboard.server.kernel_connection import SENTENCE, PageConnection
from colbert_explain.dashboard.visitor_log import visitor_log
from tests.served_page import message, packed

TRACEBACK = "Traceback (most recent call last):\n  File \"/srv/x.py\", line 1\nKeyError: 'a'\n"
FAILED = {
    "ename": "ZeroDivisionError",
    "evalue": "division by zero",
    "traceback": ["\x1b[31m---", "File \x1b[32m/srv/x.py:191\x1b[39m, in f(x)\n 191 x / 0", "Zero"],
}


@pytest.fixture
def connection(monkeypatch):
    """A connection whose two ends note what passes."""
    to_page, to_kernel = [], []
    jupyter = kernel_connection.ZMQChannelsWebsocketConnection
    monkeypatch.setattr(
        jupyter, "handle_outgoing_message", lambda _self, _stream, parts: to_page.append(parts)
    )
    monkeypatch.setattr(
        jupyter, "handle_incoming_message", lambda _self, message: to_kernel.append(message)
    )
    monkeypatch.setattr(PageConnection, "subprotocol", kernel_connection.V1)
    connection = PageConnection()
    connection.session.key = b"key"
    connection.to_page, connection.to_kernel = to_page, to_kernel
    return connection


def say(connection, kind, content):
    """Let the kernel say something; return what the page gets of it."""
    connection.to_page.clear()
    said = connection.session.msg(kind, content)
    connection.handle_outgoing_message("iopub", connection.session.serialize(said))
    return [
        connection.session.deserialize(connection.session.feed_identities(parts)[1])["content"]
        for parts in connection.to_page
    ]


def test_what_widgets_say_passes_as_it_is(connection):
    for kind, content in (
        ("status", {"execution_state": "idle"}),
        (
            "comm_open",
            {"comm_id": "c", "target_name": "t", "data": {"value": TRACEBACK}},
        ),
        ("comm_msg", {"comm_id": "c", "data": {"text": 'he said "output_type"'}}),
        ("comm_close", {"comm_id": "c"}),
        ("display_data", {"data": {"text/plain": "shown"}, "metadata": {}}),
        ("clear_output", {"wait": True}),
        ("comm_info_reply", {"comms": {}}),
        ("kernel_info_reply", {"status": "ok"}),
    ):
        assert say(connection, kind, content) == [content], kind


def test_errors_reach_a_page_as_one_sentence_and_streams_not_at_all(connection, caplog):
    neutral = {"ename": "Error", "evalue": SENTENCE, "traceback": [SENTENCE]}
    assert say(connection, "error", FAILED) == [neutral]
    assert "failed: ZeroDivisionError: division by zero (File /srv/x.py:191)" in caplog.text
    assert say(connection, "stream", {"name": "stderr", "text": TRACEBACK}) == []
    assert "printed: Traceback (most recent call last): … KeyError: 'a'" in caplog.text
    assert say(connection, "stream", {"name": "stdout", "text": "loading\n"}) == []
    assert "printed: loading" in caplog.text
    shown = {"data": {"text/plain": TRACEBACK}, "metadata": {}}
    assert say(connection, "display_data", shown) == []
    reply = {"status": "error"} | FAILED
    assert say(connection, "comm_info_reply", reply) == [{"status": "error"} | neutral]
    for kind in ("execute_input", "execute_reply", "input_request", "debug_event", "unheard_of"):
        assert say(connection, kind, {"code": "secret"}) == [], kind


def test_an_output_widget_shows_no_traceback_wherever_its_state_is_sent(connection):
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "shown"},
        {"output_type": "stream", "name": "stderr", "text": "hidden"},
        {"output_type": "stream", "name": "stdout", "text": TRACEBACK},
        {"output_type": "error"} | FAILED,
        {"output_type": "display_data", "data": {"text/plain": "shown too"}},
    ]
    for data in (
        {"state": {"outputs": outputs}},
        {"states": {"a": {"state": {"outputs": outputs}}}},
    ):
        (content,) = say(connection, "comm_msg", {"comm_id": "c", "data": data})
        text = json.dumps(content)
        assert text.count("shown") == 2, text
        assert SENTENCE in text
        for secret in ("hidden", "Traceback", "ZeroDivisionError", "/srv"):
            assert secret not in text, text


def test_a_message_that_is_refused_is_noted_and_does_not_reach_the_kernel(connection, caplog):
    good = packed(message("comm_msg", {"comm_id": "c", "data": {}}))
    connection.handle_incoming_message(good)
    connection.handle_incoming_message(packed(message("comm_msg", {"comm_id": 5, "data": {}})))
    connection.handle_incoming_message(packed(message("execute_request", {"code": "1/0"})))
    assert connection.to_kernel == [good]
    assert [
        record.getMessage() for record in caplog.records if record.name == visitor_log.name
    ] == [
        "A message from a page was refused: comm_id of comm_msg must be a string",
        "A message from a page was refused: its kind is not allowed",
    ]
