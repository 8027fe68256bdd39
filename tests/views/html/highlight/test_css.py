import re

from colbert_explain.views.html.highlight.css import (
    MOST_LINKED,
    colour_rules,
    link_rules,
    segment_classes,
)
from colbert_explain.views.html.highlight.segments import Segment
from colbert_explain.views.theme import DARK, css_cosine


def match(value, *partners):
    return Segment("x", "match", "t", value, partners)


def test_one_rule_for_each_colour_that_occurs():
    segments = [match(0.5), match(0.5004), match(-1.0), Segment("x", "weak", "t", 0.3)]
    rules = colour_rules(segments, "auto").replace("!important", "").splitlines()
    assert rules == [
        f".ce-highlight .ce-s0{{{css_cosine(-1.0)}}}",
        f".ce-highlight .ce-s150{{{css_cosine(0.5)}}}",
    ]


def test_a_theme_of_its_own_outweighs_the_rules_of_other_displays():
    (rule,) = colour_rules([match(1.0)], "dark").splitlines()
    assert rule.startswith(".ce-highlight.ce-dark .ce-s200{")
    assert DARK.cosine_colour(1.0) in rule


def test_classes_are_made_of_state_and_numbers_alone():
    assert segment_classes(match(0.25, 3, 5)) == "ce-s125 ce-q3 ce-q5"
    assert segment_classes(match(1.2)) == "ce-s200"
    weak = Segment("</style>", "weak", "<b>", 0.1, (2,), unknown=True, pinned=True)
    assert segment_classes(weak) == "ce-weak ce-unknown ce-q2 ce-pin"
    assert segment_classes(Segment("x", "unknown", unknown=True)) == "ce-unknown"
    assert segment_classes(Segment("x")) == ""


def test_links_are_written_once_for_each_query_word_up_to_a_limit():
    rules = link_rules([match(0.1, 4), match(0.2, 4, 7)])
    assert re.findall(r":has\(\.ce-q(\d+):is\(:hover,:focus\)\) \.ce-q(\d+)", rules) == [
        ("4", "4"),
        ("7", "7"),
    ]
    assert link_rules([match(0.1, MOST_LINKED)]) == ""
    assert "ce-q" not in segment_classes(match(0.1, MOST_LINKED))
