"""A page whose network, kernel or server goes: it reconnects, or says so and starts anew."""

import json
import re
import socket
import time
from collections.abc import Callable

import nbformat
import psutil
import pytest
from playwright.sync_api import Page, expect

from tests import patience
from tests.processes import command_of, end
from tests.served_page import UNUSED

BUTTON = """
import ipywidgets
button, label = ipywidgets.Button(description="Count"), ipywidgets.Label("no click yet")
button.on_click(lambda _: setattr(label, "value", "clicked"))
ipywidgets.VBox([button, label])
"""
ANEW = "Python was restarted"


class Network:
    """The network of one page, which a test can take away."""

    def __init__(self, page: Page) -> None:
        self._page, self._sockets, self._is_there = page, [], True
        page.route_web_socket(re.compile("/channels"), self._connect)

    def _connect(self, socket) -> None:
        if not self._is_there:
            socket.close()
            return
        self._sockets.append((socket, socket.connect_to_server()))

    def go(self) -> None:
        """Take it away: what is open ends, and nothing new opens."""
        self._is_there = False
        self._page.context.set_offline(True)
        for both in self._sockets:
            for each in both:
                each.close()
        self._sockets.clear()

    def come_back(self) -> None:
        self._is_there = True
        self._page.context.set_offline(False)


@pytest.fixture
def plain_page(browser) -> Page:
    """A page without the black hole, which puts a WebSocket of its own in the page."""
    context = browser.new_context()
    context.set_default_timeout(patience.milliseconds())
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module", autouse=True)
def no_encoder():
    """No page here encodes: the servers load no model."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in UNUSED.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    cells = [nbformat.v4.new_code_cell(BUTTON)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "button.ipynb")
    return folder


@pytest.fixture(scope="module")
def running(serve_dashboards, folder):
    with serve_dashboards(folder) as running:
        yield running


@pytest.fixture(scope="module")
def forgetful(serve_dashboards, folder):
    """A server that ends a kernel soon after its page has gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_IDLE_MINUTES", "0.05")
        with serve_dashboards(folder) as running:
            yield running


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("no click yet").wait_for()


def kernel_of(page: Page) -> str:
    return json.loads(page.locator("#jupyter-config-data").inner_text())["kernelId"]


def wait_until(condition: Callable[[], bool], page: Page) -> None:
    deadline = time.monotonic() + patience.seconds()
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


def assert_works(page: Page) -> None:
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("clicked")).to_be_visible()


def assert_reloads_into_a_fresh_kernel(page: Page, sentence: str) -> None:
    """Press the notice's button; what happened is said once."""
    before = kernel_of(page)
    with page.expect_navigation():
        page.get_by_role("alert").get_by_role("button", name="Reload").click()
    expect(page.get_by_role("status").get_by_text(sentence)).to_be_visible()
    page.get_by_text("no click yet").wait_for()
    assert kernel_of(page) != before
    assert_works(page)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text(ANEW)).to_be_hidden()
    page.reload()
    page.get_by_text("no click yet").wait_for()
    expect(page.get_by_text(ANEW)).to_be_hidden()


def test_a_page_whose_kernel_is_killed_says_so_by_itself(plain_page, running):
    open_page(plain_page, running.page("button"))
    [process] = [
        each
        for each in psutil.Process(running.process.pid).children()
        if kernel_of(plain_page) in command_of(each)
    ]
    process.kill()  # as the system does when memory runs out
    expect(plain_page.get_by_role("alert")).to_contain_text("has stopped unexpectedly")
    expect(plain_page.get_by_role("alert")).to_contain_text("You can still copy what you typed.")
    assert_reloads_into_a_fresh_kernel(plain_page, f"{ANEW}.")


def test_a_network_that_is_gone_for_a_moment_comes_back_by_itself(plain_page, running):
    network = Network(plain_page)
    open_page(plain_page, running.page("button"))
    network.go()
    expect(plain_page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    network.come_back()
    expect(plain_page.get_by_role("alert")).to_be_hidden()
    assert_works(plain_page)


def test_a_laptop_that_slept_until_its_kernel_was_ended_gets_a_fresh_one(plain_page, forgetful):
    network = Network(plain_page)
    open_page(plain_page, forgetful.page("button"))
    plain_page.evaluate(
        "sessionStorage.setItem(`colbert_explain:draft:${location.pathname}`, '{}')"
    )
    network.go()
    wait_until(lambda: not psutil.Process(forgetful.process.pid).children(), plain_page)
    expect(plain_page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    network.come_back()
    expect(plain_page.get_by_role("alert")).to_contain_text(
        "the page was disconnected for too long"
    )
    expect(plain_page.get_by_role("alert")).to_contain_text("What you typed is kept.")
    assert_reloads_into_a_fresh_kernel(plain_page, f"{ANEW}; your texts are still here.")


def test_a_page_outlives_its_server(plain_page, serve_dashboards, folder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serve_dashboards(folder, port=port) as running:
        open_page(plain_page, running.page("button"))
        end(running.process)
        expect(plain_page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
        assert plain_page.get_by_role("button", name="Reload").count() == 0  # nothing would load
    with serve_dashboards(folder, port=port):
        expect(plain_page.get_by_role("alert")).to_contain_text("the server was restarted")
        assert_reloads_into_a_fresh_kernel(plain_page, f"{ANEW}.")


def test_two_tabs_of_one_visitor_have_a_kernel_each(plain_page, running):
    other = plain_page.context.new_page()
    for page in (plain_page, other):
        open_page(page, running.page("button"))
    gone = kernel_of(other)
    assert kernel_of(plain_page) != gone
    other.close(run_before_unload=True)
    asked = f"{running.url}api/kernels/{gone}"
    wait_until(lambda: plain_page.request.get(asked).status == 404, plain_page)
    assert_works(plain_page)
    expect(plain_page.get_by_role("alert")).to_be_hidden()
