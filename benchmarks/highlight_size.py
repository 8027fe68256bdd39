"""How large the highlighted text of a long document is, and how smoothly it scrolls.

Draws 32 query tokens against 8,192 tokens of English (the sample article, repeated, with the
bundled encoder) in both directions, and prints the size of the HTML and of its style rules, the
time of building, and in a headless Chromium, with everything unfolded: the time to lay out, the
longest frame while scrolling from top to bottom, and the median time from pointing at a word to
its partners being lit::

    python benchmarks/highlight_size.py
"""

from __future__ import annotations

import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from views_speed import long_explanation

import colbert_explain as ce

LIMIT = 1_500_000  # bytes of HTML
#: Runs in the page: opens everything, scrolls by a screen a frame, focuses words.
MEASURE = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame((t) => done(t)));
  const root = document.documentElement;
  let start = performance.now();
  document.querySelector('.ce-all input')?.click();
  root.getBoundingClientRect();
  await frame(); await frame();
  const unfold = performance.now() - start;
  const frames = [];
  let last = await frame();
  for (let y = 0; y < root.scrollHeight; y += 300) {
    scrollTo(0, y);
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  const lit = [];
  for (const word of document.querySelectorAll('.ce-query [tabindex]')) {
    start = performance.now();
    word.focus({preventScroll: true});
    getComputedStyle(word).outlineStyle;
    root.getBoundingClientRect();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    lit.push(performance.now() - start);
  }
  const sorted = (list) => list.sort((a, b) => a - b);
  const [s, l] = [sorted(frames), sorted(lit)];
  return {elements: document.querySelectorAll('.ce-highlight *').length, unfold,
          scroll_median: s[s.length >> 1], scroll_95: s[Math.floor(.95 * s.length)],
          scroll_longest: s.at(-1), light_median: l[l.length >> 1]};
}"""


def main() -> None:
    """Measure and print; fail if the HTML is too large."""
    x = long_explanation()
    print(f"{len(x.query)} x {len(x.document)} tokens, {len(x.document.text):,} characters")
    too_large = False
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = next(p for p in map(shutil.which, ("chromium", "google-chrome")) if p)
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        for direction in ("query_to_document", "document_to_query"):
            shown = ce.highlight(x, direction=direction)
            times = []
            for _ in range(5):
                start = time.perf_counter()
                html = shown._repr_html_()
                times.append(1000 * (time.perf_counter() - start))
            size = len(html.encode())
            rules = sum(len(part) for part in re.findall(r"<style>.*?</style>", html, re.DOTALL))
            too_large |= size > LIMIT
            print(f"\n{direction}: {size:,} bytes of HTML, {rules:,} of them style rules")
            print(f"  {'build':16} {statistics.median(times):8.1f} ms")
            file = Path(folder) / f"{direction}.html"
            file.write_text(f"<!doctype html><meta charset=utf-8>{html}", encoding="utf-8")
            for name, value in measure(chromium, file).items():
                print(f"  {name:16} {value:8.1f}{'' if name == 'elements' else ' ms'}")
        chromium.close()
    if too_large:
        raise SystemExit(f"the HTML must be at most {LIMIT:,} bytes")


def measure(chromium: Browser, file: Path) -> dict[str, float]:
    """Unfold, scroll and light up words in a fresh page."""
    page = chromium.new_page(viewport={"width": 1100, "height": 900})
    page.goto(file.as_uri())
    times: dict[str, float] = page.evaluate(MEASURE)
    page.close()
    return times


if __name__ == "__main__":
    main()
