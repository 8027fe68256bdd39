"""What the lessons on searching a collection and on where a search fails say is so."""

import json

import pandas as pd
import pytest
from filelock import FileLock

from colbert_explain.analysis.occlusion import occlude
from colbert_explain.evaluation import evaluate, first_stage_recall, run_of
from colbert_explain.evaluation.audit import audit
from colbert_explain.explanation import explain
from colbert_explain.samples import sample_collection_folder
from colbert_explain.search import Collection
from tests.conftest import run_folder

FOLDER = sample_collection_folder()
FRIDGE = "How does a fridge keep groceries cool?"
CRANE = "How does a crane lift a load without falling over?"
VACCINE = "first vaccine against smallpox"
MEASURES = "Success@1 RR@10 nDCG@10"


@pytest.fixture(scope="module")
def collection(keeping_encoder, tmp_path_factory):
    with FileLock(run_folder(tmp_path_factory) / "sample_collection.lock"):
        return Collection.build(FOLDER, keeping_encoder)


@pytest.fixture(scope="module")
def exact(collection):
    return run_of(collection, FOLDER)


@pytest.fixture(scope="module")
def lost(collection, exact):
    return audit(exact, FOLDER, FOLDER, collection, k=1)


def ranks(hits):
    return {name: rank for rank, name in enumerate(hits.names, 1)}


def words_of(text):
    return {word.strip(".,?:;").lower() for word in text.split()}


def differences(why):
    return why.to_frame().set_index("token")["difference"]


def test_the_collection_is_as_large_as_the_lesson_says(collection):
    difficulties = [document.metadata.get("difficulty") for document in collection]
    assert len(collection) == 161
    assert difficulties.count("long") == 4


def test_two_texts_compete_for_the_question_about_the_fridge(collection):
    hits = collection.search(FRIDGE, 5)
    assert hits.names[:2] == ("refrigerator", "ice-trade")
    assert hits.n_scored == hits.n_searched == 161
    first, second = (document.text for document in hits.documents[:2])
    assert not words_of(first) & {"fridge", "groceries", "cool"}
    assert "a block of ice could keep groceries cool" in second
    assert hits.scores[0] == pytest.approx(4.56, abs=0.005)
    table = pd.DataFrame(hits.word_contributions(), columns=[w.text for w in hits.query_words])
    for word in ("keep", "groceries", "cool"):
        assert table[word][1] > table[word][0] + 0.3
    for word in ("fridge", "How"):
        assert table[word][0] > table[word][1] + 0.3
    why = hits.contrast(0, 1)
    difference = differences(why)
    assert difference[["fridge", "How"]].tolist() == pytest.approx([0.47, 0.40], abs=0.005)
    assert difference.idxmax() == "fridge"
    gained, lost = (difference.clip(lower=0).sum(), difference.clip(upper=0).sum())
    assert (gained, lost) == pytest.approx((1.21, -1.01), abs=0.005)
    assert why.sentence().startswith("refrigerator outscores ice-trade by 0.20: it gains 1.21,")
    assert " loses 1.01 " in why.sentence()
    found = hits.explanations[0].to_frame().set_index("token")
    assert first.startswith("How a refrigerator works\n")
    assert found.loc["How", "match_position"] == 1
    pairs = {"fridge": "refrigerator", "groceries": "food", "cool": "colder"}
    assert found.loc[list(pairs), "match"].to_dict() == pairs
    assert found.loc["cool", "contribution"] == pytest.approx(0.57, abs=0.005)
    assert first.endswith("makes the room hotter, not colder.")
    title = first.replace("How a refrigerator works", "The refrigerator")
    assert explain(FRIDGE, title, collection.encoder).score == pytest.approx(4.05, abs=0.005)
    assert hits.scores[1] > 4.06


def test_the_text_about_the_refrigerator_gains_by_the_word_of_the_question(collection):
    text = collection["refrigerator"].text
    assert text.count("food") == 1
    replaced = text.replace("food", "groceries")
    assert "takes up heat from the groceries around it" in replaced
    x = explain(FRIDGE, replaced, collection.encoder)
    assert x.to_frame().set_index("token").loc["groceries", "match"] == "groceries"
    before = explain(FRIDGE, text, collection.encoder).score
    assert x.score - before == pytest.approx(0.34, abs=0.005)


def test_a_filter_puts_the_bird_first_and_leaves_its_score(collection):
    everywhere = collection.search(CRANE, 2)
    assert everywhere.names == ("crane-machine", "crane-bird")
    assert everywhere.scores.tolist() == pytest.approx([5.98, 5.27], abs=0.005)
    animals = collection.search(CRANE, 3, where={"subject": "animals"})
    assert animals.names[0] == "crane-bird"
    assert animals.scores[0] == pytest.approx(everywhere.scores[1], abs=1e-4)


def test_a_first_stage_of_words_drops_what_the_lesson_says(collection):
    by_words = [name for name, _ in collection.candidates(FRIDGE, 161, first_stage="bm25")]
    assert by_words.index("refrigerator") == 11
    shared = words_of(FRIDGE) & words_of(collection["refrigerator"].text)
    assert shared == {"how", "a"}  # BM25 leaves out a
    hits = collection.search(FRIDGE, 5, first_stage="bm25", candidates=10)
    assert hits.names[0] == "ice-trade"
    kept = first_stage_recall(collection, FOLDER, k=1, candidates=10).per_query
    assert int(kept["n_kept"].sum()) == 38
    assert kept.index[kept["n_kept"] == 0].tolist() == ["q-dearer-shops", "q-fridge-cool"]
    assert first_stage_recall(collection, FOLDER, k=1, candidates=20).mean == 1
    assert first_stage_recall(collection, FOLDER, k=10).mean == pytest.approx(0.8, abs=0.02)


def test_the_birds_that_the_lesson_finds_can_fly(collection):
    hits = collection.search("birds that cannot fly", 3)
    assert set(hits.names) == {"albatross", "swift-bird", "hummingbird-food"}
    assert [w.text for w in hits.query_words] == ["birds", "that", "cannot", "fly"]


def test_how_good_the_search_is_and_by_how_much_it_leads_is_as_the_lesson_says(collection, exact):
    mine = evaluate(exact, FOLDER, FOLDER, MEASURES)
    assert len(mine.per_query) == 40
    assert mine.per_query["Success@1"].sum() == 21
    frame = mine.to_frame()
    assert frame.loc["Success@1"].tolist() == pytest.approx([0.525, 0.08, 40], abs=0.0005)
    assert mine.means["nDCG@10"] == pytest.approx(0.73, abs=0.005)
    words = run_of(collection, FOLDER, first_stage="bm25", rescore=False)
    compared = mine.compare(evaluate(words, FOLDER, FOLDER, MEASURES))
    row = compared.summary.loc["nDCG@10"]
    assert (row["difference"], row["standard_error"]) == pytest.approx((0.13, 0.04), abs=0.005)
    assert row["difference"] / row["standard_error"] == pytest.approx(3, abs=0.05)
    assert row[["won", "lost", "equal"]].tolist() == [17, 4, 19]
    assert compared.per_query["nDCG@10"].idxmin() == "q-young-11-months"
    query = collection.search("Which animal carries its young for 11 months?", 3)
    assert ranks(query)["elephant-calf"] == 1
    assert int(query.query.scored_mask.sum()) == 8
    assert "11" in words_of(collection["horse-foal"].text)
    assert "22 months" in collection["elephant-calf"].text
    assert words["q-young-11-months"]["horse-foal"] == max(words["q-young-11-months"].values())
    rows = [*map(json.loads, (FOLDER / "corpus.jsonl").read_text("utf-8").splitlines())]
    assert [r["_id"] for r in rows if "11" in words_of(r["text"])] == ["horse-foal"]


def test_the_causes_are_as_the_lesson_counts_them(lost):
    assert len(lost.lost) == 19
    assert lost.counts.to_dict() == {
        "exact words beat meaning": 8,
        "unmatched query word": 6,
        "function words": 3,
        "number or name differs": 1,
        "other": 1,
    }
    lines = (FOLDER / "queries.jsonl").read_text("utf-8").splitlines()
    planted = {row["_id"]: row["metadata"]["difficulty"] for row in map(json.loads, lines)}
    frame = lost.to_frame()
    found = frame["found"].groupby(planted).sum().to_dict()
    assert found["plain"] == list(planted.values()).count("plain")
    for name in ("paraphrase", "negation", "near miss"):
        assert (found[name], list(planted.values()).count(name)) == (1, 6)
    assert found["name"] + found["number"] == 9
    negations = [name for name, of in planted.items() if of == "negation"]
    assert (frame.loc[negations, "cause"] == "exact words beat meaning").sum() == 2


def test_how_many_decides_for_the_animal_as_the_lesson_says(collection, lost):
    why = lost.contrast("q-mole-number")
    assert (why.names, why.score_difference) == (
        ("mole-animal", "mole-unit"),
        pytest.approx(0.08, abs=0.005),
    )
    assert differences(why).sort_values().index[[-1, -2]].tolist() == ["many", "How"]
    frame = why.to_frame().set_index("token")
    assert frame.loc["particles", "match_first"] == "mole"
    assert frame.loc["particles", "contribution_first"] == pytest.approx(0.28, abs=0.005)
    x = explain(
        "How many particles are in a mole?", collection["mole-animal"].text, collection.encoder
    )
    meadow = x.document.text.index("How many moles live in a meadow")
    rows = x.to_frame().set_index("token")
    starts = [x.document[int(rows.loc[word, "match_position"])].start for word in ("How", "many")]
    assert starts == [meadow, meadow + 4]
    without = occlude(x, "How many ", reencode=collection.encoder)
    assert without.reencoded.score == pytest.approx(3.27, abs=0.005)
    assert why.second.score == pytest.approx(4.26, abs=0.005)


def test_a_number_decides_for_the_elephant_as_the_lesson_says(lost):
    (young,) = (each for each in lost.lost if "11 months" in each.query)
    assert (young.right, young.winner) == ("horse-foal", "elephant-calf")
    assert young.cause == "number or name differs"
    why = lost.contrast(young.query_id)
    assert "22" in words_of(why.first.document.text)
    assert "11" in words_of(why.second.document.text) - words_of(why.first.document.text)


def test_the_word_capital_brings_the_country_to_the_top_as_the_lesson_says(collection, lost):
    (georgia,) = (each for each in lost.lost if "Georgia" in each.query)
    assert (georgia.right, georgia.winner) == ("georgia-country", "georgia-state")
    assert georgia.winner_score - georgia.right_score == pytest.approx(0.42, abs=0.005)
    text = collection["georgia-country"].text
    assert "Its seat of government is Tbilisi" in text
    assert "capital" not in words_of(text)
    added = explain(georgia.query, f"{text} capital.", collection.encoder)
    assert (added.score, georgia.winner_score) == pytest.approx((6.25, 6.16), abs=0.005)


def test_other_words_find_what_is_far_down_as_the_lesson_says(collection, lost):
    (vaccine,) = (each for each in lost.lost if each.query == VACCINE)
    assert (vaccine.right, vaccine.rank, vaccine.winner) == ("jenner-cowpox", 17, "smallpox-end")
    assert (vaccine.winner_score, vaccine.right_score) == pytest.approx((3.14, 1.48), abs=0.005)
    text = collection["jenner-cowpox"].text
    assert not words_of(text) & {"first", "vaccine", "smallpox"}
    hits = collection.search("Who protected a boy with cowpox?", 3)
    assert hits.names[0] == "jenner-cowpox"
    assert hits.scores[0] - hits.scores[1] > 2
    assert text.endswith("Napoleon had his army treated in this way.")
    longer = explain(
        VACCINE, f"{text} It was the first vaccine against smallpox.", collection.encoder
    )
    assert longer.score > vaccine.winner_score


def test_what_a_first_stage_loses_is_as_the_lesson_says(collection):
    stages = {"first_stage": "bm25", "candidates": 10}
    short = run_of(collection, FOLDER, **stages)
    found = audit(short, FOLDER, FOLDER, collection, **stages)
    assert found.counts.to_dict() == {"dropped by the first stage": 2, "unmatched query word": 2}
    dropped = [each for each in found.lost if each.cause == "dropped by the first stage"]
    assert sorted(each.exact_rank for each in dropped) == [3, 4]
    assert all(each.exact_rank > 10 for each in found.lost if each not in dropped)
