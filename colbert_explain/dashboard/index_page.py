"""The index page: one card per notebook of a folder, read from the notebooks themselves."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

JUPYTER_DATA = Path(__file__).parent / "share"
PICTURES = r"pictures/[\w-]+\.(png|jpg|svg)"

_TEMPLATES = JUPYTER_DATA / "voila" / "templates" / "colbert_explain"


@dataclass(frozen=True, slots=True)
class Card:
    """What the index page shows of one notebook: file name, texts, and addresses on the server."""

    name: str
    title: str
    summary: str
    picture: str | None
    minutes: int | None = None
    dark_picture: str | None = None

    @property
    def address(self) -> str:
        """Path of the dashboard, below the server's base URL."""
        return f"voila/render/{quote(self.name)}"

    @property
    def lesson(self) -> int | None:
        """Number of the lesson, from the file name; ``None`` if it is not a lesson."""
        found = re.match(r"\d+(?=_)", self.name)
        return int(found[0]) if found else None


def read_cards(folder: Path) -> list[Card]:
    """Read what the index page shows of each notebook in a folder.

    The title is the first Markdown heading; ``metadata.colbert_explain`` may add a ``summary``
    (one sentence), a ``picture`` (a file under ``pictures/``; one whose name ends in
    ``_dark`` beside it is shown on a dark page) and ``minutes``, which otherwise are read from the
    words "Takes 5 minutes". A missing picture or an unreadable notebook still gives a card: one bad
    file must not break the page.

    Parameters
    ----------
    folder
        Folder with ``.ipynb`` files; its subfolders are not read.

    Returns
    -------
    list of Card
        The workbench first, then by file name.
    """
    paths = sorted(folder.glob("*.ipynb"), key=lambda path: (path.stem != "workbench", path.name))
    return [_read_card(path) for path in paths]


def _read_card(path: Path) -> Card:
    try:
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        markdown = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
        about: dict[str, Any] = dict(notebook["metadata"].get("colbert_explain", {}))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Card(path.name, path.stem, "This file is not a readable notebook.", None)
    text = "\n".join(markdown)
    heading = re.search(r"^#+\s+(.+?)\s*#*$", text, re.MULTILINE)
    title = re.sub(r"[*`]", "", heading[1]) if heading else path.stem
    picture = str(about.get("picture", ""))
    return Card(
        path.name,
        title,
        str(about.get("summary", "")),
        _address(path.parent, picture),
        _minutes(about.get("minutes"), text),
        _address(path.parent, re.sub(r"\.(?=\w+$)", "_dark.", picture)),
    )


def _address(folder: Path, picture: str) -> str | None:
    shown = re.fullmatch(PICTURES, picture) and (folder / picture).is_file()
    return f"voila/files/{quote(picture)}" if shown else None


def _minutes(stated: object, text: str) -> int | None:
    if isinstance(stated, int | float) and 0 < stated < 1000:
        return max(1, round(stated))
    found = re.search(r"\bTakes (?:about )?(\d{1,3}) minutes?\b", text)
    return int(found[1]) if found else None


def render_index(cards: list[Card], base_url: str = "/") -> str:
    """Return the index page as HTML; texts from notebooks are escaped."""
    return render_page("dashboards.html", cards=cards, base_url=base_url)


def render_error(status: int, name: str, sentence: str | None, base_url: str = "/") -> str:
    """Return the page for a request that failed.

    Parameters
    ----------
    status, name
        Of the answer, such as 404 and "Not Found".
    sentence
        Message for the visitor; by default a general one about the status.
    base_url
        Path prefix of every page.
    """
    texts = {"status": status, "name": name, "sentence": sentence, "base_url": base_url}
    return render_page("error.html", **texts)


def render_page(template: str, **texts: Any) -> str:
    """Return one of the server's own pages; all texts are escaped."""
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(template).render(**texts)
