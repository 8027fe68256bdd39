"""Soak a dashboard server: ``python -m tests.soak --visitors 10 --visits 100``."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

import colbert_explain as ce
from colbert_explain.dashboard.serve import notebooks_folder
from colbert_explain.dashboard.server.kernels import FORGOTTEN_SECONDS, UNOPENED_SECONDS
from tests import patience
from tests.soak.findings import Findings
from tests.soak.visitors import (
    WAYS_TO_LEAVE,
    Visits,
    dashboard_address,
    neighbours,
    visit,
    visit_in_turn,
)
from tests.soak.watched_server import WatchedServer, watched_server

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def main(arguments: list[str]) -> int:
    """Soak a server, print what was found, return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--visits", type=int, default=100, help="of all visitors in total")
    parser.add_argument("--idle-minutes", type=float, default=1.0, help="of an unconnected kernel")
    parser.add_argument("--cache", type=Path, help="folder of the server, by default a new one")
    parser.add_argument(
        "--rounds-before", type=int, default=3, help="before memory is measured; 0: it is not"
    )
    parser.add_argument(
        "--most-growth", type=float, default=1.0, help="MB of the server's memory for each visit"
    )
    parser.add_argument("--polite", action="store_true", help="nobody leaves early or is rude")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="soak") as folder,
        watched_server(
            Path(folder), options.idle_minutes, options.cache or Path(folder) / "cache"
        ) as server,
    ):
        findings = asyncio.run(soak(server, options))
    faults = findings.faults()
    shown = [findings.table(), *faults, *findings.complaints[:40]]
    sys.stdout.write("\n".join(shown if faults else [*shown, "The server passed."]) + "\n")
    return 1 if faults else 0


async def soak(server: WatchedServer, options: argparse.Namespace) -> Findings:
    """Send the visitors, then look at what they left."""
    notebooks = sorted(path.name for path in notebooks_folder().glob("*.ipynb"))
    ways = WAYS_TO_LEAVE[:-1] if options.polite else WAYS_TO_LEAVE
    limit = max(UNOPENED_SECONDS[0], 60 * options.idle_minutes) * 1.25 + patience.seconds(30)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        before = after = None
        for number in range(options.rounds_before):
            await _round(browser, server, notebooks, options.visitors, number)
        if options.rounds_before:
            server.wait_for_warm_up(limit)
            before = await _memory_at_rest(server, limit)
        visits = Visits()
        turns = iter(range(options.visits))
        watching = asyncio.create_task(_watch(server))
        await asyncio.gather(
            *(
                visit_in_turn(browser, server.url, notebooks, turns, visits, ways)
                for _ in range(options.visitors)
            )
        )
        watching.cancel()
        most = await watching
        seconds = server.wait_for_kernels_to_end(limit)
        kernels_left = server.kernels()
        if options.rounds_before:
            after = await _memory_at_rest(server, limit)
        alone, beside = [], []
        if not options.polite:
            (article,) = ce.load_samples("Long document")
            workbench = f"{server.url}voila/render/workbench.ipynb"
            # The server has read the samples.
            long_text = f"A story of elephants. {article.document}"
            alone, beside = await neighbours(browser, workbench, long_text)
        await browser.close()
    return Findings(
        visits=len(visits.opened) + visits.left_early,
        failures=visits.failures,
        left_early=visits.left_early,
        seconds_to_open=visits.opened,
        seconds_to_explain=visits.explained,
        most_kernels=most[0],
        most_memory=most[1],
        kernels_left=kernels_left,
        seconds_to_end=seconds,
        memory_before=before,
        memory_after=after,
        most_growth=options.most_growth,
        complaints=server.complaints(),
        alone=alone,
        beside_a_long_text=beside,
    )


async def _round(
    browser: Browser, server: WatchedServer, notebooks: list[str], visitors: int, turn: int
) -> None:
    """Let every visitor visit one dashboard.

    What a server imports once is there afterwards; after some rounds its memory has the holes
    that it will always have.
    """

    async def first_visit(number: int) -> None:
        dashboard = dashboard_address(server.url, notebooks, number + turn)
        await visit(await browser.new_page(), server.url, dashboard, "close", Visits())

    await asyncio.gather(*(first_visit(number) for number in range(visitors)))
    await asyncio.sleep(1)


async def _memory_at_rest(server: WatchedServer, limit: float) -> float:
    """Measure memory when no kernel is left and the last visitor is forgotten."""
    server.wait_for_kernels_to_end(limit)
    await asyncio.sleep(FORGOTTEN_SECONDS + 3)
    return server.memory()


async def _watch(server: WatchedServer) -> tuple[int, float]:
    kernels, memory = 0, 0.0
    try:
        while True:
            found = await asyncio.to_thread(lambda: (server.kernels(), server.memory()))
            kernels, memory = max(kernels, found[0]), max(memory, found[1])
            await asyncio.sleep(2)
    except asyncio.CancelledError:
        return kernels, memory


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
