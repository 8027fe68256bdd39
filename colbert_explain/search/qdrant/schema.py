"""What a collection on a Qdrant server consists of: vectors, indexes, a point about itself."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from colbert_explain.embeddings import Provenance
from colbert_explain.search.error import CollectionError
from colbert_explain.storage.provenance_values import provenance_as_json

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

#: To be increased with every change of `points` and of this module.
FORMAT = 1
ABOUT_ID = "5a3ad0a5-2a2e-4f0b-9a4e-6d0e3a1c7b00"


def vector_configs(dim: int, indexed: int, *, has_own: bool) -> dict[str, models.VectorParams]:
    """Return the configuration of each named vector.

    Parameters
    ----------
    dim, indexed
        Numbers of the encoder's vectors, and of those that are searched.
    has_own
        Whether the encoder's vectors are kept beside those that are searched.
    """
    from qdrant_client import models

    def config(size: int, *, is_multiple: bool = True) -> models.VectorParams:
        max_sim = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
        return models.VectorParams(
            size=size,
            # The vectors have unit length. "Cosine" would store them changed in the last bits.
            distance=models.Distance.DOT,
            multivector_config=max_sim if is_multiple else None,
            hnsw_config=models.HnswConfigDiff(m=0),  # no graph: every vector is compared
            on_disk=True,
        )

    configs = {"tokens": config(indexed), "pooled": config(dim, is_multiple=False)}
    return {**configs, "own": config(dim)} if has_own else configs


def add_indexes(client: QdrantClient, name: str) -> None:
    """Have a collection index what every request filters by."""
    from qdrant_client import models

    with warnings.catch_warnings():
        # The client without a server has no such indexes, and warns.
        warnings.simplefilter("ignore", UserWarning)
        for field, kind in {"kind": "keyword", "place": "integer"}.items():
            schema = models.PayloadSchemaType(kind)
            client.create_payload_index(name, field, field_schema=schema, wait=True)


def about_collection(
    provenance: Provenance, compression: str | None, dim: int
) -> models.PointStruct:
    """Return the point about a collection without documents."""
    from qdrant_client import models

    about = {
        "kind": "about",
        "format": FORMAT,
        "provenance": provenance_as_json(provenance),
        "compression": compression,
        "dim": dim,
        "n_added": 0,
    }
    return models.PointStruct(id=ABOUT_ID, vector={}, payload=about)


def read_about(found: Sequence[models.Record], collection: str) -> dict[str, Any]:
    """Return the payload of the point about a collection.

    Raises a `CollectionError` if there is no such point, or another version wrote it.
    """
    about: dict[str, Any] = (found[0].payload or {}) if found else {}
    if about.get("kind") != "about":
        raise CollectionError(f"{collection} was not made by colbert_explain: choose another name")
    if about["format"] != FORMAT:
        raise CollectionError(
            f"{collection} has format {about['format']}, and this version of colbert_explain reads "
            f"format {FORMAT}: build it again"
        )
    return about
