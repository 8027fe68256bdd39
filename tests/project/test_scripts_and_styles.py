"""Rules for JavaScript and CSS that biome does not know (`make lint` runs biome)."""

import json
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "colbert_explain" / "app"
TEMPLATES = ROOT / "colbert_explain" / "dashboard" / "share"
#: Files in app/ itself are from before it had folders; every script in a folder is a module.
SCRIPTS = sorted(path for path in APP.rglob("*.js") if path.parent != APP)
STYLES = sorted(path for path in APP.rglob("*.css") if path.parent != APP)
SERVED = sorted(path for path in TEMPLATES.rglob("*.*") if path.suffix in (".js", ".css"))
COLOUR = re.compile(
    r"(?<![&\w])#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab)\([\d.]", re.IGNORECASE
)
#: Not yet written with the theme's colours. A file that no longer needs to be here must go.
WITH_COLOURS: set[str] = set()


def shown(path):
    return "/".join(path.parts[-2:])


def test_colours_are_those_of_the_theme():
    found = {shown(p) for p in SCRIPTS + STYLES + SERVED if COLOUR.search(p.read_text("utf-8"))}
    assert found == WITH_COLOURS


def test_texts_have_the_apostrophes_and_quotation_marks_of_those_of_python():
    single = re.compile("[\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}]")
    found = {shown(path) for path in SCRIPTS if single.search(path.read_text("utf-8"))}
    assert found == {"inputs/split_documents.js"}  # which reads them


def test_no_function_is_defined_in_two_modules():
    defined = defaultdict(list)
    for path in SCRIPTS:
        text = path.read_text("utf-8")
        functions = re.findall(r"^(?:export )?(?:async )?function\*? (\w+)", text, re.MULTILINE)
        arrows = re.findall(
            r"^(?:export )?const (\w+) = (?:async )?(?:\([^)]*\)|\w+) =>", text, re.MULTILINE
        )
        for name in functions + arrows:
            defined[name].append(shown(path))
    del defined["render"]  # what each widget's module hands to anywidget
    assert {name: places for name, places in defined.items() if len(places) > 1} == {}
    assert "element" in defined


def test_every_class_of_a_module_s_style_is_ours():
    for path in STYLES:
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        selectors = " ".join(re.findall(r"([^{};]+)\{", text))
        foreign = [name for name in re.findall(r"\.([a-z][\w-]*)", selectors) if name[:3] != "ce-"]
        assert not [
            name for name in foreign if not name.startswith(("jp-", "jupyter-", "lm-", "widget-"))
        ], shown(path)


def test_biome_checks_every_module():
    settings = json.loads((ROOT / "biome.json").read_text("utf-8"))
    wanted = [place for place in settings["files"]["includes"] if not place.startswith("!")]
    assert wanted == ["colbert_explain/**/*.js", "colbert_explain/**/*.css"]
    left_out = {place for place in settings["files"]["includes"] if place.startswith("!")}
    assert left_out <= {"!colbert_explain/app/*.js", "!colbert_explain/app/*.css"}
