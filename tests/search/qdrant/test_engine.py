import os
import socket
import uuid

import numpy as np
import pytest
from qdrant_client import QdrantClient, models

from colbert_explain.embeddings import Provenance, TokenEmbeddings
from colbert_explain.search import Collection
from colbert_explain.search.documents import Document, EncodedDocument
from colbert_explain.search.error import CollectionError
from colbert_explain.search.in_memory import InMemoryEngine
from colbert_explain.search.qdrant import QdrantEngine, points
from colbert_explain.search.qdrant.connection import Connection
from colbert_explain.search.qdrant.points import point_id
from colbert_explain.search.qdrant.schema import ABOUT_ID
from colbert_explain.tokens import TokenSequence
from tests.local_server import QuietHandler, serving
from tests.search.engine_contract import TEXTS, EngineContract
from tests.search.qdrant.over_http import qdrant_server

#: The client's local mode alone, and behind the REST interface. Who names a real server in
#: QDRANT_URL asks for the same tests on it; their collections have random names and are deleted.
SERVERS = {"local": ":memory:", "http": "http"} | (
    {"server": os.environ["QDRANT_URL"]} if os.environ.get("QDRANT_URL") else {}
)


@pytest.fixture(params=SERVERS.values(), ids=SERVERS)
def server(request):
    """An address, or a client without a server."""
    if request.param == ":memory:":
        client = QdrantClient(":memory:")
        yield client
        client.close()
    elif request.param == "http":
        with qdrant_server() as address:
            yield address
    else:
        yield request.param


@pytest.fixture
def client(server):
    connection = Connection(server)
    yield connection.client
    connection.close()


@pytest.fixture
def name(client):
    name = f"test-{uuid.uuid4()}"
    yield name
    client.delete_collection(name)


@pytest.fixture
def make(server):
    """Make and open engines that are closed at the end."""
    made = []

    def make(method, *arguments, **options):
        made.append(getattr(QdrantEngine, method)(server, *arguments, **options))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


class HalfMap:
    """The first 24 of 32 numbers: a map for the toy encoder."""

    name = "map"

    def pack(self, vectors):
        return {"mapped": vectors[:, :24].astype(np.float16)}

    def query(self, vectors):
        return vectors[:, :24]

    def similarity(self, query, arrays):
        raise NotImplementedError  # a server does it


@pytest.fixture
def toy_map(monkeypatch):
    target = "colbert_explain.search.qdrant.engine.compression_named"
    monkeypatch.setattr(target, lambda name, provenance: HalfMap())


class TestQdrantEngine(EngineContract):
    @pytest.fixture
    def engine(self, make, name):
        return make("create", name)


class TestCompressedQdrantEngine(EngineContract):
    @pytest.fixture
    def engine(self, make, name, toy_map):
        return make("create", name, compression="map")


@pytest.fixture
def encoded(toy_encoder):
    return [
        EncodedDocument(Document(id_, text), toy_encoder.embed_document(text))
        for id_, text in TEXTS.items()
    ]


@pytest.fixture
def query(toy_encoder):
    found = toy_encoder.embed_query("Cats eat fish ?")
    return found.vectors[found.tokens.scored_mask]


def test_a_collection_is_opened_with_its_documents_places_and_provenance(make, name, encoded):
    make("create", name).add(encoded)
    first = make("open", name)
    first.delete({"copy"})
    again = make("open", name)
    assert again.provenance == encoded[0].embeddings.provenance
    assert again.is_exact
    assert len(again) == 4
    again.add(encoded[-1:])
    assert again.search(encoded[-1].embeddings.vectors[1:4], 9)[-1].place != 4
    places = {one.id: one.place for one in again.search(encoded[0].embeddings.vectors, 9)}
    assert places == {"fish": 0, "bark": 1, "rain": 2, "milk": 3, "copy": 5}


def test_equals_at_the_end_of_the_best_are_those_that_were_added_first(make, name, toy_encoder):
    engine = make("create", name)
    engine.add(
        EncodedDocument(Document(f"{i:02}", "Cats eat ."), toy_encoder.embed_document("Cats eat ."))
        for i in range(40)
    )
    query = toy_encoder.embed_query("Cats").vectors[1:2]
    assert [one.id for one in engine.search(query, 3)] == ["00", "01", "02"]
    assert [one.id for one in engine.search_pooled(query[0], 3)] == ["00", "01", "02"]


def test_names_of_fields_may_hold_anything_but_quotation_marks(make, name, encoded, query):
    metadata = {"a.b": 1, "größe [cm]": 2.5, "is it": "0", "x": True}
    engine = make("create", name)
    engine.add([EncodedDocument(Document("fish", TEXTS["fish"], metadata), encoded[0].embeddings)])
    for field, value, is_found in [
        ("a.b", 1, True),
        ("a.b", 1.0, True),
        ("a.b", True, False),
        ("a.b", "1", False),
        ("größe [cm]", 2.5, True),
        ("is it", "0", True),
        ("is it", 0, False),
        ("x", True, True),
        ("x", 1, False),
        ("a", 1, False),
    ]:
        found = engine.search(query, 1, where={field: value})
        assert bool(found) == is_found, (field, value)
    assert engine.search(query, 1, where={"a.b": []}) == []
    assert engine.search(query, 1, where={"a.b": ["1", True, 1]}) != []
    with pytest.raises(ValueError, match="without quotation marks"):
        engine.search(query, 1, where={'a"b': 1})


def long_document(n, dim, id_="long"):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(n, dim)).astype(np.float32)
    tokens = TokenSequence.from_strings(["w"] * n)
    embeddings = TokenEmbeddings(tokens, vectors, Provenance("toy", dim=dim), normalize=True)
    return EncodedDocument(Document(id_, tokens.text), embeddings)


def test_a_document_over_the_limit_is_refused_and_nothing_of_it_is_stored(make, name):
    engine = make("create", name)
    # 1,048,576 numbers are one too many.
    with pytest.raises(ValueError, match="long: 1,024 scored tokens of 1024 numbers") as refused:
        engine.add([long_document(1024, 1024)])
    assert 'compression="map"' in str(refused.value)
    assert "document_length of at most 1,023" in str(refused.value)
    assert len(engine) == 0


def test_a_document_that_a_server_cannot_take_is_listed_with_its_name_once(toy_encoder, name):
    collection = Collection(QdrantEngine.create(QdrantClient(":memory:"), name), toy_encoder)
    collection.add([{"id": "odd", "text": "cats", "n": 2**63}, ("even", "dogs")])
    assert [document.id for document in collection] == ["even"]
    [odd] = collection.left_out
    assert odd.name == "odd"
    assert odd.reason.startswith("a number in metadata 'n' must be finite")


def test_metadata_that_json_cannot_hold_are_refused(make, name, encoded):
    for value in (float("nan"), float("inf"), 2**63):
        document = Document("odd", TEXTS["fish"], {"share": value})
        engine = make("create", name)
        with pytest.raises(ValueError, match="odd: a number in metadata 'share' must be finite"):
            engine.add([EncodedDocument(document, encoded[0].embeddings)])
    largest = {"share": 1e300, "n": 2**63 - 1, "least": -(2**63) + 1, "text": "'\"\n\x00é😀"}
    engine.add([EncodedDocument(Document("odd", TEXTS["fish"], largest), encoded[0].embeddings)])
    assert engine.fetch(["odd"])[0].document.metadata == largest


def test_own_vectors_over_the_limit_lie_in_parts(make, client, name, toy_map, query, monkeypatch):
    long = long_document(300, 32)
    short = long_document(20, 32, "short")
    monkeypatch.setattr(points, "MULTIVECTOR_LIMIT", 300 * 24 + 1)
    monkeypatch.setattr(points, "_PART", 10_000)
    engine = make("create", name, compression="map")
    engine.add([short, long])
    for given, found in zip([long, short], engine.fetch(["long", "short"]), strict=True):
        assert np.array_equal(found.embeddings.vectors, given.embeddings.vectors), given.document
    exact = InMemoryEngine()
    exact.add([short, long])
    np.testing.assert_allclose(
        engine.exact_scores(query, ["long", "short"]),
        exact.exact_scores(query, ["long", "short"]),
        atol=1e-5,
    )
    n_parts = client.count(name).count - 3  # two documents, and the point about the collection
    assert n_parts == -(-300 * 32 * 4 // 10_000)
    engine.delete({"long"})
    assert client.count(name).count == 2


def test_requests_stay_small(make, name, toy_encoder, monkeypatch):
    sizes = []
    monkeypatch.setattr(points, "LARGEST_REQUEST", 60_000)
    upsert = QdrantClient.upsert

    def noting(client, collection, points, **options):
        sizes.append(sum(len(point.model_dump_json()) for point in points))
        return upsert(client, collection, points, **options)

    monkeypatch.setattr(QdrantClient, "upsert", noting)
    engine = make("create", name)
    embedded = toy_encoder.embed_document("Cats eat fish . " * 8)  # some 20,000 bytes
    engine.add(EncodedDocument(Document(str(i), embedded.tokens.text), embedded) for i in range(20))
    assert len(engine) == 20
    assert max(sizes) < 45_000, sizes  # two documents


def test_a_collection_searches_on_a_server(make, client, name, toy_encoder, toy_map):
    for compression in (None, "map"):
        engine = make("create", f"{name}", compression=compression)
        collection = Collection(engine, toy_encoder)
        collection.add(TEXTS)
        hits = collection.search("Cats eat fish ?", k=2)
        assert [hits.documents[i].id for i in hits.order] == ["fish", "copy"]
        assert np.abs(hits.differences).max() > 0.01 or compression is None
        assert name in repr(collection)
        client.delete_collection(name)


def test_what_is_not_there_or_not_ours_is_a_sentence(make, client, name, encoded):
    with pytest.raises(CollectionError, match=f"has no collection '{name}'"):
        make("open", name)
    client.create_collection(
        name, vectors_config=models.VectorParams(size=2, distance=models.Distance.DOT)
    )
    with pytest.raises(CollectionError, match="was not made by colbert_explain"):
        make("open", name)
    with pytest.raises(CollectionError, match=f"already has a collection '{name}'"):
        make("create", name)
    for compression in ("int8", "map+int8", "zip"):
        with pytest.raises(ValueError, match='compression must be None or "map" on a Qdrant'):
            make("create", "other", compression=compression)
    with pytest.raises(ValueError, match='compression="int8" works for every encoder'):
        make("create", "other", compression="map").add(encoded)
    assert not client.collection_exists("other")


def test_a_collection_of_another_format_is_refused(make, client, name, encoded):
    make("create", name).add(encoded)
    client.set_payload(name, {"format": 99}, points=[ABOUT_ID])
    with pytest.raises(CollectionError, match=r"has format 99, and this version .* reads format 1"):
        make("open", name)


def test_damage_is_a_sentence(make, client, name, encoded):
    engine = make("create", name)
    engine.add(encoded)
    client.set_payload(name, {"unscored": "AAAA"}, points=[point_id("fish")])
    with pytest.raises(CollectionError, match="'fish' on the Qdrant server is damaged"):
        engine.fetch(["fish"])
    with pytest.raises(KeyError, match="nothing"):
        engine.fetch(["nothing"])


def test_addresses():
    for server, said in {
        "localhost:6333": "server must be an address such as",
        "ftp://host": "server must be an address such as",
        "http://": "server must be an address such as",
        "http://host:99999": "server must be an address such as",
        "http://user:secret@host": "set QDRANT_API_KEY",
        "http://host?key=secret": "set QDRANT_API_KEY",
    }.items():
        with pytest.raises(ValueError, match=said) as refused:
            QdrantEngine.open(server, "name")
        assert "secret" not in str(refused.value), server
    with pytest.raises(ValueError, match="server must be an address"):
        QdrantEngine.open(3, "name")


def test_a_server_that_is_not_there_is_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConnectionError, match=f"{address} cannot be reached") as refused:
            QdrantEngine.open(address, "name")
    assert "\n" not in str(refused.value)


def answering(status, content, keys):
    class Handler(QuietHandler):
        def answer(self):
            keys.append(self.headers.get("api-key"))
            self.send(status, content, Content_Type="application/json")

    return serving(Handler)


def test_what_a_server_refuses_is_a_sentence_without_the_key(monkeypatch):
    for status, key, said in [
        (401, None, "asks for a key: set the environment variable QDRANT_API_KEY"),
        (403, "secret", "refuses the key in the environment variable QDRANT_API_KEY"),
        (500, "secret", r"refuses a request for the collection 'name' \(status 500\): no disk"),
    ]:
        keys = []
        monkeypatch.delenv("QDRANT_API_KEY", raising=False)
        if key is not None:
            monkeypatch.setenv("QDRANT_API_KEY", key)
        with (
            answering(status, b"no disk", keys) as address,
            pytest.raises(CollectionError, match=said) as refused,
        ):
            QdrantEngine.open(address, "name")
        assert keys == [key], status
        assert "secret" not in str(refused.value), status


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match=r'pip install "colbert-explain\[qdrant\]"'):
        QdrantEngine.open("http://localhost:6333", "name")
