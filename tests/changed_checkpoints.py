"""Copies of tiny checkpoints with something changed, and what a load says of them."""

from __future__ import annotations

import json
import shutil
import time

import pytest
import torch
from safetensors.torch import load_file, save_file

import colbert_explain as ce
from tests.encoders.checkpoint.test_load import edit, jina_checkpoint
from tests.tiny_checkpoints import make_checkpoint

#: Seconds within which anything is refused. A refusal takes a tenth of one; on a busy machine a
#: load may take some.
SOON = 20
FORMAT = {"format": "pt"}
INPUTS = ["input_ids", "token_type_ids", "attention_mask"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Make checkpoints that nothing is wrong with, once each."""
    made = {}

    def folder_of(format, family="wordpiece"):
        if (format, family) not in made:
            folder = tmp_path_factory.mktemp("whole") / "m"
            is_jina = format == "jina"
            made[format, family] = (
                jina_checkpoint(folder) if is_jina else make_checkpoint(folder, format, family)
            )
        return made[format, family]

    return folder_of


@pytest.fixture
def refusal(whole, tmp_path):
    """Change a copy of a checkpoint and return what a load says of it."""
    numbers = iter(range(10_000))

    def refuse(change, format="stanford", family="wordpiece"):
        folder = shutil.copytree(whole(format, family), tmp_path / f"{next(numbers)}")
        change(folder)
        started = time.monotonic()
        sentence = said_of(folder)
        assert time.monotonic() - started < SOON, sentence
        return sentence

    return refuse


def said_of(model):
    """Return the sentence with which a model is refused; empty if it is loaded."""
    try:
        ce.load_encoder(model)
    except ce.CheckpointError as error:
        sentence = str(error)
    else:
        return ""
    assert "\n" not in sentence
    assert len(sentence) < 1500
    return sentence


def setting(file, **changes):
    """Set keys of a JSON file of a checkpoint."""
    return lambda folder: edit(folder / file, **changes)


def content(file, written):
    """Write a file of a checkpoint."""
    return lambda folder: (folder / file).write_text(written, encoding="utf-8")


def in_tokenizer(change):
    def apply(folder):
        path = folder / "tokenizer.json"
        tokenizer = json.loads(path.read_text(encoding="utf-8"))
        change(tokenizer)
        path.write_text(json.dumps(tokenizer), encoding="utf-8")

    return apply


def with_rows(change):
    """Give the word embedding, and the configuration, more or fewer rows than the tokeniser."""

    def apply(folder):
        weights = {k: v.clone() for k, v in load_file(folder / "model.safetensors").items()}
        name = next(
            name
            for name in weights
            if name.endswith(("word_embeddings.weight", "embed_tokens.weight"))
            or name.endswith("tok_embeddings.weight")
        )
        rows = weights[name]
        more = torch.zeros(max(change, 0), rows.shape[1])
        weights[name] = torch.cat([rows, more]) if change > 0 else rows[:change].contiguous()
        save_file(weights, folder / "model.safetensors", FORMAT)
        edit(folder / "config.json", vocab_size=len(weights[name]))

    return apply
