import numpy as np
import pytest

from colbert_explain.encoders import embed_together, load_encoder, tokens_to_share
from colbert_explain.encoders.pipeline import Pipeline
from colbert_explain.explanation import explain_embeddings
from tests.tiny_checkpoints import make_checkpoint

LONG = " ".join(f"Sentence {i} says that elephants eat grass in place {i * 7}." for i in range(160))


@pytest.mark.parametrize("query", ["Elephants eat 150 kg of food per day.", "a [MASK] 🐘 café?"])
@pytest.mark.parametrize(
    "document",
    [
        "Every day, the average elephant consumes roughly 150 kg of food.",
        "The CAFÉ serves crème brûlée — naïve, isn't it?",
        "a [MASK] and a [SEP] and [CLS] [PAD] [UNK]",
        "emoji 🐘🐼 in between🙂words",
        "大熊猫 eats 竹子",
        "</s> &amp; $x$ <img src=x onerror=alert(1)>",
        "שלום עולם נִקּוּד and हिन्दी और ไทย",
        "unaffordably antidisestablishmentarian 3.14159 e-mail x² " * 20,
    ],
)
def test_the_score_is_the_pipelines_own(encoder, query, document):
    x = explain_embeddings(encoder.embed_query(query), encoder.embed_document(document))
    model = encoder.model
    own = model.similarity(model.encode_query([query]), model.encode_document([document]))
    assert x.score == pytest.approx(float(own), abs=1e-4)
    assert float(x.contributions.sum(dtype=np.float64)) == pytest.approx(x.score, abs=1e-5)


def test_vectors_ids_and_scoring_mask_are_the_pipelines_own(encoder):
    text = "Every day, the average elephant consumes 🐘 roughly 150 kg."
    ours = encoder.embed_document(text)
    raw = encoder.model.encode_document([text], output_value=None)[0]
    assert [token.id for token in ours.tokens] == raw["input_ids"].tolist()
    assert ours.tokens.scored_mask.tolist() == raw["attention_mask"].bool().tolist()
    np.testing.assert_allclose(ours.vectors, raw["token_embeddings"].numpy(), atol=2e-6)


def test_tokens_say_what_they_are(either_encoder):
    tokens = either_encoder.embed_query("Café, 🐘 [SEP]").tokens
    assert [(t.text, t.role, t.scored, t.unknown) for t in tokens] == [
        ("[CLS]", "special", False, False),
        ("Café", "text", True, False),
        (",", "text", False, False),
        ("🐘", "text", False, True),
        ("[", "text", False, False),
        ("SEP", "text", True, False),
        ("]", "text", False, False),
        ("[SEP]", "special", False, False),
    ]


def test_what_lies_past_the_length_is_counted_and_marked(encoder):
    short = load_encoder(document_length=12, query_length=6)
    text = "one two three four five six seven eight nine ten eleven twelve"
    document = short.embed_document(text)
    assert len(document.tokens) == 12
    assert document.tokens.n_unread == 2
    assert document.tokens.text[document.tokens.unread_start :] == "eleven twelve"
    query = short.embed_query("one two three four five")
    assert (len(query.tokens), query.tokens.n_unread) == (6, 1)


def test_progress_counts_windows_and_can_stop_the_work(encoder):
    seen = []

    class StopError(Exception):
        pass

    def progress(done, total):
        seen.append((done, total))
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        encoder.embed_document(LONG, progress=progress)
    assert [done for done, _ in seen] == [0, 1, 2]
    assert len({total for _, total in seen}) == 1


def test_progress_ends_at_the_total(encoder):
    seen = []
    encoder.embed_query("short", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(layer, 6) for layer in range(7)]


def alike(encoder, side, n_texts):
    """Return texts that can share a forward pass."""
    texts = [f"Elephant {number} eats." for number in range(100, 400)]
    count = tokens_to_share(encoder, side, texts[0])
    return [text for text in texts if tokens_to_share(encoder, side, text) == count][:n_texts]


@pytest.fixture(params=["bundled", "checkpoint that fills up queries"])
def sharing_encoder(request, tmp_path_factory):
    """An encoder that has not tried yet what can be shared."""
    if request.param == "bundled":
        return load_encoder()
    return load_encoder(make_checkpoint(tmp_path_factory.mktemp("tiny"), "pylate", "wordpiece"))


@pytest.fixture
def passes(monkeypatch):
    """The number of texts in each forward pass, in the order of the passes."""
    sizes, forward = [], Pipeline._forward

    def counted(self, batch, missing, side):
        sizes.append(len(batch))
        return forward(self, batch, missing, side)

    monkeypatch.setattr(Pipeline, "_forward", counted)
    return sizes


@pytest.mark.parametrize("side", ["query", "document"])
def test_texts_encoded_together_get_the_bits_that_each_gets_alone(sharing_encoder, side):
    embed = getattr(sharing_encoder, f"embed_{side}")
    for n_texts in (1, 2, 7, 7):  # what can be shared is known the second time
        texts = alike(sharing_encoder, side, n_texts)
        together = embed_together(sharing_encoder, side, texts)
        for one, expected in zip(together, map(embed, texts), strict=True):
            np.testing.assert_array_equal(one.vectors, expected.vectors)
            assert one.tokens == expected.tokens
            assert one.provenance == expected.provenance


@pytest.mark.parametrize("side", ["query", "document"])
def test_in_a_shared_pass_each_text_keeps_its_own_tokens(sharing_encoder, passes, side):
    texts = alike(sharing_encoder, side, 4)
    n_tokens = tokens_to_share(sharing_encoder, side, texts[0])
    for is_filled in (False, True):
        sharing_encoder._ready()._gives_same_bits[4, n_tokens, is_filled] = True
    together = embed_together(sharing_encoder, side, texts)
    assert passes == [4]
    for one, text in zip(together, texts, strict=True):
        expected = getattr(sharing_encoder, f"embed_{side}")(text)
        assert one.tokens == expected.tokens
        np.testing.assert_allclose(one.vectors, expected.vectors, atol=2e-6)


def test_whether_a_pass_gives_the_same_bits_is_tried_once(encoder, passes, monkeypatch):
    known = {}
    monkeypatch.setattr(encoder._ready(), "_gives_same_bits", known)
    texts = alike(encoder, "document", 3)
    embed_together(encoder, "document", texts)
    assert passes == [1, 1, 2, 1]
    [is_same] = known.values()
    embed_together(encoder, "document", texts)
    assert passes[4:] == ([2, 1] if is_same else [1, 1, 1])


def test_texts_that_get_other_bits_in_a_shared_pass_share_none(encoder, passes, monkeypatch):
    forward = Pipeline._forward

    def with_other_bits(self, batch, missing, side):
        given = forward(self, batch, missing, side)
        if len(batch) > 1:
            given[1].vectors[0, 0] = np.nextafter(given[1].vectors[0, 0], np.float32(2))
        return given

    monkeypatch.setattr(encoder._ready(), "_gives_same_bits", {})
    texts = alike(encoder, "document", 2)
    with monkeypatch.context() as patched:
        patched.setattr(Pipeline, "_forward", with_other_bits)
        embed_together(encoder, "document", texts)
    assert tokens_to_share(encoder, "document", texts[0]) is None
    passes.clear()
    embed_together(encoder, "document", texts)
    assert passes == [1, 1]


def test_a_shared_pass_that_fails_leaves_what_each_text_got(encoder, passes, monkeypatch):
    forward = Pipeline._forward

    def without_memory(self, batch, missing, side):
        if len(batch) > 1:
            raise RuntimeError("out of memory")
        return forward(self, batch, missing, side)

    monkeypatch.setattr(Pipeline, "_forward", without_memory)
    monkeypatch.setattr(encoder._ready(), "_gives_same_bits", {})
    texts = alike(encoder, "document", 2)
    assert [one.tokens.text for one in embed_together(encoder, "document", texts)] == texts


def test_a_text_without_direction_is_an_error_of_its_own(encoder, monkeypatch):
    texts = alike(encoder, "document", 3)
    forward = Pipeline._forward

    def with_a_zero(self, batch, missing, side):
        given = forward(self, batch, missing, side)
        for one in given:
            if "101" in encoder._ready().model.tokenizer.decode(one.ids):
                one.vectors[1] = 0
        return given

    monkeypatch.setattr(Pipeline, "_forward", with_a_zero)
    monkeypatch.setattr(encoder._ready(), "_gives_same_bits", {})
    for _ in range(2):
        first, second, third = embed_together(encoder, "document", texts)
        assert isinstance(second, ValueError)
        assert "has length 0 and so no direction" in str(second)
        assert first.tokens.text == texts[0]
        assert third.tokens.text == texts[2]


def test_equal_texts_are_encoded_once(encoder, passes):
    first, second = embed_together(encoder, "document", ["Cats eat.", "Cats eat."])
    assert first is second
    assert passes == [1]


def test_which_texts_cannot_be_encoded_with_others(encoder):
    assert tokens_to_share(encoder, "document", LONG) is None
    assert tokens_to_share(load_encoder(dtype="bfloat16"), "document", "Cats eat.") is None
    with pytest.raises(ValueError, match="document must contain text"):
        tokens_to_share(encoder, "document", " ")
    for texts, seen in ((["a", LONG], "several passes and 3"), (["one", "one two"], "3 and 4")):
        with pytest.raises(ValueError, match=f"the same number of tokens.*got {seen}"):
            embed_together(encoder, "document", texts)
