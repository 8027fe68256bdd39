"""See which token pairs make up the score that a late-interaction model gives a document.

>>> import colbert_explain as ce
>>> x = ce.explain("Elephants eat 150 kg of food per day.", "Cats eat 50 g of food per day.")
>>> round(x.score, 2)
6.26

Names load on first use: importing the package imports neither torch nor plotly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from colbert_explain import display_hook

if TYPE_CHECKING:
    from colbert_explain.analysis import (
        Contrast,
        Explanations,
        Ranking,
        RerankedDocuments,
        UnreadableDocument,
        contrast,
        pooled_cosine,
        rank,
    )
    from colbert_explain.analysis.calibration import Calibration, calibrate
    from colbert_explain.analysis.model_comparison import (
        AlignedWord,
        ModelComparison,
        compare_models,
    )
    from colbert_explain.analysis.occlusion import Occlusion, Side, occlude
    from colbert_explain.analysis.passage_reencoding import ReencodedPassage, reencode_passages
    from colbert_explain.app import (
        AnswerKind,
        AuditPage,
        Exercise,
        MaxSimStepper,
        RunButton,
        SearchPage,
        Workbench,
        YourTurn,
    )
    from colbert_explain.embeddings import (
        Encoder,
        Progress,
        Provenance,
        Reranker,
        TokenEmbeddings,
    )
    from colbert_explain.encoders import (
        CheckpointError,
        Description,
        Setting,
        TextEncoder,
        load_encoder,
    )
    from colbert_explain.encoders.checkpoint.hub_cache import cached_checkpoints
    from colbert_explain.encoders.remote.connection import EncoderServiceError
    from colbert_explain.encoders.remote.jina import JinaEncoder
    from colbert_explain.encoders.remote.remote_error import RefusedTextError, RemoteError
    from colbert_explain.encoders.remote.reranker import JinaReranker, VllmReranker
    from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
    from colbert_explain.encoders.remote.token_labels import TokenLabels
    from colbert_explain.encoders.remote.vllm import VllmEncoder
    from colbert_explain.evaluation import (
        Comparison,
        Evaluation,
        FirstStageRecall,
        Run,
        evaluate,
        first_stage_recall,
        read_qrels,
        read_queries,
        run_of,
    )
    from colbert_explain.evaluation.audit import Audit, AuditedQuery, audit
    from colbert_explain.explanation import (
        CLOSE_CALL,
        Explanation,
        Firmness,
        MatchKind,
        Passage,
        TokenMatch,
        Word,
        WordExplanation,
        WordMatch,
        explain,
        explain_embeddings,
        load_explanation,
    )
    from colbert_explain.library_settings import LibrarySettings
    from colbert_explain.operator_settings import OperatorSettings
    from colbert_explain.samples import Sample, load_samples, sample_collection_folder
    from colbert_explain.search import (
        BuildEstimate,
        Collection,
        CollectionError,
        CompressionName,
        Document,
        EncodedDocument,
        Engine,
        FirstStage,
        Found,
        Hits,
        MetadataValue,
        OnUnreadable,
        Where,
        collection_from_token_vectors,
        open_collection,
        read_token_vectors,
        rebuild_collection,
        write_token_vectors,
    )
    from colbert_explain.similarity import (
        TIE_TOLERANCE,
        MaxSimResult,
        maxsim,
        maxsim_scores,
        similarity_matrix,
    )
    from colbert_explain.tokens import Role, Token, TokenSequence
    from colbert_explain.views import (
        Direction,
        HighlightedText,
        Level,
        Order,
        PageTheme,
        Rows,
        Sort,
        cause_chart,
        compare_heatmaps,
        contrast_chart,
        contribution_chart,
        document_map,
        heatmap,
        highlight,
        report,
        write_html,
        write_image,
    )

_HOMES = {
    "app": (
        "AnswerKind",
        "AuditPage",
        "Exercise",
        "MaxSimStepper",
        "RunButton",
        "SearchPage",
        "Workbench",
        "YourTurn",
    ),
    "analysis.calibration": ("Calibration", "calibrate"),
    "evaluation.audit": ("Audit", "AuditedQuery", "audit"),
    "embeddings": ("Encoder", "Progress", "Provenance", "Reranker", "TokenEmbeddings"),
    "encoders": ("CheckpointError", "Description", "Setting", "TextEncoder", "load_encoder"),
    "encoders.checkpoint.hub_cache": ("cached_checkpoints",),
    "encoders.remote.jina": ("JinaEncoder",),
    "encoders.remote.remote_error": ("RefusedTextError", "RemoteError"),
    "encoders.remote.reranker": ("JinaReranker", "VllmReranker"),
    "encoders.remote.token_labels": ("TokenLabels",),
    "encoders.remote.vllm": ("VllmEncoder",),
    "evaluation": (
        "Comparison",
        "Evaluation",
        "FirstStageRecall",
        "Run",
        "evaluate",
        "first_stage_recall",
        "read_qrels",
        "read_queries",
        "run_of",
    ),
    "encoders.remote.connection": ("EncoderServiceError",),
    "encoders.remote.service_encoder": ("ServiceEncoder",),
    "explanation": (
        "CLOSE_CALL",
        "Explanation",
        "Firmness",
        "MatchKind",
        "Passage",
        "TokenMatch",
        "Word",
        "WordExplanation",
        "WordMatch",
        "explain",
        "explain_embeddings",
        "load_explanation",
    ),
    "library_settings": ("LibrarySettings",),
    "analysis.model_comparison": ("AlignedWord", "ModelComparison", "compare_models"),
    "analysis.occlusion": ("Occlusion", "Side", "occlude"),
    "operator_settings": ("OperatorSettings",),
    "analysis": (
        "Contrast",
        "Explanations",
        "Ranking",
        "RerankedDocuments",
        "UnreadableDocument",
        "contrast",
        "pooled_cosine",
        "rank",
    ),
    "analysis.passage_reencoding": ("ReencodedPassage", "reencode_passages"),
    "samples": ("Sample", "load_samples", "sample_collection_folder"),
    "search": (
        "BuildEstimate",
        "Collection",
        "CollectionError",
        "CompressionName",
        "Document",
        "EncodedDocument",
        "Engine",
        "Found",
        "FirstStage",
        "Hits",
        "MetadataValue",
        "OnUnreadable",
        "Where",
        "collection_from_token_vectors",
        "open_collection",
        "read_token_vectors",
        "rebuild_collection",
        "write_token_vectors",
    ),
    "similarity": ("TIE_TOLERANCE", "MaxSimResult", "maxsim", "maxsim_scores", "similarity_matrix"),
    "tokens": ("Role", "Token", "TokenSequence"),
    "views": (
        "Direction",
        "HighlightedText",
        "Level",
        "Order",
        "PageTheme",
        "Rows",
        "Sort",
        "cause_chart",
        "compare_heatmaps",
        "contrast_chart",
        "contribution_chart",
        "document_map",
        "heatmap",
        "highlight",
        "report",
        "write_html",
        "write_image",
    ),
}
#: Old names, which work for one release more.
_RENAMED = {"RereadPassage": "ReencodedPassage", "reread_passages": "reencode_passages"}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "CLOSE_CALL",
    "TIE_TOLERANCE",
    "AlignedWord",
    "AnswerKind",
    "Audit",
    "AuditPage",
    "AuditedQuery",
    "BuildEstimate",
    "Calibration",
    "CheckpointError",
    "Collection",
    "CollectionError",
    "Comparison",
    "CompressionName",
    "Contrast",
    "Description",
    "Direction",
    "Document",
    "EncodedDocument",
    "Encoder",
    "EncoderServiceError",
    "Engine",
    "Evaluation",
    "Exercise",
    "Explanation",
    "Explanations",
    "Firmness",
    "FirstStage",
    "FirstStageRecall",
    "Found",
    "HighlightedText",
    "Hits",
    "JinaEncoder",
    "JinaReranker",
    "Level",
    "LibrarySettings",
    "MatchKind",
    "MaxSimResult",
    "MaxSimStepper",
    "MetadataValue",
    "ModelComparison",
    "Occlusion",
    "OnUnreadable",
    "OperatorSettings",
    "Order",
    "PageTheme",
    "Passage",
    "Progress",
    "Provenance",
    "Ranking",
    "ReencodedPassage",
    "RefusedTextError",
    "RemoteError",
    "RerankedDocuments",
    "Reranker",
    "Role",
    "Rows",
    "Run",
    "RunButton",
    "Sample",
    "SearchPage",
    "ServiceEncoder",
    "Setting",
    "Side",
    "Sort",
    "TextEncoder",
    "Token",
    "TokenEmbeddings",
    "TokenLabels",
    "TokenMatch",
    "TokenSequence",
    "UnreadableDocument",
    "VllmEncoder",
    "VllmReranker",
    "Where",
    "Word",
    "WordExplanation",
    "WordMatch",
    "Workbench",
    "YourTurn",
    "audit",
    "cached_checkpoints",
    "calibrate",
    "cause_chart",
    "collection_from_token_vectors",
    "compare_heatmaps",
    "compare_models",
    "contrast",
    "contrast_chart",
    "contribution_chart",
    "document_map",
    "evaluate",
    "explain",
    "explain_embeddings",
    "first_stage_recall",
    "heatmap",
    "highlight",
    "load_encoder",
    "load_explanation",
    "load_samples",
    "maxsim",
    "maxsim_scores",
    "occlude",
    "open_collection",
    "pooled_cosine",
    "rank",
    "read_qrels",
    "read_queries",
    "read_token_vectors",
    "rebuild_collection",
    "reencode_passages",
    "report",
    "run_of",
    "sample_collection_folder",
    "similarity_matrix",
    "write_html",
    "write_image",
    "write_token_vectors",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("colbert-explain")
    if name in _RENAMED:
        from colbert_explain.deprecation import warn_renamed

        warn_renamed(f"colbert_explain.{name}", _RENAMED[name])
        return __getattr__(_RENAMED[name])
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value  # found without this function from now on
    return value


def _mimebundle(result: Any) -> dict[str, Any]:
    from colbert_explain import views

    return views.mimebundle(result)


display_hook.renderer = _mimebundle


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
