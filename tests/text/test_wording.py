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
    percent,
    quoted,
    shorten,
    signed,
    visible,
)


def test_counts_and_numbers():
    counted = [count(n, "word") for n in (0, 1, 2, 1200)]
    assert counted == ["0 words", "1 word", "2 words", "1,200 words"]
    assert [number(v) for v in (0.1234, -0.5, -0.0004)] == ["0.123", "\u22120.500", "0.000"]
    assert [signed(v) for v in (0.1, -0.5, -0.0004, 0.0)] == [
        *("+0.100", "\u22120.500", "±0.000", "±0.000")
    ]
    assert [signed(v, 2) for v in (-0.125, 0.004)] == ["\u22120.12", "±0.00"]


def test_percentages():
    assert [percent(part) for part in (0.256, -0.5, float("nan"))] == ["26 %", "-50 %", ""]
    assert percent(0.2564, 1) == "25.6 %"


def test_lists_and_sentences():
    assert [listed(list(names)) for names in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
    assert ended("in “a b”") == "in “a b”."
    assert ended("in “a b.”") == "in “a b.”"
    assert ended("in “\u2068a b …\u2069”") == "in “\u2068a b …\u2069”"
    assert [capitalised(text) for text in ("", "a B", "éa")] == ["", "A B", "Éa"]


def test_texts_are_cut_between_words():
    cut = excerpt("word " * 60)
    assert cut.endswith("word …")
    assert len(cut) <= 162
    assert excerpt("  two\n words ") == "two words"
    assert len(excerpt("x" * 300)) == 162


def test_a_cut_text_says_so_and_is_one_line():
    assert shorten("abcd", 4) == "abcd"
    assert shorten("abcde", 4) == "abc…"
    assert beginning("a\x1bb\n c", 9) == "a b c"
    assert beginning(" " * 50 + "b", 9) == "␣…"
    assert beginning("ab " * 9, 9) == "ab ab ab…"


def test_names_are_quoted_on_one_line_and_kept_in_their_place():
    assert quoted("a\n\tb") == "“a b”"
    assert one_line("\n") == "␣"
    assert visible("a\x1bb\u202e") == "a b "
    assert isolated("cat 🐘 é") == "cat 🐘 é"
    assert isolated("\u05d0\u05d1") == "\u2068\u05d0\u05d1\u2069"
    assert [is_right_to_left(text) for text in ("a", "é", "a\u05d0", "\u0600")] == [
        False,
        False,
        True,
        True,
    ]
