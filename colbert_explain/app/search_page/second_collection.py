"""Another collection of the same documents beside the hits: by another model, or compressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from colbert_explain.analysis.model_comparison import ModelComparison
from colbert_explain.app.collections.sources import Source
from colbert_explain.app.search_page.second_ranking import DEEPEST, compared
from colbert_explain.explanation import Explanation, explain_embeddings
from colbert_explain.search import Collection, Hits, Where, open_collection


def second_collection(
    source: Source,
    collection: Collection,
    hits: Hits,
    *,
    k: int,
    where: Where | None,
    check: Callable[[], object],
) -> dict[str, Any]:
    """Search another collection for the same query; arguments and answer as for `second_ranking`.

    Parameters
    ----------
    source
        The other collection, which is saved.
    collection, hits, k, where, check
        As for `second_ranking`.

    Raises
    ------
    CollectionError
        If it cannot be opened, or was made with a model that cannot be loaded without being named.
    """
    query = hits.query_embeddings
    with open_collection(source.path, name=source.name) as other:
        own = other.provenance
        is_same = own is not None and query.provenance.same_model(own)
        asked = query if is_same else other.encoder.embed_query(query.tokens.text)
        check()
        there = other.scores(asked, min(len(other), DEEPEST), where=where)

        def why(
            id_: str, x: Explanation, first: int | None, second: int | None, score: float | None
        ) -> str:
            if first == second:
                return ""
            if id_ not in other:
                return "It is not in the other collection."
            if is_same:
                held = "The other collection holds other documents; this one's score is the same."
                return held if second else "Not among the candidates of the other index."
            return _models_differ(x, explain_embeddings(asked, other.embeddings(id_).embeddings))

        name = f"{source.label}" if is_same or own is None else f"{source.label} ({own.model})"
        return compared(
            collection,
            hits,
            there,
            name=name,
            short="other",
            k=k,
            where=where,
            check=check,
            why=why,
        )


def _models_differ(here: Explanation, there: Explanation) -> str:
    """Say for which query word two models differ most."""
    return ModelComparison((here, there), ("this model", "the other model")).sentence()
