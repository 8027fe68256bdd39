"""The store of what is in the fields, and what keeps texts from being explained."""

import pytest

from tests.browser.javascript.inputs_page import LIMITS
from tests.browser.javascript.modules import blank_page, call

#: Apply the acts and tell what the store holds.
PLAY = """
async (acts) => {
  const { typedTexts } = await import("/inputs/typed_texts.js");
  const typed = typedTexts();
  const undo = [];
  const told = [];
  typed.onChange((what) => told.push(what));
  for (const [name, ...given] of acts) {
    if (name === "undo") undo.pop()();
    else {
      const key = { setText: true, rename: true, remove: true }[name];
      const [place, ...rest] = given;
      const found = typed[name](...(key ? [typed.documents[place].key, ...rest] : given));
      if (typeof found === "function") undo.push(found);
    }
  }
  const texts = typed.documents.map((one) => one.text);
  return { query: typed.query, texts, names: typed.names(), told };
}
"""


@pytest.fixture
def page(shared, browser):
    return shared.get("blank page", lambda: blank_page(browser))


@pytest.fixture
def play(page):
    return lambda *acts: page.evaluate(PLAY, [list(act) for act in acts])


@pytest.fixture
def problem_of(page):
    def ask(query, *documents, **limits):
        texts = {"query": query, "documents": [{"name": "", "text": text} for text in documents]}
        return call(page, "inputs/size_limits.js", "problemOf", texts, LIMITS | limits)

    return ask


def documents(*texts):
    return [{"name": "", "text": text} for text in texts]


def test_documents_are_called_by_their_first_words_unless_named(play):
    long = "Every day, the average elephant consumes roughly 150 kg of food."
    found = play(
        ("add", documents(long, "Cats  sleep.\n", "Cats sleep.", " ")), ("rename", 1, " x  y ")
    )
    assert found["names"] == [
        "Every day, the average elephant consumes…",
        "x y",
        "Cats sleep.",
        "Document 4",
    ]


def test_names_are_distinct(play):
    found = play(("add", documents("Cats", "Cats", "Cats (2)")), ("rename", 2, "Cats"))
    assert found["names"] == ["Cats", "Cats (2)", "Cats (3)"]


def test_a_blank_document_makes_room_and_a_written_one_does_not(play):
    assert play(("add", documents("a", "b")))["texts"] == ["a", "b"]
    assert play(("setText", 0, "x"), ("add", documents("a")))["texts"] == ["x", "a"]
    assert play(("add", documents("")))["texts"] == ["", ""]


def test_removing_and_replacing_can_be_undone(play):
    start = ("add", documents("a", "b", "c"))
    assert play(start, ("remove", 1))["texts"] == ["a", "c"]
    assert play(start, ("remove", 1), ("undo",))["texts"] == ["a", "b", "c"]
    assert play(start, ("replace", documents("x")))["texts"] == ["x"]
    assert play(start, ("replace", documents("x")), ("undo",))["texts"] == ["a", "b", "c"]
    alone = ("add", documents("a"))
    assert play(alone, ("remove", 0))["texts"] == [""]
    assert play(alone, ("remove", 0), ("undo",))["texts"] == ["a"]
    then = ("setText", 0, "typed since")
    assert play(alone, ("remove", 0), then, ("undo",))["texts"] == ["a", "typed since"]


def test_only_changes_are_told(play):
    acts = [("setQuery", "a"), ("setQuery", "a"), ("setText", 0, "b"), ("setText", 0, "b")]
    assert play(*acts, ("rename", 0, ""))["told"] == ["query", "text"]


@pytest.mark.parametrize(
    ("texts", "limits", "sentence"),
    [
        (("cats", "dogs"), {}, ""),
        (("cats", "dogs", " "), {"documents": 1}, ""),  # a blank document is not sent
        ((" ", "dogs"), {}, "Enter a query first."),
        (("cats", "", " "), {}, "Enter a document first."),
        (
            ("cats", "🐼🐼"),
            {"text": 5},
            "The query and documents have 6 characters in total. "
            "At most 5 can be explained at once.",
        ),
        (("cats", "🐼"), {"text": 5}, ""),
        (
            ("cats", "a", "b"),
            {"documents": 1},
            "There are 2 documents. At most 1 can be compared at once.",
        ),
    ],
)
def test_what_cannot_be_explained_is_said(problem_of, texts, limits, sentence):
    assert problem_of(*texts, **limits) == sentence


def test_half_of_a_character_is_refused(page):
    sentence = page.evaluate(
        """async (limits) => {
          const { problemOf } = await import("/inputs/size_limits.js");
          const documents = ["x", "\\ud83d"].map((text) => ({ name: "", text }));
          return problemOf({ query: "a", documents }, limits);
        }""",
        LIMITS,
    )
    assert sentence.startswith("The document at position 2 contains half a character")


def test_a_message_beyond_what_can_be_sent_is_said_in_megabytes(page):
    sentence = call(page, "inputs/size_limits.js", "sizeProblem", 0, 9 * 1024**2, LIMITS)
    assert (
        sentence
        == "The query and documents come to 9.0 MB in total. At most 8.0 MB can be sent at once."
    )
