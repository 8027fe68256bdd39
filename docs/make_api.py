"""Write docs/api.md from the signatures and docstrings of the public names: ``make docs``.

griffe reads the sources and their numpy docstrings without importing them; api.md.j2 is the page.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import griffe
import jinja2

import colbert_explain as ce

DOCS = Path(__file__).parent
PAGE = DOCS / "api.md"

#: Headings by the module that a name comes from, in the order of the page.
HEADINGS = {
    "explanation": "Explanations",
    "encoders": "Encoders",
    "embeddings": "Token embeddings",
    "tokens": "Tokens",
    "similarity": "The arithmetic",
    "views": "Views and files",
    "analysis": "Ranking, contrast, what if, calibration",
    "app": "The workbench",
    "operator_settings": "What a workbench allows",
    "library_settings": "What is kept on disk",
    "samples": "Examples",
}


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return the page as Markdown."""
    package = griffe.load(
        "colbert_explain",
        search_paths=[DOCS.parent],
        docstring_parser="numpy",
        resolve_aliases=True,
    )
    groups: dict[str, list[griffe.Object]] = {home: [] for home in HEADINGS}
    for name in sorted(ce.__all__, key=lambda name: (name[0].isupper(), name)):
        found = package[name]
        item = found.final_target if found.is_alias else found
        groups[ce._HOME_OF[name].split(".")[0]].append(item)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(DOCS),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"prose": prose, "sections": sections, "signature": signature}
    environment.tests["public"] = is_public
    shown = [(HEADINGS[home], items) for home, items in groups.items() if items]
    page = environment.get_template("api.md.j2").render(groups=shown, anchors=anchors(shown))
    return re.sub(r"\n{3,}", "\n\n", page).strip() + "\n"


def anchors(groups: list[tuple[str, list[griffe.Object]]]) -> dict[str, str]:
    """Return where each name stands on a code host, which counts headings that read alike."""
    seen: Counter[str] = Counter()
    found = {}
    for heading, items in groups:
        for name in [heading, *(item.name for item in items)]:
            slug = name.lower().replace(" ", "-")
            found[name] = f"{slug}-{seen[slug]}" if seen[slug] else slug
            seen[slug] += 1
    return found


def is_public(member: griffe.Object) -> bool:
    """Return whether a member of a class is part of the interface and says what it is."""
    if member.is_alias and member.inherited and ".app." in member.target_path:
        return False  # what a widget has from its base is for its page
    said = member.docstring.value if member.docstring else ""
    return not member.name.startswith("_") and bool(said) and not said.startswith("Deprecated")


def prose(text: str) -> str:
    """Turn a docstring's reStructuredText into Markdown on one paragraph's lines."""
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    text = re.sub(r"^\.\. \[(\d+)\] ", r"\1. ", text, flags=re.MULTILINE)
    return re.sub(r"\[(\d+)\]_", r"[\1]", text)


def sections(item: griffe.Object) -> dict[str, list[griffe.DocstringSection]]:
    """Return the parsed parts of a docstring by kind; none if there is no docstring."""
    found: dict[str, list[griffe.DocstringSection]] = {}
    for section in item.docstring.parsed if item.docstring else []:
        found.setdefault(section.kind.value, []).append(section)
    return found


def signature(item: griffe.Object) -> str:
    """Return how a name is written: a call with types, an attribute with its type, a value."""
    if item.is_attribute and item.parent.is_module:
        return f"{item.name} = {item.value}".replace("'", '"')
    if item.is_attribute:
        annotation = str(item.annotation or "").replace("'", '"')
        return f"{item.name}: {annotation}" if annotation else item.name
    shown = (
        item.signature().replace("'", '"')
        or f"class {item.name}({', '.join(map(str, item.bases))})"
    )
    # What is too long for a line gets one line per parameter.
    if len(shown) <= 88:
        return shown
    head, _, rest = shown.partition("(")
    inside, _, result = rest.rpartition(")")
    parts = re.split(r", (?=\*|\w+\s*[:=]|\w+,|\w+$)", inside)
    return f"{head}(\n" + "".join(f"    {part},\n" for part in parts) + f"){result}"


if __name__ == "__main__":
    main()
