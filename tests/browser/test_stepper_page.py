"""MaxSim step by step."""

from colbert_explain.explanation import explain
from tests import patience

QUERY = "Elephants eat 150 kg of food per day."
DOCUMENT = "Every day, the average elephant consumes roughly 150 kg of food."
CELL = f"""
import colbert_explain as ce
ce.MaxSimStepper(ce.explain({QUERY!r}, {DOCUMENT!r}), pooled_cosine=0.891)
"""


def test_no_row_wraps_in_a_column_of_a_lesson(new_context, serve_cells, encoder):
    page = new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.goto(serve_cells(CELL))
    stepper = page.locator(".ce-stepper")
    stepper.wait_for(timeout=patience.milliseconds(120))
    stepper.evaluate("node => { node.style.width = '60rem'; }")  # as wide as the column
    stepper.get_by_role("tab", name="Score").click()
    stepper.get_by_role("tab", name="per").click()
    for row in (".ce-tokens > *", ".ce-row > *"):
        tops = stepper.locator(row).evaluate_all("all => all.map(e => e.offsetTop)")
        assert len(set(tops)) == 1, row
    assert stepper.bounding_box()["height"] < 600  # with its lesson's heading, on one screen


def test_the_steps_are_walked_by_keyboard_and_end_at_the_score(
    new_context, serve_cells, axe, black_hole, encoder
):
    x = explain(QUERY, DOCUMENT, encoder)
    context = new_context(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(serve_cells(CELL))
    stepper = page.locator(".ce-stepper")
    stepper.wait_for(timeout=patience.milliseconds(120))
    context.set_offline(True)  # a step asks neither the server nor the kernel
    assert stepper.locator(".ce-wins").count() == 0
    stepper.get_by_role("tab", selected=True).focus()
    assert "→" not in stepper.locator(".ce-said").inner_text()  # nothing is given away yet
    for i, token in enumerate(x.query):
        page.keyboard.press("ArrowRight")
        said = stepper.locator(".ce-said").inner_text()
        shown = stepper.locator(".ce-number b").first.inner_text()
        assert shown == f"{x.contributions[: i + 1].sum():.2f}"
        framed = stepper.locator(".ce-wins .ce-word").all_inner_texts()
        if token.scored:
            match = x.document[int(x.alignment[i])].text
            before = f"{x.contributions[:i].sum():.2f}"
            adds_up = f"{float(before) + round(float(x.contributions[i]), 2):.2f}" == shown
            of = "sum" if adds_up else "sum before rounding"
            assert said == f"{token.text} → {match} {x.contributions[i]:.2f}, {of} {shown}"
            assert framed == [match]
            colour = stepper.locator(".ce-wins").evaluate("e => getComputedStyle(e).outlineColor")
            assert colour == "rgb(212, 15, 31)"
        else:
            assert "is skipped" in said
            assert framed == []
        assert (
            stepper.locator(".ce-tokens")
            .get_by_role("tab", selected=True)
            .evaluate("e => e === document.activeElement")
        )
        if token.text == "eat":
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.wait_for_timeout(200)
                assert axe(page) == []
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            stepper.locator(".ce-wins").hover()
            tip = stepper.locator(".ce-tip").inner_text()
            assert "elephant consumes roughly" in tip
            assert f"cosine similarity {x.contributions[i]:.2f}" in tip
            page.mouse.move(0, 0)
    page.keyboard.press("ArrowRight")
    assert stepper.locator(".ce-said").inner_text().endswith(f"MaxSim score, {x.score:.2f}.")
    assert f"{x.score:.2f}" in stepper.inner_text()
    assert stepper.locator(".ce-pooled").inner_text() == "0.89"
    page.keyboard.press("Home")
    page.keyboard.press("Space")  # plays
    page.wait_for_function(
        "() => document.querySelector('.ce-said').textContent.startsWith('Elephants')",
    )
    page.keyboard.press("Space")
    count = stepper.locator(".ce-count").inner_text()
    page.wait_for_timeout(2_200)
    assert stepper.locator(".ce-count").inner_text() == count
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    assert black_hole == []
