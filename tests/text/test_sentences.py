import pytest
from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.text.sentences import sentence_spans
from tests.growth import growth


def sentences(text):
    return [text[start:end] for start, end in sentence_spans(text)]


#: What the sentences must be; they are joined by spaces.
ONE_LINE = {
    "plain": ["Elephants eat grass.", "Do they drink?", "Yes!", "A lot"],
    "titles": ["Dr. Moss met Mrs. Poole and Prof. Payne.", "They counted elephants."],
    "latin": ["Browsers, e.g. Loxodonta, eat bark, i.e. Wood.", "Others graze."],
    "country": ["It left the U.S. Navy in 1990.", "It came to the U.S.", "The flight was long."],
    "numbers follow": ["See Fig. 3 and No. 12 on p. 4.", "It shows c. 300 animals, approx. 5 t."],
    "the word no": ["No.", "He stayed.", "No."],
    "decimals": ["It ate 3.5 t in 2.75 h.", "0.5 t was hay.", "Then came .5 l of water."],
    "initials": ["J. R. R. Tolkien and George W. Bush met J.-P. Sartre.", "All sat down."],
    "quotes": ['He said "Elephants eat."', '"They do!"', "(She agreed.)", "“Fine.”"],
    "a quote goes on": ['"Stop!" he said.', '"What is it?" asked Toomai.', "(He ran.)"],
    "bracket inside": ["The herd (Loxodonta spp.) Linnaeus saw was large.", "It left."],
    "bracket that ends": ["It left (it was late (5 p.m.) and it ate.)", "The herd slept."],
    "sums": ["Here (p - 1)! + 1 counts.", "It cost $5 (c. EUR 4).", "It was c. €5."],
    "ellipsis": ["He waited... and waited.", "It came…", "Then . . . it left.", "End . . ."],
    "note numbers": ["It ate bark.[12]", "It drank.[3][4]", "It slept.[a]"],
    "company": ["Acme Inc. Chairman Smith resigned.", "He sold Acme Inc.", "The price was low."],
    "et al.": ["Smith et al. Found nothing.", "So Poole et al. (1999) looked again."],
    "etc.": ["They eat bark, grass, etc. and fruit.", "They eat bark etc.", "Water helps."],
    "time": ["It rose at 5 p.m. and left.", "It was 6 a.m.", "Monday came."],
    "versus": ["In Roe v. Wade it ruled.", "The U.S. Congress vs. Nixon began."],
    "no space": ["See example.com and v1.2.3 for more.", "Use Node.js there."],
    "several marks": ["What?!", "Really??", "Is that so!!!", "Yes."],
    "species": ["E. coli and L. africana are names.", "It was born on Feb. 3 in Kenya."],
    "numbers end": ["It was 1990.", "In 5.", "Then it was 6."],
    "accents": ["Les éléphants mangent.", "Ça va?", "Él come.", "Übrigens auch."],
    "a list of one line": ["1. Elephants eat.", "2. Elephants drink."],
}


@pytest.mark.parametrize("name", ONE_LINE)
def test_sentences_of_one_line(name):
    assert sentences(" ".join(ONE_LINE[name])) == ONE_LINE[name]


LINES = {
    "wrapped": (
        "The Indian elephant is one of three\nextant subspecies of the Asian elephant\n"
        "The size is small, but it eats in\nIndia what it finds. It also\ndrinks.",
        [
            "The Indian elephant is one of three\nextant subspecies of the Asian elephant\n"
            "The size is small, but it eats in\nIndia what it finds.",
            "It also\ndrinks.",
        ],
    ),
    "heading": ("Food\n\nElephants eat", ["Food", "Elephants eat"]),
    "heading without blank line": (
        "What elephants eat\nElephants eat grass and bark, and a lot of it.",
        ["What elephants eat", "Elephants eat grass and bark, and a lot of it."],
    ),
    "markdown": (
        "# What they eat\nGrass, bark\n## And\ndrink\n----\nWater",
        ["# What they eat", "Grass, bark", "## And", "drink", "----", "Water"],
    ),
    "bullets": (
        "They eat:\n- grass\n* bark, which is\n  old\n• fruit\r\n• leaves",
        ["They eat:", "- grass", "* bark, which is\n  old", "• fruit", "• leaves"],
    ),
    "numbered": (
        "They eat\n1. grass\n2. Bark of trees\n10) fruit\n(a) figs\nb) plums",
        ["They eat", "1. grass", "2. Bark of trees", "10) fruit", "(a) figs", "b) plums"],
    ),
    "short lines": ("Apples\nPears\nPlums", ["Apples", "Pears", "Plums"]),
    "lower case goes on": ("Elephants\neat grass", ["Elephants\neat grass"]),
    "a comma goes on": ("Elephants,\nDuring the day, eat", ["Elephants,\nDuring the day, eat"]),
    "blank line of spaces": ("eat\n \t \nelephants", ["eat", "elephants"]),
    "one Windows line break": ("they\r\neat", ["they\r\neat"]),
    "separators": (
        "It ate.\u2028It drank\u2029\u2029it slept",
        ["It ate.", "It drank", "it slept"],
    ),
    "a number in wrapped text": (
        "Of all the animals the keeper had he fed\n12. The others found their own food there.",
        ["Of all the animals the keeper had he fed\n12.", "The others found their own food there."],
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_line_breaks(name):
    text, expected = LINES[name]
    assert sentences(text) == expected


def test_full_stops_of_other_scripts():
    for text, expected in (
        ("大象吃草。它们也喝水！真的吗？", ["大象吃草。", "它们也喝水！", "真的吗？"]),  # noqa: RUF001
        ("「象は食べる。」と言った。水も飲む。", ["「象は食べる。」と言った。", "水も飲む。"]),
        ("“大象吃草。”“是的。”", ["“大象吃草。”", "“是的。”"]),
        ("हाथी खाता है। वह पीता है।", ["हाथी खाता है।", "वह पीता है।"]),
    ):
        assert sentences(text) == expected, text


def test_text_without_words_has_sentences_only_where_something_stands():
    assert sentence_spans("") == ()
    assert sentence_spans(" \n\n\t") == ()
    assert sentences(" ... ") == ["..."]


@given(st.text() | st.text(alphabet="aA1.!?…。」)(\"' \n\r\t-*•#:,"))
def test_spans_hold_everything_but_white_space_once_and_in_order(text):
    spans = sentence_spans(text)
    held = [False] * len(text)
    for start, end in spans:
        assert start < end
        assert text[start:end] == text[start:end].strip()
        for position in range(start, end):
            assert not held[position]
            held[position] = True
    assert list(spans) == sorted(spans)
    for character, is_held in zip(text, held, strict=True):
        assert is_held or character.isspace()


def test_time_grows_with_the_length_of_the_text_only():
    for unit in ("a ", "\n", " ", "(a.) ", "A. ", "a\n", ". ", "(", "-\n", "。"):
        short = unit * (4_000 // len(unit))
        # Ten times if it grows with the length, a hundred times if with its square.
        assert growth(sentence_spans, short, 10 * short) < 35, unit
