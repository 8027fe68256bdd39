"""Take the pictures: screenshots and figures of the documentation, and the index page's heatmap.

Run by hand after a change that shows, with the dashboards' own server and a headless Chromium::

    python docs/make_pictures.py            # all of them
    python docs/make_pictures.py reading    # the figures of docs/reading.md
    python docs/make_pictures.py index      # the numbers that the index page shows

It overwrites ``docs/pictures/*.png`` and ``index_heatmap.json`` of the package ``dashboard``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, urlencode

import plotly.graph_objects as go
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

import colbert_explain as ce

#: Whether the workbench's score is that of the texts in its fields.
ANSWERED = """() => {
  const root = document.querySelector('.ce-workbench-page');
  return root && !root.classList.contains('ce-result-old')
    && document.querySelector('.ce-heatmap-place .heatmaplayer image') !== null;
}"""
ROOT = Path(__file__).parents[1]
SCREENSHOTS = ROOT / "docs" / "pictures"
#: The part of an explanation that the index page shows.
INDEX_QUERY = ("Elephants", "eat", "150", "kg")
INDEX_DOCUMENT = ("elephant", "consumes", "roughly", "150", "kg")
INDEX_HEATMAP = ROOT / "colbert_explain" / "dashboard" / "index_heatmap.json"


def main(chosen: list[str]) -> None:
    """Take the chosen pictures, or all."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    if not chosen or "index" in chosen:
        INDEX_HEATMAP.write_text(json.dumps(index_heatmap()) + "\n", encoding="utf-8")
    with sync_playwright() as playwright:
        if not chosen or "reading" in chosen:
            draw_for_reading(playwright)
        if not chosen or "screenshots" in chosen:
            photograph_dashboards(playwright)


def index_heatmap() -> dict[str, object]:
    """Compute the index page's part of a heatmap, word by word."""
    sample = ce.load_samples("Paraphrased")[0]
    words = ce.explain(sample.query, sample.document).words()
    rows = [[word.text for word in words.query].index(word) for word in INDEX_QUERY]
    columns = [[word.text for word in words.document].index(word) for word in INDEX_DOCUMENT]
    similarity = [[round(float(words.similarity[i, j]), 4) for j in columns] for i in rows]
    return {
        "query": INDEX_QUERY,
        "document": INDEX_DOCUMENT,
        "similarity": similarity,
        "best": [columns.index(int(words.alignment[i])) for i in rows],
    }


def launch(playwright: Playwright) -> Browser:
    """Start a Chromium without a window."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
    )


def photograph_dashboards(playwright: Playwright) -> None:
    """Serve the notebooks and take the pictures of the index page and of the workbench."""
    command = [sys.executable, "-m", "colbert_explain.cli", "dashboard", "--port=0", "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline() if server.stdout else ""
        found = re.search(r"http://\S+", said)
        if found is None:
            raise SystemExit(f"the server printed no address, but {said!r}")
        chromium = launch(playwright)
        for width in (1440, 900):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            open_workbench(page, f"{found[0]}voila/render/workbench.ipynb#{texts_of_samples()}")
            page.screenshot(path=SCREENSHOTS / f"workbench_{width}.png")
            page.close()
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        page.goto(found[0])
        page.screenshot(path=SCREENSHOTS / "index.png", full_page=True)
        chromium.close()
    finally:
        server.terminate()
        server.wait()


def draw_for_reading(playwright: Playwright) -> None:
    """Draw the figures of docs/reading.md; the percentiles are measured if they never were."""
    paraphrase, canteen = ce.load_samples("Paraphrased")[0], ce.load_samples("Unrelated")[1]
    (article,) = ce.load_samples("Long document")
    rivers = ce.rank(
        "Which river flows through Paris?",
        {
            "Seine": "The Seine runs through Paris.",
            "Thames": "The river Thames flows through London.",
        },
    )
    x, y = (ce.explain(sample.query, sample.document) for sample in (paraphrase, canteen))
    figures = {
        "heatmap": ce.heatmap(x),
        "contributions": ce.contribution_chart(x),
        "map": ce.document_map(ce.explain(article.query, article.document)),
        "contrast": ce.contrast_chart(rivers.contrast(0, 1)),
        "percentiles": ce.contribution_chart(y, percentiles=ce.calibrate().of(y)),
    }
    chromium = launch(playwright)
    for name, figure in figures.items():
        photograph_figure(chromium, figure, SCREENSHOTS / f"reading_{name}.png")
    chromium.close()


def photograph_figure(chromium: Browser, figure: go.Figure, path: Path) -> None:
    """Draw a figure in a page of its own, as wide as a column of text."""
    page = chromium.new_page(viewport={"width": 900, "height": 700})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figure.html"
        figure.write_html(file, config={"displayModeBar": False})
        page.goto(file.as_uri())
        page.locator(".main-svg").first.wait_for()
        page.wait_for_timeout(500)
        page.locator(".js-plotly-plot").screenshot(path=path)
    page.close()


def texts_of_samples() -> str:
    """Write a link's fragment with the documents that the samples have for one query."""
    query = ce.load_samples("Paraphrased")[0].query
    short = [s.document for s in ce.load_samples() if s.query == query and len(s.document) < 300]
    documents = [text for text in dict.fromkeys(short) if text != query]
    return urlencode([("q", query), *(("d", text) for text in documents)], quote_via=quote)


def open_workbench(page: Page, address: str) -> None:
    """Wait until the workbench shows the texts of the address."""
    page.goto(address, timeout=180_000)
    page.locator(".ce-rail-row").first.wait_for(timeout=180_000)
    page.wait_for_function(ANSWERED, timeout=180_000)
    page.wait_for_timeout(1_500)


if __name__ == "__main__":
    main(sys.argv[1:])
