"""The numbers in docs/reading.md are those of the bundled encoder."""

import re
from pathlib import Path

import pytest

from colbert_explain.analysis import rank
from colbert_explain.analysis.occlusion import occlude
from colbert_explain.explanation import explain

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reading.md").read_text(encoding="utf-8")
TAKEN_AWAY = re.findall(
    r"^\| \*(\w+)\* \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE
)


def test_its_pictures_are_there():
    pictures = re.findall(r"\]\((pictures/\w+\.png)\)", PAGE)
    assert len(pictures) == 5
    assert all((DOCS / picture).is_file() for picture in pictures)


def test_it_shows_five_words_taken_away():
    assert [row[0] for row in TAKEN_AWAY] == ["150", "food", "consumes", "Every", "roughly"]


@pytest.mark.parametrize(("word", "score", "masked", "again"), TAKEN_AWAY)
def test_what_it_says_of_a_word_taken_away_is_so(encoder, word, score, masked, again):
    query, text = re.findall(r'^    "(.+)",$', PAGE, re.MULTILINE)[:2]
    x = explain(query, text, encoder)
    found = occlude(x, word, reencode=encoder)
    assert found.reencoded is not None
    shown = [f"{e.score:.2f}" for e in (found.original, found.masked, found.reencoded)]
    assert shown == [score, masked, again]


def test_the_sentence_it_quotes_is_the_one_that_comes_out(encoder):
    rivers = {
        "Seine": "The Seine runs through Paris.",
        "Thames": "The river Thames flows through London.",
    }
    sentence = rank("Which river flows through Paris?", rivers, encoder).contrast(0, 1).sentence()
    quoted = " ".join(line[2:] for line in PAGE.splitlines() if line.startswith("> "))
    assert quoted == sentence
