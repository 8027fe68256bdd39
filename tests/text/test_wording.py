from colbert_explain.text.wording import (
    beginning,
    capitalised,
    count,
    ended,
    excerpt,
    is_right_to_left,
    isolated,
    listed,
    number,
    one_line,
    ordinal,
    quoted,
    shorten,
    signed,
    visible,
)


def test_counts_and_numbers():
    assert [count(n, "word") for n in (0, 1, 1200)] == ["0 words", "1 word", "1,200 words"]
    assert [number(v) for v in (0.1234, -0.5)] == ["0.123", "\u22120.500"]
    assert [signed(v, 2) for v in (-0.125, 0.004)] == ["\u22120.12", "±0.00"]


def test_places_in_an_order():
    places = "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th 1,003rd"
    for place in places.split():
        assert ordinal(int(place[:-2].replace(",", ""))) == place


def test_sentences():
    assert listed(["a", "b"]) == "a and b"
    for text, sentence in (("“a b”", "“a b”."), ("“a.”", "“a.”"), ("“\u2068a …\u2069”", None)):
        assert ended(text) == (sentence or text)
    assert [capitalised(text) for text in ("", "a B", "éa")] == ["", "A B", "Éa"]


def test_texts_are_cut_between_words_and_say_so():
    assert excerpt("word " * 60).endswith("word …")
    assert len(excerpt("x" * 300)) == 162
    assert [shorten(text, 4) for text in ("abcd", "abcde")] == ["abcd", "abc…"]
    assert beginning("a\x1bb\n c", 9) == "a b c"
    assert beginning(" " * 50 + "b", 9) == "␣…"
    assert beginning("ab " * 9, 9) == "ab ab ab…"


def test_names_are_quoted_on_one_line_and_kept_in_their_place():
    assert (quoted("a\n\tb"), one_line("\n"), visible("a\x1bb\u202e")) == ("“a b”", "␣", "a b ")
    # Joiners belong to the words of Persian and to emoji; a soft hyphen divides no word.
    for text in (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👨\u200d👩\u200d👧",
        "cat\u00adegory",
        "a\u200bb",
    ):
        assert visible(text) == one_line(text) == text
    assert not any(map(is_right_to_left, ("a", "é", "🐘")))
    for text in ("a\u05d0", "\u0600"):
        assert isolated(text) == f"\u2068{text}\u2069", text
