"""Odd or hostile checkpoints: one sentence each, within seconds."""

import ast
import base64
import json
import re
import shutil
import time
from pathlib import Path

import pytest
from transformers import AutoTokenizer

import colbert_explain as ce
from colbert_explain import encoders
from tests.changed_checkpoints import (
    INPUTS,
    SOON,
    content,
    edit,
    in_tokenizer,
    refusal,
    said_of,
    setting,
    whole,
    with_rows,
)
from tests.tiny_checkpoints import (
    FAMILIES,
    FORMATS,
    shard_weights,
)

__all__ = ["refusal", "whole"]  # fixtures


# --- tokeniser and embedding


def test_a_tokeniser_with_ids_beyond_the_embedding_is_refused_with_both_sizes(whole, refusal):
    for format in (*FORMATS, "jina"):
        for family in FAMILIES if format != "jina" else FAMILIES[:1]:
            n_ids = len(AutoTokenizer.from_pretrained(whole(format, family)))
            rows = json.loads((whole(format, family) / "config.json").read_text())["vocab_size"]
            sentence = refusal(with_rows(n_ids - rows - 20), format, family)
            assert f"the tokeniser has {n_ids} ids up to {n_ids - 1}" in sentence, (format, family)
            assert f"the embedding {n_ids - 20} rows" in sentence, (format, family)


def test_an_embedding_that_is_larger_than_the_tokeniser_is_accepted(refusal):
    for format, family in (("stanford", "wordpiece"), ("pylate", "decoder")):
        for more in (1, 64):
            assert refusal(with_rows(more), format, family) == "", (format, family, more)


def test_an_embedding_far_larger_than_the_tokeniser_is_warned_of(whole, tmp_path):
    folder = shutil.copytree(whole("stanford"), tmp_path / "m")
    with_rows(2000)(folder)
    warnings = " ".join(ce.load_encoder(folder).describe().warnings)
    assert re.search(r"the embedding has 2,\d+ rows, but the tokeniser only \d+ ids", warnings)


def test_tokens_that_were_added_beyond_the_embedding_are_refused(refusal):
    def add(folder):
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer.add_tokens(["elephantine"])
        tokenizer.save_pretrained(folder)

    def add_to_file(tokenizer):
        last = tokenizer["added_tokens"][-1]
        tokenizer["added_tokens"].append({**last, "id": 9999, "content": "[X]"})

    for label, change in (
        ("added and saved", add),
        ("named as special", setting("tokenizer_config.json", additional_special_tokens=["[X]"])),
        ("an id in tokenizer.json", in_tokenizer(add_to_file)),
        ("an id in added_tokens.json", content("added_tokens.json", '{"[X]": 9999}')),
    ):
        assert "tokeniser and embedding must fit together" in refusal(change), label


# --- what would take no end


def test_sizes_that_the_weights_do_not_have_are_refused_before_anything_is_built(refusal):
    sizes = (
        *("num_hidden_layers", "hidden_size", "vocab_size", "num_attention_heads"),
        *("intermediate_size", "num_labels"),
    )
    for family in FAMILIES:
        for key in sizes:
            for value in (10**6, 10**12):
                case = f"{family}: {key} {value}"
                assert refusal(setting("config.json", **{key: value}), family=family), case
    for key in ("max_position_embeddings", "type_vocab_size"):
        for value in (10**6, 10**12):
            for family in ("wordpiece", "sentencepiece"):
                case = f"{family}: {key} {value}"
                assert refusal(setting("config.json", **{key: value}), family=family), case
        case = f"jina_bert: {key}"
        assert refusal(setting("config.json", **{key: 10**12}), "jina"), case
    for key in (*sizes[:5], "num_key_value_heads", "head_dim"):
        assert refusal(setting("config.json", **{key: 10**6}), family="decoder"), key
        if key in sizes:
            assert refusal(setting("config.json", **{key: 10**6}), "jina"), f"jina_bert: {key}"
    sentence = refusal(setting("config.json", num_hidden_layers=900))
    assert "num_hidden_layers in config.json must be 2, as many layers as the weight" in sentence
    assert "got 900" in sentence


def test_settings_have_limits(refusal):
    pipeline, mask = "config_sentence_transformers.json", "2_MultiVectorMask/config.json"
    words = [f"w{number}" for number in range(300_000)]
    stanford, pylate, native = FORMATS
    for format, file, changes in (
        (stanford, "artifact.metadata", {"query_token_id": "a" * 5_000_000}),
        (stanford, "artifact.metadata", {"doc_token_id": "a" * 300_000}),
        (stanford, "artifact.metadata", {"query_maxlen": 10**9}),
        (stanford, "artifact.metadata", {"query_maxlen": 200_000}),
        (stanford, "artifact.metadata", {"doc_maxlen": 10**9}),
        (pylate, pipeline, {"query_prefix": "a" * 300_000}),
        (pylate, pipeline, {"prompts": {"document": "a b " * 300_000}}),
        (pylate, pipeline, {"skiplist_words": words}),
        (pylate, pipeline, {"query_length": 10**9}),
        (native, pipeline, {"prompts": {"query": "a b " * 300_000, "document": ""}}),
        (native, mask, {"skiplist_words": words}),
        (native, mask, {"keep_only_token_ids": list(range(300_000))}),
        (native, "sentence_bert_config.json", {"document_length": 10**12}),
        (pylate, "1_Dense/config.json", {"out_features": 10**12}),
        (pylate, "1_Dense/config.json", {"in_features": 500_000, "out_features": 500_000}),
        (stanford, "tokenizer_config.json", {"extra_ids": 10**9}),
        (stanford, "tokenizer_config.json", {"model_max_length": float("inf")}),
        (stanford, "tokenizer_config.json", {"added_tokens_decoder": {"4000000000": {}}}),
    ):
        sentence = refusal(setting(file, **changes), format)
        assert re.search(r"at most|must be|must have|must fit", sentence), (file, changes.keys())
    assert refusal(setting(pipeline, skiplist_words=words[:5000]), pylate) == ""


def test_long_positions_do_not_make_a_query_long(refusal):
    def change(folder):
        edit(folder / "config.json", max_position_embeddings=10**7)
        edit(folder / "artifact.metadata", query_maxlen=10**6)

    sentence = refusal(change, family="decoder")
    assert sentence == "query_maxlen in artifact.metadata must be at most 4,096, got 1000000"


def test_a_normaliser_that_multiplies_a_text_is_refused(refusal):
    def replace(old, new, kind="String"):
        return {"type": "Replace", "pattern": {kind: old}, "content": new}

    def sequence(*steps):
        return {"type": "Sequence", "normalizers": list(steps)}

    table = base64.b64encode(bytes(4) + b"\0" + b"a" * 100_000 + b"\0").decode()
    for label, normalizer in (
        ("doubled forty times", sequence(*[replace("a", "aa")] * 40)),
        ("sequences in sequences", sequence(*[sequence(*[replace("e", "eee")] * 9)] * 9)),
        ("one long text", replace("a", "b" * 1_000_000)),
        ("a long text for every character", replace(".", "b" * 100_000, "Regex")),
        ("a text between all characters", sequence(*[replace("", "ab", "Regex")] * 30)),
        ("a long text before", {"type": "Prepend", "prepend": "b" * 1_000_000}),
        ("a table", {"type": "Precompiled", "precompiled_charsmap": table}),
    ):
        change = in_tokenizer(lambda tokenizer, n=normalizer: tokenizer.update(normalizer=n))
        assert "the normalizer in tokenizer.json must make a text at most" in refusal(change), label
    usual = sequence(replace("``", '"'), replace(" {2,}", " ", "Regex"), replace(" ", "▁"))
    change = in_tokenizer(lambda tokenizer: tokenizer.update(normalizer=usual))
    assert "normalizer" not in refusal(change)


def test_a_text_that_a_rule_of_the_tokeniser_fails_on_is_refused_and_the_next_one_is_read(
    whole, tmp_path
):
    pattern = {"Regex": "(a+)+$"}

    def normaliser(tokenizer):
        tokenizer["normalizer"] = {"type": "Replace", "pattern": pattern, "content": "b"}

    def splitting(tokenizer):
        split = {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}
        usual = tokenizer["pre_tokenizer"]
        tokenizer["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [split, usual]}

    for change in (normaliser, splitting):
        place = change.__name__
        folder = shutil.copytree(whole("stanford"), tmp_path / place)
        in_tokenizer(change)(folder)
        encoder = ce.load_encoder(folder)
        for side, embed in (
            ("query", encoder.embed_query),
            ("document", encoder.embed_document),
        ):
            with pytest.raises(ValueError, match="tokeniser can read") as refused:
                embed("a" * 60 + "!")
            sentence = str(refused.value)
            assert sentence.startswith(f"{side} must be a text that"), (place, sentence)
            assert "a rule of its tokenizer.json fails on these 61 characters" in sentence, place
            assert "\n" not in sentence, place
            assert len(embed("cats").tokens) > 2, place


def test_what_a_stanford_checkpoint_says_of_its_projection_is_held_against_it(whole, refusal):
    for value, says in (
        (64, "dim in artifact.metadata must be 16, the output dimension of linear.weight"),
        (0, "dim in artifact.metadata must be a positive whole number, got 0"),
        ("x", "dim in artifact.metadata must be a positive whole number, got 'x'"),
    ):
        assert says in refusal(setting("artifact.metadata", dim=value)), value
    nested = setting("artifact.metadata", config={"dim": 64})
    assert "dim in artifact.metadata must be 16" in refusal(nested)
    for value in ("flipr", 5, ["colbert"]):
        sentence = refusal(setting("artifact.metadata", interaction=value))
        assert "interaction in artifact.metadata must be 'colbert', got" in sentence, value
    for changes in ({"dim": 16, "interaction": "colbert"}, {"dim": None, "interaction": None}):
        assert refusal(setting("artifact.metadata", **changes)) == "", changes


def test_a_refusal_names_file_key_and_what_is_allowed(refusal):
    rope = "a JSON object whose rope_type is default, linear, dynamic"
    for file, key, value, allowed in (
        *(("config.json", key, "magic", "'gelu', ") for key in ("hidden_act", "activation")),
        *(
            ("config.json", key, {"rope_type": "magic", "factor": 2.0}, rope)
            for key in ("rope_scaling", "rope_parameters")
        ),
        ("config.json", "rope_scaling", {"type": "magic"}, rope),
        ("config.json", "rope_scaling", 5, "a JSON object"),
        ("config.json", "rope_scaling", {"rope_type": "linear", "factor": -1}, "factor is a num"),
        ("config.json", "rope_parameters", {"full": {"rope_type": "magic"}}, rope),
        *(
            ("config.json", key, value, "'float32', 'bfloat16', 'float16' or 'float64'")
            for key in ("dtype", "torch_dtype")
            for value in ("magic", 5, "int8")
        ),
        ("config.json", "attn_implementation", "magic", "'eager', 'sdpa', "),
        ("config.json", "layer_types", 5, "a list of layers' kinds"),
        ("config.json", "quantization_config", {"load_in_8bit": True}, "left out"),
        ("config.json", "id2label", 5, "a JSON object"),
        ("config.json", "bos_token_id", "x", "a token id"),
        ("config.json", "chunk_size_feed_forward", 3, "0"),
        ("config.json", "num_attention_heads", 3, "divide the hidden_size of 32"),
        ("tokenizer_config.json", "padding_side", "up", "'left' or 'right'"),
        ("tokenizer_config.json", "model_input_names", 5, "a list of names"),
    ):
        sentence = refusal(setting(file, **{key: value}))
        rule = "must divide" if allowed.startswith("divide") else "must be"
        assert sentence.startswith(f"{key} in {file} {rule} "), (key, value, sentence)
        assert allowed in sentence, (key, value, sentence)
    missing = setting("config.json", rope_scaling={"rope_type": "linear"})
    sentence = refusal(missing, family="decoder")
    assert re.match(r"config\.json in \S+ must be one that transformers can read: ", sentence)
    assert "factor" in sentence


def test_a_tokeniser_that_cannot_be_read_is_named_with_its_file(refusal):
    for key, value in (
        ("model", {"type": "Magic"}),
        ("normalizer", {"type": "Magic"}),
        ("normalizer", {"type": "Replace", "pattern": {"Regex": "("}, "content": ""}),
        ("version", "9.0"),
        ("padding", 5),
    ):
        sentence = refusal(setting("tokenizer.json", **{key: value}))
        assert "tokenizer.json must hold a tokeniser that can be read: " in sentence, (key, value)
        assert "processor" not in sentence, (key, value)
    sentence = refusal(setting("tokenizer_config.json", added_tokens_decoder={"1": {"content": 5}}))
    assert "tokenizer_config.json must hold a tokeniser that can be read: " in sentence


def test_ids_of_billions_are_refused(refusal):
    for family in ("wordpiece", "byte_bpe"):
        for id_ in (4_000_000_000, 5_000_000_000, 10**30):
            change = in_tokenizer(lambda t, i=id_: t["model"]["vocab"].update(elephantine=i))
            assert f"{id_:,}" in refusal(change, family=family), (family, id_)
    change = in_tokenizer(lambda t: t["added_tokens"][-1].update(id=4_000_000_000))
    assert "4,000,000,000" in refusal(change)

    def a_long_list(folder):
        (folder / "tokenizer.json").unlink()
        (folder / "vocab.txt").write_text("\n".join(map(str, range(1_000_000))))

    assert "1,000,000 ids" in refusal(a_long_list)


def test_json_files_are_limited_in_size_and_depth(refusal):
    big = json.dumps({"a": "a" * 5_000_000})
    for format, file in (
        *(("stanford", name) for name in ("config.json", "artifact.metadata")),
        *(("stanford", name) for name in ("special_tokens_map.json", "generation_config.json")),
        *(("pylate", name) for name in ("modules.json", "1_Dense/config.json")),
    ):
        assert "must be at most 4 megabytes" in refusal(content(file, big), format), file
        for depth in (100, 900, 100_000):
            for deep in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
                case = f"{file} {depth} deep"
                assert re.search("nested|damaged", refusal(content(file, deep), format)), case
    with_nothing = "[" * 100_000 + "]" * 100_000
    assert "damaged" in refusal(content("tokenizer.json", with_nothing))


# --- what is of the wrong kind


def test_modules_of_the_wrong_kind_are_refused(refusal):
    entry = {"path": "", "type": "sentence_transformers.models.Transformer"}
    for modules in (
        *(5, "x", True, {}, [], [5], ["x"], [None], [[]], [{}], [{"type": 5}], [{"type": ""}]),
        *([{"type": "x"}], [entry | {"path": 5}], [entry | {"path": "../.."}], [entry] * 1000),
        [entry | {"path": "\0"}],
    ):
        sentence = refusal(content("modules.json", json.dumps(modules)), "pylate")
        assert re.search("modules.json|projection", sentence), modules


def test_an_index_of_weights_that_is_no_map_to_files_of_the_folder_is_refused(whole, tmp_path):
    folder = shard_weights(shutil.copytree(whole("stanford"), tmp_path / "m"))
    outside = shutil.copy(next(folder.glob("model-*")), tmp_path / "outside.safetensors")
    for weight_map in (
        *([], ["a"], 5, "x", True, {}, {"a": 5}, {"a": None}, {"a": []}, {"a": {}}),
        *({"a": "../outside.safetensors"}, {"a": str(outside)}, {"a": ".."}, {"a": ""}),
        *({"a": "model.bin"}, {"a": "nowhere.safetensors"}, {"a": "\0.safetensors"}),
    ):
        edit(folder / "model.safetensors.index.json", weight_map=weight_map)
        assert "model.safetensors.index.json" in said_of(folder), weight_map
    for written in ("5", "[]", '"x"', "{"):
        (folder / "model.safetensors.index.json").write_text(written)
        assert "model.safetensors.index.json" in said_of(folder), written


def test_a_setting_of_the_wrong_kind_is_refused_with_key_and_value(refusal):
    pipeline, encoder = "config_sentence_transformers.json", "sentence_bert_config.json"
    dense, mask = "1_Dense/config.json", "2_MultiVectorMask/config.json"
    texts, whole_numbers = (5, True, [], {}, 2.5), ("x", 2.5, -1, True, [], float("nan"))
    flags, lists = ("yes", 1, [], 0.0), (5, "x", {}, [5], [None], True)
    for format, file, keys, values in (
        ("stanford", "artifact.metadata", ("query_token_id", "doc_token_id", "similarity"), texts),
        ("stanford", "artifact.metadata", ("mask_punctuation", "attend_to_mask_tokens"), flags),
        ("pylate", pipeline, ("query_prefix", "document_prefix", "similarity_fn_name"), texts),
        ("pylate", pipeline, ("do_query_expansion", "attend_to_expansion_tokens"), flags),
        ("pylate", pipeline, ("prompts",), (5, "x", [], {"query": 5}, {"query": ["x"]})),
        ("pylate", pipeline, ("skiplist_words",), lists),
        ("pylate", dense, ("in_features", "out_features"), whole_numbers),
        ("pylate", dense, ("bias", "use_residual"), flags),
        ("pylate", dense, ("activation_function",), texts),
        ("sentence_transformers", mask, ("skiplist_words",), lists),
        ("sentence_transformers", mask, ("keep_only_token_ids",), (5, "x", ["x"], [-1], [True])),
        ("sentence_transformers", encoder, ("query_expansion",), (5, "x", [], {"strategy": 0})),
        ("sentence_transformers", encoder, ("transformer_task",), ("fill-mask", 5)),
        ("sentence_transformers", encoder, ("modality_config",), (5, [], {"text": 5})),
        ("stanford", "config.json", ("hidden_size", "num_hidden_layers"), whole_numbers),
        ("stanford", "config.json", ("vocab_size", "num_attention_heads"), whole_numbers),
        ("stanford", "config.json", ("layer_norm_eps",), ("x", -1.0, True, float("nan"), [])),
        ("stanford", "config.json", ("architectures",), (5, "x", [5])),
        ("stanford", "config.json", ("pad_token_id",), ("x", 2.5, 10**6)),
    ):
        for key in keys:
            for value in values:
                sentence = refusal(setting(file, **{key: value}), format)
                assert key in sentence, f"{key} in {file}: {value!r} gave {sentence!r}"
    for format, file, key in (
        ("stanford", "artifact.metadata", "query_maxlen"),
        ("stanford", "artifact.metadata", "doc_maxlen"),
        ("pylate", pipeline, "query_length"),
        ("sentence_transformers", encoder, "document_length"),
    ):
        for value in whole_numbers:
            sentence = refusal(setting(file, **{key: value}), format)
            assert sentence.startswith(f"{key} in {file} must be "), f"{value!r}: {sentence}"


def test_a_setting_of_a_file_that_the_model_cannot_follow_is_named_as_in_the_file(refusal):
    pipeline, encoder = "config_sentence_transformers.json", "sentence_bert_config.json"
    for format, file, changes, says in (
        ("stanford", "artifact.metadata", {"query_maxlen": 600}, "query_maxlen {} at most 512"),
        ("stanford", "artifact.metadata", {"query_maxlen": 3}, "query_maxlen {} at least 4"),
        ("stanford", "artifact.metadata", {"doc_maxlen": 3}, "doc_maxlen {} at least 4, got 3"),
        ("stanford", "artifact.metadata", {"similarity": "dot"}, "similarity {} cosine, got 'dot'"),
        ("pylate", pipeline, {"query_length": 600}, "query_length {} at most 512"),
        ("pylate", pipeline, {"similarity_fn_name": "dot"}, "similarity_fn_name {} cosine"),
        (
            "sentence_transformers",
            encoder,
            {"query_expansion": {"strategy": "fixed", "length": 600}},
            "length in query_expansion {} at most 512",
        ),
        (
            "sentence_transformers",
            encoder,
            {"query_expansion": {"strategy": "min", "length": 8, "token": 5}},
            "token in query_expansion {} text, got 5",
        ),
        (
            "sentence_transformers",
            pipeline,
            {"prompts": {"query": "[Q] " + "a" * 5000, "document": "[D] "}},
            "query in prompts {} at most 4,096 characters long",
        ),
    ):
        sentence = refusal(setting(file, **changes), format)
        assert sentence.startswith(says.format(f"in {file} must be")), (changes, sentence)


#: A value of every kind, and every how many-th place gets one.
ODD = (True, -1, 10**12, 2.5, float("nan"), "x", [], [5], {"a": 5})
EVERY = 7


def test_whatever_a_file_says_a_load_succeeds_or_says_why_not(whole, tmp_path):
    """Put a value of another kind in every seventh place of the JSON files, the kinds in turn."""
    turn = 0
    for format, family in zip((*FORMATS, "jina"), (*FAMILIES[:3], "wordpiece"), strict=True):
        folder = shutil.copytree(whole(format, family), tmp_path / format)
        for file in sorted([*folder.rglob("*.json"), *folder.glob("artifact.metadata")]):
            written = file.read_text(encoding="utf-8")
            original = json.loads(written)
            for path in places_in(original):
                turn += 1
                if turn % EVERY:
                    continue
                value = ODD[turn // EVERY % len(ODD)]
                file.write_text(json.dumps(put(original, path, value)), encoding="utf-8")
                started = time.monotonic()
                try:
                    said_of(folder)
                except Exception as error:
                    place = f"{format}: {'.'.join(map(str, path))} in {file.name} = {value!r}"
                    raise AssertionError(f"{place} gave {error!r}") from error
                assert time.monotonic() - started < SOON, (file.name, path, value)
            file.write_text(written, encoding="utf-8")


def places_in(value, path=()):
    """List the paths to all values; of lists and vocabularies those to the first two."""
    yield path
    if isinstance(value, dict):
        keys = list(value) if len(value) < 150 else list(value)[:2]
    else:
        keys = range(len(value))[:2] if isinstance(value, list) else ()
    for key in keys:
        yield from places_in(value[key], (*path, key))


def put(value, path, new):
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


# --- the loader's own comparison with sentence-transformers


def test_a_checkpoint_that_the_two_read_differently_is_refused(refusal):
    def bare(folder):
        edit(
            folder / "sentence_bert_config.json",
            processing_kwargs={"text": {"add_special_tokens": False}},
        )

    sentence = refusal(bare, "pylate")
    assert re.search(r"must tokenise a query as this package does, but for 'What do", sentence)


def test_a_checkpoint_with_scored_tokens_of_its_own_is_refused(whole, monkeypatch):
    for side in ("query", "document"):
        with monkeypatch.context() as patch:
            scoring_one_token_less(patch, side)
            assert f"must tokenise a {side} as this package does" in said_of(whole("stanford"))


def scoring_one_token_less(patch, side):
    from sentence_transformers import MultiVectorEncoder

    encode = getattr(MultiVectorEncoder, f"encode_{side}")

    def changed(self, *args, **kwargs):
        rows = encode(self, *args, **kwargs)
        for row in rows:
            row["attention_mask"] = row["attention_mask"].clone()
            row["attention_mask"][1] = 0
        return rows

    patch.setattr(MultiVectorEncoder, f"encode_{side}", changed)


def test_a_checkpoint_of_two_readings_is_refused(refusal):
    def second_type(tokenizer):
        for entry in tokenizer["post_processor"]["single"]:
            next(iter(entry.values()))["type_id"] = 1

    def change(folder):
        edit(folder / "tokenizer_config.json", model_input_names=INPUTS)
        in_tokenizer(second_type)(folder)

    assert refusal(setting("tokenizer_config.json", model_input_names=INPUTS)) == ""
    sentence = refusal(change)
    assert "for 'What do elephants eat?' sentence-transformers gives different vectors" in sentence


def test_behind_a_store_a_checkpoint_is_loaded_at_once(whole, monkeypatch, tmp_path):
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "cache"))
    assert ce.load_encoder(whole("stanford")).is_loaded


def test_nothing_is_asserted_where_python_may_leave_it_out():
    for path in Path(encoders.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
        assert not lines, f"{path.name} asserts in line {lines}: python -O leaves it out"
