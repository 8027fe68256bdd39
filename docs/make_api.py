"""Write docs/api.md from the signatures and docstrings of the public names: ``make docs``.

griffe reads the sources and their numpy docstrings without importing them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import griffe

import colbert_explain as ce

PAGE = Path(__file__).parent / "api.md"
#: Headings by the module that a name comes from, in the order of the page.
HEADINGS = {
    "explanation": "Explanations",
    "encoders": "Encoders",
    "embeddings": "Token embeddings",
    "tokens": "Tokens",
    "similarity": "The arithmetic",
    "views": "Views and files",
    "analysis": "Ranking, contrast, what if, calibration",
    "search": "Collections",
    "evaluation": "Measures and audits",
    "app": "The workbench",
    "operator_settings": "What a workbench allows",
    "library_settings": "What is kept on disk",
    "samples": "Examples",
}


def page() -> Iterator[str]:
    """Yield the page, block by block of Markdown."""
    package = griffe.load(
        "colbert_explain", search_paths=[PAGE.parents[1]], docstring_parser="numpy"
    )
    groups: dict[str, list[griffe.Object]] = {home: [] for home in HEADINGS}
    for name in sorted(ce.__all__, key=lambda name: (name[0].isupper(), name)):
        item = package[name].final_target
        groups[ce._HOME_OF[name].split(".")[0]].append(item)
    yield "# API"
    yield "Every public name of `colbert_explain`. `make docs` writes this page; do not edit it."
    yield "```python\nimport colbert_explain as ce\n```"
    yield "\n".join(
        f"- {HEADINGS[home]}: {', '.join(map(link, items))}" for home, items in groups.items()
    )
    for home, items in groups.items():
        yield f"## {HEADINGS[home]}"
        for item in items:
            yield from entry(f"### {title(item)}", item)
            for member in item.all_members.values() if item.is_class else ():
                if is_public(member):
                    its = member.final_target if member.is_alias else member
                    yield from entry(f"#### {item.name}.{member.name}", its)


def is_public(member: griffe.Object) -> bool:
    """Return whether a member of a class is part of the interface and says what it is."""
    of_a_page = (".app.web.", ".app.jobs.", ".app.page.")
    if member.is_alias and member.inherited and any(a in member.target_path for a in of_a_page):
        return member.name == "wait"  # all else that a widget has from its base is for its page
    said = member.docstring.value if member.docstring else ""
    return not member.name.startswith("_") and bool(said) and not said.startswith("Deprecated")


def title(item: griffe.Object) -> str:
    """Return a heading that no other name has, even where case is not told apart."""
    return f"class {item.name}" if item.is_class else item.name


def link(item: griffe.Object) -> str:
    """Return a link to the heading of a name, as code hosts place it."""
    return f"[`{item.name}`](#{title(item).lower().replace(' ', '-')})"


def entry(heading: str, item: griffe.Object) -> Iterator[str]:
    """Yield a name's heading, how it is written, and the parts of its docstring."""
    yield heading
    yield f"```python\n{signature(item)}\n```"
    for part in item.docstring.parsed:
        if part.kind is griffe.DocstringSectionKind.text:
            yield prose(part.value)
            continue
        yield f"**{part.title or part.kind.value.capitalize()}**"
        if part.kind is griffe.DocstringSectionKind.examples:
            yield from (prose(text) for _, text in part.value)
        elif part.kind is griffe.DocstringSectionKind.admonition:
            yield prose(part.value.description)
        else:
            if part.kind is griffe.DocstringSectionKind.parameters:
                # griffe gives the parameters that share an entry the type of the first.
                for value in part.value:
                    value.annotation = item.parameters[value.name].annotation
            yield "\n".join(map(listed, part.value))


def listed(value: griffe.DocstringElement) -> str:
    """Return a line of a list of parameters, attributes, results or errors."""
    name, kind = getattr(value, "name", ""), f"`{value.annotation}`" if value.annotation else ""
    head = f"`{name}`{kind and f' ({kind})'}" if name else kind
    return "- " + indent(f"{head}: {prose(value.description)}", "  ").lstrip()


def prose(text: str) -> str:
    """Turn the code in a docstring into that of Markdown."""
    text = text.replace("``", "`")
    return re.sub(r"^>>> .*(\n.+)*", "```pycon\n\\g<0>\n```", text, flags=re.MULTILINE).strip()


def is_made_elsewhere(item: griffe.Object) -> bool:
    """Return whether a class has a constructor that its own docstring keeps silent about."""
    kinds = [part.kind for part in item.docstring.parsed]
    has_own = item.is_class and "__init__" in item.members and "dataclass" not in item.labels
    return has_own and griffe.DocstringSectionKind.parameters not in kinds


def signature(item: griffe.Object) -> str:
    """Return a call or an attribute with its types, one line a parameter where it is long."""
    if item.is_attribute and item.parent.is_module:
        shown = f"{item.name} = {item.value}"
    elif item.is_attribute:
        shown = f"{item.name}: {item.annotation}" if item.annotation else item.name
    else:
        shown = "" if is_made_elsewhere(item) else item.signature()
        shown = shown or f"class {item.name}({', '.join(map(str, item.bases))})".replace("()", "")
    shown = shown.replace("'", '"')
    if len(shown) <= 88 or item.is_attribute:
        return shown
    name, parameters, result = re.fullmatch(r"(\w+\()(.*)(\).*)", shown).groups()
    lines = re.split(r", (?=\*|\w+\s*[:=]|\w+,|\w+$)", parameters)
    return "\n".join([name, *(f"    {line}," for line in lines), result])


def render() -> str:
    """Return the page as Markdown."""
    return "\n\n".join(page()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
