"""A ranking as JSON, for other programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from colbert_explain.analysis.ranking import Ranking

FORMAT = "colbert_explain ranking"
VERSION = 1


def ranking_json(ranking: Ranking) -> str:
    """Write a ranking as JSON: its table, best first, with the texts, and what was left out.

    Returns
    -------
    str
        An object: ``query``; ``documents``, each with what `Ranking.to_frame` has,
        ``pooled_cosine`` included, and its ``text``; ``unreadable``, each with ``position``,
        ``name`` and ``reason``; ``provenance``. Vectors are not in it.
    """
    rows = ranking.to_frame(pooled_cosine=True).to_dict("records")
    for row, place in zip(rows, ranking.order, strict=True):
        row["text"] = ranking.document_embeddings[int(place)].tokens.text
    written = {
        "format": FORMAT,
        "version": VERSION,
        "query": ranking.query.text,
        "documents": rows,
        "unreadable": [asdict(one) for one in ranking.unreadable],
        "provenance": asdict(ranking.query_embeddings.provenance),
    }
    return json.dumps(written, ensure_ascii=False, indent=1, default=float)
