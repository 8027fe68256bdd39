"""Checkpoints with random weights, written the way the three libraries save theirs."""

from __future__ import annotations

import json
import string
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save_file
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from transformers import AddedToken

from tests.tiny_checkpoints.random_weights import DIM, random_layers, random_model
from tests.tiny_checkpoints.tiny_tokenizers import VOCABULARY_MARKERS, new_tokenizer

FORMATS = ("stanford", "pylate", "sentence_transformers")
FAMILIES = ("wordpiece", "byte_bpe", "decoder", "sentencepiece")


@dataclass(frozen=True)
class Settings:
    """What a checkpoint can be asked to differ in.

    Attributes
    ----------
    query_expansion
        ``"fixed"``: queries are filled up to ``query_length`` exactly; ``"min"``: up to
        ``expansion_length`` at least; ``None``: not at all.
    attend
        Whether the other tokens attend to those that fill up.
    skiplist
        What is not scored in documents. A Stanford checkpoint knows punctuation or nothing.
    prompts
        Text between marker and query or document, by side.
    markers
        Query and document marker; ``""`` for none, ``None`` for what the format usually has.
    dense
        ``"two_with_residual"``: a wider layer with GELU and a residual, then the projection.
    """

    query_expansion: Literal["fixed", "min"] | None = "fixed"
    attend: bool = False
    query_length: int = 32
    expansion_length: int | None = None
    document_length: int = 180
    skiplist: tuple[str, ...] = tuple(string.punctuation)
    prompts: Mapping[str, str] = field(default_factory=dict)
    markers: tuple[str, str] | None = None
    dense: Literal["single", "two_with_residual"] = "single"
    seed: int = 0

    def expansion(self) -> dict[str, Any] | None:
        """The settings of query expansion as sentence-transformers spells them."""
        if self.query_expansion is None:
            return None
        length = self.expansion_length or self.query_length
        return {"strategy": self.query_expansion, "attend": self.attend, "length": length}


def make_checkpoint(folder: Path, format: str, family: str, **settings: Any) -> Path:
    """Write a checkpoint into ``folder`` and return it; the same bytes for the same arguments."""
    chosen = Settings(**settings)
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(chosen.seed)
        _WRITERS[format](folder, family, chosen)
    return folder


def _write_stanford(folder: Path, family: str, settings: Settings) -> None:
    markers = settings.markers or VOCABULARY_MARKERS[family]
    tokenizer = new_tokenizer(family)
    tokenizer.add_tokens([marker for marker in markers if marker not in tokenizer.get_vocab()])
    model = random_model(family, tokenizer)
    projection = random_layers(settings.dense)[0]
    prefix = model.base_model_prefix
    weights = {f"{prefix}.{name}": weight for name, weight in model.state_dict().items()}
    weights["linear.weight"] = projection.linear.weight.detach()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.architectures = ["HF_ColBERT"]
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    metadata = {
        "query_token_id": markers[0],
        "doc_token_id": markers[1],
        "query_token": "[Q]",
        "doc_token": "[D]",
        "attend_to_mask_tokens": settings.attend,
        "interaction": "colbert",
        "dim": DIM,
        "doc_maxlen": settings.document_length,
        "mask_punctuation": bool(settings.skiplist),
        "query_maxlen": settings.query_length,
        "similarity": "cosine",
    }
    write_json(folder / "artifact.metadata", metadata)


def _write_pylate(folder: Path, family: str, settings: Settings) -> None:
    markers = ("[Q] ", "[D] ") if settings.markers is None else settings.markers
    tokenizer = new_tokenizer(family)
    # PyLate adds plain tokens, so a normaliser that lower-cases would never find them in a text,
    # and has queries padded with the expansion token.
    known = tokenizer.get_vocab()
    tokenizer.add_tokens([marker for marker in markers if marker and marker not in known])
    tokenizer.pad_token = tokenizer.mask_token or tokenizer.eos_token
    random_model(family, tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_pylate_parts(folder, settings, markers, transformer_path="")


def write_pylate_parts(
    folder: Path, settings: Settings, markers: tuple[str, str], transformer_path: str
) -> None:
    """Write all of a PyLate save but its transformer, which lies at ``transformer_path``."""
    bert_config = {"max_seq_length": settings.document_length - 1, "do_lower_case": False}
    write_json(folder / transformer_path / "sentence_bert_config.json", bert_config)
    modules = [(transformer_path, "sentence_transformers.models.Transformer")]
    for number, layer in enumerate(random_layers(settings.dense), start=1):
        path = f"{number}_Dense"
        (folder / path).mkdir()
        config = layer.get_config_dict()
        names = ("in_features", "out_features", "bias", "activation_function")
        written = {name: config[name] for name in names} | {"use_residual": layer.use_residual}
        write_json(folder / path / "config.json", written)
        save_file(layer.state_dict(), folder / path / "model.safetensors", {"format": "pt"})
        modules.append((path, "pylate.models.Dense.Dense"))
    write_modules(folder, modules)
    config = {
        "__version__": {"sentence_transformers": "4.0.2", "transformers": "4.48.2"},
        "prompts": dict(settings.prompts),
        "default_prompt_name": None,
        "similarity_fn_name": "MaxSim",
        "query_prefix": markers[0],
        "document_prefix": markers[1],
        "query_length": settings.query_length,
        "document_length": settings.document_length,
        "attend_to_expansion_tokens": settings.attend,
        "skiplist_words": list(settings.skiplist),
        "do_query_expansion": settings.query_expansion is not None,
        "model_type": "ColBERT",
    }
    write_json(folder / "config_sentence_transformers.json", config)


def _write_sentence_transformers(folder: Path, family: str, settings: Settings) -> None:
    markers = ("[Q] ", "[D] ") if settings.markers is None else settings.markers
    tokenizer = new_tokenizer(family)
    known = tokenizer.get_vocab()
    tokenizer.add_tokens(
        [
            AddedToken(marker, normalized=False, special=True)
            for marker in markers
            if marker and marker not in known
        ]
    )
    # Only with "min" are there two lengths: a floor, which expansion fills, and a ceiling.
    ceiling = None if settings.query_expansion == "fixed" else settings.query_length
    prompts = {
        side: marker + settings.prompts.get(side, "")
        for side, marker in zip(("query", "document"), markers, strict=True)
    }
    with tempfile.TemporaryDirectory() as parts:
        random_model(family, tokenizer).save_pretrained(parts)
        tokenizer.save_pretrained(parts)
        transformer = Transformer(
            parts,
            query_length=ceiling,
            document_length=settings.document_length,
            query_expansion=settings.expansion(),
        )
        modules = [
            transformer,
            *random_layers(settings.dense),
            MultiVectorMask(skiplist_words=list(settings.skiplist)),
            Normalize(module_input_name="token_embeddings"),
        ]
        model = MultiVectorEncoder(modules=modules, prompts=prompts, device="cpu")
        model.save_pretrained(str(folder), create_model_card=False)


def write_modules(folder: Path, modules: list[tuple[str, str]]) -> None:
    """Write a ``modules.json`` from paths and class names."""
    entries = [
        {"idx": number, "name": str(number), "path": path, "type": type_}
        for number, (path, type_) in enumerate(modules)
    ]
    write_json(folder / "modules.json", entries)


def write_json(file: Path, value: Any) -> None:
    """Write a value as JSON, readable for who opens the checkpoint."""
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")


_WRITERS = {
    "stanford": _write_stanford,
    "pylate": _write_pylate,
    "sentence_transformers": _write_sentence_transformers,
}
