import hashlib
import importlib.util
import shutil
import string
from itertools import product

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Dense
from transformers import AutoModel

from tests.each_case import check_each
from tests.tiny_checkpoints import (
    DIM,
    FAMILIES,
    FORMATS,
    TEXTS,
    TYPED_SPECIALS,
    auto_map_to_local_module,
    both_layouts,
    drop_projection,
    drop_weight,
    expansion_rows,
    hostile_pickle,
    make_checkpoint,
    pickle_only,
    reference_rows,
    rename_weight,
    reshape_weight,
    shard_weights,
    stale_modules_json,
    truncate_weights,
    weight_names,
    without_modules_json,
)
from tests.tiny_checkpoints.tiny_tokenizers import train_tokenizer

QUERY, DOCUMENT = TEXTS[0], TEXTS[2]
SOME_ENCODER_WEIGHT = "encoder.layer.0.output.dense.weight"


def load(folder):
    return MultiVectorEncoder(str(folder), local_files_only=True, device="cpu")


def loading_info(folder):
    _, info = AutoModel.from_pretrained(folder, output_loading_info=True)
    return {name: keys for name, keys in info.items() if keys}


def pieces(model, rows):
    return model.tokenizer.convert_ids_to_tokens(rows.ids.tolist())


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Format, family, folder and model of each checkpoint with default settings."""
    made = []
    for format, family in product(FORMATS, FAMILIES):
        folder = make_checkpoint(tmp_path_factory.mktemp(f"{format}-{family}"), format, family)
        made.append((format, family, folder, load(folder)))
    return made


def name_of(checkpoint):
    return "-".join(checkpoint[:2])


@pytest.fixture
def pylate(tmp_path):
    return make_checkpoint(tmp_path / "pylate", "pylate", "wordpiece")


@pytest.fixture
def stanford(tmp_path):
    return make_checkpoint(tmp_path / "stanford", "stanford", "wordpiece")


def test_a_plain_checkpoint_encodes_every_text_to_unit_vectors(plain):
    def check(checkpoint):
        *_, model = checkpoint
        for text in (*TEXTS, *TYPED_SPECIALS):
            for side in ("query", "document"):
                rows = reference_rows(model, text, side)
                assert rows.vectors.shape == (len(rows.ids), DIM)
                assert rows.scored.any()
                np.testing.assert_allclose(np.linalg.norm(rows.vectors, axis=1), 1, atol=1e-5)

    check_each(plain, check, name_of)


def test_a_plain_checkpoint_misses_no_weight_and_has_none_to_spare(plain):
    def check(checkpoint):
        format, _, folder, _ = checkpoint
        projection = {"unexpected_keys": {"linear.weight"}} if format == "stanford" else {}
        assert loading_info(folder) == projection

    check_each(plain, check, name_of)


def test_vectors_of_one_text_differ_clearly(plain):
    def check(checkpoint):
        *_, model = checkpoint
        rows = reference_rows(model, DOCUMENT, "document")
        apart = ~np.eye(len(rows.ids), dtype=bool)
        assert (rows.vectors @ rows.vectors.T)[apart].max() < 0.999
        assert np.ptp(rows.vectors @ rows.vectors.T) > 0.3

    check_each(plain, check, name_of)


def test_markers_are_one_token_and_lengths_are_kept(plain):
    def check(checkpoint):
        format, family, _, model = checkpoint
        query = reference_rows(model, TEXTS[-2], "query")
        document = reference_rows(model, TEXTS[-1], "document")
        assert (len(query.ids), len(document.ids)) == (32, 180)
        assert not expansion_rows(model, TEXTS[-2]).any()
        marker = 0 if family == "decoder" else 1
        for rows, side in ((query, "query"), (document, "document")):
            prompt = model.prompts[side]
            entry = prompt if format != "stanford" else prompt.rstrip()
            # The tokeniser of a lower-casing model may give an added token back in lower case.
            assert pieces(model, rows)[marker].lower() == entry.lower()
        assert 180 < len(model.tokenizer(TEXTS[-1])["input_ids"]) < 512

    check_each(plain, check, name_of)


def test_expansion_fills_a_query_and_its_rows_are_scored(plain):
    def check(checkpoint):
        _, family, _, model = checkpoint
        rows, filled_up = reference_rows(model, QUERY, "query"), expansion_rows(model, QUERY)
        token = {"decoder": "<|endoftext|>", "sentencepiece": "<mask>"}.get(family, "[MASK]")
        assert len(rows.ids) == 32
        assert 15 < filled_up.sum() < 28
        assert {pieces(model, rows)[i] for i in np.flatnonzero(filled_up)} == {token}
        assert rows.scored.all()

    check_each(plain, check, name_of)


def test_punctuation_of_documents_is_not_scored_and_the_unknown_is(plain):
    def check(checkpoint):
        _, family, _, model = checkpoint
        rows = reference_rows(model, DOCUMENT, "document")
        skipped = {pieces(model, rows)[i].strip("Ġ▁") for i in np.flatnonzero(~rows.scored)}
        assert {",", ":"} <= skipped <= set(string.punctuation)
        assert ("!" in skipped) == (family in ("byte_bpe", "decoder"))

    check_each(plain, check, name_of)


def test_emoji_are_unknown_where_bytes_do_not_cover_them(plain):
    def check(checkpoint):
        _, family, _, model = checkpoint
        unknown = model.tokenizer.unk_token_id
        ids = reference_rows(model, "🐘🐘🐘", "document").ids
        assert (unknown is not None and unknown in ids) == (
            family in ("wordpiece", "sentencepiece")
        )

    check_each(plain, check, name_of)


def test_a_text_alone_has_the_rows_it_has_among_others(plain):
    def check(checkpoint):
        *_, model = checkpoint
        together = model.encode_document(list(TEXTS[:6]))
        for text, vectors in zip(TEXTS[:6], together, strict=True):
            rows = reference_rows(model, text, "document")
            np.testing.assert_allclose(rows.vectors[rows.scored], vectors.numpy(), atol=1e-4)

    check_each(plain, check, name_of)


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    def check(format):
        place = tmp_path / format
        torch.manual_seed(1)
        before = torch.get_rng_state()
        once, again = (make_checkpoint(place / name, format, "byte_bpe") for name in "ab")
        assert digests(once) == digests(again)
        assert torch.equal(torch.get_rng_state(), before)
        other = make_checkpoint(place / "c", format, "byte_bpe", seed=1)
        assert digests(once)["model.safetensors"] != digests(other)["model.safetensors"]

    check_each(FORMATS, check)


def test_training_gives_the_same_tokeniser_each_time():
    def check(family):
        once, again = (train_tokenizer(family).backend_tokenizer.to_str() for _ in "ab")
        assert once == again

    check_each(FAMILIES, check)


def test_without_expansion_a_query_ends_where_it_ends(tmp_path):
    def check(format):
        place = tmp_path / format
        model = load(make_checkpoint(place, format, "wordpiece", query_expansion=None))
        assert len(reference_rows(model, QUERY, "query").ids) == 9
        assert len(reference_rows(model, TEXTS[-2], "query").ids) == 32

    check_each(["pylate", "sentence_transformers"], check)


def test_expansion_to_a_minimum_leaves_long_queries_long(tmp_path):
    settings = {"query_expansion": "min", "expansion_length": 16, "query_length": 48}
    model = load(make_checkpoint(tmp_path, "sentence_transformers", "wordpiece", **settings))
    lengths = [len(reference_rows(model, text, "query").ids) for text in (QUERY, TEXTS[3])]
    assert lengths == [16, 30]
    assert len(reference_rows(model, TEXTS[-2], "query").ids) == 48


def test_attending_to_the_expansion_changes_the_text_tokens(tmp_path):
    def check(format):
        place = tmp_path / format
        rows = [
            reference_rows(
                load(make_checkpoint(place / str(attend), format, "wordpiece", attend=attend)),
                *(QUERY, "query"),
            )
            for attend in (False, True)
        ]
        assert (rows[0].ids == rows[1].ids).all()
        assert np.abs(rows[0].vectors[:8] - rows[1].vectors[:8]).max() > 0.01

    check_each(FORMATS, check)


def test_without_a_skiplist_every_token_is_scored(tmp_path):
    def check(format):
        place = tmp_path / format
        model = load(make_checkpoint(place, format, "byte_bpe", skiplist=()))
        assert reference_rows(model, DOCUMENT, "document").scored.all()

    check_each(FORMATS, check)


def test_a_prompt_stands_behind_the_marker(tmp_path):
    def check(format):
        place = tmp_path / format
        prompts = {"query": "search_query: ", "document": "search_document: "}
        model = load(make_checkpoint(place, format, "byte_bpe", prompts=prompts))
        read = model.tokenizer.decode(reference_rows(model, QUERY, "query").ids.tolist())
        assert read.startswith("[CLS][Q] search_query: What do elephants eat?[SEP]")

    check_each(["pylate", "sentence_transformers"], check)


def test_markers_can_be_chosen(tmp_path):
    def check(format):
        place = tmp_path / format
        model = load(make_checkpoint(place, format, "byte_bpe", markers=("<ask>", "<tell>")))
        assert pieces(model, reference_rows(model, QUERY, "query"))[1] == "<ask>"
        assert pieces(model, reference_rows(model, QUERY, "document"))[1] == "<tell>"

    check_each(FORMATS, check)


def test_two_layers_with_a_residual_are_all_of_the_projection(tmp_path):
    def check(format):
        place = tmp_path / format
        model = load(make_checkpoint(place, format, "wordpiece", dense="two_with_residual"))
        first, second = (module for module in model if isinstance(module, Dense))
        assert isinstance(first.activation_function, torch.nn.GELU)
        assert first.use_residual
        assert first.residual.weight.shape == (64, 32)
        assert (second.in_features, second.out_features) == (64, DIM)
        before = reference_rows(model, QUERY, "document").vectors
        first.use_residual = False
        assert np.abs(reference_rows(model, QUERY, "document").vectors - before).max() > 0.01

    check_each(["pylate", "sentence_transformers"], check)


@pytest.mark.parametrize(
    ("format", "settings"),
    [
        ("stanford", {"query_expansion": None}),
        ("stanford", {"query_expansion": "min"}),
        ("stanford", {"prompts": {"query": "search_query: "}}),
        ("stanford", {"dense": "two_with_residual"}),
        ("stanford", {"skiplist": (",",)}),
        ("pylate", {"query_expansion": "min"}),
    ],
)
def test_what_a_format_cannot_say_is_refused(format, settings, tmp_path):
    with pytest.raises(ValueError, match=format):
        make_checkpoint(tmp_path, format, "wordpiece", **settings)


def test_both_layouts_are_one_model(tmp_path):
    folder = both_layouts(tmp_path / "both")
    assert len([module for module in load(folder) if isinstance(module, Dense)]) == 1
    one, other = load(folder), load(without_modules_json(folder, tmp_path / "stanford"))
    shutil.rmtree(folder / "0_Transformer")  # the first has been read from there
    for text in TEXTS:
        for side in ("query", "document"):
            for a, b in zip(*(reference_rows(m, text, side) for m in (one, other)), strict=True):
                np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="model_type"):
        load(folder)


def test_a_stale_modules_json_hides_the_projection(tmp_path):
    folder = stale_modules_json(tmp_path / "stale")
    assert [type(module).__name__ for module in load(folder)] == ["Transformer"]
    whole = load(without_modules_json(folder, tmp_path / "whole"))
    assert reference_rows(whole, QUERY, "query").vectors.shape == (32, DIM)


def test_a_renamed_weight_is_missing_and_unexpected(pylate):
    info = loading_info(rename_weight(pylate, SOME_ENCODER_WEIGHT, "encoder.layer.9.x"))
    assert info["missing_keys"] == {SOME_ENCODER_WEIGHT}
    assert info["unexpected_keys"] == {"encoder.layer.9.x"}


def test_a_dropped_weight_is_missing(pylate):
    assert loading_info(drop_weight(pylate, SOME_ENCODER_WEIGHT)) == {
        "missing_keys": {SOME_ENCODER_WEIGHT}
    }


def test_a_reshaped_weight_does_not_fit(pylate):
    with pytest.raises(RuntimeError, match="ignore_mismatched_sizes"):
        loading_info(reshape_weight(pylate, SOME_ENCODER_WEIGHT))


def test_a_weight_of_the_projection_can_be_damaged(pylate):
    drop_weight(pylate, "linear.weight", file="1_Dense/model.safetensors")
    with pytest.raises(RuntimeError, match=r"linear\.weight"):
        load(pylate)


def test_a_dropped_projection_is_gone(tmp_path):
    def check(format):
        place = tmp_path / format
        folder = drop_projection(make_checkpoint(place, format, "wordpiece"))
        assert "linear.weight" not in weight_names(folder)
        if format == "stanford":
            with pytest.raises(KeyError, match=r"linear\.weight"):
                load(folder)
        else:
            assert not any(isinstance(module, Dense) for module in load(folder))

    check_each(FORMATS, check)


def test_pickled_weights_are_the_same_weights(tmp_path):
    def check(format):
        place = tmp_path / format
        folder = make_checkpoint(place, format, "sentencepiece")
        before = reference_rows(load(folder), QUERY, "query")
        pickle_only(folder)
        assert not list(folder.rglob("*.safetensors"))
        after = reference_rows(load(folder), QUERY, "query")
        np.testing.assert_array_equal(after.vectors, before.vectors)

    check_each(FORMATS, check)


def test_a_truncated_file_cannot_be_read(stanford):
    with pytest.raises(SafetensorError):
        weight_names(truncate_weights(stanford))


def test_a_hostile_pickle_acts_when_it_is_unpickled(stanford, tmp_path):
    created = tmp_path / "created"
    file = hostile_pickle(stanford, created) / "pytorch_model.bin"
    with pytest.raises(Exception, match="weights_only"):
        torch.load(file, weights_only=True)
    assert not created.exists()
    torch.load(file, weights_only=False)["extra"].close()
    assert created.exists()


def test_a_module_of_the_folder_acts_when_it_is_imported(stanford, tmp_path):
    created = tmp_path / "created"
    code = auto_map_to_local_module(stanford, created) / "hostile_code.py"
    load(stanford)
    assert not created.exists()
    spec = importlib.util.spec_from_file_location("hostile_code", code)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert created.exists()


def test_shards_are_the_same_weights(tmp_path):
    def check(format):
        place = tmp_path / format
        folder = make_checkpoint(place, format, "wordpiece")
        before = reference_rows(load(folder), QUERY, "query")
        shard_weights(folder)
        assert not (folder / "model.safetensors").exists()
        assert len(list(folder.glob("model-*.safetensors"))) > 2
        after = reference_rows(load(folder), QUERY, "query")
        np.testing.assert_array_equal(after.vectors, before.vectors)

    check_each(["pylate", "sentence_transformers"], check)
