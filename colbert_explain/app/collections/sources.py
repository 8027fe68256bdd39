"""What a page may search: the sample, and what the operator allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from colbert_explain.operator_settings import ANY, PREFIX, OperatorSettings
from colbert_explain.samples import sample_collection_folder
from colbert_explain.search.on_disk.manifest import is_collection
from colbert_explain.search.server import is_address

Kind = Literal["sample", "saved", "documents", "server", "dropped", "given"]
SAMPLE = "sample"
_SAVED, _DOCUMENTS, _SERVERS = "Saved collections", "Documents to index", "On a server"
_LONGEST = 1000
#: Most folders in the menu; the field takes any other.
MOST_LISTED = 100


class SourceRefused(ValueError):  # noqa: N818 - nothing is broken: it is not allowed
    """A collection that may not be opened here; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Source:
    """A collection that can be opened, or documents that can be indexed.

    Attributes
    ----------
    key
        What the page calls it.
    label, group
        What a reader sees, and the heading above it.
    kind
        ``"sample"``, ``"saved"``, ``"documents"``, ``"server"``, ``"dropped"`` or ``"given"``.
    path
        Folder, file or address; empty for a collection that was given.
    name
        What it is called on a server.
    """

    key: str
    label: str
    group: str
    kind: Kind
    path: str = ""
    name: str | None = None


def sample_source() -> Source:
    """Return the sample collection of the package."""
    return Source(SAMPLE, "Sample: 161 texts", "Sample", "sample", str(sample_collection_folder()))


def listed_sources(settings: OperatorSettings) -> list[Source]:
    """List the sample and what the operator allows; of a folder, also the collections in it."""
    found = [sample_source()]
    for allowed in settings.collections:
        if allowed == ANY:
            continue
        if is_address(allowed):
            found.append(_on_server(allowed))
            continue
        path = Path(allowed)
        inside = _collections_in(path)
        found += inside
        if _exists(path) and not is_collection(path) and (not inside or path.is_file()):
            found.append(_local(path))
    return found[:MOST_LISTED]


def named_source(text: str, settings: OperatorSettings) -> Source:
    """Return what a reader names by a path or an address, if it may be opened here.

    A path is allowed at or below one that the operator names, after links and ``..`` are resolved.
    The message about one that is not allowed is the same whether or not it exists.

    Raises
    ------
    SourceRefused
        If it is not allowed, is no name, or is not there.
    """
    name = _checked(text)
    if is_address(name):
        if ANY not in settings.collections and name not in settings.collections:
            raise _not_allowed(name)
        return _on_server(name)
    return _local(allowed_place(name, settings))


def allowed_place(text: str, settings: OperatorSettings) -> Path:
    """Return a file or folder that a reader names, if it may be read here; rules as above.

    Raises
    ------
    SourceRefused
        If it is not allowed, is no path, or is not there.
    """
    name = _checked(text)
    place = _allowed_place(name, settings)
    if place is None:
        raise _not_allowed(name)
    if not _exists(place):
        raise SourceRefused(f"there is no file or folder {name!r}")
    return place


def _checked(text: str) -> str:
    name = text.strip()
    if not name or len(name) > _LONGEST or "\0" in name:
        raise SourceRefused("name a folder, a file or an address")
    return name


def choices(sources: Iterable[Source], settings: OperatorSettings) -> dict[str, Any]:
    """Return what there is to open, as the page takes it."""
    names = ("key", "label", "group", "kind")
    return {
        "choices": [{name: getattr(one, name) for name in names} for one in sources],
        # Whether a reader may name anything beyond what is listed.
        "takes_names": any(one == ANY or not is_address(one) for one in settings.collections),
        "largest": settings.largest_collection,
    }


def _not_allowed(name: str) -> SourceRefused:
    return SourceRefused(
        f"{name!r} may not be opened here: whoever runs this page must allow it first "
        f"({PREFIX}COLLECTIONS)"
    )


def _allowed_place(name: str, settings: OperatorSettings) -> Path | None:
    try:
        path = Path(name).expanduser()
        if ANY in settings.collections:
            return path.resolve()
        for allowed in settings.collections:
            if is_address(allowed):
                continue
            root = Path(allowed).resolve()
            place = (root / path).resolve()
            if place == root or place.is_relative_to(root):
                return place
    except (OSError, RuntimeError, ValueError):  # too long, links in a circle, no home
        return None
    return None


def _collections_in(path: Path) -> list[Source]:
    """List a collection, or the collections directly in a folder."""
    if is_collection(path):
        return [_local(path)]
    try:
        return [
            _local(one) for one in sorted(path.iterdir()) if one.is_dir() and is_collection(one)
        ]
    except OSError:  # not there, a file, or not for us
        return []


def _local(path: Path) -> Source:
    if is_collection(path):
        return Source(str(path), path.name, _SAVED, "saved", str(path))
    return Source(str(path), path.name, _DOCUMENTS, "documents", str(path))


def _on_server(address: str) -> Source:
    server, _, name = address.partition("#")
    if not name:
        raise SourceRefused(
            "an address must end with # and the name of a collection, as in "
            f"{server.rstrip('/')}#news"
        )
    return Source(address, f"{name} on {server}", _SERVERS, "server", server, name)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
