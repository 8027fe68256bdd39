"""Open an existing collection, or build it again from its texts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Encoder, Progress, check_encoder
from colbert_explain.search.collection import Collection
from colbert_explain.search.encoding import check_encoder_of_build, encoder_of
from colbert_explain.search.on_disk import OnDiskEngine
from colbert_explain.search.on_disk.rebuilding import Rebuilding
from colbert_explain.search.qdrant import QdrantEngine
from colbert_explain.search.server import is_address, name_on_server


def open_collection(
    path: str | Path, encoder: Encoder | None = None, *, name: str | None = None
) -> Collection:
    """Open a collection that `Collection.build` made. Nothing is downloaded.

    Parameters
    ----------
    path
        Its folder, or the address of a Qdrant server, such as ``"http://localhost:6333"``. A
        folder may be read-only.
    encoder
        What encodes queries and further documents; by default the bundled encoder, if the
        collection was made with it. Without the right encoder, documents can be read, and can be
        searched with the token vectors of a query.
    name
        The name of the collection on a server.

    Raises
    ------
    CollectionError
        If there is no collection, or it is damaged, unfinished or of another format. A damaged
        part may be noticed later, when it is first read.

    Examples
    --------
    >>> open_collection("no folder")
    Traceback (most recent call last):
        ...
    colbert_explain.search.error.CollectionError: path must name the folder of a collection, got \
no folder, which has no manifest.json
    """
    if encoder is not None:
        check_encoder(encoder)
    name = name_on_server(path, name)
    if is_address(path):
        return Collection(QdrantEngine.open(str(path), name), encoder)
    return Collection(OnDiskEngine.open(check.file_path("path", path)), encoder)


def rebuild_collection(
    path: str | Path, encoder: Encoder | None = None, *, progress: Progress | None = None
) -> Collection:
    """Encode the texts of a collection in a folder again, and replace its vectors.

    For a collection of another version or encoder, one with damaged vectors, or one from which much
    was deleted. The old vectors are kept until all new ones are there; an interrupted call
    continues if it is made again.

    Parameters
    ----------
    path
        The folder.
    encoder
        What encodes the documents; by default the one that `open_collection` takes.
    progress
        Called as ``progress(done, total)``, in documents; if it is given, nothing is shown.

    Returns
    -------
    Collection
        ``left_out`` lists documents that this encoder cannot read; they are no longer in the
        collection.

    Raises
    ------
    CollectionError
        If there is no collection, its texts are damaged, or its folder cannot be written to.
    """
    if encoder is not None:
        check_encoder(encoder)
    check.function("progress", progress, "done, total")
    with Rebuilding.of(check.file_path("path", path)) as rebuilding:
        if encoder is None:
            encoder = encoder_of(rebuilding.provenance)
        rebuilding.discard_unless(partial(check_encoder_of_build, encoder=encoder))
        rebuilt = Collection.build(
            rebuilding.documents,
            encoder,
            rebuilding.folder,
            compression=rebuilding.compression,
            progress=progress,
        )
        rebuilding.replace()
    collection = Collection(OnDiskEngine.open(Path(path)), rebuilt.encoder)
    collection.left_out = rebuilt.left_out
    return collection
