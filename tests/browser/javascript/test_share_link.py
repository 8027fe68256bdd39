"""Texts in an address: written so that they come back exactly, and read strictly."""

import base64
import json
import random
import zlib

import pytest

from tests.browser.javascript.inputs_page import LIMITS
from tests.browser.javascript.modules import blank_page, call

DAMAGED = {"problem": "The link is damaged, so its texts could not be opened."}
NOTHING = {"pin": None, "without": None}
VIEW = {"level": "word", "order": "text", "unscored": False}


@pytest.fixture
def page(shared, browser):
    return shared.get("blank page", lambda: blank_page(browser))


@pytest.fixture
def link_of(page):
    return lambda *given: call(page, "inputs/share_link.js", "linkOf", *given)


@pytest.fixture
def read(page):
    return lambda fragment: call(page, "inputs/share_link.js", "readLink", fragment, LIMITS)


def texts(query, *documents):
    return {
        "query": query,
        "documents": [dict(zip(("name", "text"), one, strict=True)) for one in documents],
    }


def packed(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    compress = zlib.compressobj(wbits=-15)
    letters = base64.urlsafe_b64encode(compress.compress(data) + compress.flush())
    return "#z=" + letters.decode().rstrip("=")


def test_a_short_pair_can_be_read_in_the_address(link_of, read):
    given = texts("Cats & dogs?", ("", "50% = half\n#1 + 🐼"))
    link = link_of(given, VIEW, None)["fragment"]
    assert link == "#q=Cats%20%26%20dogs%3F&d=50%25%20%3D%20half%0A%231%20%2B%20%F0%9F%90%BC"
    assert read(link) == {"texts": given, "options": VIEW, "shown": None, "marks": NOTHING}


def test_several_documents_their_names_and_the_view_come_back(link_of, read):
    given = texts("cats", ("", "first"), ("b.txt", "second"), ("", "third"))
    view = {"level": "token", "order": "contribution", "unscored": True}
    link = link_of(given, view, 2)["fragment"]
    assert link.startswith("#q=cats&d=first&d=second&d=third&n=&n=b.txt&n=&view=")
    assert read(link) == {"texts": given, "options": view, "shown": 2, "marks": NOTHING}


@pytest.mark.parametrize("length", [1, 400])
@pytest.mark.parametrize(
    "marks", [{"pin": [0, 11], "without": None}, {"pin": [3, 0], "without": [2, 5]}]
)
def test_the_pinned_pair_and_the_removed_words_come_back(link_of, read, marks, length):
    given = texts("cats", ("", "Cats sleep all day, and dogs bark. " * length))
    link = link_of(given, VIEW, None, marks)["fragment"]
    assert read(link) == {"texts": given, "options": VIEW, "shown": None, "marks": marks}


def test_an_address_counts_as_people_do(link_of):
    marks = {"pin": [0, 11], "without": [2, 5]}
    link = link_of(texts("cats", ("", "dogs")), VIEW, None, marks)["fragment"]
    assert link == "#q=cats&d=dogs&pin=1,12&without=3,5"


def test_a_longer_text_is_compressed(link_of, read):
    given = texts("cats", ("", "Cats sleep all day, and dogs bark. " * 400), ("b", "مرحبا " * 99))
    link = link_of(given, VIEW, 1)["fragment"]
    assert link.startswith("#z=")
    assert len(link) < 500
    assert read(link) == {"texts": given, "options": VIEW, "shown": 1, "marks": NOTHING}


def test_what_does_not_fit_says_so(link_of):
    noise = random.Random(1)
    text = "".join(noise.choices("abcdefghijklmnopqrstuvwxyz ", k=20_000))
    assert link_of(texts("cats", ("", text)), VIEW, 0) == {
        "problem": "These texts are too long for a link. Save the page instead."
    }


def test_a_link_written_by_a_form_or_by_hand_is_read(read):
    found = read("#q=Which+river%3F&d=The Seine")
    assert found["texts"] == texts("Which river?", ("", "The Seine"))


@pytest.mark.parametrize(
    "fragment",
    [
        "#q=cats",  # no document
        "#d=cats",
        "#q=a&q=b&d=c",
        "#q=%E9&d=c",
        "#q=%ZZ&d=c",
        "#q=a&d=b&evil=1",
        "#q=a&d=b&n=x&n=y",
        "#q=a&d=b&view=upside-down",
        "#q=a&d=b&show=0",
        "#q=a&d=b&show=2",
        "#q=a&d=b&show=1e3",
        "#q=a&d=b&__proto__=c",
        "#q=a&d=b&pin=1",
        "#q=a&d=b&pin=0,1",
        "#q=a&d=b&pin=1,2,3",
        "#q=a&d=b&pin=1,2&pin=1,2",
        "#q=a&d=b&pin=1,9999999",
        "#q=a&d=b&without=5,3",
        "#q=a&d=b&without=-1,3",
        "#q=a&d=b&without=1,2%00",
        "#q=a&d",
        "#z=",
        "#z=!!!",
        "#z=AAAA",
        "#z=" + "A" * 9000,
        packed(b"not JSON"),
        packed(b"\xff\xfe"),
        packed([1]),
        packed(None),
        packed({"query": "a"}),
        packed({"query": 1, "documents": ["b"]}),
        packed({"query": "a", "documents": "b"}),
        packed({"query": "a", "documents": []}),
        packed({"query": "a", "documents": [["b"]]}),
        packed({"query": "a", "documents": ["b"], "names": ["x", "y"]}),
        packed({"query": "a", "documents": ["b"], "view": ["words"]}),
        packed({"query": "a", "documents": ["b"], "shown": -1}),
        packed({"query": "a", "documents": ["b"], "pin": [-1, 0]}),
        packed({"query": "a", "documents": ["b"], "pin": [0.5, 0]}),
        packed({"query": "a", "documents": ["b"], "pin": ["0", "0"]}),
        packed({"query": "a", "documents": ["b"], "pin": {"0": 1, "1": 1, "length": 2}}),
        packed({"query": "a", "documents": ["b"], "pin": [0, 1e9]}),
        packed({"query": "a", "documents": ["b"], "without": [2, 2]}),
        packed({"query": "a", "documents": ["b"], "without": [3, 1]}),
        packed({"query": "a", "documents": ["b"], "more": 1}),
        packed(b'{"query": "a", "documents": ["\\ud800"]}'),
        packed({"query": "a", "documents": ["b"]})[:-4],
        packed(b" " * (9 * 1024**2)),  # a few bytes that stand for many
    ],
)
def test_a_damaged_or_hostile_link_is_refused_with_a_sentence(read, fragment):
    assert read(fragment) == DAMAGED


def test_a_link_beyond_the_limits_is_refused(read):
    many = packed({"query": "a", "documents": ["b"] * 101})
    assert read(many) == {
        "problem": "The link was not opened. There are 101 documents. "
        "At most 100 can be compared at once."
    }
    long = packed({"query": "a", "documents": ["b" * 1_000_000]})
    assert "have 1,000,001 characters in total" in read(long)["problem"]
