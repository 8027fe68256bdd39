import json

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.page_data.stepper import number, stepper_contents, stepper_text
from colbert_explain.views.theme import css_cosine


def made(similarity, query=None, document=None):
    matrix = np.array(similarity, dtype=np.float32)
    sides = [
        given if given is not None else TokenSequence.from_strings(f"{c}{k}" for k in range(n))
        for c, given, n in zip("qd", (query, document), matrix.shape, strict=True)
    ]
    return Explanation(*sides, matrix, Provenance("made by hand"))


def tokens_of(contents):
    return contents["steps"][1:-1]


def test_the_sums_of_real_texts_end_at_the_score_and_every_cell_is_the_matrix(encoder):
    x = explain(
        "Elephants eat 150 kg of food per day.",
        "Every day, the average elephant consumes roughly 150 kg of food.",
        encoder,
    )
    contents = stepper_contents(x)
    steps = tokens_of(contents)
    assert len(steps) == len(x.query)
    running = 0.0
    for i, step in enumerate(steps):
        running += float(x.contributions[i])
        assert step["sum"] == pytest.approx(running, abs=1e-5)
        assert [(j, value) for j, value, _, _ in step["cells"]] == [
            (j, number(float(x.similarity[i, j]))) for j in range(len(x.document))
        ]
        assert [j for j, _, _, wins in step["cells"] if wins] == sorted(x.winners(i).tolist())
    assert steps[-1]["sum"] == pytest.approx(x.score, abs=1e-5)
    assert contents["steps"][-1]["sum"] == x.score
    assert contents["steps"][-1]["addition"].endswith(f"= {x.score:.2f}")
    assert steps[2]["sentence"] == (
        f"eat → consume {x.contributions[2]:.2f}, sum {x.contributions[:3].sum():.2f}"
    )


@pytest.mark.parametrize(("values", "sign"), [([0.251, 0.251], "="), ([0.254, 0.254], "≈")])
def test_an_equals_sign_stands_only_where_the_printed_numbers_add_up(values, sign):
    contents = stepper_contents(made([[value] for value in values]))
    assert f" {sign} " in contents["steps"][-1]["addition"]
    said = [step["sentence"] for step in tokens_of(contents)]
    assert ("before rounding" in said[1]) == (sign == "≈")
    assert "before rounding" not in said[0]


def test_colours_are_those_of_the_one_scale_and_only_where_a_pair_counts(encoder):
    x = explain("Cats eat fish.", "A cat eats a fish.", encoder)
    contents = stepper_contents(x)
    for i, step in enumerate(tokens_of(contents)):
        for j, _, key, _ in step["cells"]:
            counts = x.query[i].scored and x.document[j].scored
            assert (key is not None) == counts
            if counts:
                assert key / 100 == pytest.approx(float(x.similarity[i, j]), abs=0.006)
                assert contents["colours"][str(key)] == css_cosine(key / 100)


def test_a_tie_is_told_and_all_its_cells_are_framed(toy_encoder):
    contents = stepper_contents(explain("cats", "cats like cats", toy_encoder))
    step = tokens_of(contents)[1]
    assert step["sentence"] == "cats → cats 1.00, tied with 1 other, sum 1.00"
    assert [j for j, _, _, wins in step["cells"] if wins] == [1, 3]


def test_a_skipped_token_says_why_and_adds_nothing(toy_encoder):
    contents = stepper_contents(explain("zzz cats , [eat]", "cats , eat", toy_encoder))
    reasons = {step["name"]: step["reason"] for step in tokens_of(contents)}
    assert reasons["zzz"] == "unknown to this model"
    assert reasons["[CLS]"] == "a structural token that is not scored"
    assert reasons[","] == "left out of the score"
    assert reasons["cats"] is None
    skipped = next(step for step in tokens_of(contents) if step["name"] == ",")
    assert skipped["sentence"] == ", is skipped, left out of the score; the sum stays 1.00"
    assert skipped["contribution"] is None
    assert all(key is None for _, _, key, _ in skipped["cells"])
    column = next(c for c in contents["document"].values() if c["name"] == ",")
    assert column["reason"] == "left out of the score"


def test_one_token_against_one():
    contents = stepper_contents(made([[-0.25]]))
    assert len(contents["steps"]) == 3
    assert contents["steps"][1]["sentence"] == "q0 → d0 \N{MINUS SIGN}0.25, sum \N{MINUS SIGN}0.25"
    assert contents["steps"][1]["share"] == 0  # of a score below zero there is no share
    assert contents["steps"][0]["sentence"].startswith("Start: the query token will choose")
    assert contents["steps"][2]["sentence"].startswith("The scored query token has chosen")


@pytest.mark.parametrize(("n_query", "n_best"), [(32, 12), (1000, 6)])
def test_a_document_of_8192_tokens_shows_the_best_and_their_neighbours(n_query, n_best):
    rows = np.tile(np.linspace(-1, 1, 8192, dtype=np.float32), (n_query, 1))
    matrix = np.random.default_rng(0).permuted(rows, axis=1)
    x = made(matrix)
    contents = stepper_contents(x)
    assert len(json.dumps(contents)) < 2_500_000
    assert f"8,192 tokens. Each step shows the {n_best} that" in contents["shortened"]
    for i in (0, n_query - 1):
        step = tokens_of(contents)[i]
        shown = {cell[0] for cell in step["cells"]}
        best = np.argsort(-x.similarity[i])[:n_best]
        wanted = {int(j) + k for j in best for k in (-1, 0, 1)}
        assert shown == {j for j in wanted if 0 <= j < 8192}
        assert [cell[0] for cell in step["cells"] if cell[3]] == sorted(x.winners(i).tolist())
        assert all(str(j) in contents["document"] for j in shown)
    assert tokens_of(contents)[-1]["sum"] == pytest.approx(x.score, abs=1e-5 * n_query)


def test_a_long_document_of_equal_tokens_shows_some_of_the_ties_and_counts_all():
    contents = stepper_contents(made(np.ones((1, 500))))
    step = tokens_of(contents)[0]
    assert "tied with 499 others" in step["sentence"]
    assert sum(wins for *_, wins in step["cells"]) == 12


def test_a_short_document_is_shown_whole_whatever_the_query(toy_encoder):
    contents = stepper_contents(made(np.zeros((40, 64))))
    assert contents["shortened"] is None
    assert {len(step["cells"]) for step in tokens_of(contents)} == {64}


def test_control_codes_and_codes_of_direction_do_not_reach_the_page():
    tokens = (Token(1, "a", "a\x1b\u202eb", 0, 4), Token(1, " ", " ", 4, 5))
    contents = stepper_contents(
        made([[0.5, 0.1]], document=TokenSequence("a\x1b\u202eb c", tokens))
    )
    shown = json.dumps(contents, ensure_ascii=False)
    assert "\x1b" not in shown
    assert "\\u001b" not in shown
    assert "\u202e" not in shown
    assert contents["document"]["1"]["name"] == "␣"


def test_a_number_has_two_decimals_and_no_negative_zero():
    assert [number(v) for v in (0.70649, -0.0001, -0.5)] == [
        "0.71",
        "0.00",
        "\N{MINUS SIGN}0.50",
    ]


def test_the_text_form_has_every_step_the_warnings_and_the_source(toy_encoder):
    contents = stepper_contents(explain("zzz cats", "cats", toy_encoder), pooled_cosine=-0.25)
    lines = stepper_text(contents).splitlines()
    assert lines[2] == "zzz is skipped, unknown to this model; the sum stays 0.00"
    assert "Single-vector cosine: \N{MINUS SIGN}0.25." in lines
    assert any("cannot read 1 word" in line for line in lines)
    assert lines[-1].startswith("toy")
