"""How large and how quick the views of a long document are, beside a bare Plotly heatmap.

Encodes the sample article, written in ASCII and repeated to 8,192 tokens, with the bundled
encoder, and prints sizes, times of building, and times of painting, zooming, panning and hovering
in a headless Chromium. Figure and bare heatmap take turns; what is printed are medians, and the
median of each round's ratio::

    python benchmarks/views_speed.py
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from playwright.sync_api import Browser, sync_playwright
from plotly.offline import get_plotlyjs

import colbert_explain as ce
from colbert_explain.views import CONFIG, document_map

QUERY = (
    "How much food does an adult elephant eat every day, and how many hours does it spend "
    "looking for grass, bark, fruit and fresh water in winter"
)
N_QUERY, N_DOCUMENT = 32, 8192

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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each comparison")
    rounds = parser.parse_args().rounds
    x = long_explanation()
    print(f"{N_QUERY} x {N_DOCUMENT} tokens, {len(x.document.text):,} characters of ASCII text\n")
    sizes = {
        "heatmap, JSON": len(ce.heatmap(x).to_json()),
        "document map, JSON": len(document_map(x).to_json()),
        "contribution chart, JSON": len(ce.contribution_chart(x).to_json()),
        "highlighted text, HTML": len(ce.highlight(x)._repr_html_().encode()),
    }
    for name, size in sizes.items():
        print(f"{name:28} {size:10,} bytes")
    print("\nmilliseconds                      bare   heatmap   ratio")
    compare("build", lambda: bare(x), lambda: ce.heatmap(x), rounds)
    compare(
        "build and write JSON", lambda: bare(x).to_json(), lambda: ce.heatmap(x).to_json(), rounds
    )
    for name, make in {
        "document map": lambda: document_map(x),
        "contribution chart": lambda: ce.contribution_chart(x),
        "heatmap of words": lambda: ce.heatmap(x, level="word"),
        "highlighted text": lambda: ce.highlight(x)._repr_html_(),
    }.items():
        print(
            f"build {name:22} {'':8} {statistics.median(timed(make) for _ in range(rounds)):9.1f}"
        )
    in_browser(x, rounds)


def long_explanation() -> ce.Explanation:
    """Explain the sample article, repeated, with exactly the numbers of tokens wanted."""
    (article,) = ce.load_samples("Long document")
    quotes = str.maketrans({"“": '"', "”": '"', "’": "'", "–": "-", "—": "-"})  # noqa: RUF001
    text = unicodedata.normalize("NFKD", article.document.translate(quotes))
    document = "\n\n".join([text.encode("ascii", "ignore").decode()] * 2)
    encoder = ce.load_encoder(document_length=N_DOCUMENT)
    x = ce.explain(QUERY, document, encoder)
    if x.similarity.shape != (N_QUERY, N_DOCUMENT):
        raise SystemExit(f"the texts must make {N_QUERY} x {N_DOCUMENT} tokens, got {x!r}")
    return x


def bare(x: ce.Explanation) -> go.Figure:
    """Draw the same matrix with nothing else."""
    return go.Figure(go.Heatmap(z=x.similarity))


def timed(run: Callable[[], Any]) -> float:
    """Milliseconds that a call takes."""
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def compare(name: str, one: Callable[[], Any], other: Callable[[], Any], rounds: int) -> None:
    """Let two calls take turns and print their medians."""
    one(), other()
    show(name, [(timed(one), timed(other)) for _ in range(rounds)])


def show(name: str, pairs: list[tuple[float, float]]) -> None:
    """Print the medians of two columns and of their ratio."""
    one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{name:28} {one:9.1f} {other:9.1f} {ratio:7.2f}")


def in_browser(x: ce.Explanation, rounds: int) -> None:
    """Draw both in a fresh page each, taking turns."""
    figures = {"bare": bare(x), "heatmap": ce.heatmap(x)}
    height = int(figures["heatmap"].layout.height)
    for figure in figures.values():
        figure.update_layout(autosize=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = {name: write_page(Path(folder), name, figure) for name, figure in figures.items()}
        path = next(p for p in map(shutil.which, ("chromium", "google-chrome")) if p)
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        measured = [
            {name: measure(chromium, page, name, height) for name, page in pages.items()}
            for _ in range(rounds + 1)
        ][1:]  # the first fills caches
        chromium.close()
    for step in ("paint", "zoom", "pan", "hover"):
        show(f"{step} in Chromium", [(m["bare"][step], m["heatmap"][step]) for m in measured])


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


if __name__ == "__main__":
    main()
