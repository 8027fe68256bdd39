"""Time a typed query in the page that searches, compared with `Collection.search` alone.

The collection lies on disk. Its documents of about 200 tokens are made from the words of the
samples; only a part of them is encoded, and each of those is stored under many ids, because a
search costs the same. Both ways search for the same queries in turns, each query once. Then the
private memory (USS) of the page's Python is compared with that of a page whose collection is a
tenth as large. Needs what the tests in a browser need: a Chromium and playwright.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.collection_speed import WORDS
from benchmarks.dashboard_speed import served, write_notebook
from colbert_explain import Collection, TokenEmbeddings, load_encoder
from colbert_explain.embeddings import Encoder, Progress
from tests.browser.conftest import FLAGS, SERVE_FOLDER, find_chromium

#: Words of a text, which become about 200 tokens; texts that are encoded.
N_WORDS, ENCODED = 143, 250
LIMITS = {"typed query / search alone": 1.3, "memory / of a tenth": 1.1}
#: The hits of a query are listed when the first one is a copy of this text.
LISTED = """name => document.querySelector('.ce-hit-name')?.textContent.startsWith(name)"""
#: The picture of the first hit is drawn after them.
AT_REST = """() => !document.querySelector('.ce-result-old')"""


class Repeated:
    """An encoder that encodes a text once, whatever number of copy stands behind it."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, TokenEmbeddings]()
        self.name, self.dim, self.document_length = encoder.name, encoder.dim, 512
        self.embed_query = encoder.embed_query

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Look a text up, or encode it."""
        if text not in self._known:
            self._known[text] = self._encoder.embed_document(text)
        return replace(self._known[text])


def texts() -> list[str]:
    """Make the texts that are encoded, the same in every run; each begins with its number."""
    rng = np.random.default_rng(0)
    return [f"t{i} {' '.join(rng.choice(WORDS, N_WORDS))}" for i in range(ENCODED)]


def build(n: int, folder: Path, encoder: Encoder) -> Collection:
    """Build a collection of so many documents in a folder."""
    made = texts()
    copies = ((f"{i % ENCODED}-{i // ENCODED}", made[i % ENCODED]) for i in range(n))
    return Collection.build(copies, encoder, folder, progress=lambda *_: None)


def queries(rounds: int) -> Iterator[tuple[str, str]]:
    """Make queries of ten words of one text, with the beginning of the ids of its copies."""
    for number in range(rounds):
        words = texts()[number].split()
        yield " ".join(words[:10]), f"{number}-"


def ask(page: Page, query: str, first: str) -> float:
    """Type a query and wait until its hits are listed."""
    field = page.get_by_role("textbox", name="Query")
    field.fill(query)
    start = time.perf_counter()
    field.press("Enter")
    page.wait_for_function(LISTED, arg=first, timeout=120_000, polling=10)
    return time.perf_counter() - start


def kernel_megabytes(server: int) -> float:
    """Measure the private memory of the largest kernel of a server."""
    children = psutil.Process(server).children(recursive=True)
    kernels = [one for one in children if "ipykernel" in " ".join(one.cmdline())]
    return max(one.memory_full_info().uss for one in kernels) / 1e6


def measure(
    browser: Browser, folder: Path, collection: Collection | None, rounds: int, cache: Path
) -> tuple[list[tuple[float, float]], float]:
    """Search in turns in a page and, if given, in a collection; return times and memory."""
    notebooks = folder.parent / f"notebooks-{folder.name}"
    write_notebook(
        notebooks / "page.ipynb", f"import colbert_explain as ce\nce.SearchPage({str(folder)!r})"
    )
    command = ["-c", SERVE_FOLDER, str(notebooks), "{}"]
    pairs = []
    with served(command, r"dashboards: (http://[^/\s]+)", cache) as (address, process):
        page = browser.new_page()
        page.goto(f"{address}/voila/render/page.ipynb", timeout=180_000)
        page.get_by_text(re.compile("documents, all scored|Type a query")).first.wait_for(
            timeout=300_000
        )
        for number, (query, first) in enumerate(queries(rounds + 2)):
            in_page = ask(page, query, first)
            page.wait_for_function(AT_REST, timeout=120_000)  # it must not slow the other down
            start = time.perf_counter()
            if collection is not None:
                collection.search(query)
            if number >= 2:  # the first reads the folder and checks its digests
                pairs.append((in_page, time.perf_counter() - start))
        megabytes = kernel_megabytes(process)
        page.close()
    return pairs, megabytes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5_000, help="600 kB each on disk")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, help="where to build; by default a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name, sync_playwright() as playwright:
        place, encoder = Path(name), load_encoder()
        repeated = Repeated(encoder)
        large = build(options.documents, place / "large", repeated)
        build(options.documents // 10, place / "small", repeated).close()
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=FLAGS)
        pairs, memory = measure(browser, place / "large", large, options.rounds, place / "cache")
        _, of_small = measure(browser, place / "small", None, options.rounds, place / "cache")
        browser.close()
    ratio = statistics.median(page / alone for page, alone in pairs)
    in_page, alone = (statistics.median(side) for side in zip(*pairs, strict=True))
    show("typed query / search alone", ratio, f"{in_page:.3f} s against {alone:.3f} s")
    show("memory / of a tenth", memory / of_small, f"{memory:.0f} MB against {of_small:.0f} MB")


def show(name: str, value: float, details: str) -> None:
    """Print a ratio beside its limit."""
    verdict = "ok" if value <= LIMITS[name] else "MISSED"
    print(f"{name:28} {value:6.2f}  limit {LIMITS[name]:.2f}  {verdict:6}  {details}", flush=True)


if __name__ == "__main__":
    main()
