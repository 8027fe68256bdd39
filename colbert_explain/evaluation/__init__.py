"""How good a ranking is, and why a search fails: measures and audits."""

from colbert_explain.evaluation._evaluate import Evaluation, evaluate
from colbert_explain.evaluation.comparison import Comparison
from colbert_explain.evaluation.files import read_qrels, read_queries
from colbert_explain.evaluation.kept_by_first_stage import FirstStageRecall, first_stage_recall
from colbert_explain.evaluation.runs import Run
from colbert_explain.evaluation.searches import run_of

__all__ = [
    "Comparison",
    "Evaluation",
    "FirstStageRecall",
    "Run",
    "evaluate",
    "first_stage_recall",
    "read_qrels",
    "read_queries",
    "run_of",
]
