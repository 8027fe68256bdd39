"""Drives the workbench in a page as a reader would: types, points, presses keys, reads."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from tests import patience
from tests.browser.isolation import open_isolated_context

#: Whether the texts in the fields are those of what is on show, or a sentence says why not.
ANSWERED = """() => {
  const root = document.querySelector('.ce-workbench-page');
  if (!root) return false;
  if (document.querySelector('.ce-inputs-problem').textContent) return true;
  return !root.classList.contains('ce-result-old')
    && document.querySelector('.ce-headline').offsetParent !== null
    && document.querySelector('.ce-heatmap-place .heatmaplayer image') !== null;
}"""
#: Box of a cell of the heatmap in the window: left, top, right, bottom.
_CELL = """([row, column]) => {
  const plot = document.querySelector('.ce-heatmap-place .js-plotly-plot');
  const area = plot.querySelector('.nsewdrag').getBoundingClientRect();
  const [left, right] = plot.layout.xaxis.range;
  const [bottom, top] = plot.layout.yaxis.range;
  const width = area.width / (right - left), height = area.height / (bottom - top);
  const x = area.left + (column - 0.5 - left) * width, y = area.top + (row - 0.5 - top) * height;
  return [x, y, x + width, y + height];
}"""
#: What is lit in each part, by row and column of the grid.
_LIT = """() => {
  const place = (node) => node && Number(node.dataset.row ?? node.dataset.column);
  const one = (selector) => place(document.querySelector(selector)) ?? null;
  const arc = document.querySelector('.ce-links-arc.ce-links-lit');
  return {
    text: [one('.ce-text-lit[data-row]'), one('.ce-text-lit[data-column]')],
    heatmap: [one('.ce-heatmap-row.ce-heatmap-lit'), one('.ce-heatmap-column.ce-heatmap-lit')],
    cell: !document.querySelector('.ce-heatmap-on-cell').hidden,
    links: [one('.ce-links-lit[data-row].ce-links-word'), one('.ce-links-lit[data-column]')],
    arc: arc && Number(arc.dataset.row),
    line: document.querySelector('.ce-readout-line').textContent,
  };
}"""
#: Elements that stick out of the window, regions that scroll or cut off aside.
_TOO_WIDE = """() => {
  const clips = (e) => e !== document.documentElement && e !== document.body
    && getComputedStyle(e).overflowX !== 'visible' && e.clientWidth < document.body.clientWidth;
  const isInside = (e) => {
    for (let parent = e.parentElement; parent; parent = parent.parentElement) {
      if (clips(parent)) return true;
    }
    return false;
  };
  return [...document.querySelectorAll('.ce-workbench-page *')]
    .filter((e) => e.checkVisibility() && !e.closest('svg, .ce-unseen, .js-plotly-plot'))
    .filter((e) => {
      const { left, right, width } = e.getBoundingClientRect();
      return width && (right > innerWidth + 1 || left < -1) && !isInside(e);
    })
    .map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`);
}"""
#: Elements whose text is cut off by their own box.
_CLIPPED = """() => [...document.querySelectorAll(
    '.ce-workbench-page :is(label, button, select, summary, p, h1, h2, th, td)')]
  .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1
                 && !['visible', 'auto', 'scroll'].includes(getComputedStyle(e).overflowX)
                 && getComputedStyle(e).textOverflow !== 'ellipsis')
  .map((e) => `${e.tagName} ${e.textContent.slice(0, 40)}`)"""
#: Whether every figure in sight is as wide as its place.
_ALL_FIT = """() => [...document.querySelectorAll('.js-plotly-plot')].every((figure) =>
  !figure.clientWidth || figure._fullLayout.width === figure.parentElement.clientWidth)"""
_NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
#: Come back once nothing below an element has changed for so many milliseconds.
_SETTLED = """(element, quiet) => new Promise((done) => {
  const end = () => { observer.disconnect(); done(); };
  let timer = setTimeout(end, quiet);
  const observer = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(end, quiet);
  });
  observer.observe(element, { attributes: true, childList: true, subtree: true });
})"""
#: What JupyterLab says while a page is left.
_LEFT = "Kernel connection is disposed"
_PASTE = """(field, text) => {
  field.focus();
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData, cancelable: true, bubbles: true });
  const isTaken = !field.dispatchEvent(event);
  // What a browser does with a paste that nobody has stopped.
  if (!isTaken && "setRangeText" in field) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return isTaken;
}"""


class WorkbenchDriver:
    """A page with a workbench in it, and what went over its connection to Python."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.black_hole: list[str] = []
        self.alarms: list[str] = []
        self.requested: list[str] = []
        self._frames: list[str] = []
        page.on("websocket", self._follow)
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("dialog", lambda dialog: (self.alarms.append(dialog.message), dialog.dismiss()))
        page.on("console", self._hear)
        self.query = page.get_by_role("textbox", name="Query", exact=True)
        self.document = page.get_by_role("textbox", name="Document", exact=True)
        self.explain_button = page.locator(".ce-query-go")
        self.live = page.get_by_role("switch", name="Live")
        self.problem = page.locator(".ce-inputs-problem")
        self.grid = page.locator(".ce-heatmap-grid")
        self.rail = page.locator(".ce-rail")
        self.rows = page.locator(".ce-rail-row")
        self.root = page.locator(".ce-workbench-page")
        self.read_out = page.locator(".ce-readout-line")

    def _follow(self, socket: WebSocket) -> None:
        def keep(frame: bytes | str) -> None:
            text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
            if "comm_msg" in text:
                self._frames.append(text)

        socket.on("framesent", keep)

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self._complain(message.text)

    def _complain(self, text: str) -> None:
        if text != _LEFT:
            self.alarms.append(text)

    # Texts and answers

    def open(self, url: str) -> None:
        """Open a page and wait until its first explanation is drawn."""
        self.page.goto(url)
        self.wait_for_answer(timeout=patience.milliseconds(120))

    def wait_for_answer(self, timeout: float | None = None) -> None:
        """Wait until what is on show is of the texts in the fields, or a sentence says why not."""
        self.page.wait_for_function(ANSWERED, timeout=timeout or patience.milliseconds())

    def explain(self, query: str, document: str, *, by_keyboard: bool = False) -> None:
        """Put in a pair, send it and wait for the answer."""
        self.query.fill(query)
        self.one_document()
        self.document.fill(document)
        if by_keyboard:
            self.document.press("Control+Enter")
        else:
            self.explain_button.click()
        self.wait_for_answer()

    def one_document(self) -> None:
        """Leave a single document in the fields."""
        while self.rail.is_visible():
            self.rows.last.locator(".ce-rail-main").press("Delete")
        self.document.wait_for()

    def paste(self, text: str, field: Locator | None = None) -> bool:
        """Paste a text over what a field holds; return whether the page stopped it."""
        place = field or self.document
        place.select_text()
        taken = place.evaluate(_PASTE, text)
        return bool(taken)

    def rank(self, query: str, documents: list[str]) -> None:
        """Put in several documents as one pasted block, and wait for the ranking."""
        self.query.fill(query)
        self.one_document()
        self.paste("\n\n---\n\n".join(documents))
        paste = self.page.get_by_role("group", name="Pasted documents")
        paste.get_by_role("button").first.click()
        expect(self.rows).to_have_count(len(documents))
        self.wait_for_answer()

    def example(self, name: str) -> None:
        """Choose an example of the menu."""
        self.page.get_by_role("button", name="Examples").click()
        self.page.get_by_role("menuitemradio", name=name).click()
        self.wait_for_answer(timeout=patience.milliseconds(120))

    def fresh(self) -> bool:
        """Whether what is on show stands there as being of the texts in the fields."""
        return "ce-result-old" not in (self.root.get_attribute("class") or "")

    def score(self) -> float:
        """Read the score."""
        return float(self.page.locator(".ce-headline-score").inner_text())

    # Picture

    def cell_box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Return where a cell lies in the window: left, top, right, bottom."""
        left, top, right, bottom = self.page.evaluate(_CELL, [row, column])
        return left, top, right, bottom

    def cell(self, row: int, column: int) -> tuple[float, float]:
        """Return the middle of a cell in the window."""
        left, top, right, bottom = self.cell_box(row, column)
        return (left + right) / 2, (top + bottom) / 2

    def visible_range(self) -> tuple[float, float]:
        """Return the columns at the edges of the heatmap."""
        left, right = self.page.evaluate(
            "() => document.querySelector('.ce-heatmap-place .js-plotly-plot').layout.xaxis.range"
        )
        return left, right

    def wait_for_range(self, condition: str) -> None:
        """Wait until a condition on ``left`` and ``right``, the heatmap's edges, is true."""
        self.page.wait_for_function(
            "() => { const [left, right] = document.querySelector('.ce-heatmap-place"
            f" .js-plotly-plot').layout.xaxis.range; return {condition}; }}"
        )

    def row_labels(self) -> list[str]:
        """Read the query words of the heatmap, from top to bottom."""
        return self.page.locator(".ce-heatmap-row").all_text_contents()

    def column(self, label: str) -> int:
        """Return the column of a document word by its label in the heatmap."""
        node = self.page.locator(".ce-heatmap-column", has_text=re.compile(f"^{re.escape(label)}$"))
        return int(node.first.get_attribute("data-column") or "")

    def row(self, label: str) -> int:
        """Return the row of a query word by its label."""
        return self.row_labels().index(label)

    def lit(self) -> dict[str, Any]:
        """Return what is lit in each part, after the next frame."""
        self.next_frame()
        found: dict[str, Any] = self.page.evaluate(_LIT)
        return found

    def show(self, picture: str) -> None:
        """Choose between the pictures, "Heatmap" and "Links"."""
        chooser = self.page.get_by_role("group", name="Picture").last
        chooser.get_by_role("button", name=picture, exact=True).click()

    def section(self, name: str) -> Locator:
        """Open a section below the picture and return its panel, filled."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        panel = self.page.get_by_role("tabpanel", name=name, exact=True)
        panel.scroll_into_view_if_needed()
        panel.wait_for()
        return panel

    # Page

    def next_frame(self) -> None:
        """Wait until what was asked for at the next frame is done."""
        self.page.evaluate(_NEXT_FRAME)

    def settle(self, quiet: int = 300) -> None:
        """Wait until nothing in the page has changed for so many milliseconds."""
        wait_until_settled(self.page.locator("body"), quiet)

    def resize(self, width: int, height: int = 900) -> None:
        """Give the window another size, and wait until the page has taken it."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(
            """() => {
              const plot = document.querySelector('.ce-heatmap-place .js-plotly-plot');
              const place = document.querySelector('.ce-heatmap-place');
              return !place.clientWidth || plot._fullLayout.width === place.clientWidth;
            }"""
        )
        self.settle()

    def layout_faults(self) -> list[str]:
        """List what sticks out of the window or is cut off."""
        faults = [fault for script in (_TOO_WIDE, _CLIPPED) for fault in self.page.evaluate(script)]
        width = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return [*faults, *([f"the page is {width} px wider than the window"] if width > 0 else [])]

    def wait_for_events(self, count: int) -> list[str]:
        """Wait until so many events have been sent, and return them all."""
        deadline = time.monotonic() + patience.seconds()
        while len(self.events()) < count:
            assert time.monotonic() < deadline, self.events()
            self.page.wait_for_timeout(30)
        return self.events()

    def complaints(self) -> list[str]:
        """List the errors that the page has raised, and what it asked of other machines."""
        return [*self.alarms, *self.black_hole]

    def events(self) -> list[str]:
        """List what the page has told Python so far, by the names of the events."""
        return [
            found[1] if (found := re.search(r'"event":\s*"(\w+)"', frame)) else "traits"
            for frame in self._frames
        ]


def wait_until_figures_fit(page: Page) -> None:
    """Wait until every figure in sight is as wide as its place."""
    page.wait_for_function(_ALL_FIT)


def wait_until_settled(element: Locator, milliseconds: int) -> None:
    """Wait until nothing in an element has changed for so long."""
    element.evaluate(_SETTLED, milliseconds)


@contextmanager
def opened_workbench(browser: Browser, url: str, **options: Any) -> Iterator[WorkbenchDriver]:
    """Open a workbench in a context of its own."""
    black_hole: list[str] = []
    context = open_isolated_context(browser, black_hole, accept_downloads=True, **options)
    driver = WorkbenchDriver(context.new_page())
    driver.black_hole = black_hole
    try:
        driver.open(url)
        yield driver
    finally:
        context.close()
