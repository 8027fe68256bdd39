"""In which ways a collection can be searched a second time, to be compared with the first."""

from __future__ import annotations

from typing import Literal, get_args

from colbert_explain.search import FirstStage

SecondKind = Literal["exact", "bm25", "pooled", "bm25_alone", "pooled_alone", "index_alone"]
KINDS: tuple[SecondKind, ...] = get_args(SecondKind)
#: The first stage of those that have one.
FIRST_STAGE_OF: dict[SecondKind, FirstStage] = {
    "bm25": "bm25",
    "pooled": "pooled",
    "bm25_alone": "bm25",
    "pooled_alone": "pooled",
}
#: Those whose scores are not MaxSim's, but the first stage's or the index's own.
ALONE: tuple[SecondKind, ...] = ("bm25_alone", "pooled_alone", "index_alone")
#: How a second ranking is called in a sentence.
NAMES: dict[SecondKind, str] = {
    "exact": "exact search",
    "bm25": "words first, then MaxSim",
    "pooled": "pooled vectors first, then MaxSim",
    "bm25_alone": "words alone (BM25)",
    "pooled_alone": "one pooled vector per text",
    "index_alone": "the compressed index alone",
}
