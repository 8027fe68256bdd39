"""Take the pictures of the dashboards: thumbnails for the index page, screenshots for README.

Run by hand after a change that shows, with the dashboards' own server and a headless Chromium::

    python docs/make_pictures.py

It overwrites ``notebooks/pictures/*.png`` and ``docs/pictures/*.png``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
THUMBNAILS = ROOT / "notebooks" / "pictures"
SCREENSHOTS = ROOT / "docs" / "pictures"
THUMBNAIL = {"width": 960, "height": 900}


def main() -> None:
    """Serve the notebooks, open each, take its pictures."""
    THUMBNAILS.mkdir(parents=True, exist_ok=True)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "colbert_explain.cli", "dashboard", "--port=0", "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found is not None, "the server printed no address"
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
                page = chromium.new_page(viewport=THUMBNAIL)
                open_dashboard(page, f"{found[0]}voila/render/{notebook.name}")
                figure = page.locator(".js-plotly-plot").first
                figure.screenshot(path=THUMBNAILS / f"{notebook.stem}.png")
                page.close()
            for width in (1440, 900):
                page = chromium.new_page(viewport={"width": width, "height": 900})
                open_dashboard(page, f"{found[0]}voila/render/workbench.ipynb")
                page.screenshot(path=SCREENSHOTS / f"workbench_{width}.png", full_page=True)
                page.close()
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            page.goto(found[0])
            page.screenshot(path=SCREENSHOTS / "index.png", full_page=True)
            chromium.close()
    finally:
        server.terminate()
        server.wait()


def open_dashboard(page: Page, address: str) -> None:
    """Wait until the workbench at the end of the page has drawn its explanation."""
    page.goto(address)
    page.wait_for_function(
        "() => document.querySelector('.ce-status')?.textContent === 'Done.'", timeout=180_000
    )
    page.locator(".js-plotly-plot .heatmaplayer image").last.wait_for(timeout=60_000)
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
