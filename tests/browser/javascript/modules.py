"""A blank page that imports the package's ES modules as they are, without a server or a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route

from colbert_explain.app.web.bundle import bundle
from colbert_explain.views.theme import css_variables
from tests.browser.isolation import open_isolated_context

#: Where the page seems to come from; every request to it is answered from the package's files.
SITE = "http://localhost:1"
_APP = resources.files("colbert_explain") / "app"
_TYPES = {".js": "text/javascript", ".css": "text/css"}


@contextmanager
def blank_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a page without content; at the end it must have raised no error."""
    complaints: list[str] = []
    context = open_isolated_context(browser, complaints, **options)
    context.route(f"{SITE}/**", _answer)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{SITE}/")
    yield page
    context.close()
    assert complaints == []


def _answer(route: Route) -> None:
    path = PurePosixPath(urlsplit(route.request.url).path)
    if path == PurePosixPath("/"):
        blank = '<!doctype html><html lang="en"><meta charset="utf-8"><title>blank</title>'
        route.fulfill(content_type="text/html", body=blank)
    elif (file := _APP.joinpath(*path.parts[1:])).is_file():
        route.fulfill(content_type=_TYPES[path.suffix], body=file.read_text("utf-8"))
    else:
        route.fulfill(status=404)


def call(page: Page, module: str, name: str, *arguments: Any) -> Any:
    """Call a function of a module below ``app/`` with values of JSON; return its answer."""
    return page.evaluate(
        "async ([module, name, given]) => (await import(module))[name](...given)",
        [f"/{module}", name, list(arguments)],
    )


def add_styles(page: Page, entry: str) -> None:
    """Give the page the theme's colours and the style sheets of a module and of what it imports."""
    page.add_style_tag(content=css_variables() + bundle(entry).style)
