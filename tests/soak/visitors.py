"""Headless visitors: they open dashboards, type, and leave in every way a tab can be left."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from playwright.async_api import Browser, Error, Page, TimeoutError

from tests import patience
from tests.browser.workbench_driver import ANSWERED

PAIRS = [
    ("Which animals eat grass?", "Cows graze; cats eat mice. Horses eat hay and grass."),
    ("Who painted the ceiling?", "The ceiling was painted by four women within a year."),
    ("How long does it take to boil an egg?", "A soft egg is ready after five minutes."),
    ("train from the airport", "Every ten minutes a train leaves for the centre."),
]
_NUMBERS = itertools.count(1)
#: How a visit ends. "early" closes the tab while the notebook still runs.
WAYS_TO_LEAVE = ("close", "kill", "go back", "early")


def limit() -> float:
    """Return how many milliseconds to wait for a page; ten at once on two cores are slow."""
    return patience.milliseconds(240)


@dataclass
class Visits:
    """What the visitors saw; times in seconds."""

    opened: list[float] = field(default_factory=list)
    explained: list[float] = field(default_factory=list)
    left_early: int = 0
    failures: list[str] = field(default_factory=list)


async def visit_in_turn(
    browser: Browser,
    url: str,
    notebooks: Sequence[str],
    turns: Iterator[int],
    visits: Visits,
    ways: Sequence[str] = WAYS_TO_LEAVE,
) -> None:
    """Visit one dashboard after the other, with the next turn of all visitors each time."""
    context = await browser.new_context(viewport={"width": 1200, "height": 900})
    for turn in turns:
        # Every dashboard is left in every way.
        way = ways[(turn + turn // len(notebooks)) % len(ways)]
        page = await context.new_page()
        try:
            await visit(page, url, dashboard_address(url, notebooks, turn), way, visits)
        except Exception as error:  # whatever went wrong is the result, and the others go on
            what = str(error).splitlines()[0]
            visits.failures.append(f"visit {turn}, {way}: {what} {await _last_words(page)}")
            await page.close()
    await context.close()


async def visit(page: Page, url: str, dashboard: str, way: str, visits: Visits) -> None:
    """Open a dashboard from the index page, type into it, and leave it in this way."""
    await page.goto(url, timeout=limit())
    if way == "early":
        await page.goto(dashboard, wait_until="commit", timeout=limit())
        # A tab that is closed while its page comes in stays open now and then, for ever.
        await page.goto("about:blank", timeout=limit())
        await page.close()
        visits.left_early += 1
        return
    visits.opened.append(await open_dashboard(page, dashboard))
    if await page.locator(".ce-workbench-page").count():
        for _ in range(2):
            visits.explained.append(await explain(page, *new_pair()))
    if way == "go back":
        await page.goto(url, timeout=limit())
    await page.close(run_before_unload=way == "close")


def dashboard_address(url: str, notebooks: Sequence[str], turn: int) -> str:
    """Return the address of the dashboard whose turn it is."""
    return f"{url}voila/render/{notebooks[turn % len(notebooks)]}"


async def _last_words(page: Page) -> str:
    """Return where a page stands, and what it says."""
    try:
        status = page.locator(".ce-query-status")
        told = [await status.nth(number).inner_text() for number in range(await status.count())]
        return f"({page.url.rsplit('/')[-1]} says: {told})"
    except Error:
        return "(the page is gone)"


async def open_dashboard(page: Page, address: str) -> float:
    """Open a dashboard and return the seconds until its first picture."""
    started = time.monotonic()
    await page.goto(address, timeout=limit())
    try:
        await page.locator(".js-plotly-plot .heatmaplayer image").first.wait_for(timeout=limit())
    except TimeoutError as error:
        shown = " ".join((await page.locator("body").inner_text()).split())
        raise RuntimeError(f"{address} has no picture and says: {shown[:200]}") from error
    seconds = time.monotonic() - started
    with contextlib.suppress(TimeoutError):  # lessons have no workbench
        await page.locator(".ce-workbench-page").wait_for(timeout=patience.milliseconds(15))
        await page.wait_for_function(ANSWERED, timeout=limit())
    return seconds


def new_pair() -> tuple[str, str]:
    """Return a query and a document that are new to the server, which keeps what it has read."""
    number = next(_NUMBERS)
    query, document = PAIRS[number % len(PAIRS)]
    return f"{number}: {query}", f"{number}: {document}"


async def explain(page: Page, query: str, document: str) -> float:
    """Type a pair and return the seconds until it is explained."""
    await start_explaining(page, query, document)
    started = time.monotonic()
    await page.wait_for_function(ANSWERED, timeout=limit())
    return time.monotonic() - started


async def start_explaining(page: Page, query: str, document: str) -> None:
    """Type a pair and press the button."""
    await page.get_by_role("textbox", name="Query").fill(query)
    await page.get_by_role("textbox", name="Document").fill(document)
    await page.locator(".ce-query-go").click()


async def is_busy(page: Page) -> bool:
    """Return whether a page has not yet answered."""
    return not await page.evaluate(ANSWERED)


async def neighbours(
    browser: Browser, workbench: str, long_text: str
) -> tuple[list[float], list[float]]:
    """Time short pairs alone, then while a neighbour's long text is read; seconds of each.

    The long text must be new to the server.
    """
    # Each in a window of its own: a tab behind another one draws nothing.
    contexts = [await browser.new_context() for _ in range(2)]
    polite, rude = [await context.new_page() for context in contexts]
    for page in (polite, rude):
        await open_dashboard(page, workbench)
    alone = [await explain(polite, *new_pair()) for _ in range(8)]
    await start_explaining(rude, "What do elephants eat?", long_text)
    await asyncio.sleep(0.5)
    beside = []
    while await is_busy(rude) or not beside:
        beside.append(await explain(polite, *new_pair()))
    for context in contexts:
        await context.close()
    return alone, beside
