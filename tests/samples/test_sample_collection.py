import csv
import json
import re
from collections import Counter

import pytest

import colbert_explain as ce
from colbert_explain.text.match_kinds import match_kind
from colbert_explain.text.sentences import sentence_spans

FOLDER = ce.sample_collection_folder()
#: Function words of four letters or more.
FUNCTION_WORDS = set(
    re.findall(
        r"\w+",
        "about after against also although among because before between both could does down each "
        "from have here into itself just many more most much only other over same should some such "
        "than that their them then there these they this those through until very were what when "
        "where which while whose with without would your",
    )
)
NUMBERS = {"seven", "thirteen"}


def read_lines(name):
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    named = {entry["_id"]: entry for entry in entries}
    assert len(named) == len(entries), f"an id of {name} stands twice"
    return named


TEXTS = read_lines("corpus.jsonl")
QUERIES = read_lines("queries.jsonl")
with (FOLDER / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as file:
    JUDGMENTS = list(csv.DictReader(file, delimiter="\t"))


def of(difficulty):
    queries = [q for q in QUERIES.values() if q["metadata"]["difficulty"] == difficulty]
    assert queries, difficulty
    return queries


def relevant(query):
    """The relevant texts of a query, the one with the answer first."""
    return [TEXTS[j["corpus-id"]] for j in JUDGMENTS if j["query-id"] == query["_id"]]


def whole(text):
    return f"{text['title']}. {text['text']}"


def content_words(text):
    """Words of four letters or more, without function words and numbers."""
    words = set(re.findall(r"[^\W\d_]{4,}", text.casefold()))
    return words - FUNCTION_WORDS - NUMBERS


def shared(query, text):
    """The content words of a query that stand in the text, also in another form."""
    others = content_words(text)
    return {
        word
        for word in content_words(query["text"])
        if any(match_kind(word, other) != "different word" for other in others)
    }


def answering_sentence(query):
    text, answer = relevant(query)[0]["text"], query["metadata"]["answer"]
    place = text.index(answer)
    return next(text[start:end] for start, end in sentence_spans(text) if start <= place < end)


def test_ids_are_short_and_speak():
    ids = [*TEXTS, *QUERIES]
    assert [one for one in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one)] == []
    assert max(map(len, ids)) <= 24


def test_every_entry_has_what_beir_asks_for():
    for text in TEXTS.values():
        assert list(text) == ["_id", "title", "text", "metadata"], text["_id"]
        assert all([text["title"].strip(), text["text"].strip(), text["metadata"]["subject"]])
    for query in QUERIES.values():
        assert list(query) == ["_id", "text", "metadata"], query["_id"]
        assert set(query["metadata"]) <= {"difficulty", "answer", "competitor"}, query["_id"]
    assert all(list(j) == ["query-id", "corpus-id", "score"] for j in JUDGMENTS)


def test_no_text_and_no_query_stands_twice():
    for entries in (TEXTS, QUERIES):
        texts = [" ".join(entry["text"].casefold().split()) for entry in entries.values()]
        assert len(set(texts)) == len(texts)
    assert len({text["title"] for text in TEXTS.values()}) == len(TEXTS)


def test_judgments_name_what_there_is_once_and_grade_it_1_or_2():
    pairs = [(j["query-id"], j["corpus-id"]) for j in JUDGMENTS]
    assert {query for query, _ in pairs} == set(QUERIES)
    assert {text for _, text in pairs} <= set(TEXTS)
    assert len(set(pairs)) == len(pairs)
    assert {j["score"] for j in JUDGMENTS} == {"1", "2"}
    assert max(Counter(query for query, _ in pairs).values()) <= 3
    graded = [q for q in QUERIES if {j["score"] for j in JUDGMENTS if j["query-id"] == q} > {"1"}]
    assert len(graded) >= 2


def test_every_answer_stands_once_in_the_first_relevant_text_which_has_the_best_grade():
    for query in QUERIES.values():
        assert relevant(query)[0]["text"].count(query["metadata"]["answer"]) == 1, query["_id"]
        grades = [j["score"] for j in JUDGMENTS if j["query-id"] == query["_id"]]
        assert grades[0] == "2", query["_id"]


def test_a_competitor_is_a_text_that_is_not_relevant():
    for query in QUERIES.values():
        competitor = query["metadata"].get("competitor")
        assert competitor is None or TEXTS[competitor] not in relevant(query), query["_id"]
    for difficulty in ("negation", "number", "near miss", "name"):
        assert all("competitor" in query["metadata"] for query in of(difficulty)), difficulty


def test_short_passages_are_short_and_long_texts_long():
    for name, text in TEXTS.items():
        n_words = len(text["text"].split())
        if text["metadata"].get("difficulty") == "long":
            assert 600 < n_words <= 1500, name
        else:
            assert 40 <= n_words <= 110, name
            assert 2 <= len(sentence_spans(text["text"])) <= 5, name


def test_the_page_of_the_collection_counts_right():
    page = (FOLDER / "README.md").read_text("utf-8")
    n_long = sum("difficulty" in text["metadata"] for text in TEXTS.values())
    counts = f"{len(TEXTS) - n_long} short passages and {n_long} long texts"
    assert counts in page
    assert f"{len(QUERIES)} queries, {len(JUDGMENTS)} judgments" in page
    told = " ".join((ce.sample_collection_folder.__doc__ or "").split())
    assert counts in told.replace("(``corpus.jsonl``)", "")
    assert re.search(rf"\b{len(QUERIES)} queries .* {len(JUDGMENTS)} judgments", told)
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (\d+) \|", page, re.MULTILINE))
    found = Counter(query["metadata"]["difficulty"] for query in QUERIES.values())
    assert {kind: int(count) for kind, count in rows.items()} == found
    assert min(found.values()) >= 5
    assert len(found) >= 5


def test_the_page_of_the_collection_quotes_queries_and_their_texts():
    page = (FOLDER / "README.md").read_text("utf-8")
    examples = re.findall(r'\| "([^"]+)": `([^`]+)`(?:, not `([^`]+)`)? \|$', page, re.MULTILINE)
    assert len(examples) == 7
    for asked, right, wrong in examples:
        (query,) = [query for query in QUERIES.values() if query["text"] == asked]
        assert relevant(query)[0]["_id"] == right
        assert query["metadata"].get("competitor", "") == wrong


def test_the_subjects_on_the_page_are_those_of_the_texts():
    page = " ".join((FOLDER / "README.md").read_text("utf-8").split())
    subjects = Counter(text["metadata"]["subject"] for text in TEXTS.values())
    assert min(subjects.values()) >= 4
    assert [one for one in subjects if one not in page and one != "long texts"] == []


@pytest.mark.parametrize("query", of("paraphrase"), ids=lambda query: query["_id"])
def test_a_paraphrase_shares_no_content_word_with_the_answering_sentence(query):
    assert shared(query, answering_sentence(query)) == set()


@pytest.mark.parametrize("query", of("negation"), ids=lambda query: query["_id"])
def test_a_negation_negates_what_its_competitor_has(query):
    assert re.search(r"\b(no|not|cannot|without)\b", query["text"])
    assert len(shared(query, whole(TEXTS[query["metadata"]["competitor"]]))) >= 2


@pytest.mark.parametrize("query", of("number"), ids=lambda query: query["_id"])
def test_the_same_sentence_with_another_number_is_wrong(query):
    words = re.findall(r"\w+", query["text"])
    (number,) = [word for word in words if word.isdigit() or word in NUMBERS]
    competitor = TEXTS[query["metadata"]["competitor"]]["text"]
    assert re.search(rf"\b{number}\b", answering_sentence(query))
    assert not re.search(rf"\b{number}\b", competitor)
    expected = shared(query, answering_sentence(query))
    assert len(expected) >= 1
    sentences = [competitor[slice(*span)] for span in sentence_spans(competitor)]
    assert any(shared(query, one) >= expected for one in sentences)


@pytest.mark.parametrize("query", of("near miss"), ids=lambda query: query["_id"])
def test_a_near_miss_shares_more_words_than_the_right_passage(query):
    competitor = TEXTS[query["metadata"]["competitor"]]
    most = max(len(shared(query, whole(text))) for text in relevant(query))
    assert len(shared(query, whole(competitor))) > most


@pytest.mark.parametrize("query", of("long"), ids=lambda query: query["_id"])
def test_the_answer_stands_in_the_second_half_of_a_long_text(query):
    (text,) = relevant(query)
    assert text["metadata"]["difficulty"] == "long"
    assert text["text"].index(query["metadata"]["answer"]) > len(text["text"]) / 2


@pytest.mark.parametrize("query", of("name"), ids=lambda query: query["_id"])
def test_the_name_stands_in_the_right_text_and_in_its_competitor(query):
    names = ("mercury", "Java", "Python", "crane", "Georgia", "mole")
    (name,) = [name for name in names if re.search(rf"\b{name}\b", query["text"])]
    for text in (relevant(query)[0], TEXTS[query["metadata"]["competitor"]]):
        assert re.search(rf"\b{name}s?\b", whole(text), re.IGNORECASE), text["_id"]
