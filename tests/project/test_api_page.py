import re

import pytest

import colbert_explain as ce
from docs.make_api import HEADINGS, PAGE, prose, render


@pytest.fixture(scope="module")
def rendered():
    return render()


def test_the_page_is_what_the_docstrings_say(rendered):
    assert PAGE.read_text(encoding="utf-8") == rendered, "run `make docs`"


def test_every_public_name_has_a_heading_a_signature_and_a_sentence(rendered):
    for name in ce.__all__:
        kind = "class " * (f"\n### class {name}\n" in rendered)
        part = rendered.split(f"\n### {kind}{name}\n")[1].split("\n### ")[0]
        assert re.match(rf"\n```python\n(class {name}\b|{name}(\(| = ))", part), part[:80]
        after = part.split("```\n", 2)[1]
        assert re.match(r"\n[A-Z][^\n]+", after), (name, after[:80])


def test_every_link_of_the_page_leads_to_a_heading(rendered):
    headings = re.findall(r"^#{2,3} (.+)$", rendered, flags=re.MULTILINE)
    slugs = [heading.lower().replace(" ", "-") for heading in headings]
    assert len(set(slugs)) == len(slugs)
    links = re.findall(r"\(#([^)]+)\)", rendered)
    assert len(links) == len(ce.__all__)
    assert set(links) <= set(slugs)
    assert len(set(links)) == len(links)


def test_no_markup_of_another_language_is_left(rendered):
    for sign in ("``heatmap", ":func:", ".. note", "]_", "jaxtyping"):
        assert sign not in rendered
    assert prose("``a`` and ``b[0]``") == "`a` and `b[0]`"


def test_code_to_try_stands_in_fences(rendered):
    fenced = re.findall(r"```pycon\n(.+?)\n```", rendered, flags=re.DOTALL)
    assert "\n".join(fenced).count(">>> ") == rendered.count(">>> ") > 20
    assert prose("Text.\n\n>>> a\n1\n\nMore.") == "Text.\n\n```pycon\n>>> a\n1\n```\n\nMore."


def test_every_module_with_public_names_has_a_heading():
    assert set(HEADINGS) == {home.split(".")[0] for home in ce._HOMES}
