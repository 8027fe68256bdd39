"""Which checkpoints may be loaded for others: what the operator allows, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from colbert_explain.operator_settings import ANY, PREFIX, OperatorSettings

_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
_LONGEST = 300


class ModelRefused(ValueError):  # noqa: N818 - nothing is broken: it is not allowed
    """A model that may not be loaded here; the message is a sentence for the reader."""


def permitted_model(text: str, settings: OperatorSettings, here: str = "workbench") -> str | Path:
    """Return the hub id or the folder of a model that a user names, if it may be loaded.

    A folder is allowed only inside one of ``settings.model_folders``, after links and ``..`` are
    resolved; a relative one is looked for in each of them. The message about a folder that is not
    allowed is the same whether or not it exists.

    Parameters
    ----------
    text
        What the user typed.
    settings
        What the operator allows.
    here
        What the operator runs, in one word for a sentence.

    Raises
    ------
    ModelRefused
        If it is not allowed, or is not a name.
    """
    name = text.strip()
    if not name or len(name) > _LONGEST:
        got = f"{len(name):,} characters" if name else "nothing"
        raise ModelRefused(
            f"model must be a hub id such as jinaai/jina-colbert-v1-en or a folder, got {got}"
        )
    is_hub_id = bool(_HUB_ID.fullmatch(name))
    places = _allowed_places(name, settings)
    for place in places:
        if _is_there(place):
            return place
    # A hub id must not reach a folder that happens to have its name: that would be read instead.
    if places and not is_hub_id:
        raise ModelRefused(
            f"model {name!r} was not found: no folder that may be read here has this name"
        )
    if not is_hub_id or _is_there(Path(name)):
        raise ModelRefused(
            f"model {name!r} is not inside a folder that may be read here: whoever runs this "
            f"{here} must allow its folder first ({PREFIX}MODEL_FOLDERS)"
        )
    if ANY not in settings.models and name not in settings.models:
        raise ModelRefused(
            f"model {name!r} may not be loaded here: whoever runs this {here} must allow it "
            f"first ({PREFIX}MODELS)"
        )
    return name


def _allowed_places(name: str, settings: OperatorSettings) -> list[Path]:
    """List the allowed paths that a folder of this name can have, with links resolved."""
    places = []
    for allowed in settings.model_folders:
        try:
            root = allowed.resolve()
            place = (root / Path(name).expanduser()).resolve()
            if place.is_relative_to(root):
                places.append(place)
        except (OSError, RuntimeError, ValueError):  # too long, a NUL, links in a circle, no home
            continue
    return places


def _is_there(place: Path) -> bool:
    try:
        return place.is_dir()
    except (OSError, ValueError):
        return False
