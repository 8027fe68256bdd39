"""Query, documents, files, links and drafts of the workbench; the test plays Python."""

import re

import pytest
from playwright.sync_api import expect

from colbert_explain.app.web.bundle import bundle
from tests.browser.javascript.inputs_page import LIMITS, inputs_page, open_inputs, reload
from tests.patience import slowness

QUERY = "Elephants eat 150 kg of food per day."
DOCUMENT = "Every day, the average elephant consumes roughly 150 kg of food."
FIVE = [
    ("", DOCUMENT),
    ("", "Cats eat 50 g of food per day, and some of them are never full."),
    ("staff.txt", "Employees eat at the canteen every day of the week."),
    ("", "The rain in Spain stays mainly in the plain."),
    ("Grass", "An elephant's stomach holds grass, leaves and bark."),
]
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  if (document.activeElement.dispatchEvent(event)) document.execCommand("insertText", false, text);
}"""


class Inputs:
    """What a test does with the page."""

    def __init__(self, page):
        self.page = page
        self.query = page.get_by_label("Query", exact=True)
        self.document = page.get_by_label("Document", exact=True)
        self.go = page.locator(".ce-query-go")
        self.problem = page.locator(".ce-inputs-problem")
        self.rows = page.locator(".ce-rail-row")
        self.said = page.locator(".ce-inputs-notice")
        self.preview = page.get_by_role("group", name="Pasted documents")
        self.chooser = page.locator("input[type=file]")

    def open(self, query=QUERY, documents=None, **options):
        open_inputs(self.page, query, documents or [("", DOCUMENT)], **options)
        return self

    def answered(self, query=QUERY, documents=None, **options):
        """Open the page with these texts explained."""
        self.open(query, documents, **options)
        self.page.evaluate("harness.parts.explain(); harness.answer();")
        return self

    def sent(self, event):
        return self.page.evaluate(
            "(event) => harness.sent.filter((one) => one.event === event)", event
        )

    def answer(self, position=None):
        self.page.evaluate("(position) => harness.answer(undefined, position)", position)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def paste(self, text):
        self.page.evaluate(PASTE, text)

    def button(self, name, exact=True):
        return self.page.get_by_role("button", name=name, exact=exact)

    def names(self):
        return self.page.evaluate("harness.parts.texts().documents.map((one) => one.text)")

    def scores(self):
        return self.page.locator(".ce-rail-score").all_inner_texts()

    def current(self):
        return self.page.locator(".ce-rail-main[aria-current]").get_attribute("aria-label")

    def open_file(self, name, content=b"x"):
        """Choose a file and return the id that an answer to it must carry."""
        before = len(self.sent("file"))
        self.chooser.set_input_files([{"name": name, "mimeType": "", "buffer": content}])
        self.page.wait_for_function(
            "(n) => harness.sent.filter((one) => one.event === 'file').length > n", arg=before
        )
        return self.sent("file")[-1]["to"]

    def receive(self, answer):
        self.page.evaluate("(answer) => harness.receive(answer)", answer)


@pytest.fixture
def inputs(browser):
    with inputs_page(browser, viewport={"width": 1280, "height": 720}) as page:
        yield Inputs(page)


# -- the query line


def test_the_fields_say_that_several_documents_can_be_pasted(inputs):
    inputs.open(documents=[("", "")])
    assert "several, one per line" in inputs.document.get_attribute("placeholder")
    assert inputs.document.evaluate("(field) => field.scrollHeight <= field.clientHeight")
    inputs.button("Add document").click()
    field = inputs.page.get_by_label("Text", exact=True)
    assert "several, one per line" in field.get_attribute("placeholder")


def test_a_live_switch_that_is_paused_says_so(inputs):
    inputs.open()
    name = inputs.page.locator(".ce-query-live")
    expect(name).to_have_text("Live")
    inputs.document.fill("x" * 600)
    expect(name).to_have_text("Live paused")
    inputs.document.fill("x")
    expect(name).to_have_text("Live")
    inputs.document.fill("x" * 600)
    name.click()  # off is not paused
    expect(name).to_have_text("Live")


def test_a_pair_is_one_row_and_is_sent_with_the_click(inputs):
    inputs.open()
    height = inputs.page.locator(".ce-query-line").bounding_box()["height"]
    assert 48 <= height <= 56
    inputs.go.click()
    assert inputs.sent("explain") == [
        {
            "event": "explain",
            "request": 1,
            "query": QUERY,
            "documents": [["Every day, the average elephant consumes…", DOCUMENT]],
            "live": False,
        }
    ]


def test_fields_grow_with_their_text_to_four_and_three_lines(inputs):
    inputs.open()
    line = "a line of text\n"
    before = inputs.query.bounding_box()["height"]
    inputs.query.fill(line * 2 + "end")
    assert inputs.query.bounding_box()["height"] == before + 44
    inputs.query.fill(line * 30)
    assert inputs.query.bounding_box()["height"] == before + 66
    inputs.document.fill(line * 30)
    assert inputs.document.bounding_box()["height"] == before + 44
    inputs.document.fill("word " * 8_000)
    assert inputs.document.bounding_box()["height"] == before + 44
    inputs.document.fill("short")
    assert inputs.document.bounding_box()["height"] == before


def test_control_and_enter_explain_from_every_field(inputs):
    inputs.open(documents=FIVE)
    inputs.query.press("Control+Enter")
    inputs.rows.first.dblclick()
    inputs.page.get_by_label("Text").press("Meta+Enter")
    name = inputs.page.get_by_label("Name")
    name.fill("renamed")
    name.press("Control+Enter")
    sent = inputs.sent("explain")
    assert [one["request"] for one in sent] == [1, 2, 3]
    assert sent[-1]["documents"][0] == ["renamed", DOCUMENT]


def test_what_is_missing_is_said_beside_the_button_and_nothing_is_sent(inputs):
    inputs.open(query=" ")
    inputs.go.click()
    expect(inputs.problem).to_have_text("Enter a query first.")
    expect(inputs.query).to_be_focused()
    inputs.query.fill("cats")
    expect(inputs.problem).to_have_text("")
    inputs.document.fill("")
    inputs.go.click()
    expect(inputs.problem).to_have_text("Enter a document first.")
    assert inputs.sent("explain") == []


def test_explain_is_cancel_while_it_lasts_and_says_what_is_computed(inputs):
    inputs.open()
    inputs.go.focus()
    inputs.page.evaluate(
        "harness.model.set('work', { busy: true, status: 'Reading document 2 of 5', progress: .4 })"
    )
    expect(inputs.go).to_have_text("Cancel")
    expect(inputs.page.locator(".ce-query-status")).to_have_text("Reading document 2 of 5")
    assert inputs.page.get_by_role("progressbar").evaluate("(bar) => bar.value") == 0.4
    expect(inputs.go).to_be_focused()
    inputs.press("Enter")
    assert len(inputs.sent("cancel")) == 1
    inputs.page.evaluate("harness.model.set('work', { busy: false, status: '' })")
    expect(inputs.go).to_have_text("Explain")
    expect(inputs.page.get_by_role("progressbar")).to_be_hidden()


def test_work_that_often_tells_how_far_it_is_is_announced_all_the_same(inputs):
    inputs.open()
    inputs.page.evaluate(
        """() => {
          const work = { busy: true, status: "Reading the document", progress: 0 };
          harness.telling = setInterval(() => {
            work.progress += 0.001;
            harness.model.set("work", { ...work });
          }, 50);
        }"""
    )
    expect(inputs.go).to_have_text("Cancel")
    expect(inputs.page.locator(".ce-query-status")).to_have_text("Reading the document")
    inputs.page.evaluate(
        "clearInterval(harness.telling); harness.model.set('work', { busy: false, status: '' })"
    )
    expect(inputs.go).to_have_text("Explain")
    inputs.page.evaluate(
        "harness.model.set('work', { busy: true, status: 'Reading', progress: null });"
        "harness.model.set('work', { busy: false, status: '' })"
    )
    inputs.page.wait_for_timeout(600)  # announced after 350 ms
    expect(inputs.go).to_have_text("Explain")


def test_a_short_pair_is_explained_while_one_types_until_it_is_turned_off(inputs):
    inputs.answered()
    inputs.query.press_sequentially("now")
    inputs.page.wait_for_function("harness.sent.some((one) => one.live)")
    inputs.answer()
    live = inputs.page.get_by_role("switch", name="Live")
    expect(live).to_be_checked()
    live.click()
    count = len(inputs.sent("explain"))
    inputs.query.press_sequentially("and then")
    inputs.page.wait_for_timeout(700)
    assert len(inputs.sent("explain")) == count
    reload(inputs.page)
    inputs.open()
    expect(inputs.page.get_by_role("switch", name="Live")).not_to_be_checked()


def test_texts_that_are_too_large_never_reach_a_field(inputs):
    inputs.open(limits=LIMITS | {"text": 1000})
    for field in (inputs.query, inputs.document):
        before = field.input_value()
        field.focus()
        inputs.paste("x" * 5000)
        expect(inputs.problem).to_contain_text("At most 1,000 can be explained at once.")
        assert field.input_value() == before


# -- several documents


def test_from_five_pasted_documents_to_their_ranking_in_two_actions(inputs):
    inputs.open()
    inputs.document.focus()
    inputs.paste("\n\n".join(text for _, text in FIVE))
    expect(inputs.preview).to_contain_text("Looks like 5 documents, separated by blank lines.")
    expect(inputs.preview.get_by_role("listitem")).to_have_count(5)
    inputs.button("Use these 5").click()
    (sent,) = inputs.sent("explain")
    assert [text for _, text in sent["documents"]] == [text for _, text in FIVE]
    inputs.answer()
    expect(inputs.rows).to_have_count(5)
    assert inputs.scores() == sorted(inputs.scores(), key=float, reverse=True)
    assert inputs.rows.first.bounding_box()["y"] < 200
    expect(inputs.page.locator(".ce-rail-main:focus")).to_have_count(1)
    expect(inputs.document).to_be_hidden()
    inputs.button("Undo").click()
    expect(inputs.document).to_have_value(re.compile("rain in Spain"))  # as it was pasted


def test_a_paste_is_not_explained_while_the_page_asks_how_to_take_it(inputs):
    inputs.open()
    inputs.document.focus()
    inputs.paste("\n\n".join(text for _, text in FIVE))
    expect(inputs.preview).to_be_visible()
    inputs.page.wait_for_timeout(700)  # live explains after a pause of 400 ms
    assert not inputs.sent("explain")
    inputs.button("Keep as one text").click()
    inputs.page.wait_for_function("harness.sent.some((one) => one.live)")


def test_what_was_typed_is_kept_beside_what_is_pasted(inputs):
    inputs.open()
    inputs.document.fill("my own text. ")
    inputs.document.press("End")
    inputs.paste("1. first\n2. second")
    inputs.button("Add 2 documents").click()
    assert inputs.names() == ["my own text. ", "first", "second"]
    inputs.button("Undo").click()
    assert inputs.names() == ["my own text. "]
    inputs.document.press("End")
    inputs.paste("1. first\n2. second")
    inputs.button("Keep as one text").click()
    assert inputs.names() == ["my own text. 1. first\n2. second"]
    expect(inputs.preview).to_be_hidden()
    expect(inputs.document).to_be_focused()


def test_two_hundred_pasted_documents_are_cut_at_the_limit_and_said(inputs):
    inputs.open()
    inputs.document.focus()
    inputs.paste("\n---\n".join(f"Passage {i} on elephants" for i in range(200)))
    expect(inputs.preview).to_contain_text("Looks like 200 documents")
    expect(inputs.preview).to_contain_text(
        "At most 100 can be compared; only the first 100 are taken."
    )
    inputs.button("Use these 100").click()
    inputs.answer()
    expect(inputs.rows).to_have_count(100)
    box = inputs.page.locator(".ce-rail").bounding_box()
    assert box["y"] + box["height"] <= 720  # they scroll inside


def test_a_paste_on_the_list_is_one_more_document(inputs):
    inputs.answered(documents=FIVE)
    inputs.rows.first.locator(".ce-rail-main").focus()
    inputs.paste("Elephants drink 200 litres")
    assert inputs.names()[-1] == "Elephants drink 200 litres"
    assert inputs.sent("explain")[-1]["documents"][5][1] == "Elephants drink 200 litres"
    expect(inputs.said).to_contain_text("Elephants drink 200 litres")


def test_choosing_a_document_asks_for_its_explanation_once(inputs):
    inputs.answered(documents=FIVE)
    inputs.rows.nth(2).click(position={"x": 40, "y": 40})
    (chosen,) = inputs.sent("choose")
    assert inputs.current().startswith("staff.txt: rank 3")
    inputs.page.evaluate("(position) => harness.answer(undefined, position)", chosen["position"])
    assert inputs.current().startswith("staff.txt: rank 3")
    inputs.rows.nth(2).click(position={"x": 40, "y": 40})
    assert len(inputs.sent("choose")) == 1


def test_the_keyboard_walks_chooses_edits_removes_and_undoes(inputs):
    inputs.answered(documents=FIVE)
    inputs.rows.first.locator(".ce-rail-main").focus()
    inputs.press("ArrowDown", "ArrowDown")
    inputs.page.wait_for_function("harness.sent.some((one) => one.event === 'choose')")
    assert len(inputs.sent("choose")) == 1  # where the keyboard rests
    inputs.press("Enter")
    text = inputs.page.get_by_label("Text")
    expect(text).to_be_focused()
    inputs.press("Escape")
    expect(text).to_be_hidden()
    expect(inputs.rows.nth(2).locator(".ce-rail-main")).to_be_focused()
    inputs.press("Delete")
    expect(inputs.rows).to_have_count(4)
    expect(inputs.said).to_contain_text(re.compile("Removed .staff.txt."))
    inputs.press("End")
    expect(inputs.rows.last.locator(".ce-rail-main")).to_be_focused()
    inputs.button("Undo").press("Enter")
    expect(inputs.rows).to_have_count(5)
    expect(inputs.rows.nth(2)).to_have_text(re.compile("^3"))
    stops = inputs.page.locator(".ce-rail-main[tabindex='0']")
    expect(stops).to_have_count(1)


def test_no_number_stands_beside_another_text(inputs):
    inputs.answered(documents=FIVE)
    first = inputs.rows.first
    assert not inputs.page.evaluate("harness.parts.isStale")
    first.get_by_role("button", name=re.compile("^Edit")).click()
    inputs.page.get_by_label("Text").press_sequentially("!")
    expect(first.locator(".ce-rail-score")).to_have_text("changed")
    expect(first.locator(".ce-marks")).to_be_hidden()
    assert inputs.page.evaluate("harness.parts.isStale")
    inputs.press("Backspace")
    expect(first.locator(".ce-rail-score")).not_to_have_text("changed")
    assert not inputs.page.evaluate("harness.parts.isStale")
    inputs.query.fill("Elephants")
    expect(inputs.page.locator(".ce-rail-note")).to_have_text("Scores are for the previous query")
    assert inputs.page.locator(".ce-rail-score.ce-stale").count() == 5
    assert inputs.page.evaluate("harness.parts.isStale")
    inputs.go.click()
    inputs.answer()
    assert inputs.page.locator(".ce-rail .ce-stale").count() == 0


def test_an_answer_is_matched_to_what_was_sent_not_to_what_is_typed(inputs):
    inputs.answered(documents=FIVE)
    inputs.go.click()
    inputs.query.fill("typed meanwhile")
    inputs.page.evaluate("delete harness.sent.at(-1).request")  # Python that does not say which
    inputs.answer()
    assert inputs.page.evaluate("harness.parts.isStale")


def test_documents_that_could_not_be_read_are_listed_with_the_reason(inputs):
    inputs.answered(documents=[*FIVE, ("dashes", "- -")])
    last = inputs.rows.last
    expect(last.locator(".ce-rail-score")).to_have_text("not read")
    expect(last.locator(".ce-rail-snippet")).to_have_text("document must hold a token")


def test_pointing_at_a_mark_points_at_its_word_everywhere(inputs):
    inputs.answered(documents=FIVE)
    squares = inputs.page.locator(".ce-marks-squares")
    box = squares.nth(1).bounding_box()
    inputs.page.mouse.move(box["x"] + 1.5 * box["width"] / 8, box["y"] + 5)
    inputs.page.wait_for_function("harness.bus.focus?.row === 1")
    expect(inputs.page.locator(".ce-marks-label").first).to_have_text(re.compile(r"^eat 0\.\d\d$"))
    inputs.page.mouse.move(5, 5)
    inputs.page.wait_for_function("harness.bus.focus === null")
    inputs.page.evaluate("harness.bus.point({ row: 2, column: 0 })")
    expect(inputs.page.locator(".ce-marks-label").last).to_have_text(re.compile("^150 "))
    assert inputs.sent("pin") == []


def test_a_document_is_added_named_and_the_rail_goes_with_the_second_last(inputs):
    inputs.answered()
    inputs.button("Add document").click()
    expect(inputs.rows).to_have_count(2)
    expect(inputs.page.get_by_label("Text")).to_be_focused()
    inputs.page.keyboard.type("Cats eat fish.")
    inputs.page.get_by_label("Name").fill("Pets")
    inputs.press("Tab")
    assert inputs.rows.last.locator(".ce-rail-name").inner_text() == "Pets"
    inputs.rows.last.get_by_role("button", name="Remove Pets").click()
    expect(inputs.document).to_have_value(DOCUMENT)
    expect(inputs.said).to_be_visible()
    inputs.button("Undo").click()
    expect(inputs.rows).to_have_count(2)


def test_what_was_done_is_said_until_something_else_is_done(inputs):
    inputs.answered(documents=FIVE)

    def remove_one():
        inputs.page.mouse.move(1270, 710)
        inputs.rows.first.locator(".ce-rail-main").focus()
        inputs.press("Delete")
        expect(inputs.said).to_be_visible()

    def edit_the_text():
        inputs.rows.first.locator(".ce-rail-main").press("Enter")
        inputs.page.get_by_label("Text").press_sequentially("x")

    def ask_anew():
        inputs.query.fill("What do they eat?")
        expect(inputs.said).to_be_visible()  # the field is not the answer
        inputs.query.press("Control+Enter")

    for what_is_done in (edit_the_text, ask_anew):
        remove_one()
        inputs.go.click()  # the same texts: it is what the line is about
        inputs.answer()
        expect(inputs.said).to_be_visible()
        what_is_done()
        expect(inputs.said, what_is_done.__name__).to_be_hidden()

    # Whoever is on the line keeps it, whatever else happens.
    for stay, leave in [
        (inputs.button("Undo").focus, inputs.query.focus),
        (inputs.said.hover, lambda: inputs.page.mouse.move(1270, 710)),
    ]:
        remove_one()
        n_before = inputs.rows.count()
        stay()
        inputs.page.evaluate("""() => {
          const area = document.querySelector(".ce-query-area");
          area.value = area.value.slice(1); // no longer: nothing moves
          area.dispatchEvent(new Event("input"));
          harness.parts.explain();
        }""")
        expect(inputs.button("Undo")).to_be_visible()
        leave()
        expect(inputs.said).to_be_hidden()
        assert inputs.rows.count() == n_before


# -- files


def test_a_text_file_becomes_the_document_and_further_ones_are_added(inputs):
    inputs.open()
    inputs.receive(
        {"to": inputs.open_file("a.md"), "event": "text", "name": "a.md", "text": "Cats"}
    )
    expect(inputs.document).to_have_value("Cats")
    expect(inputs.said).to_contain_text("a.md is open, 4 characters.")
    assert inputs.sent("explain")[-1]["documents"] == [["a.md", "Cats"]]
    inputs.button("Undo").click()
    expect(inputs.document).to_have_value(DOCUMENT)


def test_rows_of_a_table_are_shown_with_the_guessed_columns(inputs):
    inputs.open()
    to = inputs.open_file("pets.csv")
    preview = [["id", "title", "text"], ["1", "Cats", "They sleep."], ["2", "Dogs", "They bark."]]
    table = {"event": "table", "to": to, "name": "pets.csv", "rows": 3, "preview": preview}
    guess = {"has_header": True, "likely": 2, "likely_name": 1, "notes": []}
    inputs.receive({**table, **guess})
    rows = inputs.page.get_by_role("group", name="Rows of pets.csv")
    expect(rows).to_contain_text("pets.csv: 2 rows. Each becomes a document.")
    expect(rows.get_by_role("row").nth(1)).to_have_text("CatsThey sleep.")
    expect(rows).to_contain_text("Columns not used: id.")
    inputs.page.get_by_label("Name column").select_option(label="None: Row 1, Row 2, …")
    expect(rows.get_by_role("row").nth(1)).to_have_text("Row 1They sleep.")
    inputs.page.get_by_label("Name column").select_option(label="title")
    inputs.button("Add as documents").click()
    (wishes,) = inputs.sent("rows")
    assert (wishes["text_column"], wishes["name_column"], wishes["mode"]) == (2, 1, "add")
    assert (wishes["most_documents"], wishes["has_header"]) == (99, True)
    documents = [["Cats", "They sleep."], ["Dogs", "They bark."]]
    inputs.receive(
        {"event": "documents", "to": to, "mode": "add", "documents": documents, "left_out": ""}
    )
    expect(rows).to_be_hidden()
    expect(inputs.rows).to_have_count(3)
    expect(inputs.said).to_contain_text("2 rows of pets.csv opened. Columns not used: id.")


def test_other_documents_with_the_query_of_an_example_are_said_to_have_it(inputs):
    still = "The query is still that of the example."

    def open_file():
        answer = {"event": "text", "name": "a.md", "text": "Cats"}
        inputs.receive({"to": inputs.open_file("a.md"), **answer})
        expect(inputs.document).to_have_value("Cats")

    inputs.answered()
    open_file()
    expect(inputs.query).to_have_value(QUERY)
    expect(inputs.said).to_contain_text(still)
    inputs.query.fill("Who sleeps?")
    open_file()
    expect(inputs.said).to_be_visible()
    expect(inputs.said).not_to_contain_text(still)


def test_a_saved_explanation_fills_the_fields_and_is_not_computed_again(inputs):
    inputs.answered()
    count = len(inputs.sent("explain"))
    answer = {"event": "explanation", "name": "x.json", "query": "cats", "document": "Cats eat."}
    inputs.receive({**answer, "to": inputs.open_file("x.json")})
    expect(inputs.query).to_have_value("cats")
    expect(inputs.document).to_have_value("Cats eat.")
    assert len(inputs.sent("explain")) == count
    inputs.page.evaluate(
        "harness.answer({ query: 'cats', documents: [['Cats eat.', 'Cats eat.']] })"
    )
    assert not inputs.page.evaluate("harness.parts.isStale")


def test_files_that_are_refused_say_why_and_change_nothing(inputs):
    inputs.open(limits=LIMITS | {"file": 1024, "text": 200})
    inputs.chooser.set_input_files([{"name": "big.txt", "mimeType": "", "buffer": b"x" * 1025}])
    expect(inputs.problem).to_have_text("big.txt is 0.0 MB. At most 0.0 MB can be opened.")
    assert inputs.sent("file") == []
    sentence = "Can't open paper.pdf. Use .txt, .md, .csv, .tsv or .jsonl."
    to = inputs.open_file("paper.pdf")
    inputs.receive({"event": "refused", "to": "another view", "sentence": "not for us"})
    inputs.receive({"event": "refused", "to": to, "sentence": sentence})
    expect(inputs.problem).to_have_text(sentence)
    to = inputs.open_file("long.txt")
    inputs.receive({"event": "text", "to": to, "name": "long.txt", "text": "x" * 300})
    expect(inputs.problem).to_contain_text("long.txt was not opened. The query and documents have")
    expect(inputs.document).to_have_value(DOCUMENT)


def test_a_file_is_opened_where_it_is_dropped_and_never_replaces_the_page(inputs):
    inputs.open()
    drop = """(node) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["dropped"], "dropped.txt"));
      const options = { dataTransfer, bubbles: true, cancelable: true };
      return !node.dispatchEvent(new DragEvent("drop", options));
    }"""
    assert inputs.page.locator(".harness-picture").evaluate(drop)
    assert inputs.sent("file") == []
    assert inputs.document.evaluate(drop)
    inputs.page.wait_for_function("harness.sent.some((one) => one.event === 'file')")
    assert inputs.sent("file")[0]["bytes"] == 7


# -- examples, links and drafts


def test_an_example_is_explained_at_once_and_own_texts_come_back(inputs):
    inputs.open(query="my query", documents=[("", "my document")])
    menu = inputs.button("Examples", exact=False)
    menu.click()
    inputs.page.get_by_role("menuitemradio", name="Rain in Spain").click()
    assert inputs.sent("explain")[-1]["documents"][0][1].startswith("The rain in Spain")
    menu.click()
    chosen = inputs.page.get_by_role("menuitemradio", checked=True)
    expect(chosen).to_contain_text("Rain in Spain")
    expect(chosen).to_be_focused()
    inputs.press("Home", "Enter")
    expect(inputs.document).to_have_value("my document")
    expect(inputs.query).to_have_value("my query")
    expect(menu).to_be_focused()


def test_a_reload_loses_nothing(inputs):
    inputs.open()
    inputs.query.fill("cats eat")
    inputs.button("Add document").click()
    inputs.page.keyboard.type("Cats eat fish.")
    inputs.page.evaluate(
        "harness.model.set('options', { level: 'token', order: 'text', unscored: true })"
    )
    reload(inputs.page)
    inputs.open()
    expect(inputs.rows).to_have_count(2)
    expect(inputs.query).to_have_value("cats eat")
    assert inputs.names() == [DOCUMENT, "Cats eat fish."]
    assert inputs.sent("explain")[-1]["query"] == "cats eat"
    assert inputs.page.evaluate("harness.traits.options.level") == "token"


def test_nothing_is_kept_of_what_python_put_in(inputs):
    inputs.answered()
    inputs.page.wait_for_timeout(400)
    assert inputs.page.evaluate("sessionStorage.length") == 0


def test_without_storage_everything_else_works(inputs):
    inputs.page.evaluate(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('no'); } })"
    )
    inputs.open()
    inputs.page.get_by_role("switch", name="Live").click()
    inputs.query.fill("cats")
    inputs.go.click()
    inputs.answer()
    inputs.page.wait_for_timeout(400)
    assert inputs.sent("explain")[-1]["query"] == "cats"


def test_the_address_follows_what_was_explained_and_opens_it_again(inputs):
    inputs.answered()
    inputs.page.wait_for_timeout(100)
    assert "#" not in inputs.page.url  # what the page opens with needs no link
    inputs.query.fill("cats & dogs")
    inputs.go.click()
    inputs.answer()
    inputs.page.wait_for_function("location.hash.startsWith('#q=cats%20%26%20dogs&d=')")
    fragment = inputs.page.evaluate("location.hash")
    assert inputs.page.evaluate("location.search") == ""
    inputs.page.evaluate("sessionStorage.clear()")
    inputs.query.fill("a draft")
    reload(inputs.page, fragment)
    inputs.open()
    expect(inputs.query).to_have_value("cats & dogs")  # the link wins over the draft
    assert inputs.sent("explain")[-1]["query"] == "cats & dogs"
    inputs.document.fill("".join(f"{n * n * 7919 % 99991:05d}" for n in range(9000)))
    inputs.go.click()
    inputs.answer()
    inputs.page.wait_for_function("location.hash === ''")  # not that of the texts before


def test_a_link_can_name_the_document_to_show(inputs):
    reload(inputs.page, "#q=cats&d=cats%20sleep&d=dogs&show=2")
    inputs.open()
    expect(inputs.rows).to_have_count(2)
    inputs.answer()
    assert inputs.sent("choose") == [{"event": "choose", "position": 1}]


def test_a_link_pins_the_pair_and_removes_the_words_that_its_sender_saw(inputs):
    reload(inputs.page, "#q=cats%20sleep&d=cats&d=dogs&show=2&pin=2,1&without=1,2")
    inputs.open()
    expect(inputs.rows).to_have_count(2)
    inputs.answer()
    assert inputs.sent("what_if") == []  # this is the best document, not the one of the link
    inputs.answer(position=1)
    assert inputs.page.evaluate("harness.bus.pinned") == {"row": 1, "column": 0}
    assert inputs.sent("what_if") == [{"event": "what_if", "first": 0, "stop": 2}]
    inputs.page.evaluate("harness.model.set('what_if', { first: 0, stop: 2, masked: 1 })")
    inputs.page.wait_for_function("location.hash.endsWith('&show=2&pin=2,1&without=1,2')")
    inputs.page.evaluate("harness.bus.pin(null)")
    inputs.page.wait_for_function("location.hash.endsWith('&show=2&without=1,2')")
    inputs.query.fill("fish")  # what is marked is of another text
    inputs.go.click()
    inputs.answer()
    assert len(inputs.sent("what_if")) == 1
    assert inputs.page.evaluate("harness.bus.pinned") is None


def test_marks_that_the_grid_does_not_hold_are_left_out(inputs):
    reload(inputs.page, "#q=cats&d=dogs&pin=7,1&without=2,9")
    inputs.open()
    inputs.answer()
    assert inputs.page.evaluate("harness.bus.pinned") is None
    assert inputs.sent("what_if") == []


def test_a_reload_keeps_the_pinned_pair(inputs):
    inputs.open()
    inputs.query.fill("cats")
    inputs.go.click()
    inputs.answer()
    inputs.page.evaluate("harness.bus.pin({ row: 0, column: 1 })")
    inputs.page.wait_for_function(
        "Object.values(sessionStorage).some((kept) => JSON.parse(kept).pin?.[1] === 1)"
    )


def test_a_damaged_link_says_so_and_changes_nothing(inputs):
    reload(inputs.page, "#z=%3Cscript%3E")
    inputs.open()
    sentence = "The link is damaged, so its texts could not be opened."
    expect(inputs.problem).to_have_text(sentence)
    expect(inputs.query).to_have_value(QUERY)
    assert inputs.sent("explain") == []
    inputs.page.evaluate("location.hash = '#q=cats&d=dogs'")  # followed in the same tab
    expect(inputs.query).to_have_value("cats")


def test_in_a_notebook_neither_address_nor_storage_is_used(inputs):
    reload(inputs.page, "#q=cats&d=dogs")
    inputs.open(draftName=None, ownsAddress=False)
    inputs.query.fill("fish")
    inputs.go.click()
    inputs.answer()
    inputs.page.wait_for_timeout(400)
    assert inputs.page.url.endswith("#q=cats&d=dogs")
    assert inputs.page.evaluate("sessionStorage.length") == 0
    inputs.button("Share", exact=False).click()
    expect(inputs.page.get_by_role("menuitem", name="Copy link")).to_be_hidden()
    expect(inputs.page.get_by_role("menuitem", name="Copy sentence")).to_be_visible()


def test_the_share_menu_copies_and_saves(inputs):
    inputs.answered()
    inputs.page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value:"
        " { writeText: async (text) => { window.copied = text; } } })"
    )
    share = inputs.button("Share", exact=False)
    share.click()
    inputs.page.get_by_role("menuitem", name="Copy link").click()
    expect(inputs.page.get_by_text("The link is copied.")).to_be_visible()
    assert "#q=Elephants%20eat" in inputs.page.evaluate("copied")
    share.click()
    inputs.page.get_by_role("menuitem", name="Copy sentence").click()
    expect(inputs.page.get_by_text("The sentence is copied.")).to_be_visible()
    share.click()
    inputs.page.get_by_role("menuitem", name="Copy picture").click()
    assert inputs.page.evaluate("harness.page.pictures") == 1
    share.click()
    inputs.page.get_by_role("menuitem", name="Save page").click()
    assert inputs.sent("save") == [{"event": "save", "kind": "page"}]


def test_several_documents_are_saved_together(inputs):
    inputs.answered(documents=FIVE)
    inputs.button("Share", exact=False).click()
    saving = inputs.page.get_by_role("menuitem", name="Save page of all 5 documents")
    expect(saving).to_be_visible()


def test_without_a_clipboard_the_link_stands_there_to_be_copied(inputs):
    inputs.answered()
    inputs.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    inputs.button("Share", exact=False).click()
    inputs.page.get_by_role("menuitem", name="Copy link").click()
    assert "#q=Elephants" in inputs.page.get_by_label("Copy this text").input_value()


# -- the whole


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [600, 900, 1280, 2560])
def test_everything_fits_and_is_accessible(browser, axe, width, scheme):
    with inputs_page(
        browser, viewport={"width": width, "height": 720}, color_scheme=scheme
    ) as page:
        inputs = Inputs(page).answered(documents=[*FIVE, ("long", "x" * 10_000), ("no", "--")])
        page.locator(".ce-rail-main[aria-current] ~ .ce-rail-tools button").first.click()
        inputs.rows.first.locator(".ce-rail-main").focus()
        inputs.paste("1. first\n2. second " + "y" * 10_000)
        expect(inputs.preview).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        beyond = page.evaluate(
            """() => [...document.querySelectorAll("main *")].filter((node) => {
              const box = node.getBoundingClientRect();
              const scrolls = node.closest(".ce-rail-narrow .ce-rail-list, li");
              return box.width && box.right > innerWidth + 1 && !scrolls;
            }).map((node) => node.className)"""
        )
        assert beyond == []
        assert axe(page) == []
        inputs.button("Examples", exact=False).click()
        assert axe(page) == []


def test_all_parts_can_be_joined_into_one_script(inputs):
    script = bundle("inputs/inputs.js").script + "\nexport default { inputs };"
    found = inputs.page.evaluate(
        """async (script) => {
          const file = new Blob([script], { type: "text/javascript" });
          return typeof (await import(URL.createObjectURL(file))).default.inputs;
        }""",
        script,
    )
    assert found == "function"


def test_two_hundred_documents_answer_a_key_quickly(inputs):
    documents = [(f"Row {i}", f"Passage {i} on elephants that eat {i} kg") for i in range(200)]
    inputs.answered(documents=documents, limits=LIMITS | {"documents": 300})
    quickest = inputs.page.evaluate(
        """() => {
          const area = document.querySelector(".ce-query-query textarea");
          return Math.min(...Array.from({ length: 10 }, () => {
            const start = performance.now();
            area.value += "x";
            area.dispatchEvent(new Event("input"));
            document.querySelector(".ce-rail").getBoundingClientRect();
            return performance.now() - start;
          }));
        }"""
    )
    assert quickest < 100 * slowness()
