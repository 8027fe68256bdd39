"""Load the encoder of a checkpoint, which must have exactly the weights of its architecture.

transformers fills missing weights with random numbers and only logs it. Here it is an error with
their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import Transformer
from torch import nn
from transformers import PretrainedConfig
from transformers.models.auto import CONFIG_MAPPING

from colbert_explain.encoders.checkpoint.error import CheckpointError, is_panic, reason_of
from colbert_explain.encoders.checkpoint.files import CheckpointFiles, NetworkPart, Shape
from colbert_explain.encoders.checkpoint.formats import PROJECTION
from colbert_explain.encoders.checkpoint.network_sizes import (
    check_config,
    check_sizes_of_network,
    embedding_rows,
    listed,
)
from colbert_explain.encoders.checkpoint.tokenizer_files import (
    check_tokenizer_files,
    tokenizer_fault,
)
from colbert_explain.encoders.checkpoint.weight_files import weight_faults
from colbert_explain.encoders.jina_bert.config import is_jina_bert
from colbert_explain.encoders.jina_bert.model import load_jina_bert
from colbert_explain.encoders.progress import quiet_loading

#: Weights that no token vector depends on, and buffers that older versions saved.
_NOT_NEEDED = re.compile(
    r"(^|\.)pooler\.|\.position_ids$|\.inv_freq$|^(cls|lm_head|head|classifier)\."
)
#: The key under which `CheckedTransformer` receives its `NetworkPart`.
_PART = "checkpoint_part"


def load_transformer(files: CheckpointFiles, dtype: torch.dtype) -> CheckedTransformer:
    """Load the encoder of a checkpoint with its tokeniser.

    Raises a `CheckpointError` if one of the two cannot be read exactly, or does not take plain
    text.
    """
    part, root = files.transformer, files.folder / files.transformer.place
    check_config(part.config, part.shapes)
    check_tokenizer_files(root, embedding_rows(part.shapes))
    local = {"local_files_only": True, "trust_remote_code": False}
    own_config = {"config": PretrainedConfig()} if is_jina_bert(part.config) else {}
    keywords: dict[str, Any] = {
        "model_kwargs": {**local, "dtype": dtype, "use_safetensors": True},
        "processor_kwargs": {**local, **own_config},
        "config_kwargs": {**local, _PART: part},
    }
    # The encoder's settings may lie in another folder.
    place = "" if part.place else files.encoder_place
    with in_one_sentence(root), quiet_loading():
        transformer = (
            CheckedTransformer(str(root), **keywords)
            if files.format in ("Stanford", "BGE-M3")
            else CheckedTransformer.load(
                str(root), subfolder=place, local_files_only=True, **keywords
            )
        )
    if "message" in transformer.modality_config or "text" not in transformer.modality_config:
        raise CheckpointError(
            "model must read plain text, but this one puts every text into a chat template"
        )
    if not getattr(transformer.tokenizer, "is_fast", False):
        raise CheckpointError(
            "model must have a tokenizer.json, which gives the character span of each token"
        )
    return transformer


@contextmanager
def in_one_sentence(place: Path, *, as_it_is: type[Exception] | None = None) -> Iterator[None]:
    """Turn a library's error into a `CheckpointError` with one sentence.

    The message of an error of the class ``as_it_is`` is kept.
    """
    try:
        yield
    except CheckpointError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        reason = reason_of(error)
        if as_it_is is None or not isinstance(error, as_it_is):
            reason = tokenizer_fault(place) or (
                f"model must be a checkpoint that can be read, but {place} cannot be: {reason}"
            )
        raise CheckpointError(reason) from error


class CheckedTransformer(Transformer):
    """An encoder module of sentence-transformers without missing or unexpected weights."""

    def _load_config(
        self, model_name_or_path: str, backend: str, config_kwargs: dict[str, Any]
    ) -> tuple[PretrainedConfig, bool]:
        folder = Path(model_name_or_path)
        self._part: NetworkPart = config_kwargs.pop(_PART)
        config = self._part.config
        if (folder / "adapter_config.json").is_file():
            raise CheckpointError(
                f"model must hold all its weights, but {folder} is an adapter for another model: "
                "merge the two and save them as one"
            )
        if is_jina_bert(config):
            return PretrainedConfig(**{**config, "auto_map": None}), False
        positions = config.get("position_embedding_type", "absolute")
        if positions != "absolute":
            # transformers 5 would ignore it and use other positions.
            raise CheckpointError(
                "position_embedding_type in config.json must be 'absolute' or that of a JinaBERT "
                f"('alibi', with its auto_map), got {positions!r}"
            )
        try:
            return super()._load_config(model_name_or_path, backend, config_kwargs)
        except (ValueError, KeyError, OSError) as error:
            if config.get("model_type") in CONFIG_MAPPING:
                raise CheckpointError(
                    f"config.json in {folder} must be one that transformers can read: "
                    f"{reason_of(error)}"
                ) from error
            raise CheckpointError(
                f"model must have an architecture that the installed transformers knows, got "
                f"model_type {config.get('model_type')!r} ({config.get('architectures')}); code "
                "in a checkpoint is never run"
            ) from error

    def _load_model(
        self,
        model_name_or_path: str,
        transformer_task: Any,
        config: PretrainedConfig,
        backend: str,
        is_peft_model: bool,
        **model_kwargs: Any,
    ) -> Any:
        dtype = model_kwargs.get("dtype", torch.float32)
        if is_jina_bert(self._part.config):
            try:
                network: Any = load_jina_bert(model_name_or_path, dtype, self._part.config)
            except ValueError as error:
                raise CheckpointError(f"model cannot be read as a JinaBERT: {error}") from error
            network.config = config
            return network
        check_sizes_of_network(config, self._part.shapes)
        loaded: Any = super()._load_model(
            model_name_or_path,
            transformer_task,
            config,
            backend,
            is_peft_model,
            **model_kwargs,
            # A wrong shape is then reported by name, and refused below.
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
        network, report = loaded
        _check(report)
        return network


def looks_untrained(network: nn.Module) -> bool:
    """Return whether all normalisation layers have the weights 1 and all biases are 0.

    Libraries initialise them so, and training changes them. Some architectures have no biases.
    """
    modules: list[Any] = list(network.modules())
    norms = [each for each in modules if type(each).__name__.endswith("Norm")]
    linear = [each for each in modules if isinstance(each, nn.Linear)]
    scales = [each.weight for each in norms if getattr(each, "weight", None) is not None]
    biases = [each.bias for each in (*norms, *linear) if getattr(each, "bias", None) is not None]
    return (
        bool(scales)
        and all((scale == 1).all() for scale in scales)
        and not any(bias.any() for bias in biases)
    )


def _check(report: dict[str, Any]) -> None:
    """Refuse a model if the loading report of transformers names faults."""
    wanted: dict[str, Shape] = dict.fromkeys(sorted(report["missing_keys"]), ())
    found: dict[str, Shape] = dict.fromkeys(sorted(report["unexpected_keys"]), ())
    for name, shape_found, shape_wanted in sorted(report["mismatched_keys"]):
        wanted[name], found[name] = tuple(shape_wanted), tuple(shape_found)
    faults = weight_faults(
        {name: shape for name, shape in found.items() if name != PROJECTION},
        {name: shape for name, shape in wanted.items() if name in found or not _not_needed(name)},
        not_needed=_not_needed,
    )
    faults += [str(message) for message in report.get("error_msgs") or []]
    if faults:
        raise CheckpointError(
            "model must have exactly the weights of its architecture: " + listed(faults)
        )


def _not_needed(name: str) -> bool:
    return _NOT_NEEDED.search(name) is not None
