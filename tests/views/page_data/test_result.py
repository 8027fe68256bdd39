import json
import time
from dataclasses import replace

import numpy as np
import pytest

from colbert_explain import explain, rank
from colbert_explain.analysis.unreadable_documents import UnreadableDocument
from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.nearest_tokens import nearest_query_tokens
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.page_data.result import numbers_sentence, page_result
from colbert_explain.views.theme import THEMES, palette_of
from tests.example_explanations import EXAMPLES, example
from tests.views.page_data.pairs import CATS, ELEPHANTS, PARAPHRASE, given, pair_of, traces

LEVELS = ("word", "token")
TEXTS = {
    "right to left": ("كم يأكل الفيل 🐘؟", "הפיל אוכל 150 ק״ג. الفيل يأكل 🐘🐘."),
    "no spaces": ("大象吃什么?", "大象每天吃竹子和草。"),
    "blanks": ("  cats\n\n eat  ", "\t cats \u2028 eat\u00a0fish \n\n"),
    "signs": ("<b>a & $b$</b>", 'It is <b>a</b> & "$b$" \\ {x}.'),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("unscored", [False, True])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_scored_row_is_shown_and_they_add_up_to_the_score(kind, unscored, level):
    x = given(kind)
    data = page_result(x, level=level, unscored=unscored).data
    json.dumps(data, allow_nan=False)
    rows, columns = data["grid"]["rows"], data["grid"]["columns"]
    assert sum(row["value"] for row in rows) == pytest.approx(x.score, abs=1e-4)
    held = [i for row in rows if row["scored"] for i in row["tokens"]]
    assert set(np.flatnonzero(x.query.scored_mask)) <= set(held)
    if unscored:
        assert sorted(i for row in rows for i in row["tokens"]) == list(range(len(x.query)))
        assert [j for c in columns for j in c["tokens"]] == list(range(len(x.document)))
    else:
        assert all(entry["scored"] for entry in [*rows, *columns])
    for i, row in enumerate(rows):
        winners = [] if row["column"] is None else [row["column"], *row["tied"]]
        assert bool(winners) == row["scored"]
        assert all(i in columns[j]["rows"] for j in winners)
    assert sum(len(c["rows"]) for c in columns) == sum(
        1 + len(row["tied"]) for row in rows if row["scored"]
    )


def test_a_row_says_what_its_token_found():
    x = example(12, 60)
    result = page_result(x, level="token")
    columns = result.data["grid"]["columns"]
    for row in result.data["grid"]["rows"]:
        (i,) = row["tokens"]
        match = x.token_matches[i]
        assert row["value"] == match.similarity
        assert row["share"] == pytest.approx(match.similarity / x.score)
        assert columns[row["column"]]["tokens"] == [match.match_position]
        assert columns[row["runner_up"]["column"]]["tokens"] == [match.runner_up_position]
        assert row["runner_up"]["value"] == match.runner_up_similarity
        assert row["runner_up"]["label"] == match.runner_up.text
        assert row["firm"] == {"tied": "tie", "close": "close", "firm": ""}[match.firmness]
        assert row["colour"] == palette_of("light").cosine_colour(match.similarity)
        before, found, after = row["context"]
        shown = before.removeprefix("…") + found + after.removesuffix("…")
        assert found == match.match.text
        assert shown in x.document.text


@pytest.mark.parametrize("order", ["text", "contribution"])
def test_a_column_names_the_row_that_is_nearest_to_it(order):
    x = example(12, 60)
    grid = page_result(x, level="token", order=order, unscored=True).data["grid"]
    for column in grid["columns"]:
        found = grid["rows"][column["nearest"]]["tokens"]
        assert found == [nearest_query_tokens(x, *column["tokens"])[0]], column["label"]


@pytest.mark.parametrize("level", LEVELS)
def test_of_equally_near_rows_the_first_in_the_text_is_named_on_every_processor(level):
    for sign in (-1, 1):
        similarity = np.array([[0.5, 0.2], [0.9, 0.2 + sign * 3e-7], [0.8, 0.1]], np.float32)
        for order in ("text", "contribution"):
            grid = page_result(pair_of(similarity), level=level, order=order).data["grid"]
            rows = [grid["rows"][column["nearest"]]["label"] for column in grid["columns"]]
            assert rows == ["q1", "q0"], (sign, order)


def test_a_word_of_several_pieces_adds_what_they_add():
    x = explain("consumes", PARAPHRASE)
    (row,) = page_result(x).data["grid"]["rows"]
    assert row["pieces"] == 2
    assert row["value"] == pytest.approx(x.score)
    assert row["value"] > 1
    assert row["kind"] == "same"
    assert row["colour"] == palette_of("light").cosine_colour(x.score / 2)


def test_kinds_of_matches():
    rows = page_result(explain(ELEPHANTS, PARAPHRASE)).data["grid"]["rows"]
    kinds = {row["label"]: row["kind"] for row in rows}
    assert kinds["Elephants"] == "stem"
    assert kinds["food"] == "same"
    assert kinds["eat"] == "other"


def test_the_largest_contribution_first():
    x = example(12, 60)
    rows = page_result(x, level="token", order="contribution").data["grid"]["rows"]
    values = [row["value"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert [row["tokens"] for row in rows] != sorted(row["tokens"] for row in rows)


def test_what_is_hidden_is_counted():
    x = explain(ELEPHANTS, PARAPHRASE)
    hidden = page_result(x).data["grid"]["hidden"]
    assert hidden == {
        "rows": 3,
        "columns": 4,
        "sentence": "3 unscored rows and 4 unscored columns hidden",
    }
    assert page_result(x, unscored=True).data["grid"]["hidden"] == {
        "rows": 0,
        "columns": 0,
        "sentence": "",
    }
    no_frame = page_result(example(1, 1)).data["grid"]["hidden"]
    assert no_frame["sentence"] == ""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("texts", TEXTS)
def test_the_segments_of_both_texts_are_the_texts(texts, level):
    query, document = TEXTS[texts]
    result = page_result(explain(query, document), level=level)
    for side, text, index in (("query", query, "row"), ("document", document, "column")):
        segments = result.data["text"][side]
        assert "".join(s["text"] for s in segments) == text
        held = [n for s in segments if index in s for n in [s[index], *s.get("also", [])]]
        entries = result.data["grid"][f"{index}s"]
        assert held == list(range(len(entries)))
        for segment in segments:
            if index in segment:
                label = entries[segment[index]]["label"]
                assert label.split(" ")[0].strip() in segment["text"]


def test_a_segment_is_coloured_by_the_row_that_matches_it_best():
    result = page_result(explain("cats eat and cats sleep", "cats sleep"))
    rows = result.data["grid"]["rows"]
    cats = next(s for s in result.data["text"]["document"] if s["text"] == "cats")
    chosen_by = [i for i, row in enumerate(rows) if row["column"] == cats["column"]]
    assert cats["rows"] == chosen_by
    assert len(chosen_by) > 1
    assert cats["value"] == max(rows[i]["value"] for i in chosen_by)
    assert cats["colour"] == palette_of("light").cosine_colour(cats["value"])


def test_a_long_text_is_folded_but_never_around_a_match():
    similarity = np.full((2, 1500), 0.1, dtype=np.float32)
    similarity[0, 700] = similarity[1, 720] = 0.9
    x = pair_of(similarity)
    data = page_result(x).data
    segments = data["text"]["document"]
    assert "".join(s["text"] for s in segments) == x.document.text
    assert [k for k, s in enumerate(segments) if s.get("fold")] == [0, len(segments) - 1]
    assert all(s["count"] == len(s["text"]) for s in segments if s.get("fold"))
    labels = [column["label"] for column in data["grid"]["columns"]]
    for segment in (s for s in segments if s.get("fold")):
        at, found = 0, []
        for before, length, column in zip(*[iter(segment["words"])] * 3, strict=True):
            at += before + length
            found.append((segment["text"][at - length : at], labels[column]))
        assert len(found) > 50
        assert all(word == label for word, label in found)
    shown = [s["column"] for s in segments if "column" in s]
    assert shown == list(range(shown[0], shown[-1] + 1))
    assert shown[0] < 690
    assert shown[-1] > 730
    assert 400 < sum(len(s["text"]) for s in segments if not s.get("fold")) < 900


def test_a_text_without_any_match_opens_with_its_first_words():
    words = TokenSequence.from_strings(f"word{k}" for k in range(400))
    tokens = [replace(token, scored=False) for token in words]
    marker = Token(1, "[CLS]", "[CLS]", None, None, "special")
    document = TokenSequence(words.text, (marker, *tokens))
    similarity = np.full((1, 401), 0.5, dtype=np.float32)
    x = Explanation(TokenSequence.from_strings(["q"]), document, similarity, Provenance("test"))
    for unscored in (False, True):
        segments = page_result(x, unscored=unscored).data["text"]["document"]
        assert "".join(s["text"] for s in segments) == x.document.text
        assert segments[0]["text"].startswith("word0")
        assert not unscored or not segments[0].get("fold")


def test_what_was_not_read_is_said_and_closed():
    x = given("not read")
    data = page_result(x).data
    last = data["text"]["document"][-1]
    assert last["unread"]
    assert last["text"] == " and what comes after the limit"
    assert "80 were not" in data["notices"][0]


@pytest.mark.parametrize("level", LEVELS)
def test_places_lead_from_cells_to_tokens_and_back(level):
    x = explain(ELEPHANTS, PARAPHRASE)
    result = page_result(x, level=level, order="contribution")
    for i, row in enumerate(result.data["grid"]["rows"]):
        pair = result.places.pair(i, row["column"])
        assert pair[0] in row["tokens"]
        assert x.alignment[pair[0]] == pair[1]
        assert result.places.cell(pair) == (i, row["column"])
    assert result.places.pair(99, 0) is None


def test_a_pinned_pair_follows_its_tokens_through_levels_and_orders():
    x = explain(ELEPHANTS, PARAPHRASE)
    pair = (2, int(x.alignment[2]))
    for level in LEVELS:
        for order in ("text", "contribution"):
            data = page_result(x, level=level, order=order, pinned=pair).data
            cell = data["pinned"]
            assert 2 in data["grid"]["rows"][cell["row"]]["tokens"]
            assert pair[1] in data["grid"]["columns"][cell["column"]]["tokens"]
            drawn_at = traces(page_result(x, level=level, order=order, pinned=pair))["pinned"]
            assert (drawn_at["x"][0], drawn_at["y"][0]) == (
                cell["column"] - 0.5,
                cell["row"] - 0.5,
            )
    hidden = page_result(x, pinned=(0, 1))
    assert hidden.data["pinned"] is None
    assert traces(hidden)["pinned"]["x"] == [None]
    with pytest.raises(ValueError, match="pinned must lie within"):
        page_result(x, pinned=(99, 0))


def test_a_single_pair_is_its_own_list_of_documents():
    x = explain(ELEPHANTS, PARAPHRASE)
    data = page_result(x, key=7).data
    (document,) = data["documents"]
    assert data["key"] == 7
    assert data["contrast"] is None
    assert data["name"] == document["name"] == "Every day, the average elephant…"
    assert document["score"] == x.score
    assert document["of_best"] == 1
    assert page_result(x, name="Encyclopedia").data["name"] == "Encyclopedia"


def test_documents_of_a_ranking_are_listed_best_first_with_their_marks():
    ranking = rank(ELEPHANTS, {"Document 1": CATS, "Mine": "It rains.", "Document 3": PARAPHRASE})
    left_out = UnreadableDocument(3, "empty", "document must contain text, got nothing")
    data = page_result(
        ranking.explanations[0], ranking=ranking, position=0, unreadable=[left_out]
    ).data
    assert [d["position"] for d in data["documents"]] == [2, 0, 1]
    assert [d["rank"] for d in data["documents"]] == [1, 2, 3]
    assert [d["name"] for d in data["documents"]][1:] == [CATS, "Mine"]
    assert data["documents"][0]["of_best"] == 1
    for document in data["documents"]:
        x = ranking.explanations[document["position"]]
        assert document["score"] == x.score
        words = [(m.word.text, pytest.approx(m.contribution)) for m in x.word_matches]
        assert [(mark["label"], mark["value"]) for mark in document["marks"]] == words
    assert data["contrast"]["sentence"].startswith("“Every day, the average elephant…” outscores ")
    assert "".join(text for text, _ in data["contrast"]["parts"]) == data["contrast"]["sentence"]
    assert data["unreadable"] == [
        {"name": "empty", "position": 3, "reason": "document must contain text, got nothing"}
    ]
    again = page_result(
        ranking.explanations[1], ranking=ranking, position=1, documents=data["documents"]
    ).data
    assert again["documents"] is data["documents"]
    assert again["name"] == "Mine"


def test_the_best_document_is_compared_with_the_second():
    ranking = rank(ELEPHANTS, {"a": PARAPHRASE, "b": CATS, "c": "It rains."})
    best = page_result(ranking.explanations[0], ranking=ranking, position=0).data
    last = page_result(ranking.explanations[2], ranking=ranking, position=2).data
    assert best["contrast"]["sentence"].startswith("a outscores b by ")
    assert last["contrast"]["sentence"].startswith("a outscores c by ")


def test_a_long_document_opens_at_its_evidence_and_has_a_strip():
    x = given("32 x 8192")
    data = page_result(x).data
    first, stop = data["opening"]
    columns = data["grid"]["columns"]
    assert 20 < stop - first <= 36
    window = x.strongest_window(36)
    assert window[0] <= columns[first]["tokens"][0]
    assert columns[stop - 1]["tokens"][0] < window[1]
    assert data["strip"]["n_tokens"] == len(x.document)
    short = page_result(example(12, 14)).data
    assert short["strip"] == {}
    assert short["opening"] == [0, len(short["grid"]["columns"])]


@pytest.mark.parametrize("theme", THEMES)
def test_the_colours_are_those_of_the_theme(theme):
    layout = page_result(example(12, 14), theme=theme).data["figure"]["layout"]
    assert layout["paper_bgcolor"] == palette_of(theme).paper


def test_a_result_is_quick_and_of_a_sensible_size():
    x = given("32 x 8192")
    assert len(json.dumps(page_result(x).data)) < 3_000_000
    short = explain(ELEPHANTS, PARAPHRASE)
    best = min(_seconds(short) for _ in range(5))
    assert best < 0.1  # some milliseconds on a free processor


def _seconds(x):
    start = time.perf_counter()
    page_result(x)
    return time.perf_counter() - start


def test_what_the_numbers_are_is_said_with_their_count_where_it_is_known():
    assert "two token vectors (768 numbers each); a word" in numbers_sentence(768)
    assert "two token vectors; a word" in numbers_sentence(0)
