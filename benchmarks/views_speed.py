"""How large and how quick the views of a long document are, each beside its limit.

Encodes the sample article, written in ASCII and repeated to 8,192 tokens, with the bundled
encoder, and prints sizes, times of building, and times of painting, zooming, panning, hovering
and scrolling in a headless Chromium. What is compared takes turns; what is printed are medians,
and the median of each round's ratio. Fails if a limit is passed::

    python -m benchmarks views_speed
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from playwright.sync_api import Browser, sync_playwright

import colbert_explain as ce
from benchmarks import heatmap_in_browser, highlight_in_browser
from benchmarks.long_explanation import N_DOCUMENT, N_QUERY, QUERY, long_explanation
from colbert_explain.views import document_map
from tests.browser.conftest import find_chromium

HEATMAP_BYTES, HIGHLIGHT_BYTES, PAGE_BYTES = 2_500_000, 1_500_000, 9_500_000
#: Building may take so many times as long as a bare heatmap, and so many milliseconds more.
BUILD_TIMES, BUILD_MORE = 3.0, 50.0
#: As many times as long as a bare heatmap takes in the browser, and as encoding alone takes.
BROWSER_TIMES, RANK_TIMES = 1.5, 1.1
#: Milliseconds of a frame while scrolling, 95 of 100 of them: slower than 30 a second is jank.
SCROLL_FRAME = 34.0
#: Texts that are ranked, and words of each.
N_RANKED, WORDS = 24, 120


class Report:
    """Prints each figure with its limit, and keeps what passed it."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def line(self, name: str, value: float, unit: str, limit: float | None = None) -> None:
        """Print a figure; with a limit, whether it is kept."""
        shown = f"{value:,.0f}" if unit == "bytes" else f"{value:,.2f}"
        verdict = ""
        if limit is not None:
            kept = value <= limit
            verdict = f"  at most {limit:,g}: {'yes' if kept else 'NO'}"
            if not kept:
                self.failed.append(name)
        print(f"{name:48} {shown:>10} {unit:6}{verdict}", flush=True)


def main() -> None:
    """Measure and print; fail if a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each comparison")
    rounds, report = parser.parse_args().rounds, Report()
    x = long_explanation()
    print(f"{N_QUERY} x {N_DOCUMENT} tokens, {len(x.document.text):,} characters of ASCII text\n")
    sizes(report, x)
    building(report, x, rounds)
    ranking(report, x, rounds)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=["--no-sandbox", "--disable-gpu"]
        )
        heatmaps(report, chromium, x, rounds)
        highlighted(report, chromium, x)
        chromium.close()
    if report.failed:
        raise SystemExit(f"\nlimits passed: {', '.join(report.failed)}")


def sizes(report: Report, x: ce.Explanation) -> None:
    """Print how many bytes each view takes."""
    report.line("heatmap, JSON", len(ce.heatmap(x).to_json()), "bytes", HEATMAP_BYTES)
    report.line("document map, JSON", len(document_map(x).to_json()), "bytes")
    report.line("contribution chart, JSON", len(ce.contribution_chart(x).to_json()), "bytes")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        ce.write_html(x, path)
        report.line("write_html, one page", path.stat().st_size, "bytes", PAGE_BYTES)


def building(report: Report, x: ce.Explanation, rounds: int) -> None:
    """Print the processor's time to build each view, which no other program lengthens."""
    pairs = turns(lambda: bare(x), lambda: ce.heatmap(x), rounds, time.process_time)
    bare_time, time_taken = medians(pairs)
    report.line("build a bare heatmap", bare_time, "ms")
    report.line(
        "build the heatmap", time_taken, "ms", round(BUILD_TIMES * bare_time + BUILD_MORE, 1)
    )
    for name, make in {
        "document map": lambda: document_map(x),
        "contribution chart": lambda: ce.contribution_chart(x),
        "heatmap of words": lambda: ce.heatmap(x, level="word"),
        "highlighted text": lambda: ce.highlight(x)._repr_html_(),
    }.items():
        times = [timed(make, time.process_time) for _ in range(rounds)]
        report.line(f"build {name}", statistics.median(times), "ms")


def ranking(report: Report, x: ce.Explanation, rounds: int) -> None:
    """Print how much longer `rank` takes than encoding the same texts."""
    words = x.document.text.split()
    texts = [" ".join(words[i * WORDS : (i + 1) * WORDS]) for i in range(N_RANKED)]
    encoder = ce.load_encoder()

    def encode() -> None:
        encoder.embed_query(QUERY)
        for text in texts:
            encoder.embed_document(text)

    pairs = turns(encode, lambda: ce.rank(QUERY, texts, encoder), rounds)
    report.line(f"encode a query and {N_RANKED} documents", medians(pairs)[0], "ms")
    report.line("rank them, to encoding", ratio(pairs), "times", RANK_TIMES)


def heatmaps(report: Report, chromium: Browser, x: ce.Explanation, rounds: int) -> None:
    """Print what the heatmap takes in the browser beside a bare one."""
    figures = {"bare": bare(x), "heatmap": ce.heatmap(x)}
    measured = heatmap_in_browser.in_browser(chromium, figures, rounds)
    for step in heatmap_in_browser.STEPS:
        pairs = [(found["bare"][step], found["heatmap"][step]) for found in measured]
        report.line(f"{step} a bare heatmap", medians(pairs)[0], "ms")
        report.line(f"{step} the heatmap, to bare", ratio(pairs), "times", BROWSER_TIMES)


def highlighted(report: Report, chromium: Browser, x: ce.Explanation) -> None:
    """Print how large highlighted text is, and how smoothly it scrolls, in both directions."""
    for direction in ("query_to_document", "document_to_query"):
        html = ce.highlight(x, direction=direction)._repr_html_()
        name = f"highlight, {direction.replace('_', ' ')}"
        report.line(f"{name}, HTML", len(html.encode()), "bytes", HIGHLIGHT_BYTES)
        found = highlight_in_browser.in_browser(chromium, html)
        report.line(f"{name}, elements", found.pop("elements"), "")
        for step, value in found.items():
            limit = SCROLL_FRAME if step == "scroll_95" else None
            report.line(f"{name}, {step.replace('_', ' ')}", value, "ms", limit)


def bare(x: ce.Explanation) -> go.Figure:
    """Draw the same matrix with nothing else."""
    return go.Figure(go.Heatmap(z=x.similarity))


def timed(run: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds that a call takes."""
    start = clock()
    run()
    return 1000 * (clock() - start)


def turns(
    one: Callable[[], Any],
    other: Callable[[], Any],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> list[tuple[float, ...]]:
    """Let two calls take turns, once for nothing; milliseconds of both in each round."""
    one(), other()
    return [(timed(one, clock), timed(other, clock)) for _ in range(rounds)]


def medians(pairs: list[tuple[float, ...]]) -> list[float]:
    """Median of each of two columns."""
    return [statistics.median(column) for column in zip(*pairs, strict=True)]


def ratio(pairs: list[tuple[float, ...]]) -> float:
    """Median over rounds of how much longer the second took."""
    return statistics.median(other / one for one, other in pairs)


if __name__ == "__main__":
    main()
