"""A real browser, our server, and a network that swallows every request to another machine."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests import patience
from tests.browser.isolation import open_isolated_context
from tests.browser.shared import Shared
from tests.browser.workbench_driver import WorkbenchDriver, opened_workbench
from tests.processes import address_of_dashboards, end

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",  # containers and continuous integration run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A second fence below the black hole, for what the browser asks on its own account.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
SERVE_FOLDER = """
import json, pathlib, sys
from colbert_explain.dashboard.serve import serve
options = json.loads(sys.argv[2])
serve(**{"port": 0} | options, open_browser=False, notebooks=pathlib.Path(sys.argv[1]))
"""
#: Whether a test has failed, in whatever phase.
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    failed = item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    shared = getattr(item, "funcargs", {}).get("shared")
    if failed and shared is not None and report.when == "teardown":
        shared.abandon()  # the next test finds nothing of this one
    return report


@dataclass(frozen=True)
class Dashboards:
    """A running server: its address, its process, and the file it writes to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def page(self, notebook: str) -> str:
        return f"{self.url}voila/render/{notebook}.ipynb"


@contextmanager
def running_dashboards(
    notebooks: Path | None, log: Path, **options: object
) -> Iterator[Dashboards]:
    dashboard = ["-m", "colbert_explain.cli", "dashboard", "--port=0", "--no-browser"]
    folder = ["-c", SERVE_FOLDER, str(notebooks), json.dumps(options)]
    command = folder if notebooks else dashboard
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=output, stderr=output, cwd=log.parent
        )
    try:
        yield Dashboards(address_of_dashboards(process, log), process, log)
    finally:
        end(process)


@pytest.fixture(scope="session")
def serve_dashboards(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[Dashboards]]:
    """Start a server for a folder of notebooks: ``with serve_dashboards(folder) as dashboards``.

    Further arguments are those of ``serve``.
    """

    def start(
        notebooks: Path | None = None, **options: object
    ) -> AbstractContextManager[Dashboards]:
        log = tmp_path_factory.mktemp("server") / "log.txt"
        return running_dashboards(notebooks, log, **options)

    return start


@pytest.fixture(scope="session")
def dashboards(serve_dashboards: Callable[..., AbstractContextManager[Dashboards]]) -> Iterator:
    """The notebooks of the package, served on a free port until the end of the run."""
    with serve_dashboards() as running:
        yield running


@pytest.fixture(scope="session")
def served_folder(
    serve_dashboards: Callable[..., AbstractContextManager[Dashboards]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, Dashboards]]:
    folder = tmp_path_factory.mktemp("notebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_SPARE_KERNEL", "0")  # a test counts the kernels
        with serve_dashboards(folder) as running:
            yield folder, running


@pytest.fixture
def serve_cells(
    served_folder: tuple[Path, Dashboards], request: pytest.FixtureRequest
) -> Callable[..., str]:
    """Write a notebook with these code cells, and return the address of its page."""
    folder, running = served_folder

    def write(*sources: str) -> str:
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        name = request.node.originalname
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
        return running.page(name)

    return write


def find_chromium(playwright: Playwright) -> str:
    for name in SYSTEM_BROWSERS:
        if path := shutil.which(name):
            return path
    if Path(own := playwright.chromium.executable_path).is_file():
        return own
    # A failure and not a skip: a run without a browser has not tested the pages.
    pytest.fail(f"browser tests need one of {', '.join(SYSTEM_BROWSERS)} on PATH: run `make test`")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        expect.set_options(timeout=patience.milliseconds())
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    """What tests of a file share, opened anew after one that failed; closed after the last."""
    kept = Shared()
    yield kept
    kept.close()


@pytest.fixture
def bench(shared: Shared, browser: Browser, dashboards: Dashboards) -> Iterator[WorkbenchDriver]:
    """One workbench for all tests of a file, which so is also shown to live on."""
    address = dashboards.page("workbench")
    driver = shared.get("bench", lambda: opened_workbench(browser, address))
    yield driver
    assert driver.complaints() == []


@pytest.fixture
def black_hole() -> list[str]:
    """Addresses on other machines that the pages of this test asked for; none was ever answered."""
    return []


@pytest.fixture
def new_context(browser: Browser, black_hole: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser context with the black hole and any options of ``Browser.new_context``."""
    contexts: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        contexts.append(open_isolated_context(browser, black_hole, **options))
        return contexts[-1]

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Return a function that lists serious and critical accessibility violations of a page."""
    checker = Axe()

    def violations(page: Page) -> list[str]:
        found = checker.run(page).response["violations"]
        return [
            f"{violation['id']}: {violation['help']} at {node['target']}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]

    return violations
