import time

import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.views import write_html
from tests import patience
from tests.example_explanations import example

SCRIPT, PICTURE = "</script><script>window.hacked=1</script>", "<img src=x onerror=window.hacked=2>"
QUERY = f"{SCRIPT} cats $x$ \u202eturned\u202c שלום"
DOCUMENT = (
    f"{PICTURE} {SCRIPT} Cats cost $x$ and $y^2$. \u202eturned\u202c שלום עולם \\(z\\) &amp; <!--"
)


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page from disk with every request but that for the page itself blocked and kept."""
    contexts = []

    def open_page(x, *, theme="auto", **options):
        path = tmp_path / "x.html"
        write_html(x, path, theme=theme)
        context = browser.new_context(viewport={"width": 900, "height": 900}, **options)
        context.set_default_timeout(patience.milliseconds())
        contexts.append(context)
        page = context.new_page()
        page.requests, page.complaints = [], []
        address = path.as_uri()

        def keep(route):
            if route.request.url.split("#")[0] == address:
                route.continue_()
            else:
                page.requests.append(route.request.url)
                route.abort()

        context.route("**/*", keep)
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        if options.get("java_script_enabled", True):
            for plot in page.locator(".plot").all():
                plot.locator(".main-svg").first.wait_for()
            page.locator("#heatmap-plot .heatmaplayer image").wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()


def wait_for_paper(page, colour):
    # By asking again: the page forbids the eval by which Playwright would wait inside it.
    paper = "document.querySelector('#heatmap-plot .main-svg').style.background"
    deadline = time.monotonic() + patience.seconds()
    while page.evaluate(paper) != colour and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert page.evaluate(paper) == colour


def ground(page, selector):
    return page.evaluate(f"getComputedStyle(document.querySelector('{selector}')).backgroundColor")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_texts_are_shown_as_text_and_nothing_is_asked(opened, toy_encoder, axe, scheme):
    x = explain(QUERY, DOCUMENT, toy_encoder)
    x = Explanation(x.query, x.document, x.similarity, Provenance(f"{SCRIPT}{PICTURE}"))
    page = opened(x, color_scheme=scheme)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    # Overrides of direction are shown, not obeyed.
    shown = {0x202E: "⟨U+202E⟩", 0x202C: "⟨U+202C⟩"}
    assert page.locator(".ce-text").all_text_contents() == [
        text.translate(shown) for text in (QUERY, DOCUMENT)
    ]
    assert SCRIPT in page.locator("h1 + p").inner_text()
    assert page.locator("#provenance dd").first.text_content() == f"{SCRIPT}{PICTURE}"
    assert page.locator("mjx-container").count() == 0
    page.locator("#heatmap-plot .nsewdrag").first.hover(position={"x": 60, "y": 60})
    page.locator("#heatmap-plot .hoverlayer text").first.wait_for()
    shown = " ".join(page.locator("#heatmap-plot .hoverlayer text").all_text_contents())
    assert "cosine similarity" in shown
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    assert axe(page) == []
    assert page.evaluate("window.hacked") is None
    assert page.requests == []
    assert page.complaints == []


def test_the_page_follows_the_browser_when_it_changes(opened):
    page = opened(example(6, 9), color_scheme="light")
    assert ground(page, "body") == "rgb(255, 255, 255)"
    wait_for_paper(page, "rgb(255, 255, 255)")
    page.emulate_media(color_scheme="dark")
    wait_for_paper(page, "rgb(21, 24, 28)")
    assert ground(page, "body") == "rgb(21, 24, 28)"


def test_a_page_of_one_theme_keeps_to_it(opened):
    page = opened(example(6, 9), theme="dark", color_scheme="light")
    assert ground(page, "body") == "rgb(21, 24, 28)"


def test_printing_takes_the_light_figures_and_opens_what_is_folded(opened, toy_encoder):
    toy_encoder.document_length = 5000
    page = opened(explain("cats", "word " * 600 + "cats", toy_encoder), color_scheme="dark")
    folded = page.locator("details:not([open])").count()
    assert folded
    for event, colour, n_folded in (
        ("beforeprint", "rgb(255, 255, 255)", 0),
        ("afterprint", "rgb(21, 24, 28)", folded),
    ):
        page.evaluate(f"window.dispatchEvent(new Event('{event}'))")
        wait_for_paper(page, colour)
        assert ground(page, "body") == colour
        assert page.locator("details:not([open])").count() == n_folded
    assert page.pdf().startswith(b"%PDF")


def test_without_scripts_the_heatmap_is_a_table(opened):
    x = example(6, 9)
    page = opened(x, java_script_enabled=False)
    assert page.locator(".ce-heatmap td.ce-best").count() == int(x.query.scored_mask.sum())
    assert page.locator("#heatmap-plot").is_hidden()
    assert page.locator("#words li").count() > 0


def test_a_long_document_opens_quickly_and_fits(opened):
    page = opened(example(32, 8192))
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    assert page.complaints == []


def test_a_script_that_is_not_of_the_package_may_not_run(opened):
    page = opened(example(3, 4))
    page.evaluate(
        "() => document.body.append(Object.assign(document.createElement('script'),"
        " { text: 'window.hacked = 3' }))"
    )
    assert page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in page.complaints)
    page.evaluate("() => fetch('https://example.org').catch(() => 0)")
    assert page.requests == []
