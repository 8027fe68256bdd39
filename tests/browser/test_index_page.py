import json
import re
import sys
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests import patience

NOTEBOOKS = {
    "workbench": ("# Workbench", "Type a query and a document."),
    "01_plain": ("# Two `identical` texts", "Every token meets itself."),
    "02_hostile": (
        '# <script>window.hacked = true</script> & "quoted"',
        "<img src=x onerror='window.hacked = true'>",
    ),
    "03_without": ("no heading", None),
    "04_failing": ("# Fails", None),
}
DOT = bytes.fromhex(  # a PNG of one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "dot.png").write_bytes(DOT)
    (folder / "secret.txt").write_text("not to be served")
    for name, (text, summary) in NOTEBOOKS.items():
        about = {"summary": summary} if summary else {}
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook(text, about)))
    failing = json.loads((folder / "04_failing.ipynb").read_text())
    failing["cells"][1]["source"] = "hidden_name"
    (folder / "04_failing.ipynb").write_text(json.dumps(failing))
    return folder


@pytest.fixture(scope="module")
def small(serve_dashboards, small_folder, tmp_path_factory):
    machine = tmp_path_factory.mktemp("jupyter")
    kernel = machine / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = ["/usr/bin/false", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": argv, "display_name": "Broken", "language": "python"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(machine))  # a kernel of the same name, not of this Python
        with serve_dashboards(small_folder) as running:
            yield running


@pytest.fixture
def alone(serve_dashboards, small_folder):
    """A server of one test, which writes of nothing else."""
    with serve_dashboards(small_folder) as running:
        yield running


@pytest.fixture
def plain_context(browser):
    """A context without the black hole, which puts a WebSocket of its own in the page."""
    context = browser.new_context()
    context.set_default_timeout(patience.milliseconds())
    yield context
    context.close()


def notebook(text, about):
    button = (
        "import os, sys, ipywidgets\n"
        "button = ipywidgets.Button(description='Count', icon='check')\n"
        "label = ipywidgets.Label('no click yet')\n"
        "button.on_click(lambda button: setattr(label, 'value', 'clicked'))\n"
        "ipywidgets.VBox([button, label])"
    )
    facts = "print(sys.executable, os.environ['HF_HUB_OFFLINE'], 'done')"
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    foreign = {"name": "somebody-elses", "display_name": "Another Python", "language": "python"}
    return {
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text},
            {**code, "id": "b", "source": button},
            {**code, "id": "c", "source": facts},
        ],
        "metadata": {"colbert_explain": about, "kernelspec": foreign},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_every_lesson_has_a_row_and_the_workbench_a_form(page, small, black_hole):
    page.goto(small.url)
    titles = page.get_by_role("listitem").get_by_role("link").all_inner_texts()
    assert titles == [
        "Two identical texts",
        '<script>window.hacked = true</script> & "quoted"',
        "03_without",
        "Fails",
    ]
    assert page.get_by_role("heading", name="Try it").is_visible()
    assert black_hole == []


def test_two_texts_go_to_the_workbench_in_the_fragment(page, small):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(small.url)
    page.get_by_label("Query").fill("What's 50% of #1 & more?")
    page.get_by_label("Document").fill("Half.\nOf “it”.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/workbench.ipynb#*")
    given = parse_qs(urlsplit(page.url).fragment)
    assert given == {"q": ["What's 50% of #1 & more?"], "d": ["Half.\nOf “it”."]}
    page.goto(small.url)
    page.get_by_label("Document").fill("")
    page.get_by_role("button", name="Explain").click()
    page.wait_for_url("**/workbench.ipynb#q=*&d=")  # without an empty one, the link were damaged
    assert not any("Half" in address.split("#")[0] for address in asked)


def test_progress_is_shown_and_the_next_lesson_offered(page, small):
    page.goto(small.url)
    onward = page.locator(".continue")
    assert onward.inner_text() == "Start: 1 Two identical texts"
    states = page.locator("[data-lesson]")
    for kept, shown, offered in (
        ({"01_plain": {"answered": 1, "of": 4}}, "1 of 4 answered", "Continue: 1 Two identical"),
        ({"01_plain": {"answered": 0, "of": 0}}, "begun", "Continue: 1 Two identical texts"),
        ({"01_plain": {"answered": 4, "of": 4}}, "✓ done", "Continue: 2 <script>window.hacked"),
    ):
        value = json.dumps(kept)
        page.evaluate("value => localStorage.setItem('colbert_explain.progress', value)", value)
        page.reload()
        assert states.first.locator(".state").inner_text() == shown
        assert states.nth(1).locator(".state").inner_text() == ""
        assert onward.inner_text().startswith(offered)
    value = json.dumps({"03_without": {"answered": 1, "of": 1}})
    page.evaluate("value => localStorage.setItem('colbert_explain.progress', value)", value)
    page.reload()  # what follows a lesson that was done, although another was left out
    assert onward.inner_text().startswith("Continue: 4")
    done = {name: {"answered": 1, "of": 1} for name in NOTEBOOKS if name != "workbench"}
    page.evaluate("v => localStorage.setItem('colbert_explain.progress', v)", json.dumps(done))
    page.reload()
    expect(onward).to_be_hidden()


def test_the_answers_of_all_lessons_can_be_cleared(page, small, axe):
    page.goto(small.url)
    clear = page.get_by_role("button", name="Clear all answers")
    expect(clear).to_be_hidden()
    for kept in (
        {
            "progress": {
                "01_plain": {"answered": 1, "of": 4},
                "04_failing": {"answered": 0, "of": 0},
            }
        },
        {"answers": {"01_plain": {"Why?": {"given": "wrong", "shown": False}}}},
    ):
        for name, value in kept.items():
            page.evaluate(
                f"v => localStorage.setItem('colbert_explain.{name}', v)", json.dumps(value)
            )
        page.reload()
        expect(clear).to_be_visible()
        assert axe(page) == []
        clear.click()
        expect(clear).to_be_hidden()
        assert page.locator(".continue").inner_text() == "Start: 1 Two identical texts"
        assert set(page.locator(".state").all_inner_texts()) == {""}
        assert page.evaluate("Object.keys(localStorage)") == []


def test_the_page_works_without_storage_and_with_anything_in_it(new_context, small):
    page = new_context().new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for value in ("null", "[]", "7", "{", '{"01_plain": 3}', '{"01_plain": null}'):
        page.goto(small.url)
        page.evaluate("value => localStorage.setItem('colbert_explain.progress', value)", value)
        page.reload()
        assert page.locator(".continue").is_visible()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('off'); } })"
    )
    page.reload()
    assert page.locator(".continue").inner_text().startswith("Start: 1")
    assert errors == []


def test_titles_and_summaries_are_text_and_never_markup(page, small):
    page.goto(small.url)
    assert page.get_by_text("<img src=x onerror='window.hacked = true'>").is_visible()
    assert page.evaluate("window.hacked") is None


def test_the_picture_has_numbers_and_frames_in_both_themes(new_context, small):
    for scheme in ("light", "dark"):
        page = new_context(color_scheme=scheme).new_page()
        page.goto(small.url)
        cells = page.locator(".cells td:not(:empty)")
        assert cells.count() == 20
        assert page.locator(".cells .best").count() == 4
        assert cells.first.inner_text() == "0.88"
        colours = cells.evaluate_all("cells => cells.map(c => getComputedStyle(c).backgroundColor)")
        assert len(set(colours)) > 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 600, 900, 1280, 2000])
def test_the_page_fits_the_window_and_is_accessible(new_context, small, axe, width, scheme):
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(small.url)
    assert overflow(page) <= 0
    assert axe(page) == []


def test_the_keyboard_reaches_every_dashboard_and_opens_it(page, small):
    page.goto(small.url)
    page.get_by_label("Document").focus()
    page.keyboard.press("Tab")  # the button
    for name in ("workbench", "01_plain", *[name for name in NOTEBOOKS if name != "workbench"]):
        page.keyboard.press("Tab")  # the workbench, where to start, every lesson
        assert page.evaluate("document.activeElement.href") == small.page(name)
    page.keyboard.press("Enter")
    page.wait_for_url(small.page("04_failing"))


def test_a_dashboard_works_with_the_network_black_holed(page, small, black_hole, axe):
    page.goto(small.page("workbench"))
    page.get_by_text("no click yet").wait_for()
    assert page.title() == "Workbench · colbert_explain"
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("clicked")).to_be_visible()
    icon = page.locator("button .fa-check").evaluate("e => getComputedStyle(e).fontFamily")
    assert "FontAwesome" in icon.replace(" ", "")
    assert axe(page) == []
    assert overflow(page) <= 0
    page.get_by_role("link", name="All dashboards").click()
    page.wait_for_url(small.url)
    assert black_hole == []


def test_a_kernel_is_the_python_of_the_server_and_is_told_to_stay_offline(page, small):
    page.goto(small.page("01_plain"))
    page.get_by_text(re.compile("1 done")).wait_for()
    assert page.get_by_text(f"{sys.executable} 1 done").is_visible()
    assert "setattr" not in page.content()  # sources are stripped


def kernel_of(page, small):
    config = json.loads(page.locator("#jupyter-config-data").inner_text())
    return f"{small.url}api/kernels/{config['kernelId']}"


def assert_ends(context, kernel):
    deadline = time.monotonic() + patience.seconds(10)  # and not with the idle ones
    while context.request.get(kernel).ok and time.monotonic() < deadline:
        time.sleep(0.2)
    assert context.request.get(kernel).status == 404


@pytest.mark.parametrize("leave", ["close", "kill the tab", "go elsewhere"])
def test_leaving_a_page_ends_its_kernel(page, context, small, leave):
    page.goto(small.page("01_plain"))
    page.get_by_text("no click yet").wait_for()
    kernel = kernel_of(page, small)
    assert context.request.get(kernel).ok
    if leave == "go elsewhere":
        page.goto(small.url)
    else:  # a tab that is killed, as on a phone, is asked for nothing before
        page.close(run_before_unload=leave == "close")
    assert_ends(context, kernel)


TAKES_ITS_TIME = """
import time, ipywidgets
label = ipywidgets.Label('no click yet')
buttons = [ipywidgets.Button(description=name) for name in ('Count', 'Wait')]
buttons[0].on_click(lambda button: setattr(label, 'value', 'clicked'))
buttons[1].on_click(lambda button: (time.sleep(6), setattr(label, 'value', 'waited')))
ipywidgets.VBox([*buttons, label])
"""


def test_a_page_says_what_it_lost_with_its_connection_and_only_then(plain_context, serve_cells):
    page = plain_context.new_page()
    sockets, sent, lost = [], [], []
    losing = False

    def pass_on(message, server):
        (lost if losing else sent).append(message)
        if not losing:
            server.send(message)

    def connect(socket):
        server = socket.connect_to_server()
        socket.on_message(lambda message: pass_on(message, server))
        sockets.append(socket)

    def drop():
        before = len(sockets)
        sockets[-1].close()
        while len(sockets) == before:
            page.wait_for_timeout(100)

    def press(name, messages):
        before = len(messages)
        page.get_by_role("button", name=name).click()
        deadline = time.monotonic() + patience.seconds()
        while len(messages) == before and time.monotonic() < deadline:
            page.wait_for_timeout(100)
        assert len(messages) > before

    page.route_web_socket(re.compile("/channels"), connect)
    page.goto(serve_cells(TAKES_ITS_TIME))
    page.get_by_text("no click yet").wait_for()
    notice = page.get_by_role("alert")
    press("Wait", sent)
    drop()
    page.get_by_text("waited").wait_for()
    expect(notice).to_be_hidden()  # Python was busy, and nothing was lost
    press("Count", sent)
    page.get_by_text("clicked").wait_for()
    expect(notice).to_be_hidden()

    losing = True
    press("Count", lost)
    losing = False
    drop()
    expect(notice).to_contain_text("some messages were lost")


def test_sockets_that_are_dropped_while_they_open_leave_no_trace(plain_context, alone):
    context, small = plain_context, alone
    page = context.new_page()
    page.goto(small.page("01_plain"))
    page.get_by_text("no click yet").wait_for()
    kernel = kernel_of(page, small)
    before = small.log.read_text()
    page.evaluate(
        """(channels) => new Promise((resolve) => {
          for (let i = 0; i < 16; i += 1) {
            const socket = new WebSocket(`${channels}?session_id=${i}`);
            setTimeout(() => socket.close(), 3 * i);
          }
          setTimeout(resolve, 2000);
        })""",
        f"{kernel}/channels".replace("http:", "ws:"),
    )
    deadline = time.monotonic() + patience.seconds()
    while context.request.get(kernel).json()["connections"] > 1 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert context.request.get(kernel).json()["connections"] == 1  # the page's own
    assert context.request.get(f"{kernel[:-4]}0000/channels").status == 404
    assert small.log.read_text() == before


def test_a_failing_cell_names_no_source_and_sends_the_reader_to_the_terminal(page, small):
    page.goto(small.page("04_failing"))
    page.get_by_text("There was an error when executing cell").wait_for()
    assert "The terminal that runs the server says why." in page.content()
    assert "hidden_name" not in page.content()
    assert "name 'hidden_name' is not defined" in small.log.read_text()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("voila/render/absent.ipynb", 404),
        ("voila/render/secret.txt", 404),
        ("voila/files/secret.txt", 403),
        ("voila/files/workbench.ipynb", 403),
        ("voila/files/pictures/dot.png", 200),
        ("voila/api/contents", 404),
        ("anything", 404),
    ],
)
def test_only_dashboards_and_pictures_are_served(page, small, path, status, black_hole):
    assert page.request.get(small.url + path).status == status
    if status == 404:
        page.goto(small.url + path)
        assert page.get_by_role("link", name="All dashboards").is_visible()
    assert black_hole == []


def test_the_file_list_of_voila_leads_to_the_index_page(page, small):
    page.goto(small.url + "voila/tree")
    assert page.url == small.url


def test_a_foreign_host_name_is_refused(page, small):
    answer = page.request.get(small.url, headers={"Host": "rebound.example"})
    assert answer.status == 403


def test_the_black_hole_swallows_requests_and_records_them(page, black_hole):
    page.goto("about:blank")  # a page of ours may not even ask
    state = page.evaluate(
        "Promise.race([fetch('https://example.org/').catch(() => 'refused'),"
        " new Promise(resolve => setTimeout(resolve, 500, 'no answer'))])"
    )
    assert state == "no answer"
    assert black_hole == ["https://example.org/"]
