"""The index page: something to try, a picture, and the notebooks of a folder as lessons."""

import json
import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from colbert_explain.app.web.bundle import bundle
from colbert_explain.views.html.page.scripts import script_code
from colbert_explain.views.theme import css_cosine, css_variables

JUPYTER_DATA = Path(__file__).parent / "share"
#: Pictures beside the notebooks, which their texts may show.
PICTURES = r"pictures/[\w-]+\.(png|jpg|svg)"
#: The only script of the index page.
_SCRIPT, _SCRIPT_SOURCE = script_code(bundle("teaching/index_page.js").script)
INDEX_POLICY = (
    f"default-src 'none'; script-src {_SCRIPT_SOURCE}; style-src 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
#: What the fields of the form hold at first.
EXAMPLE = ("Which river flows through Paris?", "The Seine runs through Paris.")

_TEMPLATES = JUPYTER_DATA / "voila" / "templates" / "colbert_explain"
#: Part of an explanation: `python docs/make_pictures.py index` writes it.
_HEATMAP = Path(__file__).with_name("index_heatmap.json")
#: Where lessons stand that name no group.
_LESSONS, _OTHERS = "Lessons", "More pages"


@dataclass(frozen=True, slots=True)
class Card:
    """What the server knows of a notebook: file name, texts, and what its page needs."""

    name: str
    title: str
    summary: str
    minutes: int | None = None
    glyph: str = ""
    group: str = ""
    has_header: bool = True
    has_first_screen: bool = False
    questions: int = 0

    @property
    def stem(self) -> str:
        """File name without its ending, under which a browser keeps a reader's progress."""
        return Path(self.name).stem

    @property
    def address(self) -> str:
        """Path of the dashboard, below the server's base URL."""
        return f"voila/render/{quote(self.name)}"

    @property
    def lesson(self) -> int | None:
        """Number of the lesson, from the file name; ``None`` if it is not a lesson."""
        found = re.match(r"\d+(?=_)", self.name)
        return int(found[0]) if found else None


@dataclass(frozen=True, slots=True)
class Group:
    """Pages under one heading."""

    title: str
    cards: tuple[Card, ...]

    @property
    def minutes(self) -> int:
        """How long all of them take; 0 if not every one says so."""
        stated = [card.minutes or 0 for card in self.cards]
        return sum(stated) if all(stated) else 0


def read_cards(folder: Path) -> list[Card]:
    """Read what the index page shows of each notebook in a folder.

    The title is the first Markdown heading; ``metadata.colbert_explain`` may give another
    ``title``, a ``summary`` (one sentence), ``minutes``, which otherwise are read from the words
    "About 5 minutes", the ``glyph`` of a lesson and the ``group`` under which it stands.
    ``"header": false`` leaves out the bar above the page, which then is as wide as the window;
    ``"first_screen": true`` shows the workbench's first screen until the page is drawn. Questions
    are the exercises in the code. An unreadable notebook still gives a card: one bad file must not
    break the page.

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
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
        about: dict[str, Any] = dict(notebook["metadata"].get("colbert_explain", {}))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Card(path.name, path.stem, "This file is not a readable notebook.")
    text = "\n".join(source for kind, source in cells if kind == "markdown")
    code = "\n".join(source for kind, source in cells if kind == "code")
    heading = re.search(r"^#+\s+(.+?)\s*#*$", text, re.MULTILINE)
    title = str(about.get("title") or (re.sub(r"[*`]", "", heading[1]) if heading else path.stem))
    return Card(
        path.name,
        title,
        str(about.get("summary", "")),
        _minutes(about.get("minutes"), text),
        str(about.get("glyph", "")),
        str(about.get("group", "")),
        has_header=about.get("header") is not False,
        has_first_screen=about.get("first_screen") is True,
        questions=len(re.findall(r"^[^#\n]*\bExercise\(", code, re.MULTILINE)),
    )


def _minutes(stated: object, text: str) -> int | None:
    if isinstance(stated, int | float) and 0 < stated < 1000:
        return max(1, round(stated))
    found = re.search(r"\bAbout (\d{1,3}) minutes?\b", text)
    return int(found[1]) if found else None


def groups_of(cards: list[Card]) -> list[Group]:
    """Put pages under headings, in their order; the workbench is not among them."""

    def heading(card: Card) -> str:
        return card.group or (_OTHERS if card.lesson is None else _LESSONS)

    pages = [card for card in cards if card.stem != "workbench"]
    return [Group(title, tuple(found)) for title, found in groupby(pages, key=heading)]


def render_index(cards: list[Card], base_url: str = "/") -> str:
    """Return the index page as HTML; texts from notebooks are escaped."""
    return render_page(
        "dashboards.html",
        workbench=next((card for card in cards if card.stem == "workbench"), None),
        groups=groups_of(cards),
        heatmap=_heatmap(),
        example=EXAMPLE,
        base_url=base_url,
        script=_SCRIPT,
    )


@cache
def _heatmap() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_HEATMAP.read_text(encoding="utf-8"))
    colours = [[css_cosine(value) for value in row] for row in read["similarity"]]
    return read | {"colours": colours}


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
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(template).render(theme=Markup(css_variables()), **texts)
