"""What a browser lets nobody do to a page, and what a page tells its reader of what failed."""

import http.server
import threading

import psutil
import pytest
from playwright.sync_api import expect

from tests import patience
from tests.browser.workbench_driver import ANSWERED
from tests.processes import command_of

#: Notes what the content security policy of a page forbids.
WATCH = """
window.forbidden = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.forbidden.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
EVERYTHING = """
import numpy as np
import colbert_explain as ce
tokens = ce.TokenSequence.from_strings(["one", "two", "three"])
mine = ce.TokenEmbeddings(tokens, np.eye(3, dtype=np.float32))
x = ce.explain_embeddings(mine, mine)
x
"""
WIDGETS = """
class Toy:
    name, dim, document_length = "toy", 8, 100

    def embed_query(self, text, *, progress=None):
        words = ce.TokenSequence.from_strings(text.split())
        return ce.TokenEmbeddings(words, np.eye(8, dtype=np.float32)[: len(words)])

    embed_document = embed_query

ce.Workbench(Toy(), query="one two", documents="one two three")
"""
FAILING = """
import sys, ipywidgets
button, seen = ipywidgets.Button(description="Fail"), ipywidgets.Output()
def fail(_):
    print("a secret that is printed", file=sys.stderr)
    with seen:
        display("shown in an output")
        raise ValueError("a secret in an output")
button.on_click(fail)
again = ipywidgets.Button(description="Fail again")
again.on_click(lambda _: 1 / 0)
ipywidgets.VBox([button, again, seen])
"""


def test_a_page_needs_nothing_that_its_policy_forbids_and_gets_nothing_from_elsewhere(
    page, serve_cells, black_hole
):
    page.add_init_script(WATCH)
    page.goto(serve_cells(EVERYTHING, "ce.heatmap(x)", WIDGETS), timeout=patience.milliseconds(90))
    page.wait_for_function(ANSWERED, timeout=patience.milliseconds(60))
    page.locator(".js-plotly-plot .heatmaplayer image").nth(1).wait_for(
        timeout=patience.milliseconds(60)
    )
    for tab in page.get_by_role("tab").all():
        tab.click()
    page.wait_for_timeout(500)
    assert page.evaluate("window.forbidden") == []

    page.evaluate(
        "() => { document.body.append(Object.assign(new Image(), {src: 'https://example.org/x'}));"
        " return fetch('https://example.org/y').catch(() => null); }"
    )
    assert sorted(page.evaluate("window.forbidden")) == [
        "connect-src https://example.org/y",
        "img-src https://example.org/x",
    ]
    assert black_hole == []


def test_what_fails_is_said_in_a_sentence_and_its_reason_is_not_in_the_page(page, serve_cells):
    heard = []

    def hear(frame: str | bytes) -> None:
        heard.append(frame)

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.goto(serve_cells(FAILING), timeout=patience.milliseconds(90))
    page.get_by_role("button", name="Fail", exact=True).click()
    expect(page.get_by_text("shown in an output")).to_be_visible()
    sentence = (
        "Something failed in the Python process behind this page. The terminal that runs the "
        "server says why"
    )
    expect(page.get_by_role("alert").get_by_text(sentence)).to_be_visible()
    page.get_by_role("button", name="Fail again").click()
    page.wait_for_timeout(1_000)
    everything = page.content() + repr(heard)
    for secret in ("a secret", "Traceback", "ZeroDivision", "site-packages", "1 / 0"):
        found = everything.find(secret)
        assert found < 0, everything[max(0, found - 200) : found + 200]


@pytest.fixture
def other_site():
    """A page on another site, whose content a test sets."""

    class Handler(http.server.BaseHTTPRequestHandler):
        content = ""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(self.server.content.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_another_site_may_link_to_a_page_and_embed_none(
    page, serve_cells, served_folder, other_site, name
):
    address = serve_cells("'the page itself'")
    other_site.content = (
        f"<img src='{address}?a'><script src='{address}?b'></script><iframe src='{address}?c'>"
        f"</iframe><link rel=stylesheet href='{address}?d'><object data='{address}?e'></object>"
        f"<script>fetch('{address}?f', {{mode: 'no-cors'}})</script><a href='{address}'>Link</a>"
    )
    asked, answers = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: answers.append((answer.url, answer.status)))
    _, running = served_folder
    before = kernels(running.process.pid)
    page.goto(f"http://{name}:{other_site.server_port}/")
    page.wait_for_timeout(1_500)
    wanted = {f"{address}?{letter}" for letter in "abcdef"}
    assert {url for url in asked if address in url} == wanted
    assert {status for url, status in answers if address in url} == {403}
    assert kernels(running.process.pid) <= before
    page.get_by_role("link", name="Link").click()
    page.get_by_text("the page itself").wait_for(timeout=patience.milliseconds(60))
    assert kernels(running.process.pid) - before


def kernels(server: int) -> set[int]:
    """Return the processes of a server's kernels."""
    running = psutil.Process(server).children(recursive=True)
    return {process.pid for process in running if "ipykernel" in command_of(process)}
