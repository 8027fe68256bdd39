"""Time to unfold, scroll and light up highlighted text in a headless Chromium."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser

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


def in_browser(chromium: Browser, html: str) -> dict[str, float]:
    """Unfold, scroll and light up words in a fresh page; milliseconds, and a number of elements."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "highlight.html"
        path.write_text(f"<!doctype html><meta charset=utf-8>{html}", encoding="utf-8")
        page = chromium.new_page(viewport={"width": 1100, "height": 900})
        page.goto(path.as_uri())
        found: dict[str, float] = page.evaluate(MEASURE)
        page.close()
    return found
