"""See which token pairs made a late-interaction model score a document as it did.

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
        UnreadableDocument,
        contrast,
        pooled_cosine,
        rank,
    )
    from colbert_explain.analysis.calibration import Calibration, calibrate
    from colbert_explain.analysis.occlusion import Occlusion, Side, occlude
    from colbert_explain.analysis.passage_reencoding import ReencodedPassage, reencode_passages
    from colbert_explain.app import AnswerKind, Exercise, MaxSimStepper, Workbench
    from colbert_explain.embeddings import Encoder, Progress, Provenance, TokenEmbeddings
    from colbert_explain.encoders import (
        CheckpointError,
        Description,
        Setting,
        TextEncoder,
        load_encoder,
    )
    from colbert_explain.encoders.checkpoint.hub_cache import cached_checkpoints
    from colbert_explain.encoders.remote.connection import EncoderServiceError
    from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
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
    from colbert_explain.samples import Sample, load_samples
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
    "app": ("AnswerKind", "Exercise", "MaxSimStepper", "Workbench"),
    "analysis.calibration": ("Calibration", "calibrate"),
    "embeddings": ("Encoder", "Progress", "Provenance", "TokenEmbeddings"),
    "encoders": ("CheckpointError", "Description", "Setting", "TextEncoder", "load_encoder"),
    "encoders.checkpoint.hub_cache": ("cached_checkpoints",),
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
    "analysis.occlusion": ("Occlusion", "Side", "occlude"),
    "operator_settings": ("OperatorSettings",),
    "analysis": (
        "Contrast",
        "Explanations",
        "Ranking",
        "UnreadableDocument",
        "contrast",
        "pooled_cosine",
        "rank",
    ),
    "analysis.passage_reencoding": ("ReencodedPassage", "reencode_passages"),
    "samples": ("Sample", "load_samples"),
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
    "AnswerKind",
    "Calibration",
    "CheckpointError",
    "Contrast",
    "Description",
    "Direction",
    "Encoder",
    "EncoderServiceError",
    "Exercise",
    "Explanation",
    "Explanations",
    "Firmness",
    "HighlightedText",
    "Level",
    "LibrarySettings",
    "MatchKind",
    "MaxSimResult",
    "MaxSimStepper",
    "Occlusion",
    "OperatorSettings",
    "Order",
    "PageTheme",
    "Passage",
    "Progress",
    "Provenance",
    "Ranking",
    "ReencodedPassage",
    "Role",
    "Rows",
    "Sample",
    "ServiceEncoder",
    "Setting",
    "Side",
    "Sort",
    "TextEncoder",
    "Token",
    "TokenEmbeddings",
    "TokenMatch",
    "TokenSequence",
    "UnreadableDocument",
    "Word",
    "WordExplanation",
    "WordMatch",
    "Workbench",
    "cached_checkpoints",
    "calibrate",
    "compare_heatmaps",
    "contrast",
    "contrast_chart",
    "contribution_chart",
    "document_map",
    "explain",
    "explain_embeddings",
    "heatmap",
    "highlight",
    "load_encoder",
    "load_explanation",
    "load_samples",
    "maxsim",
    "maxsim_scores",
    "occlude",
    "pooled_cosine",
    "rank",
    "reencode_passages",
    "report",
    "similarity_matrix",
    "write_html",
    "write_image",
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
