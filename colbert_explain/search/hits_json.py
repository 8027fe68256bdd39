"""Hits as JSON, for other programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from colbert_explain.search.hits import Hits

FORMAT = "colbert_explain hits"
VERSION = 1


def hits_json(hits: Hits) -> str:
    """Write hits as JSON, best first.

    Returns
    -------
    str
        An object: ``query``; ``results``, each with ``index`` (the document's place in its
        collection), ``relevance_score`` (the exact score), ``index_score`` (the index's own),
        ``rank``, ``document`` (``id``, ``text``, ``metadata``) and ``words`` (what each query
        word adds); ``first_stage``, ``n_scored``, ``n_searched``; ``provenance``.
    """
    words, contributions = hits.query_words, hits.word_contributions()
    ranks = hits.ranks
    results = [
        {
            "index": hits.positions[i],
            "relevance_score": float(hits.scores[i]),
            "index_score": float(hits.index_scores[i]),
            "rank": int(ranks[i]),
            "document": {
                "id": hits.documents[i].id,
                "text": hits.documents[i].text,
                "metadata": dict(hits.documents[i].metadata),
            },
            "words": [
                {"word": word.text, "adds": float(adds)}
                for word, adds in zip(words, contributions[i], strict=True)
            ],
        }
        for i in hits.order.tolist()
    ]
    written = {
        "format": FORMAT,
        "version": VERSION,
        "query": hits.query.text,
        "results": results,
        "first_stage": hits.first_stage,
        "n_scored": hits.n_scored,
        "n_searched": hits.n_searched,
        "provenance": asdict(hits.query_embeddings.provenance),
    }
    return json.dumps(written, ensure_ascii=False, indent=1, default=float)
