import queue
import time

import pytest
from jupyter_client import KernelManager

from colbert_explain.dashboard_kernel import PAGE_TARGET
from colbert_explain.dashboard_server.visitor_kernels import SamePython

SAY_SOON = """
import asyncio
kernel = get_ipython().kernel
for word in ("first", "second"):
    asyncio.get_running_loop().call_later(0.5, kernel.when_page_is_drawn, lambda w=word: print(w))
"""


@pytest.fixture(scope="module")
def client():
    manager = KernelManager(kernel_spec_manager=SamePython())
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client, code):
    client.execute_interactive(code, timeout=30, output_hook=lambda _: None)


def printed(client, seconds):
    """Return what is printed within some seconds."""
    texts, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            message = client.get_iopub_msg(timeout=left)
        except queue.Empty:
            break
        if message["msg_type"] == "stream":
            texts.append(message["content"]["text"])
    return "".join(texts).split()


def test_without_a_page_nothing_waits(client):
    run(client, SAY_SOON)
    assert printed(client, 2) == ["first", "second"]


def test_what_comes_while_a_page_is_drawn_waits_for_it(client):
    run(client, SAY_SOON)
    client.kernel_info(reply=True, timeout=30)  # as when a page connects
    assert printed(client, 2) == []
    opened = {"comm_id": "page", "target_name": PAGE_TARGET, "data": {}}
    client.shell_channel.send(client.session.msg("comm_open", opened))
    assert printed(client, 2) == ["first", "second"]


def test_a_page_that_never_comes_is_not_waited_for_for_ever(client):
    run(client, "import colbert_explain.dashboard_kernel as module; module.LONGEST_WAIT = 1.5")
    run(client, SAY_SOON)
    client.kernel_info(reply=True, timeout=30)
    assert printed(client, 1) == []
    assert printed(client, 2) == ["first", "second"]
