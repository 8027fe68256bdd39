import numpy as np
import pytest

from colbert_explain.explanation import explain_embeddings

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
    from colbert_explain.encoders import load_encoder

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
