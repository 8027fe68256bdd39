"""Take the pictures: thumbnails for the index page, screenshots for README, figures for reading.md.

Run by hand after a change that shows, with the dashboards' own server and a headless Chromium::

    python docs/make_pictures.py            # all of them
    python docs/make_pictures.py reading    # the figures of docs/reading.md
    python docs/make_pictures.py 03 04      # thumbnails of the notebooks whose names begin so

It overwrites ``notebooks/pictures/*.png`` (a light and a dark one for each dashboard) and
``docs/pictures/*.png``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import plotly.graph_objects as go
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

import colbert_explain as ce

ROOT = Path(__file__).parents[1]
THUMBNAILS = ROOT / "notebooks" / "pictures"
SCREENSHOTS = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 960, 600  # of a thumbnail, the shape in which the index page shows it
#: What stands on the card of a notebook, where it is not its first figure.
PICTURED = {
    "05_maxsim_by_hand": ".ce-stepper",
    "08_search_a_collection": ".ce-static:has-text('5 hits')",
    "workbench": ".ce-controls",
}


def main(chosen: list[str]) -> None:
    """Take the chosen pictures, or all."""
    THUMBNAILS.mkdir(parents=True, exist_ok=True)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        if not chosen or "reading" in chosen:
            draw_for_reading(playwright)
        beginnings = tuple(name for name in chosen if name != "reading")
        if not chosen or beginnings:
            photograph_dashboards(playwright, beginnings)


def launch(playwright: Playwright) -> Browser:
    """Start a Chromium without a window."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
    )


def photograph_dashboards(playwright: Playwright, beginnings: tuple[str, ...]) -> None:
    """Serve the notebooks, open each, take its picture; those of README if none was chosen."""
    command = [sys.executable, "-m", "colbert_explain.cli", "dashboard", "--port=0", "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline() if server.stdout else ""
        found = re.search(r"http://\S+", said)
        if found is None:
            raise SystemExit(f"the server printed no address, but {said!r}")
        chromium = launch(playwright)
        for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
            if not notebook.stem.startswith(beginnings or ("",)):
                continue
            for scheme, ending in (("light", ""), ("dark", "_dark")):
                page = chromium.new_page(
                    viewport={"width": WIDTH, "height": 900}, color_scheme=scheme
                )
                open_dashboard(page, f"{found[0]}voila/render/{notebook.name}")
                photograph_first_figure(
                    page,
                    PICTURED.get(notebook.stem, ".js-plotly-plot"),
                    THUMBNAILS / f"{notebook.stem}{ending}.png",
                )
                page.close(run_before_unload=True)
        for width in () if beginnings else (1440, 900):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            open_dashboard(page, f"{found[0]}voila/render/workbench.ipynb")
            page.screenshot(path=SCREENSHOTS / f"workbench_{width}.png", full_page=True)
            page.close()
        if not beginnings:
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            page.goto(found[0])
            page.screenshot(path=SCREENSHOTS / "index.png", full_page=True)
        chromium.close()
    finally:
        server.terminate()
        server.wait()


def photograph_first_figure(page: Page, shown: str, path: Path) -> None:
    """Take the part of a dashboard that begins with the first of what is shown."""
    for _ in range(page.locator(".ce-skip:visible").count()):  # what an answer would reveal
        page.locator(".ce-skip:visible").first.click()
        page.wait_for_timeout(500)
    if shown == ".ce-stepper":  # a step in the middle, with a winner and a sum
        page.locator(shown).first.get_by_role("tab", name="per").click()
        page.mouse.move(0, 0)
    top = page.locator(f"{shown}:visible").first.evaluate(
        "figure => figure.getBoundingClientRect().top + window.scrollY"
    )
    clip = {"x": 0, "y": max(0, top - 8), "width": WIDTH, "height": HEIGHT}
    page.screenshot(path=path, clip=clip, full_page=True)


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


def open_dashboard(page: Page, address: str) -> None:
    """Wait until the page has drawn its figures, and its workbench, if any, has answered."""
    page.goto(address, timeout=180_000)
    page.locator(".js-plotly-plot .gtitle").first.wait_for(timeout=180_000)
    page.wait_for_timeout(5_000)  # a workbench at the end of the page comes last
    page.wait_for_function(
        "() => [...document.querySelectorAll('.ce-status')].every(e => e.textContent === 'Done.')",
        timeout=180_000,
    )
    page.wait_for_timeout(1_500)


if __name__ == "__main__":
    main(sys.argv[1:])
