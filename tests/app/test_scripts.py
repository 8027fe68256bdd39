"""What the scripts of the widgets must never do."""

from pathlib import Path

from colbert_explain import app

SCRIPTS = {path.name: path.read_text("utf-8") for path in Path(app.__file__).parent.rglob("*.js")}
PLOTLY = "await import(address);"


def test_no_script_reads_text_as_markup_or_fetches_anything():
    assert len(SCRIPTS) >= 5
    for name, script in SCRIPTS.items():
        # Plotly's script, which comes from our server or from Python.
        script = script.replace(PLOTLY, "") if name == "plotly.js" else script
        for danger in (
            *("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "https://"),
            *("import(", "fetch("),
        ):
            assert danger not in script, name


def test_the_stepper_shows_numbers_and_computes_none():
    for computing in ("model.send", "toFixed", "Math.round"):
        assert computing not in SCRIPTS["maxsim_stepper.js"]
