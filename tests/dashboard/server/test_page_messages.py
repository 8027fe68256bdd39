"""How deeply and how often the content of a page's message may be nested."""

import json

import pytest
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1

from colbert_explain.dashboard.server import page_messages
from colbert_explain.dashboard.server.page_messages import RefusedMessage, check_message

HEADER = {"msg_id": "1", "msg_type": "comm_msg", "session": "2"}


def message(data: str, encoding: str = "utf-8") -> bytes:
    """Return a message whose content holds this JSON."""
    content = f'{{"comm_id": "3", "data": {{"a": {data}}}}}'.encode(encoding)
    parts = [json.dumps(HEADER).encode(), b"{}", b"{}", content]
    return serialize_msg_to_ws_v1(parts, "shell")


def test_lists_and_objects_are_counted_and_brackets_in_texts_are_not():
    beside = page_messages.DEEPEST - 2  # the content and its data are two objects
    for data in (
        "[" * beside + "1" + "]" * beside,
        "[" + "[]," * (page_messages.MOST_NESTED - 4) + "[]]",
        json.dumps("[" * 200_000),
        json.dumps(['"[{', "\\", '\\"' + "{" * 200, "\\" * 3 + "]"]),
    ):
        check_message(message(data))
    for data, fault in (
        ("[" * (beside + 1) + "]" * (beside + 1), "must not be nested more than 100 times"),
        ('["\\\\", ' + "[" * beside + "]" * beside + ', "\\""]', "more than 100 times"),
        ("[" + "{}," * page_messages.MOST_NESTED + "1]", "at most 100,000 lists and objects"),
    ):
        with pytest.raises(RefusedMessage, match=fault):
            check_message(message(data))


def test_what_is_too_much_is_refused_before_it_is_read(monkeypatch):
    read, loads = [], json.loads

    def noted(part):
        read.append(len(part))
        return loads(part)

    monkeypatch.setattr(page_messages.json, "loads", noted)
    with pytest.raises(RefusedMessage):
        check_message(message("[" + "[]," * 1_000_000 + "1]"))
    assert max(read) < 1_000


def test_a_message_must_be_utf_8():
    with pytest.raises(RefusedMessage, match="it cannot be read"):
        check_message(message("[]", "utf-16"))
