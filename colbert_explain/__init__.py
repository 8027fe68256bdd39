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

if TYPE_CHECKING:  # to a type checker, a name is public that is imported "as" itself
    from colbert_explain.analysis import Contrast as Contrast
    from colbert_explain.analysis import Explanations as Explanations
    from colbert_explain.analysis import Ranking as Ranking
    from colbert_explain.analysis import RerankedDocuments as RerankedDocuments
    from colbert_explain.analysis import UnreadableDocument as UnreadableDocument
    from colbert_explain.analysis import contrast as contrast
    from colbert_explain.analysis import pooled_cosine as pooled_cosine
    from colbert_explain.analysis import rank as rank
    from colbert_explain.analysis.calibration import Calibration as Calibration
    from colbert_explain.analysis.calibration import calibrate as calibrate
    from colbert_explain.analysis.model_comparison import AlignedWord as AlignedWord
    from colbert_explain.analysis.model_comparison import ModelComparison as ModelComparison
    from colbert_explain.analysis.model_comparison import compare_models as compare_models
    from colbert_explain.analysis.occlusion import Occlusion as Occlusion
    from colbert_explain.analysis.occlusion import Side as Side
    from colbert_explain.analysis.occlusion import occlude as occlude
    from colbert_explain.analysis.passage_reencoding import ReencodedPassage as ReencodedPassage
    from colbert_explain.analysis.passage_reencoding import reencode_passages as reencode_passages
    from colbert_explain.app import AnswerKind as AnswerKind
    from colbert_explain.app import AuditPage as AuditPage
    from colbert_explain.app import Exercise as Exercise
    from colbert_explain.app import MaxSimStepper as MaxSimStepper
    from colbert_explain.app import RunButton as RunButton
    from colbert_explain.app import SearchPage as SearchPage
    from colbert_explain.app import Workbench as Workbench
    from colbert_explain.app import YourTurn as YourTurn
    from colbert_explain.embeddings import Encoder as Encoder
    from colbert_explain.embeddings import Progress as Progress
    from colbert_explain.embeddings import Provenance as Provenance
    from colbert_explain.embeddings import Reranker as Reranker
    from colbert_explain.embeddings import TokenEmbeddings as TokenEmbeddings
    from colbert_explain.encoders import CheckpointError as CheckpointError
    from colbert_explain.encoders import Description as Description
    from colbert_explain.encoders import Setting as Setting
    from colbert_explain.encoders import TextEncoder as TextEncoder
    from colbert_explain.encoders import load_encoder as load_encoder
    from colbert_explain.encoders.checkpoint.hub_cache import (
        cached_checkpoints as cached_checkpoints,
    )
    from colbert_explain.encoders.remote.connection import (
        EncoderServiceError as EncoderServiceError,
    )
    from colbert_explain.encoders.remote.jina import JinaEncoder as JinaEncoder
    from colbert_explain.encoders.remote.remote_error import RefusedTextError as RefusedTextError
    from colbert_explain.encoders.remote.remote_error import RemoteError as RemoteError
    from colbert_explain.encoders.remote.reranker import JinaReranker as JinaReranker
    from colbert_explain.encoders.remote.reranker import VllmReranker as VllmReranker
    from colbert_explain.encoders.remote.service_encoder import ServiceEncoder as ServiceEncoder
    from colbert_explain.encoders.remote.token_labels import TokenLabels as TokenLabels
    from colbert_explain.encoders.remote.vllm import VllmEncoder as VllmEncoder
    from colbert_explain.evaluation import Comparison as Comparison
    from colbert_explain.evaluation import Evaluation as Evaluation
    from colbert_explain.evaluation import FirstStageRecall as FirstStageRecall
    from colbert_explain.evaluation import Run as Run
    from colbert_explain.evaluation import evaluate as evaluate
    from colbert_explain.evaluation import first_stage_recall as first_stage_recall
    from colbert_explain.evaluation import read_qrels as read_qrels
    from colbert_explain.evaluation import read_queries as read_queries
    from colbert_explain.evaluation import run_of as run_of
    from colbert_explain.evaluation.audit import Audit as Audit
    from colbert_explain.evaluation.audit import AuditedQuery as AuditedQuery
    from colbert_explain.evaluation.audit import audit as audit
    from colbert_explain.explanation import CLOSE_CALL as CLOSE_CALL
    from colbert_explain.explanation import Explanation as Explanation
    from colbert_explain.explanation import Firmness as Firmness
    from colbert_explain.explanation import MatchKind as MatchKind
    from colbert_explain.explanation import Passage as Passage
    from colbert_explain.explanation import TokenMatch as TokenMatch
    from colbert_explain.explanation import Word as Word
    from colbert_explain.explanation import WordExplanation as WordExplanation
    from colbert_explain.explanation import WordMatch as WordMatch
    from colbert_explain.explanation import explain as explain
    from colbert_explain.explanation import explain_embeddings as explain_embeddings
    from colbert_explain.explanation import load_explanation as load_explanation
    from colbert_explain.library_settings import LibrarySettings as LibrarySettings
    from colbert_explain.operator_settings import OperatorSettings as OperatorSettings
    from colbert_explain.samples import Sample as Sample
    from colbert_explain.samples import load_samples as load_samples
    from colbert_explain.samples import sample_collection_folder as sample_collection_folder
    from colbert_explain.search import BuildEstimate as BuildEstimate
    from colbert_explain.search import Collection as Collection
    from colbert_explain.search import CollectionError as CollectionError
    from colbert_explain.search import CompressionName as CompressionName
    from colbert_explain.search import Document as Document
    from colbert_explain.search import EncodedDocument as EncodedDocument
    from colbert_explain.search import Engine as Engine
    from colbert_explain.search import FirstStage as FirstStage
    from colbert_explain.search import Found as Found
    from colbert_explain.search import Hits as Hits
    from colbert_explain.search import MetadataValue as MetadataValue
    from colbert_explain.search import OnUnreadable as OnUnreadable
    from colbert_explain.search import Where as Where
    from colbert_explain.search import (
        collection_from_token_vectors as collection_from_token_vectors,
    )
    from colbert_explain.search import open_collection as open_collection
    from colbert_explain.search import read_token_vectors as read_token_vectors
    from colbert_explain.search import rebuild_collection as rebuild_collection
    from colbert_explain.search import write_token_vectors as write_token_vectors
    from colbert_explain.similarity import TIE_TOLERANCE as TIE_TOLERANCE
    from colbert_explain.similarity import MaxSimResult as MaxSimResult
    from colbert_explain.similarity import maxsim as maxsim
    from colbert_explain.similarity import maxsim_scores as maxsim_scores
    from colbert_explain.similarity import similarity_matrix as similarity_matrix
    from colbert_explain.tokens import Role as Role
    from colbert_explain.tokens import Token as Token
    from colbert_explain.tokens import TokenSequence as TokenSequence
    from colbert_explain.views import Direction as Direction
    from colbert_explain.views import HighlightedText as HighlightedText
    from colbert_explain.views import Level as Level
    from colbert_explain.views import Order as Order
    from colbert_explain.views import PageTheme as PageTheme
    from colbert_explain.views import Rows as Rows
    from colbert_explain.views import Sort as Sort
    from colbert_explain.views import cause_chart as cause_chart
    from colbert_explain.views import compare_heatmaps as compare_heatmaps
    from colbert_explain.views import contrast_chart as contrast_chart
    from colbert_explain.views import contribution_chart as contribution_chart
    from colbert_explain.views import document_map as document_map
    from colbert_explain.views import heatmap as heatmap
    from colbert_explain.views import highlight as highlight
    from colbert_explain.views import report as report
    from colbert_explain.views import write_html as write_html
    from colbert_explain.views import write_image as write_image

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

if not TYPE_CHECKING:
    __all__ = sorted(_HOME_OF)


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
    return [*_HOME_OF, "__version__"]
