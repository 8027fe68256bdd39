"""How the workbench opens: a picture before Python, then the page; and what if Python is gone."""

import json
import re
import time
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from tests import patience
from tests.browser.workbench_driver import WorkbenchDriver
from tests.browser.workbench_texts import PAIR
from tests.processes import command_of

#: Notes what of the first screen was ever in the page, and whether it left when the page was drawn.
WATCH = """
window.seen = { score: "", heatmap: false, together: 0 };
new MutationObserver(() => {
  const screen = document.getElementById("ce-first-screen");
  if (!screen) return;
  seen.score ||= screen.querySelector("strong")?.textContent ?? "";
  seen.heatmap ||= screen.querySelector("table") !== null;
}).observe(document, { childList: true, subtree: true });
addEventListener("ce-page-ready", () => {
  seen.query = document.querySelector(".ce-text-query")?.textContent ?? "";
}, { once: true });
addEventListener("ce-page-ready", () => setTimeout(() => {
  seen.left = document.getElementById("ce-first-screen") === null;
}), { once: true });
"""


@pytest.fixture
def watched(page):
    page.add_init_script(WATCH)
    return WorkbenchDriver(page)


def test_the_first_screen_shows_the_opening_pair_and_gives_way_to_the_page(
    new_context, dashboards, black_hole
):
    def visit():  # a new visitor each time: a draft of an earlier visit keeps the first screen away
        page = new_context().new_page()
        page.add_init_script(WATCH)
        driver = WorkbenchDriver(page)
        driver.open(dashboards.page("workbench"))
        page.wait_for_function("() => window.seen.left === true")
        return driver, page.evaluate("window.seen")

    deadline = time.monotonic() + patience.seconds()
    visitor, seen = visit()
    while not seen["score"] and time.monotonic() < deadline:  # the server makes it meanwhile
        visitor, seen = visit()
    (sample,) = [one for one in ce.load_samples() if one.title == PAIR]
    assert seen["score"] == f"{ce.explain(sample.query, sample.document).score:.2f}"
    assert seen["heatmap"]
    assert visitor.query.input_value() == sample.query
    assert visitor.document.input_value() == sample.document
    assert visitor.score() == float(seen["score"])
    assert visitor.alarms == []
    assert black_hole == []
    assert all(url.startswith((dashboards.url, "data:", "blob:")) for url in visitor.requested)
    # Plotly's script is asked for once.
    assert len([url for url in visitor.requested if "plotly" in url]) == 1


def test_with_a_link_the_first_screen_has_its_texts_and_stays_until_they_are_explained(
    watched, dashboards
):
    link = f"#q={quote('what do cats eat')}&d={quote('Cats eat fish.')}"
    page = watched.page
    page.goto(dashboards.page("workbench") + link, wait_until="commit")
    expect(page.locator("#ce-first-screen")).to_contain_text("Cats eat fish.")
    page.wait_for_function("() => 'left' in seen", timeout=patience.milliseconds(120))
    assert page.evaluate("seen.query") == "what do cats eat"
    watched.wait_for_answer()
    expect(watched.document).to_have_value("Cats eat fish.")
    score = ce.explain("what do cats eat", "Cats eat fish.").score
    assert watched.score() == pytest.approx(score, abs=6e-3)
    assert watched.alarms == []


def test_two_tabs_have_texts_of_their_own_and_a_killed_kernel_is_said(
    context, dashboards, black_hole
):
    one, other = (WorkbenchDriver(context.new_page()) for _ in range(2))
    one.open(dashboards.page("workbench"))
    other.open(dashboards.page("workbench"))
    one.explain("cats", "cats in the first tab")
    other.explain("dogs", "dogs in the second tab")
    assert one.document.input_value() == "cats in the first tab"
    kernel = json.loads(one.page.locator("#jupyter-config-data").inner_text())["kernelId"]
    [process] = [
        each
        for each in psutil.Process(dashboards.process.pid).children(recursive=True)
        if kernel in command_of(each)
    ]
    process.kill()
    notice = one.page.get_by_role("alert").filter(has_text="stopped unexpectedly")
    expect(notice).to_contain_text("What you typed is kept.")
    assert one.document.input_value() == "cats in the first tab"
    with one.page.expect_navigation():
        notice.get_by_role("button", name="Reload").click()
    expect(one.document).to_have_value("cats in the first tab", timeout=patience.milliseconds(120))
    one.wait_for_answer()
    expect(one.page.get_by_text(re.compile("Python was restarted"))).to_be_visible()
    other.explain("dogs", "dogs live on")
    assert other.alarms == []
    assert black_hole == []
