"""One page for all tests of a file, which so is also shown to live on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import nbformat
from playwright.sync_api import Browser, Page

from tests.browser.isolation import open_isolated_context


@contextmanager
def shared_page(
    shared, browser: Browser, served_folder, name: str, cell: str, ready: Callable[[Page], object]
) -> Iterator[Page]:
    """Give the page of a notebook with one cell; afterwards nothing may have gone wrong in it.

    Parameters
    ----------
    shared, browser, served_folder
        The fixtures.
    name, cell
        Of the notebook.
    ready
        Waits until the page has opened; called once.
    """

    @contextmanager
    def opened() -> Iterator[Page]:
        black_hole: list[str] = []
        alarms: list[str] = []
        context = open_isolated_context(browser, black_hole)
        page = context.new_page()
        page.on("pageerror", lambda error: alarms.append(str(error)))
        page.alarms, page.black_hole = alarms, black_hole
        page.goto(running.page(name))
        ready(page)
        yield page
        context.close()

    folder, running = served_folder
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    notebook.metadata["colbert_explain"] = {"header": False, "title": name}
    nbformat.write(notebook, folder / f"{name}.ipynb")
    page = shared.get(name, opened)
    page.set_viewport_size({"width": 1280, "height": 720})
    yield page
    assert page.alarms == []
    assert page.black_hole == []
