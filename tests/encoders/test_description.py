import json
import string

import pytest
import torch
from safetensors.torch import load_file, save_file

import colbert_explain as ce
from tests.tiny_checkpoints import (
    both_layouts,
    drop_projection,
    make_checkpoint,
    stale_modules_json,
)


def rows(page):
    """The settings table of a printed description, name to (value, source)."""
    table = page.split("A query:")[0].splitlines()[4:]
    cells = [[cell.strip() for cell in line.strip().split("   ") if cell.strip()] for line in table]
    return {line[0]: tuple(line[1:]) for line in cells if len(line) == 3}


@pytest.mark.parametrize("family", ["wordpiece", "byte_bpe", "decoder", "sentencepiece"])
@pytest.mark.parametrize("format", ["stanford", "pylate", "sentence_transformers"])
def test_the_doctor_prints_every_setting_with_its_source(run, tmp_path, format, family):
    folder = make_checkpoint(tmp_path / "model", format, family)
    status, page, complaint = run("doctor", folder)
    assert (status, complaint) == (0, "")
    assert max(map(len, page.splitlines())) <= 80
    settings = rows(page)
    source = {
        "stanford": "artifact.metadata",
        "pylate": "config_sentence_transformers.json",
        "sentence_transformers": "sentence_bert_config.json",
    }[format]
    assert settings["document_length"] == ("180", source)
    assert settings["query_length"] == ("32", source)
    assert settings["query_expansion"][0] == "fixed"
    assert settings["tokens per pass"] == ("512", "the model's positions")
    assert "Ġ" not in page
    assert "▁" not in page
    assert "##" not in page
    assert page.count("marker") >= 2
    assert "expansion   yes" in page
    assert "documents are read up to 180 tokens" in page


def test_an_argument_is_named_as_the_source(run, tmp_path):
    folder = make_checkpoint(tmp_path / "model", "stanford", "wordpiece")
    arguments = ("--document-length", 512, "--no-query-expansion")
    _, page, _ = run("doctor", folder, *arguments)
    assert rows(page)["document_length"] == ("512", "argument")
    assert rows(page)["query_expansion"] == ("no", "argument")
    assert "documents are read up to" not in page


def test_a_refused_checkpoint_gives_status_1_and_one_sentence(run, tmp_path):
    folder = drop_projection(make_checkpoint(tmp_path / "model", "pylate", "wordpiece"))
    status, page, complaint = run("doctor", folder)
    assert (status, page) == (1, "")
    assert complaint.startswith("Error: model must hold a trained projection")
    assert "Traceback" not in complaint


def warnings_of(folder, **arguments):
    return " | ".join(ce.load_encoder(folder, **arguments).describe().warnings)


def test_a_marker_that_falls_into_pieces_is_warned_of(tmp_path):
    folder = make_checkpoint(tmp_path / "model", "pylate", "wordpiece", markers=("", ""))
    warnings = warnings_of(folder, query_marker="[Query] ")
    assert "the query marker '[Query]' is not a token of this model: it is split into" in warnings
    assert "document marker" not in warnings


def test_a_skiplist_of_unknown_tokens_is_warned_of(tmp_path):
    folder = make_checkpoint(tmp_path / "model", "stanford", "wordpiece")
    warnings = warnings_of(folder, skiplist=["eat", "nosuchword", "¿"])
    assert "2 of the 3 words of the skiplist are not tokens of this model" in warnings
    assert "have no effect: “nosuchword” and “¿”" in warnings


def test_punctuation_that_is_not_a_token_is_counted_and_its_setting_named(tmp_path):
    folder = make_checkpoint(tmp_path / "model", "stanford", "wordpiece")
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    vocabulary = tokenizer["model"]["vocab"]
    known = [mark for mark in string.punctuation if mark in vocabulary]
    for number, mark in enumerate(known[:20]):
        vocabulary[f"entry{number}"] = vocabulary.pop(mark)
    path.write_text(json.dumps(tokenizer))
    n_unknown = 32 - len(known[20:])
    marks = "“!”, “\"”, “#”, “$”, “%”, “&”, “'”, “(”"
    assert (
        f"{n_unknown} of the 32 punctuation marks of the skiplist (mask_punctuation in "
        f"artifact.metadata) are not tokens of this model and have no effect: {marks} and "
        f"{n_unknown - 8} more"
    ) in warnings_of(folder)


def test_a_missing_expansion_setting_is_warned_of(tmp_path):
    folder = make_checkpoint(tmp_path / "model", "pylate", "wordpiece")
    assert "do_query_expansion" not in warnings_of(folder)
    path = folder / "config_sentence_transformers.json"
    path.write_text(path.read_text().replace('"do_query_expansion"', '"not_the_name"'))
    assert "do not say whether queries are padded (do_query_expansion)" in warnings_of(folder)


def test_two_layouts_and_a_stale_one_are_warned_of(tmp_path):
    assert "its modules.json is complete and is used instead" in warnings_of(
        both_layouts(tmp_path / "two")
    )
    assert "names no projection and is ignored" in warnings_of(
        stale_modules_json(tmp_path / "stale")
    )


@pytest.mark.parametrize("family", ["wordpiece", "byte_bpe", "decoder", "sentencepiece"])
def test_weights_as_they_were_initialised_are_warned_of(tmp_path, family):
    folder = make_checkpoint(tmp_path / "model", "stanford", family)
    assert "untrained" not in warnings_of(folder)
    initialise(folder)
    assert "the weights look untrained: every normalisation layer is as it" in warnings_of(folder)
    assert "untrained" in warnings_of(folder, dtype="bfloat16")


@pytest.mark.parametrize("part", ["output.LayerNorm.weight", "output.LayerNorm.bias", "query.bias"])
def test_one_number_that_training_changed_is_enough(tmp_path, part):
    folder = initialise(make_checkpoint(tmp_path / "model", "stanford", "wordpiece"))
    weights = load_file(folder / "model.safetensors")
    name = max(name for name in weights if name.endswith(part))
    weights[name] = weights[name].clone()
    weights[name][-1] += 0.01
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert "untrained" not in warnings_of(folder)


def initialise(folder):
    """Set biases to 0 and scales to 1, as a library does before training."""
    weights = load_file(folder / "model.safetensors")
    for name, weight in weights.items():
        if weight.ndim == 1:
            value = float(not name.endswith("bias"))
            weights[name] = torch.full_like(weight, value)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_unreadable_text_is_measured(tmp_path):
    bytes_ = make_checkpoint(tmp_path / "bytes", "stanford", "byte_bpe")
    words = make_checkpoint(tmp_path / "words", "stanford", "wordpiece")
    assert ce.load_encoder(bytes_).describe().unreadable == 0
    assert ce.load_encoder(words).describe().unreadable > 0.3


def test_the_bundled_encoder_describes_itself(encoder):
    description = encoder.describe()
    assert description.warnings == ()
    assert description.settings["layers"].value == "3 + 6"
    assert [token.text for token in description.query][1:5] == ["What", "do", "elephants", "eat"]
    assert "all-MiniLM-L6-v2" in str(description)
    assert "text/html" in description._repr_mimebundle_([], [])
