"""Folders that are nearly a checkpoint: one sentence says what is there and what to do."""

import json
import re
import shutil

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import colbert_explain as ce
from tests.changed_checkpoints import (
    FORMAT,
    content,
    edit,
    refusal,
    said_of,
    whole,
)
from tests.tiny_checkpoints import (
    HIDDEN,
    drop_projection,
    make_checkpoint,
    pickle_only,
)

__all__ = ["refusal", "whole"]  # fixtures


def bge_m3(folder):
    """Lay a random encoder out as BAAI/bge-m3 is, all weights in pickles."""
    make_checkpoint(folder, "pylate", "sentencepiece", markers=("", ""))
    shutil.rmtree(folder / "1_Dense")
    (folder / "config_sentence_transformers.json").unlink()
    modules = [
        {"path": path, "type": f"sentence_transformers.models.{name}"}
        for path, name in (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_N", "Normalize"))
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 512}')
    generator = torch.Generator().manual_seed(0)
    head = {
        "weight": torch.randn(HIDDEN, HIDDEN, generator=generator),
        "bias": torch.randn(HIDDEN, generator=generator),
    }
    torch.save(head, folder / "colbert_linear.pt")
    torch.save({"weight": torch.zeros(1, HIDDEN)}, folder / "sparse_linear.pt")
    return pickle_only(folder), head


def test_bge_m3_is_recognised_and_read_once_it_is_converted_as_its_refusal_says(
    tmp_path, monkeypatch
):
    folder, head = bge_m3(tmp_path / "bge")
    sentence = said_of(folder)
    assert "laid out like BGE-M3, whose projection is a pickle (colbert_linear.pt)" in sentence
    code = re.search(r'python -c "(.*?)"', sentence).group(1)
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        exec(code, {})
    encoder = ce.load_encoder(folder)
    x = ce.explain("Elephants eat grass", "The cats sleep, and eat.", encoder)
    for side, tokens in (("query", x.query), ("document", x.document)):
        roles = [(token.role, token.scored) for token in tokens]
        assert roles[0] == ("special", False), side
        assert all(scored for _, scored in roles[1:]), side
    embedded = encoder.embed_document("The cats sleep, and eat.")
    ids = torch.tensor([[token.id for token in embedded.tokens]])
    with torch.inference_mode():
        states = encoder.model[0].model(ids).last_hidden_state[0]
        expected = torch.nn.functional.normalize(states @ head["weight"].T + head["bias"], dim=-1)
    np.testing.assert_allclose(embedded.vectors, expected.numpy(), atol=1e-5)
    assert "BGE-M3 divides the sum" in " ".join(encoder.describe().warnings)


def test_bge_m3_is_recognised_by_its_head_alone(tmp_path):
    folder, _ = bge_m3(tmp_path / "bge")
    for path in folder.iterdir():
        if path.suffix not in (".pt", ".bin"):
            path.unlink()
    sentence = said_of(folder)
    assert "it looks like BGE-M3 (colbert_linear.pt): copy the model's config.json" in sentence
    for name, target in (
        ("colbert_linear.pt", "colbert_linear.safetensors"),
        ("pytorch_model.bin", "model.safetensors"),
    ):
        assert f"torch.load('{name}', weights_only=True), '{target}')" in sentence, name
    assert "sparse_linear" not in sentence
    for name in ("colbert_linear.pt", "pytorch_model.bin"):
        (folder / name).unlink()
    save_file({"weight": torch.zeros(2, 2)}, folder / "colbert_linear.safetensors")
    assert "it looks like BGE-M3 (colbert_linear.safetensors): copy the model's" in said_of(folder)
    assert "BGE-M3" in ce.load_encoder.__doc__


def test_the_head_of_bge_m3_is_checked(tmp_path):
    folder, head = bge_m3(tmp_path / "bge")
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    save_file(weights, folder / "model.safetensors", FORMAT)
    for label, tensors, says in (
        ("no bias", {"weight": head["weight"]}, "must hold a weight (dim, hidden) and a bias"),
        (
            "a short bias",
            {**head, "bias": head["bias"][:3]},
            "bias must have shape (32,), got (3,)",
        ),
        ("another width", {**head, "weight": head["weight"][:, :9]}, "must have input dimension"),
    ):
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(tensors, folder / "colbert_linear.safetensors")
        assert says in said_of(folder), label


def test_a_pickled_head_is_never_opened(tmp_path):
    folder, _ = bge_m3(tmp_path / "bge")

    class Creates:
        def __reduce__(self):
            return open, (str(tmp_path / "created"), "w")

    torch.save({"weight": Creates()}, folder / "colbert_linear.pt")
    assert "colbert_linear.pt" in said_of(folder)
    assert not (tmp_path / "created").exists()


def test_a_folder_that_holds_no_checkpoint_is_told_what_it_is(whole, tmp_path):
    def made(name, **files):
        folder = tmp_path / name
        folder.mkdir()
        for file, written in files.items():
            (folder / file.replace("__", ".")).write_text(written)
        return folder

    above = made("above")
    shutil.copytree(whole("stanford"), above / "colbertv2.0")
    training = made("training", trainer_state__json="{}")
    for step in (500, 1000, 1500):
        shutil.copytree(whole("pylate"), training / f"checkpoint-{step}")
    hub = made("models--someone--some-model")
    shutil.copytree(whole("stanford"), hub / "snapshots" / "0123")
    two = made("two")
    for name in ("a", "b"):
        shutil.copytree(whole("stanford"), two / "deeper" / name)
    weights_alone = made("weights")
    shutil.copy(whole("stanford") / "model.safetensors", weights_alone)
    for folder, says in (
        (above, f"it contains {above / 'colbertv2.0'}: name that folder"),
        (training, f"such as the last of the training run, {training / 'checkpoint-1500'}"),
        (hub, f"it contains {hub / 'snapshots' / '0123'}: name that folder"),
        (two, "it contains 2 checkpoints (deeper/a, deeper/b): name one of them"),
        (made("empty"), "empty is empty"),
        (made("pickles", pytorch_model__bin="x"), "pickled weights only (pytorch_model.bin)"),
        (made("index", plan__json="{}"), "an index of documents: name the model that made it"),
        (made("adapter", adapter_config__json="{}"), "it is an adapter for another model"),
        (made("gguf", model__gguf=""), "its weights are in llama.cpp's form"),
        (made("texts", a__txt="", b__txt=""), "it holds a.txt, b.txt"),
        (weights_alone, "though it holds weights: copy the config.json and the tokenizer files"),
        (
            whole("pylate") / "1_Dense",
            f"it is part of a checkpoint: name {whole('pylate')}",
        ),
    ):
        assert says in said_of(folder), folder.name


def test_what_a_training_leaves_beside_its_checkpoint_does_no_harm(whole, tmp_path):
    folder = shutil.copytree(whole("pylate"), tmp_path / "checkpoint-500")
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"):
        torch.save({}, folder / name)
    assert said_of(folder) == ""
    (folder / "model.safetensors").unlink()
    assert "there is no model.safetensors" in said_of(folder)


def test_a_name_that_is_no_folder_is_told_what_it_is(whole, tmp_path):
    folder = whole("stanford")
    archive = tmp_path / "colbertv2.0.tar.gz"
    archive.touch()
    for model, says in (
        ("", "got '': leave it out for the bundled encoder"),
        (" \n", "leave it out for the bundled encoder"),
        (folder / "model.safetensors", f"is a file: name the folder of the checkpoint, {folder}"),
        (str(folder / "config.json"), f"is a file: name the folder of the checkpoint, {folder}"),
        (archive, "is a file: unpack it, and name the folder"),
        ("./nowhere", "'./nowhere', which is not there"),
        ("../nowhere", "which is not there"),
        ("a\0b", "which is not there"),
        ("x" * 5000, "File name too long"),
    ):
        assert re.search(says, said_of(model)), model


def test_an_encoder_without_projection_is_told_what_it_is(refusal, whole, tmp_path):
    def pooled(folder):
        modules = [{"path": "", "type": f"sentence_transformers.models.{name}"} for name in "TP"]
        modules[0]["type"] = "sentence_transformers.models.Transformer"
        modules[1]["type"] = "sentence_transformers.models.Pooling"
        (folder / "modules.json").write_text(json.dumps(modules))

    def reranker(folder):
        drop_projection(folder)
        (folder / "artifact.metadata").unlink()
        edit(folder / "config.json", architectures=["BertForSequenceClassification"])

    def nothing_says_colbert(folder):
        (folder / "artifact.metadata").unlink()
        edit(folder / "config.json", architectures=["BertModel"])

    for change, format, says in (
        (
            pooled,
            "pylate",
            "It is a sentence encoder: its Pooling reduces a whole text to one vector",
        ),
        (reranker, "stanford", "It is a cross-encoder, a reranker"),
        (nothing_says_colbert, "stanford", "if it is a ColBERT, copy its artifact.metadata"),
        (lambda f: (f / "modules.json").unlink(), "pylate", "copy the checkpoint's modules.json"),
        (lambda f: (f / "tokenizer.json").unlink(), "pylate", "must have a tokeniser"),
    ):
        assert says in refusal(change, format), says
    snapshot = tmp_path / "models--a--b" / "snapshots" / "0123"
    pooled(shutil.copytree(whole("pylate"), snapshot))
    assert "not fetched: fetch the whole repository into a folder" in said_of(snapshot)


def test_a_file_that_is_missing_is_named(refusal, whole):
    pipeline = "config_sentence_transformers.json"
    for format, file, says in (
        ("pylate", pipeline, f"have a {pipeline}, which holds its markers and lengths, but there"),
        ("pylate", pipeline, "as modules.json names pylate.models.Dense.Dense: copy the file into"),
        *(
            (format, file, f"{named} must have a config.json, but there is none in ")
            for format in ("pylate", "sentence_transformers")
            for file, named in (("config.json", "model"), ("1_Dense/config.json", "1_Dense"))
        ),
    ):
        sentence = refusal(lambda folder, file=file: (folder / file).unlink(), format)
        assert says in sentence, (format, file, sentence)


def test_a_pointer_of_git_lfs_is_recognised(refusal):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    for file in ("model.safetensors", "tokenizer.json", "config.json"):
        assert "run git lfs pull" in refusal(content(file, pointer)), file


def command_in(sentence):
    return re.search(r'python -c "(.*?)"', sentence).group(1)


def test_weights_that_remain_are_converted_and_none_is_overwritten(tmp_path, monkeypatch):
    folder, head = bge_m3(tmp_path / "bge")
    save_file(head, folder / "colbert_linear.safetensors")
    code = command_in(said_of(folder))
    assert "colbert_linear" not in code
    assert "sparse_linear" not in code
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        exec(code, {})
    assert ce.load_encoder(folder).dim == HIDDEN


def test_parts_are_converted_together_and_one_of_several_wholes_is(tmp_path, monkeypatch):
    folder = pickle_only(make_checkpoint(tmp_path / "whole", "stanford", "sentencepiece"))
    expected = said_of(folder)
    assert expected.count("model.safetensors'") == 1
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    shutil.copy(folder / "pytorch_model.bin", folder / "model.pt")
    code = command_in(said_of(folder))
    assert code.count("model.safetensors'") == 1
    assert "torch.load('pytorch_model.bin'" in code
    for name in ("model.pt", "pytorch_model.bin"):
        (folder / name).unlink()
    names = sorted(weights)
    for number, part in enumerate((names[:5], names[5:]), start=1):
        path = folder / f"pytorch_model-{number:05}-of-00002.bin"
        torch.save({name: weights[name] for name in part}, path)
    code = command_in(said_of(folder))
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        exec(code, {})
    encoder = ce.load_encoder(folder)
    plain = ce.load_encoder(make_checkpoint(tmp_path / "plain", "stanford", "sentencepiece"))
    np.testing.assert_array_equal(
        encoder.embed_query("cats eat").vectors, plain.embed_query("cats eat").vectors
    )


def test_weights_of_another_kind_of_number_or_shape_are_refused(tmp_path):
    folder = make_checkpoint(tmp_path / "whole", "stanford", "sentencepiece")
    path = folder / "model.safetensors"
    weights = load_file(path)
    embedding = next(name for name in weights if name.endswith("word_embeddings.weight"))
    for name, changed, says in (
        (
            embedding,
            weights[embedding].to(torch.int8),
            "must hold floating-point numbers, got I8",
        ),
        ("linear.weight", torch.tensor(1.0), "linear.weight must have two axes, got shape ()"),
        (
            "linear.weight",
            weights["linear.weight"].to(torch.complex64),
            "must hold floating-point numbers, got C64",
        ),
    ):
        save_file({**weights, name: changed}, path, FORMAT)
        assert says in said_of(folder), (name, says)


def test_a_post_processor_that_adds_thousands_of_tokens_is_refused(tmp_path):
    folder = make_checkpoint(tmp_path / "whole", "stanford", "sentencepiece")
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    special = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}
    template = {
        "type": "TemplateProcessing",
        "single": [special] * 30,
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2] * 5, "tokens": ["[CLS]"] * 5}},
    }
    for processor in (template, {"type": "Sequence", "processors": [template]}):
        path.write_text(json.dumps({**tokenizer, "post_processor": processor}))
        sentence = said_of(folder)
        assert "must add at most 100 tokens to a text, but it adds 150" in sentence
    path.write_text(json.dumps(tokenizer))
    assert ce.load_encoder(folder).dim > 0
