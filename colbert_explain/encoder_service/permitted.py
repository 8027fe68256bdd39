"""Which models clients of a service may use, under which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from colbert_explain.encoders.bundled.recipe import NAME
from colbert_explain.encoders.checkpoint.permission import permitted_model
from colbert_explain.encoders.remote.address import is_address
from colbert_explain.encoders.remote.protocol import NamedModel
from colbert_explain.operator_settings import OperatorSettings


class PermittedModels:
    """The models that the operator names or allows, and the bundled encoder.

    Parameters
    ----------
    models
        Hub ids and folders that the operator names when the service starts; clients that name none
        get the first.
    settings
        What else the operator allows.
    """

    def __init__(self, models: Sequence[str], settings: OperatorSettings) -> None:
        for name in models:
            if is_address(name):
                raise ValueError(f"model must be a hub id or a folder, got the address {name!r}")
        self._settings = settings
        self._named = {name: self._real(name) for name in models}
        self._default = self._real(models[0]) if models else None

    def is_fetched(self, name: str) -> bool:
        """Return whether a model may have to be fetched from the hub."""
        return not Path(name).expanduser().is_dir() and name != NAME

    def check(self, named: NamedModel) -> NamedModel:
        """Return what `load_encoder` is to be given; its model is ``None`` for the bundled one.

        Raises a `ModelRefused`, a `ValueError`, for a model that may not be used.
        """
        if named.model == NAME or (named.model is None and self._default is None):
            return NamedModel(None, _without_defaults(named.arguments))
        if named.model is None:
            return NamedModel(self._default, named.arguments)
        for given, real in self._named.items():
            if named.model in (given, real):
                return NamedModel(real, named.arguments)
        return NamedModel(
            str(permitted_model(named.model, self._settings, "encoder service")), named.arguments
        )

    def _real(self, name: str) -> str | None:
        if name == NAME:
            return None
        folder = Path(name).expanduser()
        return str(folder.resolve()) if folder.is_dir() else name


#: Arguments that repeat the defaults of the bundled encoder.
_DEFAULTS = {"layers": [3, 6], "query_length": 512, "document_length": 8192}


def _without_defaults(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out arguments that repeat a default: the same model is not loaded twice."""
    return {name: value for name, value in arguments.items() if value != _DEFAULTS.get(name)}
