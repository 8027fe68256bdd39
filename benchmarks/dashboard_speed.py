"""How quickly dashboards open, and what a visitor costs; each as a ratio to a plain notebook.

The plain notebook imports torch and transformers and draws one FigureWidget, served by Voilà as
it comes. Both are measured in turns in one run, so that the machine's load cancels out; numbers
are medians. Needs what the tests in a browser need: a Chromium and playwright.

    python -m benchmarks dashboard_speed [--rounds 5] [--visitors 10] [--part sharing]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import nbformat
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from colbert_explain.dashboard.kernel import PAGE_TARGET
from colbert_explain.samples import load_samples
from tests.browser.conftest import FLAGS, SERVE_FOLDER, find_chromium
from tests.browser.workbench_driver import WorkbenchDriver
from tests.served_page import PageSocket, kernel_of, message

#: A page says by this that it is drawn (kernel_watch.js).
READY = {"target_name": PAGE_TARGET, "data": {}}
LESSON = "01_identical.ipynb"
LIMITS = {
    "first heatmap / plain": 0.3,
    "first text of a lesson / plain": 0.15,
    "first picture of the workbench / plain": 0.15,
    "all visitors served / plain": 0.5,
    "typed pair / ce.explain and a bare figure": 1.5,
    "MB of a visitor who does not type": 200,
    "seconds to progress of a long paste": 1.0,
    "the same, at once": 1.0,
    "first own text of a page / a second": 1.5,
    "all visitors answered / one": 6.0,
    "MB of a visitor who types": 200,
}
PLAIN = """
import torch, transformers
import numpy as np
import plotly.graph_objects as go
go.FigureWidget(go.Heatmap(z=np.random.default_rng(0).random((12, 12))))
"""
#: The least that explains what somebody types.
BARE = """
import ipywidgets
import plotly.graph_objects as go
import colbert_explain as ce
figure = go.FigureWidget(go.Heatmap(z=[[0, 1]], x=["a", "b"], y=["c"]))
query, document = (ipywidgets.Textarea(description=name) for name in ("Query", "Document"))
button = ipywidgets.Button(description="Explain")
explained = lambda: ce.explain(query.value, document.value)
labels = lambda tokens: [f"{i} {token.text}" for i, token in enumerate(tokens)]
draw = lambda x: figure.update(
    data=[dict(z=x.similarity, x=labels(x.document), y=labels(x.query))], overwrite=False)
button.on_click(lambda _: draw(explained()))
ipywidgets.VBox([query, document, button, figure])
"""
WARM_UP = """
import os
from colbert_explain.dashboard.warm_up import warm_up
from colbert_explain.encoder_service.child import EncoderChild
with EncoderChild() as child:
    child.wait_until_ready(300)
    os.environ["COLBERT_EXPLAIN_ENCODER"] = child.address
    warm_up()
"""
HEATMAP = ".js-plotly-plot .heatmaplayer image"
#: What is there before Python has started: a lesson's prose, the workbench's picture.
PROSE, FIRST_PICTURE = ".ce-prose p", "#ce-first-screen table"
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
#: A new explanation is drawn when its last word stands at an axis.
DRAWN = """word => [...document.querySelectorAll('.js-plotly-plot text, .ce-heatmap-column')]
  .some(text => text.textContent.includes(word))"""
ANIMALS = [
    "horse",
    "sheep",
    "rabbit",
    "whale",
    "snake",
    "eagle",
    "goat",
    "wolf",
    "tiger",
    "lion",
    "camel",
    "bear",
]
STATUS = r"""pattern => new RegExp(pattern).test(
  document.querySelector('.ce-query-status')?.textContent ?? '')"""


@contextmanager
def served(command: list[str], pattern: str, cache: Path) -> Iterator[tuple[str, int]]:
    """Run a server; give its address and process id."""
    environment = os.environ | {"COLBERT_EXPLAIN_CACHE_FOLDER": str(cache)}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=log, stderr=log, env=environment
        )
        try:
            deadline = time.monotonic() + 120
            while True:
                log.seek(0)
                if found := re.search(pattern, log.read()):
                    break
                if time.monotonic() > deadline or process.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(f"the server gave no address, but {log.read()}")
                time.sleep(0.1)
            yield found[1].rstrip("/"), process.pid
        finally:
            process.terminate()
            process.wait()


def dashboards(cache: Path) -> AbstractContextManager[tuple[str, int]]:
    """Run this package's dashboards."""
    command = ["-m", "colbert_explain.cli", "dashboard", "--port=0", "--no-browser"]
    return served(command, r"dashboards: (http://[^/\s]+)", cache)


def plain_voila(folder: Path, cache: Path) -> AbstractContextManager[tuple[str, int]]:
    """Run Voilà as it comes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["-m", "voila", str(folder), f"--port={port}", "--no-browser"]
    return served(command, rf"(http://localhost:{port})", cache)


def write_notebook(path: Path, *sources: str) -> None:
    """Write a notebook of these cells."""
    path.parent.mkdir()
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def warm_up(cache: Path) -> None:
    """Encode the lessons' texts, as a server does in the background."""
    environment = os.environ | {
        "COLBERT_EXPLAIN_CACHE_FOLDER": str(cache),
        "COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "1",
        "OMP_NUM_THREADS": "1",
    }
    subprocess.run(
        [sys.executable, "-c", WARM_UP], env=environment, check=True, capture_output=True
    )


def workbench(address: str) -> str:
    """Return the address of the workbench on a server."""
    return f"{address}/voila/render/workbench.ipynb"


def first_heatmap(browser: Browser, address: str) -> float:
    """Open a page and wait for its heatmap."""
    page = browser.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=180_000)
    page.wait_for_selector(HEATMAP, timeout=180_000)
    seconds = time.perf_counter() - start
    page.close()
    return seconds


def first_paint(browser: Browser, address: str, selector: str) -> float:
    """Open a page and wait until something is there and the browser has painted."""
    page = browser.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=180_000)
    page.wait_for_selector(selector, timeout=180_000)
    there = time.perf_counter() - start
    page.wait_for_function(PAINTED, timeout=180_000)
    painted = page.evaluate(PAINTED) / 1000
    page.close()
    return max(there, painted)


def all_served(address: str, visitors: int) -> float:
    """Ask for a page as so many visitors at once, without a browser."""

    def visit(_: int) -> int:
        with urllib.request.urlopen(address, timeout=600) as answer:
            return len(answer.read())

    start = time.perf_counter()
    with ThreadPoolExecutor(visitors) as pool:
        sizes = list(pool.map(visit, range(visitors)))
    if min(sizes) < 1000:
        raise RuntimeError(f"a page of {min(sizes)} bytes is no dashboard")
    return time.perf_counter() - start


def wait_until_at_rest(server: int) -> None:
    """Wait until a server and its kernels have done next to nothing for some seconds."""
    family, quiet, deadline = psutil.Process(server), 0, time.monotonic() + 120
    while quiet < 6:  # seconds; a kernel for the next page is started later than that of the last
        if time.monotonic() > deadline:
            raise RuntimeError("the server did not come to rest within two minutes")
        before = processor_seconds(family)
        time.sleep(1)
        quiet = quiet + 1 if processor_seconds(family) - before < 0.1 else 0


def processor_seconds(family: psutil.Process) -> float:
    """Return the processors' seconds that a process and its children have taken."""
    total = 0.0
    for process in [family, *family.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def kernels_megabytes(server: int) -> list[float]:
    """Measure the kernels of a server: memory of their own and their part of what is shared."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(re.search(r"PPid:\s+(\d+)", (place / "status").read_text())[1])
            command = (place / "cmdline").read_text()
            if parent == server and "ipykernel" in command:
                share = re.search(r"^Pss:\s+(\d+) kB", (place / "smaps_rollup").read_text(), re.M)
                found.append(int(share[1]) / 1024)
        except OSError:
            continue
    return found


def seconds_to(page: Page, act: Callable[[], object], condition: str, argument: str) -> float:
    """Do something and wait until the page shows it."""
    start = time.perf_counter()
    act()
    page.wait_for_function(condition, arg=argument, timeout=120_000, polling=20)
    return time.perf_counter() - start


def typed_pairs(driver: WorkbenchDriver, bare: Page, rounds: int) -> Iterator[tuple[float, float]]:
    """Type pairs that nobody has typed before; in the bare page the first loads the model."""
    fields = bare.locator("textarea")
    forms = [
        (driver.page, driver.query, driver.document, driver.explain_button),
        (bare, fields.nth(0), fields.nth(1), bare.get_by_role("button", name="Explain")),
    ]
    for number, word in enumerate(ANIMALS[: rounds + 1]):
        taken = []
        for form, (page, query, document, button) in enumerate(forms):
            # What one of them encodes the other would find in the store.
            query.fill(f"Which animal eats {2 * number + form + 5} kg of food?")
            document.fill(f"Every day {2 * number + form + 5} kg of grass feed the {word}.")
            taken.append(seconds_to(page, button.click, DRAWN, word))
        if number:
            yield taken[0], taken[1]


def long_paste(driver: WorkbenchDriver, number: int) -> float:
    """Explain a long text and wait for the first word of how far it is."""
    article = load_samples("Long document")[0].document
    driver.document.fill(f"Paste {number}. {article}")
    told = "%|Loading the model|Waiting"
    seconds = seconds_to(driver.page, driver.explain_button.click, STATUS, told)
    driver.wait_for_answer(timeout=300_000)
    return seconds


def measure_pages(
    browser: Browser, rounds: int, visitors: int, plain: Path, cache: Path
) -> dict[str, tuple[float, str]]:
    """Open pages: a first heatmap, many visitors at once, and the memory of one."""
    names = ["first heatmap", "first text of a lesson", "first picture of the workbench"]
    seconds: dict[str, list[list[float]]] = {name: [] for name in [*names, "all visitors served"]}
    megabytes = []
    for number in range(rounds):
        taken: dict[str, list[float]] = {name: [] for name in seconds}
        for is_plain in (False, True):
            server = plain_voila(plain, cache) if is_plain else dashboards(cache)
            with server as (address, process):
                page = f"{address}/voila/render/{'page.ipynb' if is_plain else LESSON}"
                all_served(page, 1)  # what a server does once
                wait_until_at_rest(process)
                if not is_plain:
                    megabytes.append(max(kernels_megabytes(process)))
                heatmap = first_heatmap(browser, page)
                paints = [
                    heatmap if is_plain else first_paint(browser, page, PROSE),
                    heatmap
                    if is_plain
                    else first_paint(browser, workbench(address), FIRST_PICTURE),
                ]
                for name, value in zip(names, [heatmap, *paints], strict=True):
                    taken[name].append(value)
                wait_until_at_rest(process)
                taken["all visitors served"].append(all_served(page, visitors))
        for name, pair in taken.items():
            seconds[name].append(pair)
            print(f"{number + 1}: {name} {pair[0]:.2f} s, plain {pair[1]:.2f} s", flush=True)
    return {
        **{f"{name} / plain": ratio(pairs) for name, pairs in seconds.items()},
        "MB of a visitor who does not type": (statistics.median(megabytes), ""),
    }


def measure_typing(
    browser: Browser, rounds: int, bare: Path, cache: Path
) -> dict[str, tuple[float, str]]:
    """Type pairs into the workbench and into the bare figure, and paste a long text."""
    bare_server = ["-c", SERVE_FOLDER, str(bare), "{}"]
    with (
        dashboards(cache) as (address, _),
        served(bare_server, r"dashboards: (http://[^/\s]+)", cache) as (bare_address, _),
    ):
        driver, other = open_workbench(browser, address), browser.new_page()
        other.goto(f"{bare_address}/voila/render/page.ipynb", timeout=180_000)
        other.wait_for_selector(HEATMAP, timeout=180_000)
        cold = long_paste(driver, 0)
        pairs = list(typed_pairs(driver, other, rounds))
        pastes = [long_paste(driver, number) for number in range(1, rounds + 1)]
    return {
        "typed pair / ce.explain and a bare figure": ratio(pairs),
        "seconds to progress of a long paste": (statistics.median(pastes), ""),
        "the same, at once": (cold, ""),
    }


def measure_sharing(browser: Browser, visitors: int, cache: Path) -> dict[str, tuple[float, str]]:
    """Type into fresh pages one after the other, and then into all of them at once."""
    with dashboards(cache) as (address, process):
        drivers = [open_workbench(browser, address) for _ in range(visitors)]
        pairs = [
            (typed(driver, 1000 + number, "horse"), typed(driver, 2000 + number, "sheep"))
            for number, driver in enumerate(drivers)
        ]
        for driver in drivers:
            driver.page.close()
        alone, together = answered(address, visitors, rounds=5)
        megabytes = kernels_megabytes(process)
    one, all_of_them = statistics.median(alone), statistics.median(together)
    return {
        "first own text of a page / a second": ratio(pairs),
        "all visitors answered / one": (
            all_of_them / one,
            f"{all_of_them:.2f} s against {one:.2f} s",
        ),
        "MB of a visitor who types": (max(megabytes), f"of {len(megabytes)}"),
    }


def open_workbench(browser: Browser, address: str) -> WorkbenchDriver:
    """Open a page and wait until its sample is drawn."""
    page = browser.new_page()
    page.goto(workbench(address), timeout=180_000)
    page.wait_for_selector(HEATMAP, timeout=180_000)
    driver = WorkbenchDriver(page)
    driver.live.uncheck()  # what is typed is sent by the button only
    return driver


def new_pair(number: int, word: str) -> tuple[str, str]:
    """Return a query and a document that nobody has typed before."""
    return (
        f"Which animal eats {number} kg of food?",
        f"Every day {number} kg of grass feed the {word}.",
    )


def typed(driver: WorkbenchDriver, number: int, word: str) -> float:
    """Explain a new pair and wait until it is drawn."""
    query, document = new_pair(number, word)
    driver.query.fill(query)
    driver.document.fill(document)
    return seconds_to(driver.page, driver.explain_button.click, DRAWN, word)


def answered(address: str, visitors: int, rounds: int) -> tuple[list[float], list[float]]:
    """Measure how long the server takes to answer one page, and all pages at once.

    The pages have no browser: on the visitors' own computers, browsers do not slow each other down.
    """

    async def measure() -> tuple[list[float], list[float]]:
        numbers = itertools.count(3000)
        kernels = [opened_kernel(address) for _ in range(visitors)]
        async with AsyncExitStack() as stack:
            sockets = [
                await stack.enter_async_context(PageSocket(f"{address}/", kernel))
                for kernel in kernels
            ]
            views = [await connected(socket) for socket in sockets]

            async def ask(page: int) -> float:
                start = time.perf_counter()
                await explain(sockets[page], views[page], *new_pair(next(numbers), "rabbit"))
                return time.perf_counter() - start

            for page in range(visitors):  # the first one of a page takes longer
                await ask(page)
            alone, together = [], []
            for _ in range(rounds):
                alone += [await ask(page) for page in range(visitors)]
                together.append(max(await asyncio.gather(*map(ask, range(visitors)))))
        return alone, together

    with ThreadPoolExecutor(1) as pool:  # playwright has an event loop in this thread
        return pool.submit(asyncio.run, measure()).result()


def opened_kernel(address: str) -> str:
    """Open the workbench without a browser; return the id of its kernel."""
    with urllib.request.urlopen(workbench(address), timeout=180) as answer:
        return kernel_of(answer.read().decode())


async def connected(socket: PageSocket) -> str:
    """Connect as the page does; return the id of the widget to which it sends texts."""
    await socket.answers()
    widgets = json.loads(socket.heard[-1][1])["comms"]
    await socket.send(message("comm_open", READY | {"comm_id": uuid4().hex}))
    for widget in widgets:
        await socket.send(
            message("comm_msg", {"comm_id": widget, "data": {"method": "request_state"}})
        )
    while True:
        state = json.loads(await socket.listen("comm_msg"))
        if "samples" in state["data"].get("state", {}):
            return state["comm_id"]


async def explain(socket: PageSocket, view: str, query: str, document: str) -> None:
    """Send a pair as the page does, and listen until its explanation has come."""
    asked = {"event": "explain", "request": 1, "query": query, "documents": [["typed", document]]}
    custom = {"method": "custom", "content": asked | {"live": False}}
    await socket.send(message("comm_msg", {"comm_id": view, "data": custom}))
    while True:
        content = json.loads(await socket.listen("comm_msg"))
        state = content["data"].get("state", {})
        if content["comm_id"] == view and "result" in state:
            return


def ratio(pairs: Sequence[Sequence[float]]) -> tuple[float, str]:
    """Divide what this package took by what the plain thing took, pair by pair."""
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    median = statistics.median(one / other for one, other in pairs)
    return median, f"{ours:.2f} s against {theirs:.2f} s"


def main() -> None:
    """Print what was measured beside its limits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--part", choices=["pages", "typing", "sharing"], help="measure only this")
    arguments = parser.parse_args()
    results: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        plain, bare, cache = (Path(name) / part for part in ("plain", "bare", "cache"))
        write_notebook(plain / "page.ipynb", PLAIN)
        write_notebook(bare / "page.ipynb", BARE)
        warm_up(cache)
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=FLAGS)
        if arguments.part in (None, "pages"):
            results |= measure_pages(browser, arguments.rounds, arguments.visitors, plain, cache)
        if arguments.part in (None, "typing"):
            results |= measure_typing(browser, arguments.rounds, bare, cache)
        if arguments.part in (None, "sharing"):
            results |= measure_sharing(browser, arguments.visitors, cache)
        browser.close()
    width = max(map(len, LIMITS))
    for name, (value, seconds) in results.items():
        verdict = "ok" if value <= LIMITS[name] else "MISSED"
        print(f"{name:{width}}  {value:8.2f}  limit {LIMITS[name]:6.2f}  {verdict:6}  {seconds}")


if __name__ == "__main__":
    main()
