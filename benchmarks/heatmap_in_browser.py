"""Time to paint, zoom, pan and hover figures of one matrix in a headless Chromium."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import plotly.graph_objects as go
from playwright.sync_api import Browser
from plotly.offline import get_plotlyjs

from colbert_explain.views.charts.style import CONFIG

STEPS = ("paint", "zoom", "pan", "hover")
#: Runs in the page: draws a figure, then zooms, pans and hovers; milliseconds of each.
MEASURE = """async ([name, height]) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const painted = async () => { await frame(); await frame(); };
  const middle = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const text = document.getElementById(name).textContent;
  const place = document.getElementById('place');
  const times = {};
  let start = performance.now();
  const figure = JSON.parse(text);
  figure.layout.height = height;
  await Plotly.newPlot(place, figure.data, figure.layout, figure.config);
  await painted();
  times.paint = performance.now() - start;
  const move = async (ranges) => {
    const taken = [];
    for (const range of ranges) {
      start = performance.now();
      await Plotly.relayout(place, {'xaxis.range': range});
      await painted();
      taken.push(performance.now() - start);
    }
    return middle(taken);
  };
  times.zoom = await move([[99.5, 299.5], [3999.5, 4049.5], [1999.5, 5999.5], [-0.5, 8191.5],
                           [6999.5, 7099.5]]);
  times.pan = await move([...Array(8).keys()].map((k) => [k * 7 + 4999.5, k * 7 + 5119.5]));
  times.hover = 0;
  const taken = [], drag = place.querySelector('.nsewdrag'), box = drag.getBoundingClientRect();
  for (let k = 0; k < 12; k++) {
    await new Promise((done) => setTimeout(done, 120)); // Plotly answers 20 times a second at most
    const shown = new Promise((done) => place.once('plotly_hover', done));
    const where = {clientX: box.left + box.width * (k + 1.5) / 14,
                   clientY: box.top + box.height * ((k * 5) % 12 + 0.5) / 12, bubbles: true};
    start = performance.now();
    drag.dispatchEvent(new MouseEvent('mousemove', where));
    await shown;
    taken.push(performance.now() - start);
  }
  times.hover = middle(taken);
  return times;
}"""


def in_browser(
    chromium: Browser, figures: dict[str, go.Figure], rounds: int
) -> list[dict[str, dict[str, float]]]:
    """Draw figures in a fresh page each, taking turns.

    Returns
    -------
    list of dict
        For each round and figure the milliseconds of each of `STEPS`.
    """
    height = max(int(figure.layout.height or 0) for figure in figures.values())
    for figure in figures.values():
        figure.update_layout(autosize=True)
    with tempfile.TemporaryDirectory() as folder:
        pages = {name: write_page(Path(folder), name, figure) for name, figure in figures.items()}
        return [
            {name: measure(chromium, page, name, height) for name, page in pages.items()}
            for _ in range(rounds + 1)
        ][1:]  # the first fills caches


def write_page(folder: Path, name: str, figure: go.Figure) -> str:
    """Write a page that holds Plotly and a figure, and draws nothing yet; return its address."""
    plot = f'{figure.to_json().removesuffix("}")}, "config": {json.dumps(CONFIG)}}}'
    path = folder / f"{name}.html"
    path.write_text(
        f"<!doctype html><meta charset=utf-8><script>{get_plotlyjs()}</script>"
        f'<script type="application/json" id="{name}">{plot}</script><div id="place"></div>',
        encoding="utf-8",
    )
    return path.as_uri()


def measure(chromium: Browser, address: str, name: str, height: int) -> dict[str, float]:
    """Draw, zoom, pan and hover in a fresh page."""
    page = chromium.new_page(viewport={"width": 1100, "height": 1200})
    page.goto(address)
    times: dict[str, float] = page.evaluate(MEASURE, [name, height])
    page.close()
    return times
