"""The inputs of the workbench in a page of their own, with a model that a test answers for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.javascript.modules import SITE, add_styles, blank_page

LIMITS = {"text": 1_000_000, "message": 8 * 1024**2, "file": 5 * 1024**2, "documents": 100}
SAMPLES = [
    {
        "group": "Paraphrased",
        "title": "Elephants: the same fact in other words",
        "query": "Elephants eat 150 kg of food per day.",
        "document": "Every day, the average elephant consumes roughly 150 kg of food.",
        "note": "Compare how the kept and the changed words are linked.",
    },
    {
        "group": "Unrelated",
        "title": "Rain in Spain: nothing in common",
        "query": "Elephants eat 150 kg of food per day.",
        "document": "The rain in Spain stays mainly in the plain.",
        "note": "MaxSim still gives each query token a best partner.",
    },
]
#: Puts the inputs into a page laid out as the workbench is. `harness.answer(request)` plays Python:
#: the score of a document grows with the query words that are in it.
HARNESS = (Path(__file__).parent / "inputs_harness.js").read_text("utf-8")
STYLE = """
body { margin: 0; background: var(--ce-paper); }
main { min-height: 100vh; padding: 0 16px; container: ce-page / inline-size; }
.harness-head { display: flex; gap: 8px; align-items: center; height: 44px; }
.harness-body { display: flex; gap: 16px; margin-top: 8px; }
.ce-rail:not(.ce-rail-narrow) { flex: 0 0 300px; }
.harness-picture { flex: 1; height: 300px; border: 1px dashed var(--ce-line); }
main:has(.ce-rail-narrow) .harness-body { display: block; }
"""


def open_inputs(
    page: Page,
    query: str = "",
    documents: list[tuple[str, str]] | None = None,
    *,
    limits: dict[str, int] | None = None,
    **options: Any,
) -> None:
    """Put the inputs into a blank page, with texts that Python put in."""
    add_styles(page, "inputs/inputs.js")
    page.add_style_tag(content=STYLE)
    given = [{"name": name, "text": text} for name, text in documents or [("", "")]]
    texts = {"version": 1, "query": query, "documents": given}
    options = {"draftName": "test", "ownsAddress": True, **options}
    page.evaluate(HARNESS, [limits or LIMITS, SAMPLES, texts, options])


@contextmanager
def inputs_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a blank page and leave it empty."""
    with blank_page(browser, **options) as page:
        yield page


def reload(page: Page, fragment: str = "") -> None:
    """Load the blank page again, with the same storage."""
    page.goto("about:blank")
    page.goto(f"{SITE}/{fragment}")
