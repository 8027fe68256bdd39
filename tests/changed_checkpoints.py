"""Copies of tiny checkpoints with something changed, and what a load says of them."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import colbert_explain as ce
from tests.tiny_checkpoints import make_checkpoint
from tests.tiny_checkpoints.tiny_tokenizers import new_tokenizer

JINA = Path(__file__).parent / "data" / "jinabert" / "h12l2"

#: Seconds within which anything is refused. A refusal takes a tenth of one; on a busy machine a
#: load may take some.
SOON = 20
FORMAT = {"format": "pt"}
INPUTS = ["input_ids", "token_type_ids", "attention_mask"]


def edit(path, **changes):
    """Set keys of a JSON file, or take those away that are to be ``...``."""
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not ...}))
    return path.parent


def jina_checkpoint(folder):
    """The reference checkpoint with a tokeniser: the fixture has none, its inputs are ids."""
    folder.mkdir(exist_ok=True)
    for name in ("config.json", "artifact.metadata", "model.safetensors"):
        shutil.copy(JINA / name, folder / name)
    new_tokenizer("wordpiece").save_pretrained(folder)
    return folder


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


def in_json(file, change):
    """Change what a JSON file of a checkpoint holds, in place."""

    def apply(folder):
        written = json.loads((folder / file).read_text(encoding="utf-8"))
        change(written)
        (folder / file).write_text(json.dumps(written), encoding="utf-8")

    return apply


def in_tokenizer(change):
    return in_json("tokenizer.json", change)


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
