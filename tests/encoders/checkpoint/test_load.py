import logging
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import colbert_explain as ce
from colbert_explain.encoders.jina_bert.model import JinaBertModel
from colbert_explain.encoders.windows import plan_windows
from tests.changed_checkpoints import (
    FORMAT,
    JINA,
    edit,
    in_json,
    jina_checkpoint,
    refusal,
    setting,
    whole,
)
from tests.tiny_checkpoints import (
    FORMATS,
    auto_map_to_local_module,
    drop_projection,
    drop_weight,
    hostile_pickle,
    make_checkpoint,
    pickle_only,
    rename_weight,
    reshape_weight,
    shard_weights,
    truncate_weights,
)

__all__ = ["refusal", "whole"]  # fixtures

LONG = " ".join(f"Elephants eat {i * 7} kg of grass in place {i}." for i in range(900))


def stanford(folder, family="wordpiece", **settings):
    return make_checkpoint(folder / "m", "stanford", family, **settings)


def by_hand(encoder, ids, side="document"):
    features = {
        "input_ids": torch.tensor([ids]),
        "attention_mask": torch.ones(1, len(ids), dtype=torch.long),
    }
    with torch.inference_mode():
        return encoder.model(features, task=side)["token_embeddings"][0].numpy()


# --- what an argument puts in the place of the checkpoint's own


def test_lengths_and_expansion_can_be_overridden(tmp_path):
    folder = stanford(tmp_path)
    plain = ce.load_encoder(folder, query_expansion=False, document_length=512)
    query = plain.embed_query("Elephants eat grass.")
    assert {token.role for token in query.tokens} == {"text", "special", "marker"}
    assert plain.document_length == 512
    assert plain.query_length == 32
    wide = ce.load_encoder(folder, query_length=40, expansion_attended=True)
    assert len(wide.embed_query("Elephants eat grass.").tokens) == 40
    assert wide.settings["expansion_attended"].value
    floor = ce.load_encoder(folder, query_expansion="min", expansion_length=16, query_length=300)
    assert len(floor.embed_query("Elephants eat grass.").tokens) == 16
    assert floor.embed_query("elephants eat grass " * 10).tokens.n_unread == 0


def test_markers_prompts_and_skiplist_can_be_overridden(tmp_path):
    encoder = ce.load_encoder(
        stanford(tmp_path), query_marker="", document_prompt="food: ", skiplist=["eat"]
    )
    assert all(token.role != "marker" for token in encoder.embed_query("Elephants eat.").tokens)
    tokens = encoder.embed_document("Elephants eat grass.").tokens
    opening = [token for token in tokens if token.role == "marker"]
    assert opening[0].text == "[D]"
    assert "".join(token.text for token in opening[1:]) == "food:"
    assert [token.text for token in tokens if not token.scored] == ["eat"]
    assert tokens[len(opening) + 1].start == 0


def test_the_expansion_token_can_be_overridden(tmp_path):
    encoder = ce.load_encoder(stanford(tmp_path), expansion_token="[PAD]")
    assert encoder.embed_query("Elephants eat.").tokens[-1].text == "[PAD]"


def test_markers_have_the_names_that_colbert_gives_them(tmp_path):
    tokens = ce.load_encoder(stanford(tmp_path)).embed_query("elephants").tokens
    assert [(t.text, t.piece) for t in tokens if t.role == "marker"] == [("[Q]", "[unused0]")]


def test_an_argument_out_of_range_is_refused(tmp_path):
    folder = stanford(tmp_path)
    for argument, value, message in (
        ("query_length", 600, "must be at most 512"),
        ("query_length", 0, "must be a positive whole number, got 0"),
        ("document_length", 3, "must be at least 4, got 3"),
        ("skiplist", "abc", "must be a list of words, got 'abc'"),
        ("query_expansion", "max", "must be 'fixed', 'min' or False, got 'max'"),
        ("expansion_token", "no such", "must be a token of this model, got 'no such'"),
        ("layers", (6,), r"must be left out for .*, got \(6,\)"),
        ("dtype", "int8", "must be one of float32"),
        ("device", "cuda:99", "must be one this PyTorch can use, got 'cuda:99'"),
        ("revision", "main", "must be left out for a folder, got 'main'"),
    ):
        with pytest.raises(ValueError, match=f"{argument} {message}"):
            ce.load_encoder(folder, **{argument: value})


def test_what_belongs_to_a_checkpoint_is_refused_for_the_bundled_encoder():
    for name, value in (
        *(("query_marker", "[Q]"), ("query_expansion", False)),
        *(("skiplist", []), ("query_prompt", "")),
    ):
        message = f"{name} must be left out for the bundled encoder, got {value!r}"
        with pytest.raises(ValueError, match=re.escape(message)):
            ce.load_encoder(**{name: value})


def test_bfloat16_stays_near(tmp_path):
    folder = stanford(tmp_path)
    exact, rough = (ce.load_encoder(folder, dtype=dtype) for dtype in ("float32", "bfloat16"))
    one, other = (encoder.embed_document("Elephants eat grass.") for encoder in (exact, rough))
    assert (one.vectors * other.vectors).sum(axis=1).min() > 0.99
    assert rough.provenance.dtype == "bfloat16"


@pytest.mark.parametrize("family", ["wordpiece", "byte_bpe", "decoder", "sentencepiece"])
@pytest.mark.parametrize("typed", ["[MASK]", "<mask>", "<|endoftext|>", "[SEP]"])
def test_a_typed_special_token_equals_a_forward_of_ids_built_by_hand(tmp_path, family, typed):
    encoder = ce.load_encoder(stanford(tmp_path, family))
    embeddings = encoder.embed_document(f"elephants {typed} eat")
    tokenizer = encoder.model.tokenizer
    text = [token for token in embeddings.tokens if token.role == "text"]
    assert not {token.id for token in text} & set(tokenizer.all_special_ids) - {
        tokenizer.unk_token_id
    }
    plain = "".join(token.text for token in text).replace(" ", "")
    assert plain == f"elephants{typed}eat"
    ids = [token.id for token in embeddings.tokens]
    np.testing.assert_allclose(embeddings.vectors, by_hand(encoder, ids), rtol=0, atol=1e-6)


# --- what is refused


@pytest.mark.parametrize(
    "name", ["encoder.layer.1.output.dense.weight", "embeddings.LayerNorm.bias"]
)
@pytest.mark.parametrize("format", ["stanford", "pylate", "sentence_transformers"])
def test_a_missing_renamed_or_reshaped_weight_is_named(tmp_path, format, name):
    whole = make_checkpoint(tmp_path / "whole", format, "wordpiece")
    full = f"bert.{name}" if format == "stanford" else name

    def damaged(change, *arguments):
        folder = shutil.copytree(whole, tmp_path / change.__name__)
        return change(folder, full, *arguments)

    with pytest.raises(ce.CheckpointError, match=f"{name} is missing"):
        ce.load_encoder(damaged(drop_weight))
    with pytest.raises(ce.CheckpointError, match=f"{name} must have shape .* got"):
        ce.load_encoder(damaged(reshape_weight))
    with pytest.raises(ce.CheckpointError, match=f"{name} is missing.*_x is unexpected"):
        ce.load_encoder(damaged(rename_weight, full.replace("layer.1", "layer.9") + "_x"))


def lose_a_shard(folder):
    next(shard_weights(folder).glob("model-00002*")).unlink()


def put_what_is_no_number(folder):
    projection(folder, lambda weight: weight + float("nan"))


def multiply_projection(factor):
    return lambda folder: projection(folder, lambda weight: weight * factor)


def projection(folder, change):
    weights = {k: v.clone() for k, v in load_file(folder / "model.safetensors").items()}
    weights["linear.weight"] = change(weights["linear.weight"])
    save_file(weights, folder / "model.safetensors", FORMAT)


def cut_short(file):
    return lambda folder: (folder / file).write_text((folder / file).read_text()[:40])


def rename_a_weight_of_jina_bert(folder):
    rename_weight(folder, "bert.encoder.layer.0.mlp.wo.weight", "bert.other")


def lead_out(modules):
    modules[1]["path"] = "../elsewhere"


def add_a_step(modules):
    modules.append({"idx": 4, "name": "4", "path": "", "type": "my_code.Sharpen"})


STANFORD, PYLATE, NATIVE = FORMATS
PIPELINE, DENSE = "config_sentence_transformers.json", "1_Dense/config.json"
#: What is changed in a checkpoint, of which formats, and what is said of it.
REFUSED = (
    (drop_projection, (*FORMATS, "jina"), "must hold a trained projection"),
    (pickle_only, FORMATS, r"pickle only .*weights_only=True"),
    (truncate_weights, (STANFORD, PYLATE), "model.safetensors must be a complete safetensors"),
    (lose_a_shard, (STANFORD,), "must list files that exist, got .*00002"),
    (put_what_is_no_number, (STANFORD,), "not finite"),
    *(
        (multiply_projection(factor), (STANFORD,), "cannot be: its projection is 0, or far too")
        for factor in (0, 1e-40, 1e-20, 1e30)
    ),
    (cut_short("config.json"), (STANFORD,), "damaged|cannot|must"),
    (cut_short("artifact.metadata"), (STANFORD,), "damaged|cannot|must"),
    (cut_short("tokenizer.json"), (STANFORD,), "damaged|cannot|must"),
    (setting("artifact.metadata", similarity="l2"), (STANFORD,), "got l2.*similarity='cosine'"),
    (setting("config.json", model_type="new"), (STANFORD,), "knows, got model_type 'new'"),
    (setting("config.json", position_embedding_type="x"), (STANFORD,), "'absolute'.*got 'x'"),
    (setting("config.json", vocab_size=3), (STANFORD,), "word_embeddings.weight must have shape"),
    (setting(PIPELINE, model_type=..., query_prefix=...), (PYLATE,), "is a sentence encoder"),
    (setting(DENSE, activation_function="os.system"), (PYLATE,), "of torch.nn's, got 'os.system'"),
    (in_json("modules.json", lead_out), (PYLATE,), "inside the checkpoint, got '../elsewhere'"),
    (in_json("modules.json", add_a_step), (NATIVE,), "got my_code.Sharpen.*never run"),
    # JinaBERT is never read as a plain BERT.
    (setting("config.json", auto_map=...), ("jina",), "got 'alibi'"),
    (setting("config.json", position_embedding_type=...), ("jina",), "is missing"),
    (setting("config.json", position_embedding_type="absolute"), ("jina",), "is missing"),
    (rename_a_weight_of_jina_bert, ("jina",), "wo.weight is missing; bert.other is unexpected"),
)


def test_what_is_no_whole_and_known_checkpoint_is_refused_with_the_reason(refusal):
    for change, formats, says in REFUSED:
        for format in formats:
            sentence = refusal(change, format)
            assert re.search(says, sentence), f"{format}: {says!r} is not in {sentence!r}"


def test_a_text_with_a_vector_of_no_direction_is_refused(tmp_path):
    encoder = ce.load_encoder(stanford(tmp_path))
    for value, length in ((0.0, "0"), (float("nan"), "nan")):
        with torch.no_grad():
            encoder.model[1].linear.weight.fill_(value)
        with pytest.raises(ValueError, match=rf"document must be .* '\[CLS\]' has length {length}"):
            encoder.embed_document("Elephants eat grass.")


def test_l2_is_explained_by_cosines_on_demand(tmp_path):
    folder = stanford(tmp_path)
    cosine = ce.explain("Elephants", "eat grass", ce.load_encoder(folder))
    edit(folder / "artifact.metadata", similarity="l2")
    asked = ce.explain("Elephants", "eat grass", ce.load_encoder(folder, similarity="cosine"))
    assert asked.score == cosine.score


# --- nothing in a checkpoint is run


def test_a_hostile_pickle_is_never_opened(tmp_path):
    created = tmp_path / "created"
    folder = hostile_pickle(stanford(tmp_path), created)
    with pytest.raises(ce.CheckpointError, match=r"pickle only"):
        ce.load_encoder(folder)
    assert not created.exists()
    # The trap is one: plain unpickling falls into it.
    unpickle = "import sys, torch; torch.load(sys.argv[1], weights_only=False)"
    path = str(folder / "pytorch_model.bin")
    subprocess.run([sys.executable, "-c", unpickle, path], check=True)
    assert created.exists()


@pytest.mark.parametrize("format", ["stanford", "pylate", "sentence_transformers"])
@pytest.mark.parametrize("model_type", ["bert", "hostile"])
def test_code_of_a_checkpoint_is_never_imported(tmp_path, format, model_type):
    created = tmp_path / "created"
    folder = auto_map_to_local_module(make_checkpoint(tmp_path / "m", format, "wordpiece"), created)
    edit(folder / "config.json", model_type=model_type)
    if model_type == "bert":
        warnings = ce.load_encoder(folder).describe().warnings
        assert any("its own code (auto_map)" in warning for warning in warnings)
    else:
        with pytest.raises(ce.CheckpointError, match=r"got model_type 'hostile'.*never run"):
            ce.load_encoder(folder)
    assert not created.exists()
    # The trap is one: importing the module falls into it.
    subprocess.run([sys.executable, "-c", "import hostile_code"], cwd=folder, check=True)
    assert created.exists()


# --- JinaBERT


def test_the_reference_checkpoint_of_jina_bert_uses_our_module(tmp_path):
    encoder = ce.load_encoder(jina_checkpoint(tmp_path / "jina"))
    assert type(encoder.model[0].model) is JinaBertModel
    expected = load_file(JINA / "expected.safetensors")
    ids = expected["short.input_ids"][0].tolist()
    np.testing.assert_allclose(
        by_hand(encoder, ids), expected["short.token_vectors"][0].numpy(), rtol=0, atol=2e-5
    )


def test_jina_bert_reads_a_long_document_in_one_pass(tmp_path):
    folder = edit(jina_checkpoint(tmp_path / "jina") / "artifact.metadata", doc_maxlen=160)
    document = ce.load_encoder(folder, document_length=8192).embed_document(LONG)
    assert len(document.tokens) == 8192
    assert document.tokens.n_windows == 1
    assert document.tokens.n_unread > 0
    assert len(ce.load_encoder(folder).embed_document(LONG).tokens) == 160


# --- long documents in windows


@pytest.mark.parametrize("family", ["wordpiece", "byte_bpe", "decoder", "sentencepiece"])
def test_a_long_document_is_covered_and_its_windows_equal_forwards_by_hand(tmp_path, family):
    encoder = ce.load_encoder(stanford(tmp_path, family), document_length=8192)
    embeddings = encoder.embed_document(LONG)
    tokens = embeddings.tokens
    assert len(tokens) == 8192
    opening = [token.id for token in tokens if token.start is None and token.window == 0]
    text = [(row, token) for row, token in enumerate(tokens) if token.role == "text"]
    before = text[0][0]
    closing = [token.id for token in tokens[before + len(text) :]]
    assert opening[:before] + closing == opening + closing[len(opening) - before :]
    ids = [token.id for _, token in text]
    windows = plan_windows(len(ids), 512 - before - len(closing), 128)
    assert tokens.n_windows == len(windows) > 15
    frame = [token.id for token in tokens[:before]]
    for number, window in enumerate(windows):
        expected = by_hand(encoder, [*frame, *ids[window.start : window.stop], *closing])
        kept = slice(before + window.keep_start, before + window.keep_stop)
        inside = slice(
            before + window.keep_start - window.start, before + window.keep_stop - window.start
        )
        np.testing.assert_allclose(
            embeddings.vectors[kept], expected[inside], rtol=0, atol=1e-5, err_msg=str(number)
        )
        assert {token.window for token in tokens[kept]} == {number}


def test_what_transformers_says_of_a_projection_is_left_out(tmp_path):
    logger = logging.getLogger("transformers")
    level = logger.level
    with listening(logger) as heard:
        ce.load_encoder(stanford(tmp_path))
        assert logger.level == level
        logger.warning("still heard")
    assert heard == ["still heard"]


def test_what_sentence_transformers_says_of_a_long_query_is_said_of_the_user_s_only(tmp_path):
    with listening(logging.getLogger("sentence_transformers")) as heard:
        # No other test has this length: the note is given once for each.
        encoder = ce.load_encoder(stanford(tmp_path), query_length=13)
        assert heard == []
        encoder.model.encode_query("elephants eat grass " * 9)
    assert len(heard) == 1
    assert "filled the entire query_expansion length of 13 tokens" in heard[0]


@contextmanager
def listening(logger):
    """List the messages that a logger gets."""
    heard = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())
    logger.addHandler(handler)
    try:
        yield heard
    finally:
        logger.removeHandler(handler)


# --- provenance


def test_provenance_says_what_was_loaded_and_how_texts_were_read(tmp_path):
    folder = stanford(tmp_path)
    x = ce.explain("Elephants", "eat grass", ce.load_encoder(folder, document_length=99))
    assert x.provenance.model == "m"
    assert x.provenance.dim == 16
    assert x.provenance.settings["document_length"] == "99"
    assert x.provenance.overridden == {"document_length": 99}
    assert x.provenance.same_model(replace(x.provenance, overridden={}))
    x.save(tmp_path / "x.json")
    assert ce.load_explanation(tmp_path / "x.json").provenance == x.provenance
    other = ce.load_encoder(make_checkpoint(tmp_path / "n", "stanford", "wordpiece", seed=1))
    assert other.provenance.sha256 != x.provenance.sha256
