import json
import threading
from dataclasses import replace

import pytest

import colbert_explain as ce
from colbert_explain.analysis import Contrast
from colbert_explain.app.collections.index_offer import IndexOffer, make_offer
from colbert_explain.app.jobs.job import Watch
from colbert_explain.app.search_page.second_ranking import _why
from colbert_explain.explanation import Explanation, explain_embeddings
from colbert_explain.operator_settings import ANY, OperatorSettings
from colbert_explain.search.build_progress import BuildEstimate
from colbert_explain.search.on_disk.lock import WriterLock
from tests.app.conftest import GatedEncoder
from tests.conftest import ToyEncoder

PETS = [
    {
        "id": "cats",
        "title": "Cats",
        "text": "Cats eat fish. They sleep a lot.",
        "kind": "pet",
        "year": 1,
    },
    {
        "id": "dogs",
        "title": "Dogs",
        "text": "Dogs bark at cats. They eat meat.",
        "kind": "pet",
        "year": 2,
    },
    {"id": "rain", "title": "Rain", "text": "It rains in Spain.", "kind": "weather", "year": 3},
    {"id": "snow", "title": "Snow", "text": "Snow falls in winter.", "kind": "weather", "year": 4},
]


@pytest.fixture
def pets(toy_encoder):
    return ce.Collection.build(PETS, toy_encoder)


@pytest.fixture
def page(pets):
    made = ce.SearchPage(pets, query="cats eat fish", settings=OperatorSettings())
    made.wait(120.0)
    return made


def send(page, event, *buffers, **fields):
    """Do what a reader does on the page, and wait for what comes of it."""
    page.page._receive(None, {"event": event, **fields}, list(buffers))
    page.wait(120.0)
    page.wait(120.0)  # what opening a collection starts


def search(page, query, **fields):
    usual = {
        "first_stage": None,
        "where": {},
        "second": None,
        "beside": None,
        "k": 10,
        "live": False,
        "request": 1,
    }
    send(page, "search", query=query, **{**usual, **fields})
    return [row["id"] for row in page.page.hits["rows"]]


def test_it_opens_with_the_sample_and_an_answer(toy_encoder):
    page = ce.SearchPage(encoder=toy_encoder, settings=OperatorSettings())
    page.wait(120.0)
    page.wait(120.0)
    assert len(page.collection) == 161
    assert page.page.collection["open"]["key"] == "sample"
    assert page.page.result["query"] == page.page.asked["query"] != ""
    assert len(page.page.hits["rows"]) == 10
    assert page.page.problem == page.page.collection["problem"] == ""
    right = {row["id"] for row in page.page.hits["rows"] if row["right"]}
    assert right == {"autumn-leaves"} or "at rank" in page.page.hits["missing"]


def test_hits_are_those_of_the_collection_and_json(page, pets):
    found = pets.search("cats eat fish")
    assert [row["id"] for row in page.page.hits["rows"]] == list(found.names)
    assert [one["score"] for one in page.page.result["documents"]] == pytest.approx(found.scores)
    json.dumps([page.page.hits, page.page.result, page.page.collection], allow_nan=False)
    first = page.page.hits["rows"][0]
    assert (first["name"], first["sentence"]) == ("Cats", "Cats eat fish.")
    assert [text for text, is_match in first["parts"] if is_match] == ["Cats", "eat", "fish"]
    assert first["index_score"] is None


def test_the_chosen_hit_is_compared_with_any_other(page):
    assert "“Cats” outscores “Dogs”" in page.page.result["contrast"]["sentence"]
    send(page, "choose", position=1)
    assert page.page.result["name"] == "Dogs"
    assert "“Cats” outscores “Dogs”" in page.page.result["contrast"]["sentence"]
    send(page, "against", position=2)
    assert "“Dogs” outscores" in page.page.result["contrast"]["sentence"]
    assert page.page.result["against"] == 2


def test_a_hit_is_compared_once(page, monkeypatch):
    made = []
    real = Contrast.sentence_parts
    monkeypatch.setattr(
        Contrast, "sentence_parts", lambda found: made.append(found.names) or real(found)
    )
    send(page, "choose", position=1)
    assert made == [("“Cats”", "“Dogs”")]


def test_filters_are_menus_and_ranges_of_the_metadata(toy_encoder):
    many = [
        {"id": str(i), "text": f"cats number {i}", "year": 2000 + i, "even": i % 2 == 0}
        for i in range(9)
    ]
    page = ce.SearchPage(ce.Collection.build(many, toy_encoder), settings=OperatorSettings())
    page.wait(120.0)
    year, even = page.page.collection["open"]["fields"]
    assert (year["name"], year["low"], year["high"], year["whole"]) == ("year", 2000, 2008, True)
    assert [value["label"] for value in even["values"]] == ["True", "False"]
    assert set(search(page, "cats", where={"even": {"values": [1]}})) == {"1", "3", "5", "7"}
    assert set(search(page, "cats", where={"year": {"min": 2007, "max": None}})) == {"7", "8"}
    assert "pass the filters" in page.page.hits["note"]


def test_a_search_without_hits_says_why_and_keeps_what_is_shown(page):
    before = page.page.result
    search(page, "cats", where={"kind": {"values": [0]}, "year": {"min": 3, "max": None}})
    assert page.page.problem == "No document passes the filters on kind, year: remove one of them."
    search(page, "zebras", first_stage="bm25")
    assert page.page.problem.startswith("No document holds a word of the query that BM25 counts")
    search(page, "  ")
    assert page.page.problem == "Type a query."
    assert page.page.result is before


@pytest.mark.parametrize(
    "kind", ["exact", "bm25", "pooled", "bm25_alone", "pooled_alone", "index_alone"]
)
def test_a_second_ranking_stands_beside_the_hits(page, kind):
    search(page, "cats eat fish", second=kind)
    second = page.page.second
    assert [row["first"] for row in second["rows"]] == [1, 2, 3, 4]
    assert second["sentence"].startswith(("4 of", "1 of", "2 of", "3 of"))
    moved = [row for row in second["rows"] if row["first"] != row["second"]]
    assert all(row["why"] for row in moved)
    assert all(not row["why"] for row in second["rows"] if row not in moved)
    if kind == "bm25":
        assert second["rows"][2]["second"] is None
        assert (
            second["rows"][2]["why"] == "Left out: it holds no word of the query that BM25 counts."
        )


def test_a_reason_is_the_same_on_every_processor(toy_encoder):
    query = toy_encoder.embed_query("golden winter")
    document = toy_encoder.embed_document("leaves snow")
    x = explain_embeddings(query, document)
    for sign in (-1, 1):
        similarity = x.similarity.copy()
        similarity[1:3, 1:3] = [[0.3, 0.1], [0.1, 0.3 + sign * 3e-7]]
        moved = Explanation(x.query, x.document, similarity, x.provenance)
        assert _why(moved, "bm25_alone", 1, None, None, 5) == (
            "It holds no word of the query that BM25 counts. MaxSim also counts “golden” → "
            "“leaves” and “winter” → “snow”."
        ), sign
        assert _why(moved, "index_alone", 1, 2, moved.score + sign * 1e-6, 5) == (
            "Its compressed score is almost exact; it moves because those of others are not."
        ), sign
    assert _why(x, "index_alone", 1, 2, x.score - 0.25, 5) == (
        "The compressed score is 0.25 too low."
    )


def test_a_word_is_repeated_though_maxsim_matches_it_with_another_one(toy_encoder):
    x = explain_embeddings(
        toy_encoder.embed_query("golden winter"), toy_encoder.embed_document("Winter leaves")
    )
    similarity = x.similarity.copy()
    similarity[1:3, 1:3] = [[0.1, 0.3], [0.1, 0.3]]  # both words match "leaves"
    moved = Explanation(x.query, x.document, similarity, x.provenance)
    assert _why(moved, "bm25_alone", 3, 1, 1.2, 5) == (
        "Words count more there: it repeats “winter”."
    )


@pytest.mark.parametrize(
    ("kind", "first", "second", "said"),
    [
        ("exact", 3, 5, "A first stage left out documents that rank above this one; its score"),
        ("exact", None, 5, "The first stage left this one out; its score is the same."),
        ("pooled", None, 5, "It is not among these hits; its score is the same."),
        ("exact", 3, None, "Not among the first 1,000."),
        ("bm25", 3, None, "Left out: it holds no word of the query that BM25 counts."),
    ],
)
def test_a_document_that_a_first_stage_left_out_is_said_to_be(
    toy_encoder, kind, first, second, said
):
    x = explain_embeddings(
        toy_encoder.embed_query("to be"), toy_encoder.embed_document("To be or not to be")
    )
    assert _why(x, kind, first, second, x.score, 40).startswith(said)


def test_a_compressed_index_shows_how_far_its_scores_were_off(toy_encoder, tmp_path):
    ce.Collection.build(PETS, toy_encoder, tmp_path / "pets", compression="int8").close()
    page = ce.SearchPage(
        tmp_path / "pets", toy_encoder, query="cats eat", settings=OperatorSettings()
    )
    page.wait(120.0)
    page.wait(120.0)
    row = page.page.hits["rows"][0]
    score = page.page.result["documents"][0]["score"]
    assert row["index_score"] + row["difference"] == pytest.approx(score, abs=1e-5)
    assert not page.page.collection["open"]["exact"]
    search(page, "cats eat", second="index_alone")
    assert page.page.second["name"] == "the compressed index alone"


def test_an_offer_counts_the_documents_that_are_indexed_and_the_room_on_the_disk():
    estimate = BuildEstimate(20, 1000, 2_000_000_000, 3.0, "news")
    for done, sentence in {
        1: "1 document is already indexed; the rest will follow.",
        2: "2 documents are already indexed; the rest will follow.",
    }.items():
        said = IndexOffer(estimate, 0, 1_200_000_000, done, ()).sentences()
        assert said == [estimate.sentence(), "Only 1.2 GB is free there.", sentence]


def test_nothing_is_offered_of_documents_that_cannot_be_read(toy_encoder, tmp_path):
    for names, sentence in {
        ("a",): "^the document cannot be read$",
        ("a", "b"): "^none of the 2 documents can be read$",
    }.items():
        for name in names:
            (tmp_path / f"{name}.txt").write_bytes(b"\x00\xff\xfe\x00" * 50)
        with pytest.raises(ValueError, match=sentence):
            make_offer(tmp_path, toy_encoder, None, tmp_path, "there", 0, Watch(print))


def test_a_folder_is_offered_indexed_cancelled_and_continued(tmp_path):
    texts = tmp_path / "texts"
    texts.mkdir()
    for i in range(12):
        (texts / f"{i:02}.txt").write_text(f"cats number {i}")
    (texts / "bad.txt").write_bytes(b"\xff\xfe\x00\x00\xff")
    (texts / "picture.png").write_bytes(b"png")
    settings = OperatorSettings(
        collections=(str(tmp_path),), keep_embeddings=True, cache_folder=tmp_path / "cache"
    )
    encoder = GatedEncoder()
    encoder.go_on.set()
    page = ce.SearchPage(encoder=encoder, query="cats number 3", settings=settings)
    page.wait(120.0)
    page.wait(120.0)
    send(page, "name_collection", name=str(texts))
    offer = page.page.collection["offer"]
    said = " ".join(offer["sentences"])
    assert "13 documents take about" in said
    assert "picture.png" in said
    assert page.page.collection["open"]["key"] == "sample"  # which can still be searched
    encoder.go_on.clear()
    encoder.reached.clear()
    page.page._receive(None, {"event": "index"}, [])
    assert encoder.reached.wait(120.0)
    page.page._receive(None, {"event": "cancel_opening"}, [])
    assert page.page.collection["status"].startswith("Cancelled.")
    encoder.go_on.set()
    page.wait(120.0)
    assert page.page.collection["open"]["key"] == "sample"
    send(page, "index")
    opened = page.page.collection["open"]
    assert (opened["key"], opened["documents"]) == (str(texts), 12)
    assert opened["left_out"][0][0] == "bad.txt"
    assert page.page.hits["rows"][0]["id"] == "03.txt"
    # A second page finds the index.
    again = ce.SearchPage(texts, encoder, query="cats number 4", settings=settings)
    again.wait(120.0)
    again.wait(120.0)
    assert again.page.hits["rows"][0]["id"] == "04.txt"


def test_an_index_that_another_page_is_building_is_waited_for(toy_encoder, tmp_path):
    ce.Collection.build(PETS, toy_encoder, tmp_path / "pets").close()
    with WriterLock(tmp_path / "pets").held():
        page = ce.SearchPage(
            tmp_path / "pets", toy_encoder, query="cats", settings=OperatorSettings()
        )
        while "Another page" not in page.page.collection["status"]:
            threading.Event().wait(0.05)
        assert page.page.collection["busy"]
    page.wait(120.0)
    page.wait(120.0)
    assert page.page.hits["rows"][0]["id"] == "cats"


def test_a_collection_of_another_encoder_is_refused_by_name(toy_encoder, tmp_path):
    class Other(ToyEncoder):
        provenance = ce.Provenance("other", kind="another", dim=32)

    ce.Collection.build(PETS, toy_encoder, tmp_path / "pets").close()
    page = ce.SearchPage(tmp_path / "pets", Other(), query="cats", settings=OperatorSettings())
    page.wait(120.0)
    said = page.page.collection["problem"]
    assert said.startswith("This collection was made with toy, and the page has other loaded")
    assert page.collection is None


def test_only_what_the_operator_allows_is_opened(page, tmp_path):
    (tmp_path / "secret.txt").write_text("cats")
    for name in (str(tmp_path), "/no/such/folder", "http://localhost:1#pets", "\0"):
        send(page, "name_collection", name=name)
        said = page.page.collection["problem"]
        assert "may not be opened here" in said or said.startswith("Name a folder"), said
    send(page, "open_collection", key=str(tmp_path))
    assert page.page.collection["open"]["key"] == "given"
    assert not page.page.sources["takes_names"]


def test_dropped_files_are_searched_and_stay_in_their_folder(page, tmp_path):
    names = ["notes/one.txt", "../../two.txt", "three.txt"]
    contents = [b"cats eat fish", b"dogs bark", b"\xff\xfe\x00\x00\xff"]
    send(page, "dropped", *contents, names=names, first=True, last=True)
    assert page.page.collection["offer"]["label"] == "3 dropped files"
    send(page, "index")
    assert page.page.collection["open"]["documents"] == 2
    assert {d.id for d in page.collection} == {"notes/one.txt", "two.txt"}
    assert page.page.hits["rows"][0]["id"] == "notes/one.txt"
    page.settings = page._dropped._settings = replace(page.settings, largest_collection=5)
    send(page, "dropped", b"too large", names=["a.txt"], first=True, last=True)
    assert "at most 5 bytes" in page.page.collection["problem"]


@pytest.mark.parametrize("kind", ["hits_csv", "hits_json", "hits_run", "hits_page"])
def test_the_ranking_is_saved(page, kind):
    sent = []
    page.page.send = lambda message, buffers: sent.append((message, buffers))
    page._sender._widget = page.page
    send(page, "save_hits", kind=kind)
    [(message, [content])] = sent
    assert message["name"].startswith("cats-eat-fish-hits.")
    assert b"cats" in content.lower()
    if kind == "hits_run":
        assert content.decode().splitlines()[0].split()[:4] == ["1", "Q0", "cats", "1"]


def test_a_search_can_be_cancelled_and_keeps_what_is_shown(pets):
    encoder = GatedEncoder()
    page = ce.SearchPage(pets, encoder, query="cats", settings=OperatorSettings())
    page.wait(120.0)
    page.wait(120.0)
    before = page.page.result
    held = page._one_at_a_time
    with held:
        page.search("dogs")
        assert page.page.work["busy"]
        page.page._receive(None, {"event": "cancel"}, [])
        assert page.page.work["status"] == "Cancelled."
    page.wait(120.0)
    assert page.page.result is before


def test_in_a_notebook_of_ones_own_any_path_may_be_opened(toy_encoder, tmp_path):
    (tmp_path / "cats.txt").write_text("cats")
    page = ce.SearchPage(encoder=toy_encoder)
    assert ANY in page.settings.collections
    page.wait(120.0)
    send(page, "name_collection", name=str(tmp_path / "cats.txt"))
    assert page.page.collection["offer"]["label"] == "cats.txt"


def test_another_collection_stands_beside_the_hits(pets, toy_encoder, tmp_path):
    fewer = ce.Collection.build(PETS[1:], toy_encoder, tmp_path / "fewer")
    fewer.close()
    settings = OperatorSettings(collections=(str(tmp_path),))
    page = ce.SearchPage(pets, query="cats eat", settings=settings)
    page.wait(120.0)
    search(page, "cats eat", beside=str(tmp_path / "fewer"))
    rows = page.page.second["rows"]
    assert [(row["first"], row["second"]) for row in rows[:2]] == [(1, None), (2, 1)]
    assert rows[0]["why"] == "It is not in the other collection."
    assert page.page.second["name"] == "fewer"


def test_a_further_search_of_the_same_query_keeps_the_hit_on_show(page):
    send(page, "choose", position=1)
    search(page, "cats eat fish", second="pooled_alone")
    assert page.page.result["name"] == "Dogs"
    search(page, "snow")
    assert page.page.result["name"] == "Snow"


@pytest.fixture
def slow_picture(page, monkeypatch):
    """A page whose pictures are drawn when the event is set."""
    go_on, drawn = threading.Event(), page._result.draw

    def draw(**changes):
        assert go_on.wait(120.0)
        return drawn(**changes)

    monkeypatch.setattr(page._result, "draw", draw)
    return page, go_on


def begin(page, query):
    """Search, and wait for the hits, not for the picture."""
    page.search(query)
    page._searching.wait(120.0)


def test_hits_are_listed_before_the_picture_of_one_is_drawn(slow_picture):
    page, go_on = slow_picture
    begin(page, "snow in winter")
    hits = page.page.hits
    assert (hits["query"], hits["rows"][0]["name"], hits["position"]) == (
        "snow in winter",
        "Snow",
        0,
    )
    assert [row["rank"] for row in hits["rows"]] == [1, 2, 3, 4]
    assert hits["rows"][0]["score"] == pytest.approx(page.hits.scores[0])
    assert page.page.result["query"] == "cats eat fish"
    go_on.set()
    page.wait(120.0)
    assert page.page.result["query"] == "snow in winter"
    entries = page.page.result["documents"]
    assert [row["marks"] for row in hits["rows"]] == [one["marks"] for one in entries]


def test_what_is_chosen_before_the_picture_is_drawn_is_shown(slow_picture):
    page, go_on = slow_picture
    begin(page, "snow in winter")
    page.page._receive(None, {"event": "choose", "position": 2}, [])
    page.page.options = {**page.page.options, "order": "contribution"}
    go_on.set()
    page.wait(120.0)
    result = page.page.result
    assert (result["query"], result["position"]) == ("snow in winter", 2)
    assert page.state.options.order == "contribution"
    assert page.state.position == 2


def test_the_marks_of_hits_follow_the_theme(page):
    light = [row["marks"] for row in page.page.hits["rows"]]
    page.page.theme = "dark"
    page.wait(120.0)
    marks = [row["marks"] for row in page.page.hits["rows"]]
    assert marks == [one["marks"] for one in page.page.result["documents"]] != light


def test_a_changed_folder_is_indexed_anew_in_place_of_the_old_index(toy_encoder, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("cats")
    cache = tmp_path / "cache"
    settings = OperatorSettings(
        collections=(str(tmp_path),), keep_embeddings=True, cache_folder=cache
    )
    for n in (1, 2):
        page = ce.SearchPage(tmp_path / "texts", toy_encoder, query="cats", settings=settings)
        page.wait(120.0)
        send(page, "index")
        assert page.page.collection["open"]["documents"] == n
        assert len(list((cache / "collections").iterdir())) == 1
        (tmp_path / "texts" / "b.txt").write_text("more cats")


def test_a_query_that_is_typed_before_the_collection_is_open_is_searched_then(toy_encoder):
    page = ce.SearchPage(encoder=toy_encoder, settings=OperatorSettings())
    fields = {"first_stage": None, "where": {}, "second": None, "beside": None, "k": 10}
    typed = {"event": "search", "query": "cats", "live": False, "request": 3, **fields}
    page._opened.opened = None
    page.page._receive(None, typed, [])
    page.wait(120.0)
    page.wait(120.0)
    assert (page.page.hits["query"], page.page.hits["request"]) == ("cats", 3)
