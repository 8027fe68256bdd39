import re

import pytest

import colbert_explain as ce
from docs.make_api import HEADINGS, PAGE, anchors, prose, render


@pytest.fixture(scope="module")
def rendered():
    return render()


def test_the_page_is_what_the_docstrings_say(rendered):
    assert PAGE.read_text(encoding="utf-8") == rendered, "run `make docs`"


def test_every_public_name_has_a_heading_a_signature_and_a_sentence(rendered):
    for name in ce.__all__:
        part = rendered.split(f"\n### {name}\n")[1].split("\n### ")[0]
        assert re.match(rf"\n```python\n(class )?{name}(\(| = )", part), part[:80]
        after = part.split("```\n", 2)[1]
        assert re.match(r"\n[A-Z][^\n]+", after), (name, after[:80])


def test_every_link_of_the_page_leads_to_a_heading(rendered):
    headings = [
        line.lstrip("# ").lower().replace(" ", "-")
        for line in rendered.splitlines()
        if re.match("#{2,3} ", line)
    ]
    slugs = [
        f"{slug}-{before}" if (before := headings[:i].count(slug)) else slug
        for i, slug in enumerate(headings)
    ]
    links = re.findall(r"\(#([^)]+)\)", rendered)
    assert len(links) == len(ce.__all__)
    assert set(links) <= set(slugs)
    assert len(set(links)) == len(links)


def test_no_markup_of_another_language_is_left(rendered):
    for sign in ("``heatmap", ":func:", ".. note", "jaxtyping"):
        assert sign not in rendered
    assert prose("``a`` and ``b[0]`` [1]_") == "`a` and `b[0]` [1]"


def test_names_that_differ_in_case_only_have_places_of_their_own():
    class Named:
        def __init__(self, name):
            self.name = name

    found = anchors([("The rank", [Named("rank"), Named("Rank")])])
    assert found == {"The rank": "the-rank", "rank": "rank", "Rank": "rank-1"}


def test_every_module_with_public_names_has_a_heading():
    assert set(HEADINGS) == {home.split(".")[0] for home in ce._HOMES}
