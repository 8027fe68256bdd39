import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views import report
from colbert_explain.views.text.report import report_sections
from tests.example_explanations import EXAMPLES, example


def explanation(query, document, similarity):
    sides = [TokenSequence.from_strings(side.split()) for side in (query, document)]
    return Explanation(*sides, np.array(similarity, np.float32), Provenance("hand-made"))


def section(x, heading, **options):
    return next(s for s in report_sections(x, **options) if s.heading == heading)


def parts(x):
    """What the report says that words, the rest of them, and other tokens add to the score."""
    found = []
    for part in report_sections(x):
        for item in part.items:
            if part.heading == "What each query word adds":
                adds = re.match(r".+? adds (\d+\.\d{3})", item)
                takes = re.match(r".+? takes (\d+\.\d{3}) away", item)
                rest = re.match(r"The other [\d,]+ words together: (-?\d+\.\d{3})", item)
                value = next(match for match in (rest, adds, takes) if match)
                found.append(float(value[1]) * (-1 if value is takes else 1))
            elif part.heading == "Parts of the score" and not item.startswith("Words"):
                found.append(float(re.search(r": (-?\d+\.\d{3})", item)[1]))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_numbers_add_up_to_the_score(name):
    x = example(**EXAMPLES[name])
    said = parts(x)
    assert sum(said) == pytest.approx(x.score, abs=0.00051 * len(said))
    assert f"scores {x.score:.3f} for the query" in report(x)


NOTHING = "Nothing in the document is similar to the query: no similarity is above 0"


def test_a_document_in_which_nothing_is_similar_is_said_to_be_so():
    for similarity, largest in (
        ([[-0.2, -0.5], [-0.3, -0.4]], "-0.200"),
        ([[0.0, -0.5], [-0.3, -0.4]], "0.000"),
        ([[0.0, 0.0], [0.0, 0.0]], "0.000"),
    ):
        said = report(explanation("a b", "c d", similarity))
        assert f"{NOTHING}; the largest that counts is {largest}." in said, similarity
    assert NOTHING not in report(explanation("a b", "c d", [[0.001, -0.5], [-0.3, -0.4]]))


@settings(max_examples=60, deadline=None)
@given(
    n_query=st.integers(1, 40),
    n_document=st.integers(1, 30),
    shift=st.floats(-0.9, 0.4),
    scored=st.booleans(),
    seed=st.integers(0, 99),
)
def test_they_add_up_whatever_the_similarities(n_query, n_document, shift, scored, seed):
    x = example(n_query, n_document, seed=seed, structural_scored=scored)
    moved = np.clip(x.similarity + np.float32(shift), -1, 1)
    x = Explanation(x.query, x.document, moved, x.provenance)
    said = parts(x)
    assert sum(said) == pytest.approx(x.score, abs=0.00051 * len(said))
    text = report(x)
    assert "nan" not in text
    assert "-0.000" not in text
    assert not re.search(r"\b1 (tokens|words|places|pieces)\b|\b([2-9]|\d\d+) (token|word)\b", text)


def test_one_word_on_either_side():
    x = explanation("cats", "cat", [[0.8]])
    assert report(x).splitlines()[:3] == [
        "Score",
        "The document “cat” scores 0.800 for the query “cats”.",
        "That is the best similarity of its only scored query token. A similarity lies between "
        "-1 and 1; scores are not comparable between queries.",
    ]
    assert section(x, "What each query word adds").items == (
        "“cats” adds 0.800 (100% of the score): the same stem, “cat”, in “cat”.",
    )
    assert "How clear-cut the matches are" not in report(x)
    assert "Caution" in report(x)


def test_ties_and_close_calls_are_named():
    x = explanation(
        "a b c", "one two three", [[0.5, 0.5, 0.5], [0.5, 0.485, 0.1], [0.5, 0.4999, 0.1]]
    )
    tie, close, closer = section(x, "What each query word adds").items
    assert tie.endswith("A tie: 2 other places are equal within numerical error.")
    assert close.endswith("A close call: “two” in “one two three” is 0.015 behind.")
    assert closer.endswith("is less than 0.001 behind.")
    assert section(x, "How clear-cut the matches are").sentences == (
        "“a” is matched equally well elsewhere in the document: the place that is named is the "
        "first.",
        "“b” and “c” are close calls: another place comes within 0.02 of their matches.",
    )


def test_nothing_similar_and_negative_similarities():
    x = explanation("a b", "one two", [[-0.2, -0.3], [-0.1, -0.5]])
    assert "no similarity is above 0; the largest that counts is -0.100." in report(x)
    assert section(x, "What each query word adds").items == (
        "“b” takes 0.100 away: a different word, “one”, in “one two”.",
        "“a” takes 0.200 away: a different word, “one”, in “one two”.",
    )
    assert "%" not in report(x)  # there is no share of a negative score


def test_a_long_query_is_summed_up_and_nothing_is_lost():
    x = example(60, 30)
    items = section(x, "What each query word adds").items
    assert len(items) == 13
    values = sorted(float(v) for v in x.words().contributions[x.words().alignment >= 0])
    n_words = len(values)
    assert f"The other {n_words - 12} words together: {sum(values[:-12]):.3f}" in items[-1]
    assert f"from {values[-13]:.3f} down to {values[0]:.3f} each" in items[-1]


def test_percentiles_are_said_and_what_convinces_nobody():
    x = explanation("a b c", "one two", [[0.9, 0.1], [0.3, 0.1], [0.4, 0.1]])
    known = np.array([100, 41.9, np.nan])
    a, c, b = section(x, "What each query word adds", percentiles=known).items
    assert a.endswith(
        "At least as good as all best matches that were measured in unrelated texts of this length."
    )
    assert b.endswith("Better than 41% of the best matches in unrelated texts of this length.")
    assert "nrelated" not in c
    firm = section(x, "How clear-cut the matches are", percentiles=known).sentences
    assert firm == (
        "“b” found nothing convincing: more than 5% of matches in unrelated text of this length "
        "are as good or better.",
    )
    assert "nrelated" not in report(x)
    good = section(x, "How clear-cut the matches are", percentiles=np.array([99, 97, np.nan]))
    better = "matched better than 95% of unrelated text of this length would match"
    assert good.sentences == (f"Both words are {better} them.",)
    good = section(x, "How clear-cut the matches are", percentiles=np.array([99, *[np.nan] * 2]))
    assert good.sentences == (f"The word is {better} it.",)


def test_percentiles_that_do_not_fit_are_refused():
    x = explanation("a b", "one", [[0.9], [0.3]])
    with pytest.raises(ValueError, match="one number per query token, 2, got 1"):
        report(x, percentiles=np.array([50]))
    with pytest.raises(ValueError, match=r"must lie within \[0, 100\], got 970"):
        report(x, percentiles=np.array([970, 50]))


def test_tokens_without_text_have_their_share():
    x = example(32, 60, n_expansion=20, structural_scored=True)
    items = section(x, "Parts of the score").items
    assert [item.split(":")[0] for item in items] == [
        "Words",
        "Marker tokens (“[Q]”)",
        "Special tokens (“[CLS]” and “[SEP]”)",
        "Expansion tokens (“[MASK]”)",
    ]
    assert items[3].endswith("20 tokens.")
    only = Token(4, "[MASK]", "[MASK]", None, None, "expansion")
    word = TokenSequence.from_strings(["cats"])
    x = Explanation(
        TokenSequence("", (only,)), word, np.array([[0.5]], np.float32), Provenance("mine")
    )
    assert parts(x) == [0.5]
    x = Explanation(
        word, TokenSequence("", (only,)), np.array([[0.5]], np.float32), Provenance("mine")
    )
    assert "its best match is “[MASK]”, which has no text." in report(x)
    assert "found a token that has no text, 0.500" in report(x)


def test_what_was_not_read_not_known_and_how_often_it_was_read(toy_encoder):
    toy_encoder.document_length = 24
    x = explain("cats zzz", "cats eat fish, " * 8, toy_encoder)
    said = " ".join(section(x, "What was read").sentences)
    assert "Of 4 tokens of the query, 1 is scored." in said
    assert "This model cannot read 1 word of the query" in said
    assert "The document was read in 3 overlapping windows." in said
    assert "24 tokens were read, 10 were not" in said


def test_the_best_sentences_with_their_scores(toy_encoder):
    x = explain("cats eat fish", "Dogs bark. Cats eat fish. Cows eat grass.", toy_encoder)
    best = x.passages(3)
    items = section(x, "Best sentences of the document").items
    assert len(items) == 3
    for item, passage in zip(items, best, strict=True):
        assert item.startswith(f"{passage.score:.3f} ({100 * passage.share:.0f}% of the score)")
        assert passage.text in item


def test_a_user_cannot_break_lines_obey_terminals_or_turn_text_around():
    tokens = TokenSequence("a\nb \x1b[1mc", (Token(1, "x", "a\nb \x1b[1mc", 0, 9),))
    hebrew = TokenSequence.from_strings(["\u05e9\u05dc\u05d5\u05dd"])
    x = Explanation(tokens, hebrew, np.ones((1, 1), np.float32), Provenance("mine"))
    text = report(x)
    assert "\x1b" not in text
    assert "“a b  [1mc”" in text
    assert "“\u2068\u05e9\u05dc\u05d5\u05dd\u2069”" in text


def test_words_around_a_match_are_cut_between_words():
    words = [f"word{k}" for k in range(30)]
    x = explanation("cats", " ".join([*words, "cats", *words]), [[0.1] * 30 + [1.0] + [0.1] * 30])
    (item,) = section(x, "What each query word adds").items
    assert "in “… word27 word28 word29 cats word0 word1 word2 word3 …”" in item


def test_a_report_is_its_sections_with_headings_and_lists():
    x = example(12, 14)
    blocks = report(x).split("\n\n")
    sections = report_sections(x)
    assert len(blocks) == len(sections) >= 7
    for block, section in zip(blocks, sections, strict=True):
        heading, *lines = block.split("\n")
        n_sentences = len(section.sentences)
        assert heading == section.heading
        assert tuple(lines[:n_sentences]) == section.sentences
        assert tuple(lines[n_sentences:]) == tuple(f"- {item}" for item in section.items)
