"""Files and models of the workbench, and what the operator allows."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from tests.browser.workbench_driver import opened_workbench
from tests.tiny_checkpoints import hostile_pickle, make_checkpoint

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
#: A workbench whose loads wait for a file, that of the bundled model aside.
HELD = """
import pathlib, time
import colbert_explain as ce
from colbert_explain import encoders
load = encoders.load_encoder
def held(model=None, **options):
    while model is not None and not pathlib.Path({go!r}).exists():
        time.sleep(0.02)
    return load(model, **options)
encoders.load_encoder = held
ce.Workbench()
"""
PETS = 'id;title;text\n1;Cats;"They sleep; then they eat."\n2;Dogs;They bark at night.\n3;Cows;\n'
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a random checkpoint and one whose pickle runs code; another beside it."""
    place = tmp_path_factory.mktemp("models")
    make_checkpoint(place / "allowed" / "tiny", "stanford", "wordpiece")
    hostile = make_checkpoint(place / "allowed" / "hostile", "stanford", "wordpiece")
    hostile_pickle(hostile, place / "it_ran")
    make_checkpoint(place / "forbidden", "stanford", "wordpiece")
    return place


@pytest.fixture(scope="module")
def served(serve_dashboards, models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copy(NOTEBOOKS / "workbench.ipynb", folder)
    cell = nbformat.v4.new_code_cell(HELD.format(go=str(models / "go")))
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "held.ipynb")
    settings = {
        "COLBERT_EXPLAIN_MODEL_FOLDERS": str(models / "allowed"),
        "COLBERT_EXPLAIN_MODELS": "org/allowed",
        "HF_HUB_OFFLINE": "1",  # an operator who allows models of the hub has a network, a test not
        "HF_HUB_CACHE": str(models / "empty"),
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        with serve_dashboards(folder) as running:
            yield running
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


DROP = """(node) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["dropped text"], "dropped.txt"));
  const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  return !node.dispatchEvent(event);
}"""


@pytest.fixture
def bench(shared, browser, served):
    address = served.page("workbench")
    size = {"width": 900, "height": 900}
    driver = shared.get("bench", lambda: opened_workbench(browser, address, viewport=size))
    yield driver
    assert driver.complaints() == []


def open_file(bench, name, content):
    data = content.encode() if isinstance(content, str) else content
    chooser = bench.page.locator(".ce-inputs-below input[type=file]")
    chooser.set_input_files([{"name": name, "mimeType": "", "buffer": data}])


def rows_of(bench, name):
    group = bench.page.get_by_role("group", name=f"Rows of {name}")
    group.wait_for()
    return group


def test_a_text_file_becomes_the_document_and_can_be_taken_back(bench):
    bench.explain("what do they eat", "Dogs eat meat.")
    open_file(bench, "notes.md", b"\xef\xbb\xbf# Pets\r\n\r\nCats eat <b>fish</b>.")
    text = "# Pets\n\nCats eat <b>fish</b>."
    expect(bench.document).to_have_value(text)
    expect(bench.page.get_by_text("notes.md is open, 29 characters.")).to_be_visible()
    bench.wait_for_answer()
    assert bench.score() == pytest.approx(ce.explain("what do they eat", text).score, abs=6e-3)
    bench.page.get_by_role("button", name="Undo").click()
    expect(bench.document).to_have_value("Dogs eat meat.")
    bench.wait_for_answer()


def test_files_that_cannot_be_opened_are_refused_and_nothing_is_lost(bench, tmp_path):
    bench.explain("cats", "my own text")
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    bench.page.evaluate(
        "() => { File.prototype.arrayBuffer = new Proxy(File.prototype.arrayBuffer,"
        " { apply: (...all) => { window.wasRead = true; return Reflect.apply(...all); } }); }"
    )
    bench.page.locator(".ce-inputs-below input[type=file]").set_input_files(huge)
    expect(bench.problem).to_contain_text("huge.txt is 50.0 MB. At most 5.0 MB can be opened.")
    assert not bench.page.evaluate("window.wasRead")
    for name, content, sentence in [
        ("picture.txt", PNG, "binary"),
        ("old.txt", "café".encode("latin-1"), "UTF-8"),
        ("paper.pdf", "x", "Can't open paper.pdf."),
        ("empty.txt", "", "empty"),
        ("long.txt", "x" * 1_000_001, "At most 1,000,000"),
        ("ragged.csv", "a,b\n1,2\n3\n", "line 3"),
        ("broken.jsonl", "{", "broken.jsonl"),
        ("no.json", "{}", "no.json"),
    ]:
        open_file(bench, name, content)
        expect(bench.problem).to_contain_text(sentence)
        assert bench.document.input_value() == "my own text"
        assert bench.fresh()
    assert bench.page.evaluate("window.wasRead")
    bench.explain("cats", "cats")
    assert bench.problem.inner_text() == ""


def test_columns_of_a_table_are_guessed_shown_and_become_named_documents(bench):
    page = bench.page
    bench.explain("who sleeps", "my own text")
    open_file(bench, "pets.csv", PETS)
    rows = rows_of(bench, "pets.csv")
    expect(rows).to_contain_text("pets.csv: 3 rows.")
    texts, names = page.get_by_label("Text column"), page.get_by_label("Name column")
    assert texts.locator("option:checked").inner_text() == "text"
    assert names.locator("option:checked").inner_text() == "title"
    expect(rows).to_contain_text("They sleep; then they eat.")
    expect(rows).to_contain_text("Columns not used: id.")
    assert bench.layout_faults() == []
    rows.get_by_role("button", name="Cancel").click()
    expect(rows).to_be_hidden()
    assert bench.document.input_value() == "my own text"
    open_file(bench, "pets.csv", PETS)
    rows_of(bench, "pets.csv").get_by_role("button", name="Replace documents").click()
    expect(bench.rows).to_have_count(2)
    expect(page.get_by_text("2 rows of pets.csv opened.")).to_be_visible()
    bench.wait_for_answer()
    expect(bench.rows.first).to_contain_text("Cats")
    open_file(bench, "more.csv", "name,text\nCows,They graze.\nBirds,They sing.\n")
    rows_of(bench, "more.csv").get_by_role("button", name="Add as documents").click()
    expect(bench.rows).to_have_count(4)
    bench.wait_for_answer()
    page.get_by_role("button", name="Undo").click()
    expect(bench.rows).to_have_count(2)


def test_documents_that_cannot_be_read_are_listed_with_the_reason(bench):
    bench.explain("what do cats eat", "my own text")
    lines = '{"_id": "a", "text": "Cats eat fish."}\n{"_id": "b", "text": "-"}\n'
    open_file(bench, "corpus.jsonl", lines + '{"_id": "c", "text": "It rains."}\n')
    rows_of(bench, "corpus.jsonl").get_by_role("button", name="Replace documents").click()
    expect(bench.rows).to_have_count(3)
    bench.wait_for_answer()
    last = bench.rows.last
    expect(last).to_contain_text("b")
    expect(last).to_contain_text("not read")
    label = last.locator(".ce-rail-main").get_attribute("aria-label")
    assert "token that is scored" in label
    assert bench.problem.inner_text() == ""
    assert bench.page.locator(".ce-rail-score").all_inner_texts()[2] == "not read"


def test_a_saved_explanation_opens_on_the_first_screen(bench, tmp_path):
    x = ce.explain("what do cats eat", "Cats eat fish and mice.")
    x.save(tmp_path / "saved.json")
    open_file(bench, "saved.json", (tmp_path / "saved.json").read_bytes())
    expect(bench.document).to_have_value(x.document.text)
    expect(bench.query).to_have_value(x.query.text)
    bench.wait_for_answer()
    expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{x.score:.2f}")


def test_a_file_is_opened_where_it_is_dropped_and_nowhere_else(bench):
    bench.explain("cats", "my own text")
    assert bench.page.locator("h1").evaluate(DROP)  # taken, so that the page is not left
    assert bench.document.input_value() == "my own text"
    assert bench.document.evaluate(DROP)
    expect(bench.document).to_have_value("dropped text")
    bench.wait_for_answer()


class Models:
    """The menu of models."""

    def __init__(self, bench):
        page = bench.page
        self.opener = page.locator(".ce-model-button")
        if self.opener.get_attribute("aria-expanded") != "true":
            self.opener.click()
        self.model = page.get_by_label("Model", exact=True)
        self.layers = page.get_by_label("Layers")
        self.problem = page.locator(".ce-model-menu .ce-problem")
        self.stop = page.get_by_role("button", name="Stop loading")
        self.folder = page.locator(".ce-model-menu input[type=text]")
        self.model.wait_for()

    def in_use(self, label):
        expect(self.opener).to_contain_text(label)


def test_a_load_can_be_given_up_and_the_model_in_use_stays(browser, served, models):
    with opened_workbench(browser, served.page("held")) as bench:
        before, menu = bench.score(), Models(bench)
        menu.model.select_option(label="tiny")
        menu.stop.click()
        expect(menu.stop).to_be_hidden()
        assert menu.model.evaluate("(select) => select === document.activeElement")
        expect(menu.model.locator("option:checked")).to_have_text("all-MiniLM-L6-v2")
        menu.model.select_option(label="tiny")  # waits for what was given up
        (models / "go").touch()
        menu.in_use("tiny")
        expect(bench.page.locator(".ce-headline-score")).not_to_have_text(f"{before:.2f}")
        menu.model.select_option(label="all-MiniLM-L6-v2")
        menu.in_use("all-MiniLM-L6-v2 · layers 3 + 6")
        expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{before:.2f}")


def test_layers_change_the_score(bench):
    query, document = "cats eat fish", "Dogs and kittens eat meat."
    bench.explain(query, document)
    menu = Models(bench)
    menu.layers.select_option(label="0 (word embeddings)")
    menu.in_use("layers 0")
    other = ce.explain(query, document, ce.load_encoder(layers=[0])).score
    expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{other:.2f}")
    menu.layers.select_option(label="3 + 6 (default)")
    menu.in_use("layers 3 + 6")
    score = ce.explain(query, document).score
    assert abs(score - other) > 0.05
    expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{score:.2f}")
    bench.page.keyboard.press("Escape")


def test_models_that_may_not_be_loaded_are_refused_and_the_one_in_use_stays(bench, models):
    bench.explain("cats", "a text of my own")
    menu = Models(bench)
    forbidden = models / "forbidden"
    for name, sentence in [
        (str(forbidden), "is not inside a folder that may be read here"),
        (str(models / "allowed" / ".." / "forbidden"), "is not inside a folder"),
        ("/nowhere", "must allow its folder first (COLBERT_EXPLAIN_MODEL_FOLDERS)"),
        ("org/other", "must allow it first (COLBERT_EXPLAIN_MODELS)"),
        ("org/allowed", "'org/allowed' is neither a folder nor in the cache of this computer"),
        ("hostile", "which can run code when it is read"),
    ]:
        menu.folder.fill(name)
        menu.folder.press("Enter")
        expect(menu.problem).to_contain_text(sentence)
        assert menu.model.locator("option:checked").inner_text() == "all-MiniLM-L6-v2"
    assert not (models / "it_ran").exists()
    assert bench.document.input_value() == "a text of my own"
    bench.page.keyboard.press("Escape")


def test_an_allowed_checkpoint_is_listed_loaded_and_described(bench, models):
    bench.explain("cats eat", "dogs eat")
    before, menu = bench.score(), Models(bench)
    menu.model.select_option(label="tiny")
    menu.in_use("tiny")
    score = ce.explain("cats eat", "dogs eat", ce.load_encoder(models / "allowed" / "tiny")).score
    expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{score:.2f}")
    expect(menu.layers).to_be_hidden()
    warnings = bench.page.get_by_role("list", name="Warnings about this model")
    expect(warnings).to_contain_text("documents are read up to 180 tokens")
    bench.page.get_by_text("Details of this model").click()
    row = bench.page.get_by_role("row", name="query_length")
    row.wait_for()
    assert row.inner_text().split("\t") == ["query_length", "32", "artifact.metadata"]
    bench.page.get_by_text("Details of this model").click()
    menu.model.select_option(label="all-MiniLM-L6-v2")
    menu.in_use("all-MiniLM-L6-v2 · layers 3 + 6")
    expect(bench.page.locator(".ce-headline-score")).to_have_text(f"{before:.2f}")
    bench.page.keyboard.press("Escape")
