"""What the scripts of the widgets must never do."""

from pathlib import Path

from colbert_explain import app

SCRIPTS = {path.name: path.read_text("utf-8") for path in Path(app.__file__).parent.rglob("*.js")}
#: What the views wrote, every text in it escaped.
MARKUP = 'region.innerHTML = model.get("html")'


def test_no_script_reads_text_as_markup_or_fetches_anything():
    assert len(SCRIPTS) >= 5
    assert SCRIPTS["linked_html.js"].count(MARKUP) == 1
    for name, script in SCRIPTS.items():
        script = script.replace(MARKUP, "") if name == "linked_html.js" else script
        for danger in (
            *("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "http://", "https://"),
            *("import ", "fetch("),
        ):
            assert danger not in script, name


def test_the_stepper_shows_numbers_and_computes_none():
    for computing in ("model.send", "toFixed", "Math.round"):
        assert computing not in SCRIPTS["maxsim_stepper.js"]
