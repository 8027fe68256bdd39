"""What goes into the workbench: documents, files, models, and what the operator allows."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

import colbert_explain as ce
from tests.browser.isolation import open_isolated_context
from tests.browser.workbench_driver import WorkbenchDriver
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


class InputsDriver(WorkbenchDriver):
    """The upper half of the workbench."""

    def __init__(self, page):
        super().__init__(page)
        self.chooser = page.locator(".ce-form input[type=file]")
        self.opened = page.locator(".ce-opened")
        self.rows = page.get_by_role("group", name="Rows of pets.csv")
        self.tabs = page.get_by_role("tablist", name="Documents").get_by_role("tab")
        self.model = page.get_by_label("Model", exact=True)
        self.layers = page.get_by_label("Layers")
        self.model_status = page.locator(".ce-model-status")
        self.model_problem = page.locator(".ce-model-problem")

    def open_file(self, name, content):
        data = content.encode() if isinstance(content, str) else content
        self.chooser.set_input_files([{"name": name, "mimeType": "", "buffer": data}])

    def wait_for(self, selector, part):
        self.page.wait_for_function(
            "([selector, part]) => document.querySelector(selector).textContent.includes(part)",
            arg=[selector, part],
        )

    def refused(self, part):
        self.wait_for(".ce-problem", part)

    def model_refused(self, part):
        self.wait_for(".ce-model-problem", part)

    def use_model(self, label):
        self.forget_status()
        self.model.select_option(label=label)

    def use_layers(self, label):
        self.forget_status()
        self.layers.select_option(label=label)

    def in_use(self, label):
        self.wait_for(".ce-model-status", f"Now in use: {label}.")
        self.wait_for_status("Done.")

    def wait_for_score(self, score):
        self.page.wait_for_function(
            "(score) => document.querySelector('.ce-notices strong').textContent.endsWith(score)",
            arg=f"{score:.3f}",
        )


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


@contextmanager
def opened(browser, url):
    black_hole = []
    context = open_isolated_context(browser, black_hole, viewport={"width": 900, "height": 900})
    page = context.new_page()
    driver = InputsDriver(page)
    driver.black_hole, driver.alarms = black_hole, []
    page.on("pageerror", lambda error: driver.alarms.append(str(error)))
    driver.open(url)
    yield driver
    context.close()


@pytest.fixture
def bench(shared, browser, served):
    driver = shared.get("bench", lambda: opened(browser, served.page("workbench")))
    yield driver
    assert driver.alarms == []
    assert driver.black_hole == []


def one_document(bench):
    bench.page.get_by_label("Start from an example").select_option(index=1)
    bench.wait_for_status("Done.")


@pytest.fixture
def held_bench(browser, served):
    """A workbench in which no other model is loaded before the test says so."""
    with opened(browser, served.page("held")) as driver:
        yield driver


def test_a_load_can_be_given_up_and_the_model_in_use_stays(held_bench, models):
    bench, before = held_bench, held_bench.score()
    bench.use_model("tiny")
    stop = bench.page.get_by_role("button", name="Stop loading")
    stop.click()
    bench.wait_for(".ce-model-status", "Not loaded.")
    expect(stop).to_be_hidden()
    assert bench.model.evaluate("select => select === document.activeElement")
    assert bench.model.locator("option:checked").inner_text() == "all-MiniLM-L6-v2"
    bench.use_model("tiny")  # waits for what was given up, and is taken into use
    (models / "go").touch()
    bench.in_use("tiny")
    bench.use_model("all-MiniLM-L6-v2")
    bench.in_use("all-MiniLM-L6-v2, layers 3 + 6")
    bench.wait_for_score(before)


def test_a_text_file_becomes_the_document(bench):
    bench.query.fill("what do they eat")
    bench.open_file("notes.md", b"\xef\xbb\xbf# Pets\r\n\r\nCats eat <b>fish</b>.")
    bench.wait_for(".ce-opened", "notes.md is open, 29 characters.")
    text = "# Pets\n\nCats eat <b>fish</b>."
    assert bench.document.input_value() == text
    bench.explain_button.click()
    bench.wait_for_score(ce.explain("what do they eat", text).score)


def test_files_that_cannot_be_opened_are_refused_and_nothing_is_lost(bench, tmp_path):
    bench.explain("cats", "my own text")
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    bench.page.evaluate(
        "() => { File.prototype.arrayBuffer = new Proxy(File.prototype.arrayBuffer,"
        " { apply: (...all) => { window.wasRead = true; return Reflect.apply(...all); } }); }"
    )
    bench.chooser.set_input_files(huge)
    bench.refused("A file must have at most 5.0 MB, got 50.0 MB: huge.txt")
    assert not bench.page.evaluate("window.wasRead")
    for name, content, sentence in [
        ("picture.txt", PNG, "'picture.txt' must be a text file, but is binary"),
        ("old.txt", "café".encode("latin-1"), "'old.txt' must be text in UTF-8"),
        ("paper.pdf", "x", "Can't open paper.pdf. Use .txt, .md, .csv, .tsv or .jsonl."),
        ("empty.txt", "", "'empty.txt' must hold text, but is empty"),
        (
            "long.txt",
            "x" * 1_000_001,
            "at most 1,000,000 characters together, which leaves 999,996",
        ),
        ("ragged.csv", "a,b\n1,2\n3\n", "the row that ends on line 3 has 1"),
    ]:
        bench.open_file(name, content)
        bench.refused(sentence)
        assert bench.document.input_value() == "my own text"
    assert bench.page.evaluate("window.wasRead")
    bench.explain("cats", "cats")
    assert bench.problem.inner_text() == ""
    assert bench.score() == pytest.approx(1, abs=1e-3)


def test_rows_of_a_table_become_documents_with_names(bench):
    bench.open_file("pets.csv", PETS)
    bench.rows.wait_for()
    assert "pets.csv: 3 rows. Each becomes a document, at most 100." in bench.rows.inner_text()
    texts = bench.page.get_by_label("Texts in column")
    assert texts.locator("option:checked").inner_text() == "text"
    assert "First text: They sleep; then they eat." in bench.rows.inner_text()
    texts.select_option(label="title")
    assert "First text: Cats" in bench.rows.inner_text()
    texts.select_option(label="text")
    names = bench.page.get_by_label("Names in column")
    assert names.locator("option:checked").inner_text() == "title"
    names.select_option(label="none: Row 1, Row 2, …")
    assert names.locator("option:checked").inner_text() == "none: Row 1, Row 2, …"
    assert "Columns not used: id, title." in bench.rows.inner_text()
    names.select_option(label="title")
    assert "Columns not used: id." in bench.rows.inner_text()
    bench.page.get_by_role("button", name="Use these rows").click()
    bench.wait_for(
        ".ce-opened",
        "2 rows of pets.csv opened. Left out: 1 row without text. Columns not used: id.",
    )
    assert bench.tabs.all_inner_texts() == ["Cats", "Dogs"]
    assert bench.document.input_value() == "They sleep; then they eat."
    bench.open_file("pets.csv", PETS)
    bench.page.get_by_role("button", name="Close file").click()
    assert not bench.rows.is_visible()
    assert bench.tabs.count() == 2
    one_document(bench)
    assert bench.tabs.count() == 0
    bench.page.get_by_label("Start from an example").select_option(label="Your own texts")
    assert bench.tabs.all_inner_texts() == ["Cats", "Dogs"]
    one_document(bench)


def test_what_of_a_table_is_no_row_is_said(bench):
    bench.open_file("pets.csv", f"Our pets\n{PETS}")
    bench.rows.wait_for()
    shown = bench.rows.inner_text()
    assert "pets.csv: left out above the names of the columns: Our pets." in shown
    assert "pets.csv: 3 rows." in shown
    bench.page.get_by_role("button", name="Close file").click()
    bench.open_file("pets.csv", "name,text\nCats,They sleep.\n")
    bench.rows.wait_for()
    assert "not used" not in bench.rows.inner_text()
    bench.page.get_by_role("button", name="Use these rows").click()
    bench.wait_for(".ce-opened", "1 row of pets.csv opened.")
    assert "not used" not in bench.page.locator(".ce-opened").inner_text()
    one_document(bench)


def test_json_lines_are_rows_too_and_what_cannot_be_read_is_listed(bench):
    lines = '{"_id": "a", "text": "Cats eat fish."}\n{"_id": "b", "text": "-"}\n'
    bench.open_file("corpus.jsonl", lines + '{"_id": "c", "text": "It rains."}\n')
    bench.page.get_by_role("button", name="Use these rows").click()
    bench.wait_for(".ce-opened", "3 rows of corpus.jsonl opened.")
    assert bench.tabs.all_inner_texts() == ["a", "b", "c"]
    bench.query.fill("what do cats eat")
    bench.explain_button.click()
    bench.wait_for(".ce-left-out", "Left out 1 of 3 documents: b (document must hold a token")
    assert bench.page.locator(".ce-ranking tbody th").all_inner_texts() == ["a", "c"]
    assert bench.problem.inner_text() == ""
    bench.open_file("broken.jsonl", lines + "{")
    bench.refused("Line 3 of 'broken.jsonl' must be an object or a string in JSON")
    one_document(bench)
    expect(bench.page.locator(".ce-left-out")).to_be_hidden(timeout=30_000)


def test_reading_many_documents_can_be_cancelled_and_leaves_what_was_shown(bench):
    bench.explain("cats", "cats eat fish")
    score = bench.score()
    bench.open_file("two.csv", f"text\nCats sleep.\n{'A cat sat on a mat again. ' * 2000}\n")
    bench.page.get_by_role("button", name="Use these rows").click()
    bench.wait_for(".ce-opened", "2 rows of two.csv opened.")
    bench.explain_button.click()
    bench.page.wait_for_function(
        "() => 0 < document.querySelector('.ce-form progress').value"
        " && document.querySelector('.ce-form progress').value < 1"
    )
    bench.cancel_button.click()
    bench.wait_for_status("Cancelled.")
    assert bench.score() == score
    assert bench.tabs.count() == 2
    one_document(bench)
    bench.explain("cats", "cats")
    assert bench.score() == pytest.approx(1, abs=1e-3)


def test_a_file_is_opened_where_it_is_dropped_and_nowhere_else(bench):
    drop = """(node) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["dropped text"], "dropped.txt"));
      const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
      return !node.dispatchEvent(event);
    }"""
    assert bench.page.locator("h1").evaluate(drop)  # taken, so that the page is not left
    assert bench.document.evaluate(drop)
    bench.wait_for(".ce-opened", "dropped.txt is open, 12 characters.")
    assert bench.document.input_value() == "dropped text"


def test_documents_are_added_named_and_removed_by_keyboard_alone(bench):
    one_document(bench)
    page, keys = bench.page, bench.page.keyboard
    bench.query.focus()
    keys.press("Tab")
    keys.press("Control+A")
    keys.type("first text")
    keys.press("Tab")
    keys.press("Enter")  # Add a document
    keys.type("second text")
    assert page.get_by_role("textbox", name="Document 2 of 2").input_value() == "second text"
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    keys.press("Control+A")
    keys.type("Document 1")  # taken
    keys.press("Shift+Tab")
    assert bench.tabs.all_inner_texts() == ["Document 1", "Document 1 (2)"]
    keys.press("ArrowLeft")
    assert bench.document.input_value() == "first text"
    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    keys.press("End")
    assert bench.document.input_value() == "second text"
    for _ in range(2):
        keys.press("Tab")
    keys.press("Enter")  # Remove
    assert bench.tabs.count() == 0
    assert bench.document.input_value() == "first text"


def test_everything_fits_and_is_accessible_narrow_and_dark(bench, axe):
    page = bench.page
    one_document(bench)
    bench.open_file(
        "many.csv", "text\n" + "".join(f"a longer text, number {i}\n" for i in range(30))
    )
    page.get_by_role("button", name="Use these rows").click()
    bench.wait_for(".ce-opened", "30 rows of many.csv opened.")
    bench.open_file("pets.csv", PETS)
    bench.rows.wait_for()
    page.get_by_text("About all-MiniLM-L6-v2").click()
    page.get_by_role("rowheader", name="document_length").wait_for()
    inside = """() => [...document.querySelectorAll('.ce-form *, .ce-model *')].filter((e) => {
      const box = e.getBoundingClientRect();
      const form = e.closest('.ce-form, .ce-model').getBoundingClientRect();
      return box.width && (box.right > form.right + 1 || box.left < form.left - 1);
    }).map((e) => `${e.tagName}.${e.className}`)"""
    for width, scheme in ((900, "light"), (2000, "dark")):
        page.emulate_media(color_scheme=scheme)
        bench.resize(width)
        assert bench.layout_faults() == []
        assert page.evaluate(inside) == []
        assert axe(page) == []
    page.emulate_media(color_scheme="light")
    bench.resize(900)
    page.get_by_role("button", name="Close file").click()
    page.get_by_text("About all-MiniLM-L6-v2").click()
    one_document(bench)


def test_layers_change_the_score(bench):
    one_document(bench)
    query, document = "cats eat fish", "Dogs and kittens eat meat."
    bench.explain(query, document)
    bench.use_layers("0 (word embeddings)")
    bench.in_use("all-MiniLM-L6-v2, layers 0")
    score = ce.explain(query, document, ce.load_encoder(layers=[0])).score
    bench.wait_for_score(score)
    assert abs(score - ce.explain(query, document).score) > 0.05
    bench.use_layers("3 + 6 (default)")
    bench.in_use("all-MiniLM-L6-v2, layers 3 + 6")
    bench.wait_for_score(ce.explain(query, document).score)


def test_models_that_may_not_be_loaded_are_refused_and_the_one_in_use_stays(bench, models):
    bench.explain("cats", "a text of my own")
    forbidden = models / "forbidden"
    for name, sentence in [
        (str(forbidden), "is not inside a folder that may be read here"),
        (str(models / "allowed" / ".." / "forbidden"), "is not inside a folder"),
        ("/nowhere", "must allow its folder first (COLBERT_EXPLAIN_MODEL_FOLDERS)"),
        ("org/other", "must allow it first (COLBERT_EXPLAIN_MODELS)"),
        ("org/allowed", "'org/allowed' is neither a folder nor in the cache of this computer"),
        ("", "must be a hub id such as jinaai/jina-colbert-v1-en"),
        ("hostile", "which can run code when it is read"),
    ]:
        bench.page.get_by_label("Folder").fill(name)
        bench.page.get_by_label("Folder").press("Enter")
        bench.model_refused(sentence)
        assert bench.model.locator("option:checked").inner_text() == "all-MiniLM-L6-v2"
    assert not (models / "it_ran").exists()
    assert bench.document.input_value() == "a text of my own"
    bench.explain("cats", "cats")
    assert bench.score() == pytest.approx(1, abs=1e-3)


def test_an_allowed_checkpoint_is_listed_loaded_and_described(bench, models):
    bench.explain("cats eat", "dogs eat")
    bench.use_model("tiny")
    bench.in_use("tiny")
    score = ce.explain("cats eat", "dogs eat", ce.load_encoder(models / "allowed" / "tiny")).score
    bench.wait_for_score(score)
    assert not bench.layers.is_visible()
    warnings = bench.page.get_by_role("list", name="Warnings about this model")
    assert "Warning: documents are read up to 180 tokens" in warnings.inner_text()
    bench.page.get_by_text("About tiny: ColBERT, Stanford format, BertModel").click()
    row = bench.page.get_by_role("row", name="query_length")
    row.wait_for()
    assert row.inner_text().split("\t") == ["query_length", "32", "artifact.metadata"]
    bench.page.get_by_text("About tiny").click()
    bench.use_model("all-MiniLM-L6-v2")
    bench.in_use("all-MiniLM-L6-v2, layers 3 + 6")
