"""Which models a page may load: what the operator allows, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from colbert_explain.operator_settings import ANY, PREFIX, OperatorSettings

#: Layers of the bundled encoder that the page offers: both default layers, or a single one.
LAYERS: tuple[tuple[int, ...], ...] = ((3, 6), *((layer,) for layer in range(7)))
_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
_LONGEST = 300


class ModelRefused(ValueError):  # noqa: N818 - nothing is broken: it is not allowed
    """A model that may not be loaded here; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that may be loaded.

    Attributes
    ----------
    key
        What the page calls it.
    model
        What `load_encoder` takes: a hub id, a folder, or None for the bundled encoder.
    layers
        Layers of the bundled encoder.
    """

    key: str
    model: str | Path | None = None
    layers: tuple[int, ...] | None = None


def bundled_choice(key: str, layers: object) -> ModelChoice:
    """Choose layers of the bundled encoder; a page may send any value.

    Raises
    ------
    ModelRefused
        If the page does not offer them.
    """
    wanted = tuple(layers) if isinstance(layers, list | tuple) else layers
    if wanted not in LAYERS or any(type(layer) is not int for layer in wanted):  # True is no layer
        offered = ", ".join(" + ".join(map(str, layers)) for layers in LAYERS)
        raise ModelRefused(f"layers must be one of {offered}, got {str(layers)[:40]}")
    return ModelChoice(key, layers=wanted)


def named_choice(text: str, settings: OperatorSettings) -> ModelChoice:
    """Decide whether a model may be loaded, given its hub id or its folder.

    A folder is allowed only inside one of ``settings.model_folders``, after links and ``..`` are
    resolved; a relative one is looked for in each of them. The message about a folder that is not
    allowed is the same whether or not it exists.

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
            return ModelChoice(str(place), model=place)
    # A hub id must not reach a folder that happens to have its name: that would be read instead.
    if places and not is_hub_id:
        raise ModelRefused(
            f"model {name!r} was not found: no folder that may be read here has this name"
        )
    if not is_hub_id or _is_there(Path(name)):
        raise ModelRefused(
            f"model {name!r} is not inside a folder that may be read here: whoever runs this "
            f"workbench must allow its folder first ({PREFIX}MODEL_FOLDERS)"
        )
    if ANY not in settings.models and name not in settings.models:
        raise ModelRefused(
            f"model {name!r} may not be loaded here: whoever runs this workbench must allow it "
            f"first ({PREFIX}MODELS)"
        )
    return ModelChoice(name, model=name)


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
