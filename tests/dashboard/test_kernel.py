import queue
import time

import pytest
from jupyter_client import KernelManager

from colbert_explain.dashboard.kernel import PAGE_TARGET
from colbert_explain.dashboard.server.kernels import SamePython
from tests import patience

SAY_SOON = """
import asyncio
kernel, loop = get_ipython().kernel, asyncio.get_running_loop()
for word in ("first", "second"):
    loop.call_later({}, kernel.when_page_is_drawn, lambda w=word: print(w))
"""


@pytest.fixture
def client():
    manager = KernelManager(kernel_spec_manager=SamePython())
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=patience.seconds())
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client, code):
    client.execute_interactive(code, timeout=patience.seconds(30), output_hook=lambda _: None)


def say_soon(client):
    run(client, SAY_SOON.format(patience.seconds(0.5)))


def both_words(client):
    """Return what is printed until two words have come."""
    return printed(client, patience.seconds(), words=2)


def printed(client, seconds, words=None):
    """Return what is printed within some seconds, or until so many words have come."""
    texts, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and len("".join(texts).split()) != words:
        try:
            message = client.get_iopub_msg(timeout=left)
        except queue.Empty:
            break
        if message["msg_type"] == "stream":
            texts.append(message["content"]["text"])
    return "".join(texts).split()


def test_without_a_page_nothing_waits(client):
    say_soon(client)
    assert both_words(client) == ["first", "second"]


def test_what_comes_while_a_page_is_drawn_waits_for_it(client):
    say_soon(client)
    client.kernel_info(reply=True, timeout=patience.seconds(30))  # as when a page connects
    assert printed(client, patience.seconds(2)) == []
    opened = {"comm_id": "page", "target_name": PAGE_TARGET, "data": {}}
    client.shell_channel.send(client.session.msg("comm_open", opened))
    assert both_words(client) == ["first", "second"]


def test_a_page_that_never_comes_is_not_waited_for_for_ever(client):
    longest = patience.seconds(1.5)
    run(
        client,
        f"import colbert_explain.dashboard.kernel as module; module.LONGEST_WAIT = {longest}",
    )
    say_soon(client)
    asked = time.monotonic()
    client.kernel_info(reply=True, timeout=patience.seconds(30))
    assert both_words(client) == ["first", "second"]
    assert time.monotonic() - asked > longest  # and not when they were said
