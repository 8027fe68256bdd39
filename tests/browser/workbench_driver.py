"""Drives the workbench in a page as a reader would: types, clicks, hovers, reads."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, TimeoutError

from tests import patience

#: Pixel position of the middle of a heatmap cell (query i, document j).
_MIDDLE_OF_CELL = """(figure, [i, j]) => {
  const layout = figure._fullLayout;
  const place = figure.getBoundingClientRect();
  return [place.left + layout.xaxis._offset + layout.xaxis.l2p(j),
          place.top + layout.yaxis._offset + layout.yaxis.l2p(i)];
}"""
#: Elements that stick out of the window, scrolling regions aside.
_TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
                 && !e.closest('.ce-region, svg, .modebar'))
  .map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)"""
#: Elements whose text is cut off by their own box.
_CLIPPED = """() => [...document.querySelectorAll(
    'label, button, select, summary, p, h1, h2, th, td')]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1
                 && getComputedStyle(e).overflowX !== 'visible')
  .map((e) => `${e.tagName} ${e.textContent.slice(0, 40)}`)"""
#: Labels of the figure that lie outside its drawing.
_CUT_LABELS = """() => {
  const figure = document.querySelector('.js-plotly-plot');
  const frame = figure.getBoundingClientRect();
  return [...figure.querySelectorAll('.xtick, .ytick, .x2tick, .y2tick, .gtitle, .annotation-text')]
    .map((e) => [e.textContent, e.getBoundingClientRect()])
    .filter(([, r]) => r.width && (r.left < frame.left - 1 || r.right > frame.right + 1
                                   || r.top < frame.top - 1 || r.bottom > frame.bottom + 1))
    .map(([text]) => text);
}"""

#: Whether every figure in sight is as wide as its place.
_ALL_FIT = """() => [...document.querySelectorAll('.js-plotly-plot')].every((figure) =>
  !figure.clientWidth || figure._fullLayout.width === figure.parentElement.clientWidth)"""
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


class WorkbenchDriver:
    """A page with a workbench in it."""

    def __init__(self, page: Page, figure: str = ".js-plotly-plot") -> None:
        self.page = page
        self.figure = page.locator(figure).first
        self.query = page.get_by_role("textbox", name="Query")
        self.document = page.get_by_role("textbox", name="Document")
        self.explain_button = page.get_by_role("button", name="Explain")
        self.cancel_button = page.locator(".ce-form").get_by_role("button", name="Cancel")
        self.status = page.locator(".ce-form .ce-status")
        self.problem = page.locator(".ce-form .ce-problem")

    def open(self, url: str) -> None:
        """Open a page and wait until the first explanation is drawn."""
        self.page.goto(url)
        self.wait_for_status("Done.", timeout=patience.milliseconds(120))
        self.wait_for_figure()

    def wait_for_status(self, text: str, timeout: float | None = None) -> None:
        self.page.wait_for_function(
            "(text) => document.querySelector('.ce-status')?.textContent === text",
            arg=text,
            timeout=timeout,
        )

    def wait_for_figure(self) -> None:
        self.page.wait_for_selector(".js-plotly-plot .heatmaplayer image")
        self.wait_until_settled()  # the figure takes its width from the page

    def explain(self, query: str, document: str, *, by_keyboard: bool = False) -> None:
        """Type a pair, send it and wait for its score or for a sentence about what is wrong."""
        self.query.fill(query)
        self.document.fill(document)
        self.forget_status()
        if by_keyboard:
            self.document.press("Control+Enter")
        else:
            self.explain_button.click()
        self.page.wait_for_function(
            "() => document.querySelector('.ce-form .ce-problem').textContent"
            " || document.querySelector('.ce-status').textContent === 'Done.'",
        )
        self.wait_until_settled()  # the figure follows the text

    def forget_status(self) -> None:
        """Wipe what was said last, which must not be taken for the next answer."""
        self.page.evaluate(
            "() => { for (const part of ['.ce-status', '.ce-form .ce-problem'])"
            " document.querySelector(part).textContent = ''; }"
        )

    def score(self) -> float:
        text = self.page.locator(".ce-notices strong").first.inner_text()
        return float(text.removeprefix("MaxSim score "))

    def cell(self, query_position: int, document_position: int) -> tuple[float, float]:
        self.figure.scroll_into_view_if_needed()
        x, y = self.figure.evaluate(_MIDDLE_OF_CELL, [query_position, document_position])
        return x, y

    def middle(self) -> int:
        """Return the position of a document token in the middle of the picture."""
        return int(
            self.figure.evaluate("(f) => (([l, r]) => (l + r) / 2)(f._fullLayout.xaxis.range)")
        )

    def hover(self, query_position: int, document_position: int) -> str:
        """Return what hovering a cell shows."""
        shown = self.figure.locator(".hoverlayer .hovertext").first
        self.page.mouse.move(0, 0)
        shown.wait_for(state="detached")  # of the cell before
        x, y = self.cell(query_position, document_position)
        self.page.mouse.move(x - 4, y - 4)
        self.page.mouse.move(x, y)
        shown.wait_for()
        wait_until_settled(self.figure.locator(".hoverlayer").first, 150)
        return shown.text_content() or ""

    def click(self, query_position: int, document_position: int) -> None:
        x, y = self.cell(query_position, document_position)
        self.page.mouse.move(x - 4, y - 4)
        self.page.mouse.move(x, y)
        self.figure.locator(".hoverlayer .hovertext").first.wait_for()
        self.page.mouse.click(x, y)  # which counts where the figure has seen the pointer

    def visible_range(self) -> tuple[float, float]:
        """Return the document positions at the edges of the heatmap."""
        left, right = self.page.evaluate(
            "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range"
        )
        return left, right

    def choose(self, name: str) -> None:
        """Press one of the radio buttons above the heatmap."""
        self.page.get_by_role("radio", name=name, exact=True).check()

    def show(self, name: str) -> None:
        """Open one of the sections below the heatmap."""
        self.page.get_by_role("tab", name=name, exact=True).click()

    def rectangle(self) -> tuple[float, float]:
        """Return the edges of the strip's rectangle, as shares of the strip."""
        left, right = self.page.evaluate(
            "() => { const part = document.querySelector('.ce-part').style;"
            " return [parseFloat(part.left), parseFloat(part.left) + parseFloat(part.width)]; }"
        )
        return left / 100, right / 100

    def wait_for_range(self, condition: str) -> None:
        """Wait until a condition on ``left`` and ``right``, the heatmap's edges, is true."""
        try:
            self.page.wait_for_function(
                "() => { const [left, right] = document.querySelector('.js-plotly-plot')"
                f"._fullLayout.xaxis.range; return {condition}; }}",
            )
        except TimeoutError as error:
            shown = f"{self.visible_range()}, strip {self.rectangle()}, {self.status.inner_text()}"
            raise AssertionError(f"{condition} never came, but {shown}") from error

    def scroll_over(self, query_position: int, document_position: int, distance: int) -> None:
        """Turn the mouse's wheel five times over a cell: out for positive distances, or in."""
        self.page.mouse.move(*self.cell(query_position, document_position))
        for _ in range(5):
            self.page.mouse.wheel(0, distance)

    def wait_until_settled(self) -> None:
        """Wait until nothing in the figure has changed for a while."""
        wait_until_settled(self.figure, 250)

    def resize(self, width: int, height: int = 900) -> None:
        """Give the window another size, and wait until the page has taken it."""
        self.page.set_viewport_size({"width": width, "height": height})
        wait_until_figures_fit(self.page)
        wait_until_settled(self.page.locator("body"), 250)

    def layout_faults(self) -> list[str]:
        """List what sticks out of the window or is cut off."""
        scripts = (_TOO_WIDE, _CLIPPED, _CUT_LABELS)
        return [fault for script in scripts for fault in self.page.evaluate(script)]


def wait_until_figures_fit(page: Page) -> None:
    """Wait until every figure in sight is as wide as its place."""
    page.wait_for_function(_ALL_FIT)


def wait_until_settled(element: Locator, milliseconds: int) -> None:
    """Wait until nothing in an element has changed for so long."""
    element.evaluate(_SETTLED, milliseconds)
