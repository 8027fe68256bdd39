import re

import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from colbert_explain.views.theme import palette_of
from tests.example_explanations import example

QUERY = "Which animals don't eat meat, and how much grass does an elephant need?"
DOCUMENT = (
    "Elephants are herbivores \U0001f418: they graze on grass, bark & fruit, up to 150 kg a day. "
    "Wolves hunt deer. 大象吃草。 Zookeepers feed hay; pachyderms don't digest well."
)
HOSTILE = (
    '</style><script>window.hacked = 1</script>"><img src=x onerror="window.hacked = 1"> $x$ '
    "\u202eback\u202c \x07\x00 " + "long" * 100
)
SCHEMES = ("light", "dark")


@pytest.fixture
def open_page(new_context, tmp_path):
    """Open displays together as one standalone page."""

    def open_displays(*displays, width=1000, scheme="light"):
        shown = "".join(display._repr_html_() for display in displays)
        file = tmp_path / "page.html"
        head = (
            '<meta charset="utf-8"><title>x</title><meta name="color-scheme" content="light dark">'
        )
        file.write_text(
            f'<!doctype html><html lang="en"><head>{head}</head>'
            f"<body><main><h1>x</h1>{shown}</main></body></html>",
            encoding="utf-8",
        )
        page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
        page.goto(file.as_uri())
        return page

    return open_displays


@pytest.fixture(scope="module")
def short():
    return ce.explain(QUERY, DOCUMENT)


@pytest.fixture(scope="module")
def long():
    filler = "The rain falls on the town. " * 100
    return ce.explain("elephants", f"{filler} Elephants eat. {filler}")


def lit(part):
    """The words with the outline of a partner; a focus ring is another colour."""
    return part.evaluate_all(
        """all => all.filter(e => {
          const probe = document.createElement('i');
          probe.style.color = 'var(--ce-frame)';
          e.append(probe);
          const wanted = getComputedStyle(probe).color;
          probe.remove();
          const style = getComputedStyle(e);
          return style.outlineStyle === 'solid' && (style.outlineColor === wanted
            || e === document.activeElement);
        }).map(e => e.textContent)"""
    )


def words(page, side, number=0):
    return page.locator(".ce-highlight").nth(number).locator(f".ce-{side} [class*=ce-q]")


def test_hovering_a_query_word_lights_its_match_and_the_other_way_round(open_page, short):
    page = open_page(ce.highlight(short))
    assert lit(words(page, "document")) == []
    page.locator(".ce-query mark", has_text="elephant").hover()
    assert lit(words(page, "document")) == ["Elephants"]
    page.locator(".ce-document mark", has_text="grass").hover()
    assert lit(words(page, "query")) == ["meat", "grass"]
    page.mouse.move(0, 0)
    assert lit(words(page, "query")) == []


def test_the_keyboard_lights_matches_and_shows_what_a_word_adds(open_page, short):
    page = open_page(ce.highlight(short))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Which"
    match = short.document[int(short.alignment[1])].text
    assert lit(words(page, "document")) == [match]
    bubble = "getComputedStyle(document.activeElement, '::after').content"
    assert page.evaluate(bubble).startswith('"adds 0.')
    n_query = words(page, "query").count()
    for _ in range(n_query):
        page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('.ce-document')")
    assert len(lit(words(page, "query"))) >= 1


def test_displays_on_one_page_light_only_their_own_words(open_page, short):
    other = ce.highlight(short, direction="document_to_query", theme="dark")
    page = open_page(ce.highlight(short), other)
    page.locator(".ce-query mark", has_text="elephant").first.hover()
    assert lit(words(page, "document", 0)) == ["Elephants"]
    assert lit(words(page, "document", 1)) == []
    page.locator(".ce-query mark", has_text="elephant").last.hover()
    assert lit(words(page, "document", 0)) == []
    assert "Elephants" in lit(words(page, "document", 1))
    grounds = page.locator(".ce-highlight").evaluate_all(
        "all => all.map(e => getComputedStyle(e).backgroundColor)"
    )
    assert grounds == ["rgb(255, 255, 255)", "rgb(21, 24, 28)"]


def test_expansion_lights_everything_it_matched(open_page):
    x = example(32, 60, n_expansion=20, structural_scored=True)
    page = open_page(ce.highlight(x))
    page.locator(".ce-expansion").hover()
    rows = [i for i, token in enumerate(x.query) if token.role == "expansion"]
    assert 0 < len(lit(words(page, "document"))) <= len(rows)
    assert "20 × [MASK]" in page.locator(".ce-chips").inner_text()  # noqa: RUF001


def test_show_all_opens_every_fold_by_keyboard_and_closes_them_again(open_page, long):
    page = open_page(ce.highlight(long))
    folds = page.locator(".ce-fold")
    assert folds.count() == 2
    height = "document.documentElement.scrollHeight"
    folded = page.evaluate(height)
    page.get_by_label("show all").focus()
    page.keyboard.press("Space")
    assert page.evaluate(height) > 1.5 * folded
    shown = page.locator(".ce-document .ce-text").inner_text()
    assert " ".join(shown.split()) == " ".join(long.document.text.split())
    page.keyboard.press("Space")
    assert page.evaluate(height) == folded


def test_a_single_fold_opens_and_closes_in_its_place(open_page, long):
    page = open_page(ce.highlight(long))
    summary = page.locator(".ce-fold summary").first
    height = "document.documentElement.scrollHeight"
    folded = page.evaluate(height)
    summary.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(height) > folded
    expect(summary).to_have_text(re.compile("fold again"), use_inner_text=True)
    page.keyboard.press("Enter")
    assert page.evaluate(height) == folded


@pytest.mark.parametrize("direction", ["query_to_document", "document_to_query"])
def test_a_hostile_pair_is_text_and_runs_nothing(open_page, black_hole, direction):
    page = open_page(ce.highlight(ce.explain(HOSTILE, HOSTILE), direction=direction))
    shown = page.locator(".ce-text").all_text_contents()
    visible = HOSTILE.translate({0x202E: "⟨U+202E⟩", 0x202C: "⟨U+202C⟩", 0: "␀", 7: "␇"})
    assert shown == [visible, visible]
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, script").count() == 0
    assert black_hole == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [400, 1000, 2000])
def test_it_fits_its_width_and_is_accessible(open_page, short, axe, width, scheme):
    page = open_page(
        ce.highlight(short, threshold=0.5),
        ce.highlight(ce.explain(HOSTILE, HOSTILE), pinned=(3, 4)),
        ce.highlight(short, direction="document_to_query"),
        ce.highlight(example(32, 300, n_expansion=20, structural_scored=True, n_unread=9)),
        ce.highlight(example(1, 1)),
        width=width,
        scheme=scheme,
    )
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert axe(page) == []
    page.locator(".ce-query [tabindex]").first.focus()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    small = "all => Math.min(...all.map(e => parseFloat(getComputedStyle(e).fontSize)))"
    assert page.locator(".ce-highlight *:not(style)").evaluate_all(small) >= 12


def test_in_dark_surroundings_a_match_has_the_dark_colour(open_page, short):
    ground = "e => getComputedStyle(e).backgroundColor"
    found = [
        open_page(ce.highlight(short), scheme=scheme)
        .locator(".ce-document mark", has_text="grass")
        .evaluate(ground)
        for scheme in SCHEMES
    ]
    assert found[0] != found[1]
    best = round(
        float(
            short.contributions[
                short.query.tokens.index(
                    next(token for token in short.query if token.text == "grass")
                )
            ]
        ),
        2,
    )
    for colour, theme in zip(found, SCHEMES, strict=True):
        wanted = palette_of(theme).cosine_colour(best)
        channels = ", ".join(str(int(wanted[i : i + 2], 16)) for i in (1, 3, 5))
        assert colour == f"rgb({channels})"


def test_it_works_in_a_served_notebook(page, serve_cells, black_hole):
    code = """
import numpy as np
import colbert_explain as ce
query = ce.TokenSequence.from_strings(["cats", "eat"])
document = ce.TokenSequence.from_strings(["eat", *["rain"] * 600, "cats", *["rain"] * 600])
vectors = {"cats": [1, 0, 0], "eat": [0, 1, 0], "rain": [0, 0, 1]}
sides = [
    ce.TokenEmbeddings(side, np.array([vectors[t.text] for t in side], dtype=np.float32))
    for side in (query, document)
]
ce.highlight(ce.explain_embeddings(*sides))
"""
    page.goto(serve_cells(code))
    page.locator(".ce-query mark", has_text="cats").hover()
    assert lit(words(page, "document")) == ["cats"]
    height = "document.querySelector('.ce-document').offsetHeight"
    folded = page.evaluate(height)
    page.get_by_label("show all").check()
    assert page.evaluate(height) > 1.5 * folded
    assert black_hole == []
