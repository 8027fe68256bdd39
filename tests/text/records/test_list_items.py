"""Each item of a numbered list is a passage, its number with it; a number in prose begins none."""

import textwrap

from colbert_explain.text.sentences import sentence_spans

#: As long as each other, so that no line looks as if it had been left short.
ITEMS = (
    "Cats eat mice and sleep all day long in the sun",
    "Dogs bark at the moon all night long, and then rest",
    "birds eat seed and fly south before the winter comes",
    "Elephants eat grass and bark and drink a lot of water",
    "Fish swim in the sea and eat what they can find there",
    "Cows eat grass in the field and give milk every day",
)
LABELS = {
    "numbers": "1. 2. 3. 4. 5. 6.",
    "numbers that do not begin with one": "8. 9. 10. 11. 12. 13.",
    "numbers in brackets": "(1) (2) (3) (4) (5) (6)",
    "numbers before a bracket": "1) 2) 3) 4) 5) 6)",
    "numbers as references have them": "[1] [2] [3] [4] [5] [6]",
    "one number, as Markdown allows": "1. 1. 1. 1. 1. 1.",
    "numbers of two levels": "1.1. 1.2. 1.3. 2.1. 2.2. 2.3.",
    "letters": "a. b. c. d. e. f.",
    "letters before a bracket": "a) b) c) d) e) f)",
    "letters in brackets": "(A) (B) (C) (D) (E) (F)",
    "Roman numbers": "i. ii. iii. iv. v. vi.",
    "large Roman numbers": "IV. V. VI. VII. VIII. IX.",
    "Roman numbers in brackets": "(i) (ii) (iii) (iv) (v) (vi)",
    "articles": "Article-1. Article-2. Article-3. Article-4. Article-5. Article-6.",
    "questions": "Q1. Q2. Q3. Q4. Q5. Q6.",
}


def cut(text):
    return [text[start:end] for start, end in sentence_spans(text)]


def test_each_item_of_a_numbered_list_is_a_passage():
    for what, labels in LABELS.items():
        for end in ("", "."):
            lines = [
                f"{a.replace('-', ' ')} {b}{end}"
                for a, b in zip(labels.split(), ITEMS, strict=True)
            ]
            assert cut("\n".join(lines)) == lines, (what, end)
            assert cut("\n".join(lines[:2])) == lines[:2], (what, end)
            for indented in (textwrap.indent("\n".join(lines), "  "), "\r\n".join(lines)):
                assert cut(indented) == lines, (what, end)


def test_an_item_goes_on_in_the_lines_below_it():
    for what, labels in LABELS.items():
        for indent in ("", "   "):
            items = [
                textwrap.fill(f"{label.replace('-', ' ')} {item}", 40, subsequent_indent=indent)
                for label, item in zip(labels.split(), ITEMS, strict=True)
            ]
            assert cut("\n".join(["They do this:", *items])) == ["They do this:", *items], what


def test_items_within_items():
    lines = [f"1. {ITEMS[0]}", f"   a) {ITEMS[1]}", f"   b) {ITEMS[2]}"]
    lines += [f"2. {ITEMS[3]}", f"   a) {ITEMS[4]}"]
    assert cut("\n".join(lines)) == [line.strip() for line in lines]


def test_items_of_scripts_without_blanks():
    for lines in (
        [
            "一、大象吃草和树皮也喝很多水",
            "二、猫吃鱼和老鼠也喝牛奶和水",
            "三、狗吃肉和骨头也喝很多的水",
        ],
        [
            "1、大象吃草和树皮也喝很多水",
            "2、猫吃鱼和老鼠也喝牛奶和水",
            "3、狗吃肉和骨头也喝很多的水",
        ],
        ["（一）大象吃草和树皮也喝水", "（二）猫吃鱼和老鼠也喝牛奶", "（三）狗吃肉和骨头也喝水的"],  # noqa: RUF001
    ):
        assert cut("\n".join(lines)) == lines


def test_numbers_at_the_beginning_of_wrapped_lines_begin_no_item():
    for text in (
        "of all the animals that the keeper had he fed\n12. the others found their own food",
        "the herd had grown by then, in all its parts,\n3.5 million animals, and the next one of\n"
        "4.5 million of them, which is a lot",
        "as far as we know, this is what he remarks\n(19. page of it) and what the others say on\n"
        "(20. page of the same book), which is a lot",
        "it was seen by the mother of Ann and of Bo\na) in the report and, once more, seen in a\n"
        "c) part of the same, which is long",
    ):
        assert len(cut(text)) == 1, text


def test_a_letter_with_a_full_stop_ends_a_sentence_unless_it_is_all_of_it():
    assert cut("He got an A. Then he left.") == ["He got an A.", "Then he left."]
    assert cut("b. They sleep.") == ["b. They sleep."]
