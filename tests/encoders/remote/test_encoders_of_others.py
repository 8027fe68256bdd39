"""What `JinaEncoder` and `VllmEncoder` return, send and say."""

import base64
import logging
import pickle

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

import colbert_explain as ce
from colbert_explain.embeddings import BatchEncoder, Encoder
from tests.each_case import check_each
from tests.encoders.remote import local_service
from tests.encoders.remote.local_service import CLS, SEP, number, vectors, words

TEXT = "Cats eat fish."


def test_both_are_encoders_whose_vectors_are_those_of_the_service(encoder):
    assert isinstance(encoder, Encoder)
    assert isinstance(encoder, BatchEncoder)
    for found in (encoder.embed_query(TEXT), encoder.embed_document(TEXT)):
        np.testing.assert_array_equal(found.vectors, np.float32(vectors(TEXT)))
        assert found.tokens.text == TEXT
        assert found.tokens.scored_mask.all()


def test_a_pair_is_explained_and_the_contributions_add_up(encoder):
    x = ce.explain("What do cats eat?", TEXT, encoder)
    expected = np.float32(vectors("What do cats eat?")) @ np.float32(vectors(TEXT)).T
    assert x.score == pytest.approx(expected.max(axis=1).sum(), abs=1e-5)
    assert "text/html" in x._repr_mimebundle_()


def test_provenance_names_model_and_service_and_is_one_for_both_sides(encoder):
    query, document = encoder.embed_query("cats"), encoder.embed_document(TEXT)
    assert query.provenance == document.provenance == encoder.provenance
    sentence = query.provenance.sentence()
    assert f"{encoder.name} ({encoder.kind} at {encoder.sends_texts_to})" in sentence
    assert query.provenance.dim == encoder.dim == local_service.DIM
    assert "not stated" in query.provenance.dtype


def test_jina_gets_the_documented_fields(make, service):
    encoder = make(ce.JinaEncoder)
    encoder.embed_query("cats")
    encoder.embed_document(TEXT)
    assert service.bodies("/v1/multi-vector") == [
        {
            "model": "jina-colbert-v2",
            "input_type": side,
            "embedding_type": "float",
            "input": [text],
            "dimensions": local_service.DIM,
        }
        for side, text in (("query", "cats"), ("document", TEXT))
    ]
    assert service.seen[0][1]["Authorization"].startswith("Bearer ")


def test_vllm_gets_the_documented_fields_with_the_prefix_of_each_side(make, service):
    encoder = make(ce.VllmEncoder, query_prefix="q: ", document_prefix="d: ")
    encoder.embed_query("cats")
    encoder.embed_document(TEXT)
    assert service.bodies("/pooling") == [
        {"model": "a-model", "task": "token_embed", "encoding_format": "float", "input": [text]}
        for text in ("q: cats", f"d: {TEXT}")
    ]
    assert service.bodies("/tokenize")[0]["return_token_strs"] is True
    assert "Authorization" not in service.seen[0][1]
    assert encoder.provenance.settings["query prefix"] == "q: "


def test_vllm_labels_are_the_tokens_of_the_service_without_places(make):
    tokens = make(ce.VllmEncoder).embed_document(TEXT).tokens
    assert [t.piece for t in tokens] == ["[CLS]", "cats", "eat", "fish", ".", "[SEP]"]
    assert [t.role for t in tokens] == ["special", *["text"] * 4, "special"]
    assert all(t.start is None for t in tokens)
    assert [t.id for t in tokens][::5] == [CLS, SEP]


def test_vllm_labels_fit_a_model_without_vectors_for_special_tokens(make, service):
    def without_special(path, answer):
        if path == "/pooling":
            for row in answer["data"]:
                row["data"] = row["data"][1:-1]
        return answer

    service.change = without_special
    tokens = make(ce.VllmEncoder).embed_document(TEXT).tokens
    assert [t.piece for t in tokens] == ["cats", "eat", "fish", "."]


def test_labels_are_positions_where_nothing_names_the_tokens(make, service):
    tokens = make(ce.JinaEncoder).embed_document(TEXT).tokens
    assert [t.piece for t in tokens] == [f"token {i}" for i in range(6)]
    assert all(t.start is None for t in tokens)

    def one_more(path, answer):
        if path == "/pooling":
            answer["data"][0]["data"].append(local_service.vector("more"))
        return answer

    service.change = one_more
    tokens = make(ce.VllmEncoder).embed_document(TEXT).tokens
    assert [t.piece for t in tokens] == [f"token {i}" for i in range(7)]


@pytest.fixture
def tokenizer(tmp_path):
    """A tokeniser that reads what the local service reads."""
    vocabulary = {"[UNK]": 0, "[CLS]": CLS, "[SEP]": SEP, "[D]": 5, "[Q]": 6, "[MASK]": 7}
    vocabulary |= {word: number(word) for word in words("what do cats eat fish . ? d :")}
    found = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    found.normalizer = normalizers.Lowercase()
    found.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    found.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)]
    )
    found.enable_truncation(3)  # as many files say; it must not cut labels
    found.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def spans(tokens):
    for token in tokens:
        if token.start is not None:
            assert tokens.text[token.start : token.end] == token.text
    return [token.text for token in tokens]


def test_a_tokeniser_gives_labels_with_places_if_there_are_as_many(make, tokenizer, caplog):
    jina = make(ce.JinaEncoder, labels=ce.TokenLabels(tokenizer))
    assert spans(jina.embed_document(TEXT).tokens) == ["[CLS]", "Cats", "eat", "fish", ".", "[SEP]"]
    assert jina.embed_document("Bats eat").tokens[1].unknown
    vllm = make(ce.VllmEncoder, labels=ce.TokenLabels(tokenizer), document_prefix="d: ")
    tokens = vllm.embed_document(TEXT).tokens
    assert spans(tokens) == ["[CLS]", "d", ":", "Cats", "eat", "fish", ".", "[SEP]"]
    assert [t.role for t in tokens][:4] == ["special", "marker", "marker", "text"]
    assert "positions" not in caplog.text


def test_a_tokeniser_that_reads_another_number_gives_positions_and_a_line(make, tokenizer, caplog):
    labels = ce.TokenLabels(tokenizer, document_marker="[D]")
    tokens = make(ce.JinaEncoder, labels=labels).embed_document(TEXT).tokens
    assert tokens[2].piece == "token 2"
    assert "named by their positions: the tokeniser reads 7, but" in caplog.text


def test_a_tokeniser_with_other_ids_than_vllm_gives_no_places(make, tokenizer, caplog):
    labels = ce.TokenLabels(tokenizer)
    tokens = make(ce.VllmEncoder, labels=labels).embed_document("Bats eat").tokens
    assert [t.piece for t in tokens] == ["[CLS]", "bats", "eat", "[SEP]"]
    assert tokens[1].start is None
    assert "are not known" in caplog.text


def test_markers_expansion_and_left_out_punctuation_are_where_the_model_has_them(tokenizer):
    labels = ce.TokenLabels(
        tokenizer,
        query_marker="[Q]",
        document_marker="[D]",
        query_length=8,
        skip_punctuation=True,
    )
    query, document = labels.query_tokens("cats eat?"), labels.document_tokens(TEXT)
    assert spans(query) == ["[CLS]", "[Q]", "cats", "eat", "?", "[SEP]", "[MASK]", "[MASK]"]
    assert [t.role for t in query][-2:] == ["expansion"] * 2
    assert spans(document) == ["[CLS]", "[D]", "Cats", "eat", "fish", "[SEP]"]


def test_labels_that_cannot_be_are_refused(tokenizer, tmp_path, unchecked):
    def refused(case):
        arguments, words = case
        with pytest.raises(ValueError, match=words):
            ce.TokenLabels(**{"tokenizer": tokenizer, **arguments})

    check_each(
        [
            ({"tokenizer": tmp_path / "none"}, "tokenizer must be a tokenizer.json or a folder"),
            ({"tokenizer": 5}, "tokenizer must be a path"),
            ({"query_marker": "[none]"}, "query_marker must be an entry"),
            ({"query_length": 0}, "query_length must be at least 1"),
            ({"query_length": 9, "expansion": "[none]"}, "expansion must be an entry"),
        ],
        refused,
    )


def test_before_the_first_text_a_line_says_where_texts_go_once(encoder, service, caplog):
    assert not caplog.records
    encoder.embed_query("cats")
    encoder.embed_query("dogs")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [f"Texts are sent to {encoder.sends_texts_to}."]
    assert service.address.endswith(encoder.sends_texts_to)


def test_the_line_reaches_stderr_where_no_logging_is_set_up(encoder, capsys, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    encoder.embed_query("cats")
    assert capsys.readouterr().err == f"Texts are sent to {encoder.sends_texts_to}.\n"


def test_an_open_connection_to_another_machine_is_named(monkeypatch, caplog):
    class SentError(Exception):
        pass

    def send(*_):
        raise SentError  # nothing reaches a network

    for address, key, line in (
        ("http://gpu-box:8000", "", "Texts are sent to gpu-box:8000, without encryption."),
        ("http://box", "secret", "Texts and the key are sent to box, without encryption."),
        ("https://box/vllm", "secret", "Texts are sent to box."),
        ("http://localhost:1", "secret", "Texts are sent to localhost:1."),
    ):
        monkeypatch.setenv("VLLM_API_KEY", key)
        encoder = ce.VllmEncoder(address, "m")
        encoder._calls._send = send
        caplog.clear()
        with pytest.raises(SentError):
            encoder.embed_query("cats")
        assert caplog.messages == [line], address


def test_rank_sends_batches_and_says_how_many_calls(make, service, caplog):
    encoder = make(ce.JinaEncoder, batch_size=2)
    documents = ["fish", None, "cats eat fish", " ", "dogs", "cats", "cats eat"]
    calls = []
    ranking = ce.rank("cats eat", documents, encoder, progress=lambda *of: calls.append(of))
    assert [len(body["input"]) for body in service.bodies("/v1/multi-vector")] == [1, 2, 2, 1]
    assert "5 documents are sent to" in caplog.text
    assert "in 3 calls" in caplog.text
    assert ranking.names[ranking.order[0]] == "document 2"
    assert [one.position for one in ranking.unreadable] == [1, 3]
    assert calls[0][1] == 7
    assert calls[-1] == (7, 7)
    alone = [encoder.embed_document(text).vectors for text in documents if text and text.strip()]
    for found, expected in zip(ranking.document_embeddings, alone, strict=True):
        np.testing.assert_array_equal(found.vectors, expected)


def test_rank_leaves_out_the_one_document_that_is_refused(encoder, service):
    service.refused = "dogs"
    ranking = ce.rank("cats", ["cats eat", "dogs", "cats sleep"], encoder)
    assert ranking.names == ("document 0", "document 2")
    assert "refuses what it was sent (422): “text is too long”" in ranking.left_out()
    with pytest.raises(ValueError, match=r"documents\[1\]: .* refuses"):
        ce.rank("cats", ["cats eat", "dogs"], encoder, on_unreadable="raise")


def test_rank_does_not_mistake_a_wrong_key_for_unreadable_documents(encoder, service):
    encoder.embed_query("cats")
    service.faults.extend([local_service.status(401)] * 5)
    with pytest.raises(ce.RemoteError, match="401"):
        ce.rank("cats", ["a", "b"], encoder)


def test_cancelling_reaches_the_caller_between_two_batches(make, service):
    class CancelledError(Exception):
        pass

    def cancel(done, total):
        if done >= 2:
            raise CancelledError

    encoder = make(ce.JinaEncoder, batch_size=1)
    with pytest.raises(CancelledError):
        ce.rank("cats", ["a", "b", "c", "d"], encoder, progress=cancel)
    assert len(service.seen) == 3


def test_a_text_as_long_as_the_model_reads_is_said_to_be_cut_perhaps(make, caplog):
    make(ce.JinaEncoder, document_length=6).embed_document(TEXT)
    assert "the end of the text may not have been read" in caplog.text


def test_vectors_that_are_not_of_unit_length_are_refused_or_divided(make, service):
    def doubled(path, answer):
        rows = answer["data"]
        rows[0]["embeddings"] = [[2 * x for x in row] for row in rows[0]["embeddings"]]
        return answer

    service.change = doubled
    with pytest.raises(ce.RemoteError, match=r"unit length.*normalize=True"):
        make(ce.JinaEncoder).embed_query("cats")
    found = make(ce.JinaEncoder, normalize=True).embed_query("cats")
    np.testing.assert_allclose(found.vectors, vectors("cats"), atol=1e-6)


def test_base64_is_read_whole_or_vector_by_vector(make, service):
    def encoded(array):
        return base64.b64encode(np.asarray(array, dtype="<f4").tobytes()).decode()

    expected = np.float32(vectors("cats"))
    for form in (encoded, lambda rows: [encoded(row) for row in rows]):

        def change(path, answer, form=form):
            answer["data"][0]["embeddings"] = form(answer["data"][0]["embeddings"])
            return answer

        service.change = change
        found = make(ce.JinaEncoder).embed_query("cats").vectors
        np.testing.assert_array_equal(found, expected)


def test_arguments_out_of_range_are_refused_in_one_sentence(unchecked):
    cases = [
        (lambda: ce.JinaEncoder(" "), "model must be a name"),
        (lambda: ce.JinaEncoder(dim=0), "dim must be at least 1"),
        (lambda: ce.JinaEncoder(batch_size=0), "batch_size must be at least 1"),
        (lambda: ce.JinaEncoder(timeout=0), "timeout must be a number of seconds above 0"),
        (lambda: ce.JinaEncoder(tries=0), "tries must be at least 1"),
        (lambda: ce.JinaEncoder(document_length=0), "document_length must be at least 1"),
        (lambda: ce.JinaEncoder(labels="bert"), "labels must be a TokenLabels"),
        (lambda: ce.VllmEncoder("gpu-box:8000", "m"), "address must be like"),
        (lambda: ce.VllmEncoder("ftp://gpu-box", "m"), "address must be like"),
        (lambda: ce.VllmEncoder("http://a:b", "m"), "address must be like"),
        (lambda: ce.VllmEncoder(5, "m"), "address must be a string"),
        (lambda: ce.JinaEncoder().embed_query(" "), "query must contain text"),
        (lambda: ce.JinaEncoder().embed_document(None), "document must be a string"),
        (lambda: ce.JinaEncoder().embed_each(["a", " "]), r"texts\[1\] must contain text"),
    ]

    def refused(case):
        call, words = case
        with pytest.raises(ValueError, match=words):
            call()

    check_each(cases, refused, lambda case: case[1])


def test_an_encoder_survives_pickling_and_works(encoder):
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.embed_query("cats").vectors, np.float32(vectors("cats")))


@pytest.mark.network
def test_the_real_service_sends_vectors():
    found = ce.JinaEncoder().embed_query("What do cats eat?")
    assert found.vectors.shape[1] == 128
