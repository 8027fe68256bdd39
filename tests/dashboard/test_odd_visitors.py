"""What a server does with addresses, headers and messages that no page of its own sends."""

import asyncio
import json
import re
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import HTTPClientError

from colbert_explain.dashboard.server.kernel_socket import MOST_CONNECTIONS
from colbert_explain.dashboard.visitor_log import MOST_LINES
from tests import patience
from tests.served_page import V1, PageSocket, Server, kernel_of, message, packed, served

CONTROLS = """
import sys, ipywidgets
button, number, seen = ipywidgets.Button(), ipywidgets.IntText(), ipywidgets.Output()
def fail(*_):
    print("a secret that is printed", file=sys.stderr)
    raise ZeroDivisionError("a secret that is raised")
button.on_click(fail)
with seen:
    print("shown")
    fail()
ipywidgets.VBox([button, number, seen])
"""
IDS = "print('ids', button.model_id, number.model_id, seen.model_id, ipywidgets.__name__)"
BROKEN = "raise ValueError('a secret that is raised')"
#: What only somebody sees who sees the code: where it lies, and what failed.
TOLD = re.compile(rb"Traceback|\.py|site-packages|File |secret|Error: |ZeroDivision|line \d")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    with served(folder, controls=[CONTROLS, IDS], broken=["1 + 1", BROKEN]) as running:
        yield running


@pytest.fixture(scope="module")
def opened(server):
    """A page that was opened: its kernel and the ids of its widgets."""
    found, began = None, time.monotonic()
    while found is None:  # on a very busy machine a page may come without a cell's output
        assert time.monotonic() - began < patience.seconds(120)
        page = server.open("controls").text
        found = re.search(r"ids (\w+ )(\w+ )(\w+ )(\w+)", page)
    _, *ids, _ = found[0].split()
    return kernel_of(page), ids


def status(server: Server, path: bytes, *headers: bytes) -> int:
    """Ask for a path as it is, byte by byte; 0 if the server hangs up instead of answering."""
    address = urlsplit(server.url)
    with socket.create_connection(
        (address.hostname, address.port), timeout=patience.seconds(30)
    ) as connection:
        lines = [b"GET " + path + b" HTTP/1.1", b"Host: " + address.netloc.encode(), *headers]
        connection.sendall(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
        with connection.makefile("rb") as came:
            answer = came.readline()
    return int(answer.split()[1]) if answer else 0


def odd_paths() -> list[bytes]:
    places = [
        b"", b"voila/templates/", b"voila/static/", b"voila/render/", b"voila/files/",
        b"voila/api/themes/", b"voila/labextensions/", b"voila/templates/colbert_explain/static/",
        b"voila/templates/lab/static/", b"api/kernels/",
    ]  # fmt: skip
    odd = [
        b"x", b"x/y", b"x/static/y", b"static", b"..", b"../..", b"%2e%2e/%2e%2e/etc/passwd",
        b"%00", b"a%00.css", b"%ff%fe", b"%ed%a0%80", b"a" * 3000, b"%5c..%5c..", b"%0a%0dx",
        b"C:%5cx",
    ]  # fmt: skip
    return [b"/" + place + end for place in places for end in odd] + [
        b"/voila/templates", b"//", b"//example.org/x", b"/voila", b"/voila/", b"/voila/static/.",
        b"/voila/api/shutdown/x", b"/api/kernels", b"/api/kernels/a-b-c-d-e", b"/voila/query/x",
        b"/api/kernels/a-b-c-d-e/channels", b"/voila/execution/x", b"/?token=%ff", b"/static/",
        b"/voila/render/controls.ipynb%00", b"/voila/render/controls.ipynb/", b"/login?next=%ff",
        b"/voila/render/server_log.txt", b"/voila/files/server_log.txt", b"*", b"x", b"/%", b"/%zz",
    ]  # fmt: skip


def test_an_address_that_leads_nowhere_is_not_found_and_fills_no_log(server):
    before = len(server.log())
    paths = odd_paths()
    assert len(paths) > 100
    for path in paths:
        got = status(server, path)
        assert 300 <= got < 500, f"{path[:80]!r}: {got}"
        if path.startswith((b"/voila/templates/", b"/voila/static/")):
            assert got == 404, f"{path[:80]!r}: {got}"
    assert server.log()[before:] == []


def test_headers_that_make_no_sense_fill_no_log(server):
    before = len(server.log())
    for header in (
        b"Cookie: \xff\xfe=\x01; _xsrf=%%%",
        b"Cookie: " + b"a=b; " * 1000,
        b"Authorization: token \xff",
        b"Accept-Language: \xff;q=x,,;;",
        b"Origin: \xff",
        b"Origin: http://[evil",
        b"Sec-Fetch-Site: \xff",
        b"If-Modified-Since: never",
        b"If-None-Match: \xff",
        b"Range: bytes=9-1,x",
        b"X: " + b"a" * 70_000,
    ):
        for path in (b"/", b"/voila/static/voila.js", b"/voila/render/absent.ipynb"):
            got = status(server, path, header)
            assert got < 500, f"{header[:60]!r} to {path!r}: {got}"
    assert server.log()[before:] == []


def odd_messages(number: str) -> list[str | bytes | dict]:
    """Messages of which each would have been a traceback, or is none at all."""
    good = {"comm_id": number, "data": {}}
    deep = json.dumps({"comm_id": number, "data": {}})[:-2] + '"a":' + "[" * 900 + "]" * 900 + "}}"
    parts = [json.dumps(part).encode() for part in message("comm_msg", good).values()]
    return [
        "", "not JSON", "5", "[]", "{}", json.dumps(message("comm_msg", good)), b"", b"\0",
        b"x" * 40, bytes(8), b"\x01" + bytes(7), b"\x03" + bytes(100),
        packed(message("comm_msg", good))[:60],
        packed(message("comm_msg", good), "nowhere"), packed(message("comm_msg", good), "control"),
        packed(message("comm_msg", good), "stdin"), packed({"header": {}}), packed({"a": 1}),
        packed(message("comm_msg", good)).replace(b"comm_msg", b"comm_\xff\xff\xff"),
        packed(message("comm_msg", good)).replace(parts[3], deep.encode().ljust(len(parts[3]))),
        *(message("comm_msg", content) for content in (
            None, 5, "x", [], {}, {"comm_id": 5}, {"comm_id": [number], "data": {}},
            {"comm_id": {}, "data": {}}, {"comm_id": number}, {"comm_id": number, "data": 5},
            {"comm_id": number, "data": {"half": "\ud800"}}, {"comm_id": number, "data": None},
            {"comm_id": "x" * 10_000, "data": {}},
        )),
        *(message("comm_open", content) for content in (
            {}, [1], {"comm_id": "a"}, {"comm_id": "a", "target_name": 5, "data": {}},
            {"comm_id": "a", "target_name": "jupyter.widget", "data": []},
        )),
        *(message("comm_close", content) for content in ({}, 5, {"comm_id": [1]})),
        *(message("comm_info_request", content) for content in (5, "x", {"target_name": []})),
        *(message("shutdown_request", content) for content in (
            7, {"restart": "yes"}, {"restart": True}, {"restart": False}, {},
        )),
        message("kernel_info_request", []),
        *(message(kind, {"code": "1/0"}) for kind in (
            "execute_request", "inspect_request", "complete_request", "debug_request",
            "create_subshell_request", "history_request", "", "x" * 1000,
        )),
        *(message("comm_msg", good, **header) for header in (
            {"msg_id": 5}, {"msg_id": None}, {"msg_id": []}, {"msg_type": 5}, {"msg_type": None},
            {"session": {}}, {"username": 5}, {"date": "2026-99-99T99:99:99"}, {"date": 5},
            {"msg_id": "2026-01-01T00:00:00Z"}, {"subshell_id": "x"}, {"subshell_id": 5},
        )),
        message("comm_msg", good, username="x" * 20_000),
        message("comm_msg", good) | {"header": None}, message("comm_msg", good) | {"header": "x"},
        message("comm_msg", good) | {"parent_header": 5}, message("comm_msg", good, metadata=[1]),
    ]  # fmt: skip


def test_a_message_that_makes_no_sense_is_one_line_at_most_and_reaches_no_kernel(server, opened):
    kernel, (_, number, _) = opened
    odd = odd_messages(number)
    assert len(odd) > 60
    before, started = len(server.log()), time.monotonic()

    async def send() -> int:
        left, closed = odd.copy(), 0
        while left:
            async with PageSocket(server.url, kernel) as page:
                await page.answers()
                try:
                    while left:
                        await page.send(left.pop())
                        await page.answers()
                except ConnectionError:
                    closed += 1
            assert not [each for each in page.raw if TOLD.search(as_bytes(each))], page.raw
        return closed

    assert asyncio.run(send()) < 20, "most do not end the connection"
    said = [line for line in server.log()[before:] if "were left out" not in line]
    assert all(line.startswith("A message from a page was refused: ") for line in said), said
    minutes = 2 + int((time.monotonic() - started) // 60)  # in which the same may be said again
    assert max(map(said.count, said), default=0) <= minutes, said
    assert len(said) <= minutes * MOST_LINES, said


def test_a_kernel_has_few_connections(server, opened):
    """Each takes files of the server, which may open only so many."""
    kernel, _ = opened

    async def connect(n: int) -> None:
        pages: list[PageSocket] = []
        try:
            for _ in range(n):
                pages.append(await PageSocket(server.url, kernel).__aenter__())
        finally:
            await asyncio.gather(*(page.__aexit__() for page in pages))

    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(connect(MOST_CONNECTIONS + 1))
    assert refused.value.code == 429


def test_a_page_that_speaks_another_protocol_is_refused(server, opened):
    """Whatever its kernel answered would keep the server busy for ever."""
    kernel, _ = opened

    async def connect(*protocols: str) -> None:
        async with PageSocket(server.url, kernel, protocols):
            pass

    for protocols in ((), ("v2.kernel.websocket.jupyter.org",)):
        with pytest.raises(HTTPClientError) as refused:
            asyncio.run(connect(*protocols))
        assert refused.value.code == 400
    asyncio.run(connect("other", V1))


def as_bytes(each: str | bytes) -> bytes:
    return each.encode() if isinstance(each, str) else each


def updates(button: str, number: str, seen: str) -> list[dict]:
    """Messages that are some, but that the widgets they are for cannot use."""
    states = [
        5, None, [], {"value": "x"}, {"value": None}, {"value": float("nan")}, {"value": 10**400},
        {"value": "\ud800"}, {"nothing": 1}, {"layout": "IPY_MODEL_x"}, {"_view_name": 5},
        {"keys": 5}, {"comm": 5}, {"style": {"a": []}}, {"value": "\x1b[31m\r\nfake line\u202e"},
    ]  # fmt: skip
    datas = [
        *({"method": "update", "state": state, "buffer_paths": []} for state in states),
        {"method": "update", "state": {}, "buffer_paths": 5},
        {"method": "update", "state": {}, "buffer_paths": [["a", "b"], [5], "x"]},
        {"method": "custom"}, {"method": "custom", "content": 5}, {"method": "request_state"},
        {"method": []}, {"method": "x"}, {}, {"method": "custom", "content": {"event": "click"}},
    ]  # fmt: skip
    return [
        *(message("comm_msg", {"comm_id": each, "data": data})
          for each in (button, number, seen) for data in datas),
        message("comm_msg", {"comm_id": "of nobody", "data": {}}),
        message("comm_close", {"comm_id": "of nobody"}),
    ]  # fmt: skip


def opened_by_page() -> list[dict]:
    names = ("_model_module", "_model_module_version", "_model_name")
    views = ("_view_module", "_view_module_version", "_view_name")
    unknown = dict.fromkeys((*names, *views), "no_such_thing")
    known = dict.fromkeys(names + views, "2.0.0") | {
        "_model_module": "@jupyter-widgets/controls", "_model_name": "IntTextModel",
        "_view_module": "@jupyter-widgets/controls", "_view_name": "IntTextView",
    }  # fmt: skip
    datas = [
        {}, {"state": 5}, {"state": {}}, {"state": unknown}, {"state": known},
        {"state": known | {"value": "x"}}, {"state": known, "buffer_paths": [["a"]]},
    ]  # fmt: skip
    targets = ["", "no_such_target", "jupyter.widget", "jupyter.widget.control", "__main__"]
    return [
        message("comm_open", {"comm_id": f"{target}{i}{version}", "target_name": target,
                              "data": data}, {"version": version})
        for target in targets for i, data in enumerate(datas) for version in ("2.1.0", 5)
    ]  # fmt: skip


def test_what_fails_in_a_kernel_stays_at_the_server_and_is_noted_there_in_one_line(server, opened):
    kernel, ids = opened
    before = len(server.log())

    async def send() -> PageSocket:
        async with PageSocket(server.url, kernel) as page:
            for each in (*updates(*ids), *opened_by_page()):
                await page.send(each)
                await page.answers()
                told = [came for came in page.raw if TOLD.search(came)]
                assert not told, f"{each['content']}: {told}"
            repeated = message("comm_msg", {"comm_id": ids[1], "data": {"method": "x"}})
            for _ in range(3):  # the same words, which the kernel takes for an attack
                await page.send(repeated)
            await page.answers()
        return page

    page = asyncio.run(send())
    kinds = {kind for kind, _ in page.heard}
    assert "stream" not in kinds
    assert "error" in kinds, "the page is told that something failed"
    errors = {content for kind, content in page.heard if kind == "error"}
    assert len(errors) == 1
    assert b"The terminal that runs the server says why." in errors.pop()
    # What was left out is said when its minute ends.
    said = [line for line in server.log()[before:] if "were left out" not in line]
    assert len(said) <= 2 * MOST_LINES, said  # of the server and of the kernel
    starts = (
        "The kernel of a page ",
        "A message from a page was refused: ",
        "[IPKernelApp] ERROR |",
    )
    assert [line for line in said if not line.startswith(starts)] == []


def test_what_an_output_caught_while_cells_ran_is_shown_without_its_traceback(server):
    page = server.open("controls").text
    assert not re.search("Traceback|ZeroDivision|secret", page)

    async def ask() -> bytes:
        async with PageSocket(server.url, kernel_of(page)) as connection:
            target = {"comm_id": "c", "target_name": "jupyter.widget.control", "data": {}}
            await connection.send(message("comm_open", target, {"version": "1.0.0"}))
            asked = {"comm_id": "c", "data": {"method": "request_states"}}
            await connection.send(message("comm_msg", asked))
            return await connection.listen("comm_msg")

    states = asyncio.run(ask())
    assert b'"text": "shown\\n"' in states
    assert b"Something failed in the Python process behind this page." in states
    assert not re.search(rb"Traceback|ZeroDivision|secret", states)


def test_a_cell_that_fails_says_so_without_its_reason(server):
    page = server.open("broken").text
    assert "There was an error when executing cell [2]." in page
    assert "The terminal that runs the server says why." in page
    assert not re.search("Traceback|ValueError|secret", page)
    assert "a secret that is raised" in server.log_file.read_text()


def test_too_much_at_once_ends_the_connection_and_nothing_else(server, opened):
    kernel, _ = opened
    before = len(server.log())

    async def send() -> None:
        async with PageSocket(server.url, kernel) as page:
            await page.answers()
            with suppress(ConnectionError):
                await page.send(b"\0" * 11_000_000)
            with pytest.raises(ConnectionError):
                await page.answers()
        async with PageSocket(server.url, kernel) as page:
            await page.answers()

    asyncio.run(send())
    # What was left out while other tests ran is said when its minute ends.
    assert [line for line in server.log()[before:] if "were left out" not in line] == []
