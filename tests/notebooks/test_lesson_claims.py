"""What the lessons say of the packaged texts is so."""

import numpy as np
import pytest

from colbert_explain.analysis import contrast, rank
from colbert_explain.explanation import explain
from colbert_explain.samples import load_samples


def matches(sample, encoder):
    """For each word of the query: the word it chose, and how similar the two are."""
    x = explain(sample.query, sample.document, encoder)
    rows = zip(x.query, x.alignment, x.contributions, strict=True)
    return {t.text: (x.document[int(j)].text, float(c)) for t, j, c in rows if j >= 0}, x


def by_token(x):
    return x.to_frame().loc[lambda row: row["scored"]].set_index("token")


def test_what_the_lesson_on_identical_texts_says_is_so(encoder):
    same, repeated, bridge = load_samples("Identical")
    x = explain(same.query, same.document, encoder)
    np.testing.assert_allclose(np.diag(x.similarity), 1, atol=1e-5)
    assert explain(bridge.query, bridge.document, encoder).score == pytest.approx(10, abs=1e-4)
    frame = explain(repeated.query, repeated.document, encoder).to_frame()
    for row, other in ((1, 4), (2, 6), (4, 1), (6, 2)):  # The and the, dog and dog
        assert frame["match_position"][row] == row
        assert frame["contribution"][row] == pytest.approx(1, abs=1e-5)
        assert frame["runner_up_position"][row] == other
    assert frame["runner_up_similarity"][[2, 6]].tolist() == pytest.approx([0.90] * 2, abs=0.005)
    assert frame["runner_up_similarity"][[1, 4]].tolist() == pytest.approx([0.84] * 2, abs=0.005)


def test_words_before_the_two_sides_mark_them_as_the_lesson_on_identical_texts_says(encoder):
    same = load_samples("Identical")[0]
    x = explain(f"query: {same.query}", f"document: {same.document}", encoder)
    frame = by_token(x)
    assert frame.loc["query", "match"] == "document"
    assert frame.loc["query", "contribution"] == pytest.approx(0.39, abs=0.005)
    words = frame.drop("query")
    assert len(words) == 8
    assert (words["match"] == words.index).all()
    assert words["contribution"].idxmin() == "of"
    ends = [words["contribution"].min(), words["contribution"].max()]
    assert ends == pytest.approx([0.985, 0.997], abs=0.0005)


def test_a_changed_word_takes_from_its_neighbours_as_the_lesson_on_identical_texts_says(encoder):
    repeated = load_samples("Identical")[1]
    changed = repeated.document.replace("saw", "chased")
    assert changed == "The dog chased the other dog."
    frame = explain(repeated.query, changed, encoder).to_frame().loc[1:6]
    assert frame.loc[3, "contribution"] == pytest.approx(0.44, abs=0.005)
    others = frame.drop(3)
    assert others["match_position"].tolist() == others.index.tolist()
    assert others["contribution"].max() < 0.95


def test_what_the_lesson_on_paraphrases_says_is_so(encoder):
    elephants, question, _, _ = load_samples("Paraphrased")
    found, x = matches(elephants, encoder)
    assert found["eat"][0] == "consume"
    assert found["per"][0] == "of"
    frame = x.to_frame().set_index("token")
    assert frame.loc["per", "runner_up"] == "Every"
    calls = frame["contribution"] - frame["runner_up_similarity"]
    assert calls.drop(["per", "eat"]).min() > 0.25
    assert calls[["per", "eat"]].max() < 0.07
    assert found["per"][1] == pytest.approx(0.63, abs=0.005)
    assert frame.loc["per", "runner_up_similarity"] == pytest.approx(0.60, abs=0.005)
    found, _ = matches(question, encoder)
    assert found["winter"][0] == "cold"


def test_the_reverse_beats_the_same_as_the_lesson_on_paraphrases_says(encoder):
    order = load_samples("Paraphrased")[2]
    same = explain(order.query, order.document, encoder)
    reverse = explain(order.query, "The parents thanked the teacher after the concert.", encoder)
    assert (same.score, reverse.score) == pytest.approx((7.36, 7.81), abs=0.005)
    for x in (same, reverse):
        found = by_token(x)["match"]
        assert all(found[word] == word for word in ("teacher", "thanked", "parents", "concert"))
    higher = [
        t.text
        for t, a, b in zip(same.query, same.contributions, reverse.contributions, strict=True)
        if a > b
    ]
    assert higher == ["parents"]


def test_late_finds_delayed_as_the_lesson_on_paraphrases_says(encoder):
    pair = load_samples("Paraphrased")[3]
    frame = by_token(explain(pair.query, pair.document, encoder))
    assert frame["contribution"].idxmin() == "late"
    assert frame.loc["late", "match"] == "journey"
    assert frame.loc["late", "contribution"] == pytest.approx(0.23, abs=0.005)
    assert not {w.lower() for w in pair.query.split()} & {w.lower() for w in pair.document.split()}
    delayed = explain(pair.query, pair.document.replace("held up", "delayed"), encoder)
    assert by_token(delayed).loc["late", "match"] == "delayed"


def test_what_the_lesson_on_unrelated_texts_says_is_so(encoder):
    cats, canteen, rain, _, _ = load_samples("Unrelated")
    found, x = matches(cats, encoder)
    assert {word: found[word][0] for word in ("Elephants", "150", "kg")} == {
        "Elephants": "Cats",
        "150": "50",
        "kg": "g",
    }
    assert sorted(found, key=lambda word: found[word][1])[:3] == ["Elephants", "kg", "150"]
    paraphrase = explain(cats.query, load_samples("Paraphrased")[0].document, encoder)
    assert (x.score, paraphrase.score) == pytest.approx((6.26, 6.77), abs=0.005)
    found, _ = matches(canteen, encoder)
    chosen = [word for word, (match, _) in found.items() if match == "eat"]
    assert sorted(chosen) == ["day", "eat", "food", "kg"]
    assert found["food"][1] == pytest.approx(0.67, abs=0.005)
    assert max(found["kg"][1], found["day"][1]) < 0.3
    found, _ = matches(rain, encoder)
    assert max(value for _, value in found.values()) == pytest.approx(0.24, abs=0.005)


def test_a_bank_is_no_bank_as_the_lesson_on_unrelated_texts_says(encoder):
    bank = load_samples("Unrelated")[3]
    found, x = matches(bank, encoder)
    assert x.score == pytest.approx(2.69, abs=0.005)
    assert [word for word, (match, _) in found.items() if match == "bank"] == [
        "savings",
        "account",
        "bank",
    ]
    assert found["bank"][1] == pytest.approx(0.66, abs=0.005)
    shore = explain(bank.query, bank.document.replace("bank", "shore"), encoder)
    frame = by_token(shore)
    assert frame.loc["bank", "match"] == "iris"
    assert frame.loc["bank", "contribution"] == pytest.approx(0.17, abs=0.005)
    lost = {
        t.text: a - b for t, a, b in zip(x.query, x.contributions, shore.contributions, strict=True)
    }
    assert max(lost, key=lost.__getitem__) == "bank"


def test_what_the_lesson_on_unrelated_texts_says_of_percentiles_is_so(encoder, calibration):
    cats, canteen, rain, _, _ = (
        explain(sample.query, sample.document, encoder) for sample in load_samples("Unrelated")
    )
    words = [token.text for token in cats.query]

    def percentiles(x):
        found = calibration.of(x).tolist()
        return {word: value for word, value in zip(words, found, strict=True) if value == value}

    assert min(percentiles(cats).values()) > 98
    found = percentiles(canteen)
    assert {word for word, value in found.items() if value > 99} == {"eat", "food"}
    assert sorted(found.values())[-3] < 90
    found = percentiles(rain)
    assert max(found.values()) < 75
    assert sum(value < 50 for value in found.values()) == 5


QUESTION = "Which river flows through Paris?"
THAMES = "The river Thames flows through London."
RUNS, FLOWS = (f"The Seine {verb} through Paris." for verb in ("runs", "flows"))


def test_in_the_lesson_on_winning_the_wrong_sentence_wins_by_two_words(encoder):
    why = rank(QUESTION, [RUNS, THAMES], encoder).contrast(0, 1)
    assert why.score_difference == pytest.approx(-0.22, abs=0.005)
    frame = why.to_frame().set_index("token")
    difference = frame["difference"]
    assert difference.abs().idxmax() == "Paris"
    assert difference["Paris"] > 0
    assert difference["flows"] == pytest.approx(-0.35, abs=0.005)
    assert difference.sort_values().index[:2].tolist() == ["river", "flows"]
    assert difference["river"] < -0.3
    assert max(abs(difference["Which"]), abs(difference["through"])) < 0.03
    assert frame.loc["flows", "match_first"] == "through"
    assert frame.loc["river", "match_first"] == "Seine"
    share = frame.loc["river", "contribution_first"] / frame.loc["river", "contribution_second"]
    assert 0.5 < share < 0.55
    assert "“river” → “river”" in why.sentence()
    assert "“Paris” → “Paris”" in why.sentence()


def test_in_the_lesson_on_winning_one_word_turns_the_order_around(encoder):
    assert rank(QUESTION, [RUNS, THAMES], encoder).order.tolist() == [1, 0]
    assert rank(QUESTION, [FLOWS, THAMES], encoder).order.tolist() == [0, 1]
    flows, runs = (explain(QUESTION, text, encoder) for text in (FLOWS, RUNS))
    change = contrast(flows, runs)
    assert change.score_difference == pytest.approx(0.47, abs=0.005)
    frame = change.to_frame().set_index("token")
    for word in ("Which", "through", "Paris"):
        assert frame.loc[word, "match_first"] == frame.loc[word, "match_second"]
        assert frame.loc[word, "difference"] > 0.001
    assert tuple(frame.loc["river", ["match_first", "match_second"]]) == ("flows", "Seine")


def test_what_else_the_lesson_on_winning_says_is_so(encoder):
    answers = [
        "Chocolate is poisonous for dogs.",
        "Dogs must never be given chocolate.",
        "Cats can eat chocolate.",
        "Dogs can eat apples.",
    ]
    ranking = rank("Can dogs eat chocolate?", answers, encoder)
    assert ranking.order[0] == 2
    assert set(ranking.order[2:].tolist()) == {0, 1}
    shorter = "The Thames flows through London"
    scores = [explain(QUESTION, text, encoder).score for text in (RUNS, f"{shorter}.")]
    assert scores == pytest.approx([3.396, 3.277], abs=0.0006)
    denied = explain(QUESTION, f"{shorter}, not Paris.", encoder).score
    assert denied == pytest.approx(3.785, abs=0.0006)
    assert denied > scores[0] > scores[1]
