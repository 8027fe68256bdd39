"""`evaluate`: how good a search is, according to judgments of relevance."""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from colbert_explain import argument_checks as check
from colbert_explain.analysis.model_comparison import model_names
from colbert_explain.display_hook import ShowsItself
from colbert_explain.embeddings import Progress, Provenance
from colbert_explain.evaluation.comparison import Comparison, compared
from colbert_explain.evaluation.files import Qrels, judgments_of, texts_of
from colbert_explain.evaluation.measures import aggregated, measures_named, scores_per_query
from colbert_explain.evaluation.runs import Run
from colbert_explain.evaluation.searches import run_of
from colbert_explain.search import Collection
from colbert_explain.search.first_stage import FirstStage
from colbert_explain.text.wording import count, first_of, named

if TYPE_CHECKING:
    import pandas as pd

#: Ids that a note names.
_MOST_NAMED = 5


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Evaluation(ShowsItself):
    """Measures of a run, for each query and over all; `evaluate` makes one.

    Attributes
    ----------
    per_query
        A row for each query, by id, and a float64 column for each measure. If a collection was
        searched, ``attrs["provenance"]`` says what encoded it.
    means
        Each measure over all queries: the mean, or the sum for counts such as NumRet.
    run
        What was found.
    notes
        Sentences about what was not evaluated, and about ties.
    """

    per_query: pd.DataFrame
    means: pd.Series[float]
    run: Run
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        measured = ", ".join(f"{name} {value:.4f}" for name, value in self.means.items())
        queries = count(len(self.per_query), "query", "queries")
        return f"Evaluation({self.run.name!r}, {queries}: {measured})"

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the measures over all queries.

        Returns
        -------
        pandas.DataFrame
            A row for each measure, by name: ``mean``, as in `means`; ``standard_error``, that of a
            mean over queries, NaN for a single query; and ``n_queries``.
        """
        import pandas as pd

        n = len(self.per_query)
        errors = self.per_query.std(ddof=1) / n**0.5
        columns = {"mean": self.means, "standard_error": errors, "n_queries": float(n)}
        frame = pd.DataFrame(columns).rename_axis("measure").loc[list(self.means.index)]
        frame.attrs.update(self.per_query.attrs)
        return frame

    def compare(self, other: Evaluation) -> Comparison:
        """Compare with another evaluation, query by query.

        Only queries and measures that both have count; the notes name how many others there are.

        Raises a `ValueError` if they have none in common.
        """
        check.instance("other", other, Evaluation)
        names, measures = _names(self, other), list(self.means.index)
        return compared(self.per_query, other.per_query, names, measures)


def _names(*evaluations: Evaluation) -> tuple[str, str]:
    """Return the names of two runs; those of the same name are told apart by model, or numbered."""
    one, other = (evaluation.run.name for evaluation in evaluations)
    if one != other:
        return one, other
    models = [evaluation.per_query.attrs.get("provenance") for evaluation in evaluations]
    if None in models:
        return f"{one}, 1", f"{other}, 2"
    first, second = model_names([Provenance(**model) for model in models if model is not None])
    return f"{one} ({first})", f"{other} ({second})"


def evaluate(
    searched: Collection | Run,
    queries: Mapping[str, str] | str | Path | None,
    qrels: Mapping[str, Mapping[str, int]] | str | Path,
    measures: str | Iterable[str] = "nDCG@10 RR@10 R@100",
    *,
    first_stage: FirstStage | None = None,
    candidates: int = 100,
    k: int = 100,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure how good a search is.

    Only queries with judgments are evaluated, and searched for. A query for which nothing was found
    counts as 0. A document without a judgment is not relevant; one that the collection does not
    hold counts as not found. The notes of the result name such cases.

    Parameters
    ----------
    searched
        A collection, which is then searched, or a run.
    queries
        Query id to text, or what `read_queries` reads. For a run it may be None, for all queries
        with judgments.
    qrels
        Query id to document id to relevance, or what `read_qrels` reads.
    measures
        Names of measures in ir-measures, https://ir-measur.es, separated by spaces, or a list of
        names.
    first_stage, candidates, k, progress
        As for `run_of`; not used for a run. ``k`` limits what measures see.

    Raises
    ------
    ValueError
        If no query has both a text and a judgment, a file cannot be read, or a measure is unknown.

    Notes
    -----
    In a run that another program wrote, documents may have equal scores. For most measures,
    ir-measures uses the order of trec_eval, in which the id that comes later in the alphabet is
    first; for RR with a limit, such as RR@10, it uses that of MS MARCO's program, in which it is
    last.

    Examples
    --------
    >>> run = Run({"q1": {"a": 2.0, "b": 1.0}, "q2": {"c": 3.0}})
    >>> evaluate(run, None, {"q1": {"b": 1}, "q2": {"c": 1}}, "RR@10 R@1")
    Evaluation('run', 2 queries: RR@10 0.7500, R@1 0.5000)
    """
    import pandas as pd

    wanted = measures_named(measures)
    judged = judgments_of(qrels)
    texts = None if queries is None and isinstance(searched, Run) else texts_of(queries)
    asked = list(judged) if texts is None else [id_ for id_ in texts if id_ in judged]
    if not asked:
        raise ValueError(
            "queries and qrels must have at least one query id in common, but queries has "
            f"{_some(texts or ())}, qrels {_some(judged)}"
        )
    notes = []
    if texts is not None:
        notes += _missing("{} of the queries {} no judgment and {} not evaluated", texts, judged)
        notes += _missing("{} of the judged queries {} no text and {} not evaluated", judged, texts)
    if isinstance(searched, Collection):
        run = run_of(
            searched,
            {id_: texts[id_] for id_ in asked} if texts else {},
            k,
            first_stage=first_stage,
            candidates=candidates,
            progress=progress,
        )
        notes += _unknown_documents(searched, judged, asked)
    else:
        run = check.instance("searched", searched, Run, "or a Collection")
        notes += _missing(
            "{} of the run's queries {} no judgment and {} not evaluated", run.scores, judged
        )
    notes += [*run.notes, *_of_run(run, asked), *_never_relevant(judged, asked)]
    per_query = scores_per_query(wanted, judged, run.scores, asked)
    if isinstance(searched, Collection) and searched.provenance is not None:
        per_query.attrs["provenance"] = asdict(searched.provenance)
    means = pd.Series(aggregated(wanted, per_query), name="mean", dtype="float64")
    return Evaluation(per_query, means.rename_axis("measure"), run, tuple(notes))


def _some(ids: Iterable[str]) -> str:
    """Name a few ids in a sentence."""
    return ", ".join(first_of(list(map(named, ids)), _MOST_NAMED, "and {:,} more")) or "none"


def _missing(sentence: str, ids: Iterable[str], others: Names[str]) -> list[str]:
    """Return the note about ids that are not among others; none if all are."""
    found = [id_ for id_ in ids if id_ not in others]
    if not found:
        return []
    verbs = ("has", "is") if len(found) == 1 else ("have", "are")
    return [f"{sentence.format(f'{len(found):,}', *verbs)}: {_some(found)}."]


def _unknown_documents(collection: Collection, judged: Qrels, asked: Iterable[str]) -> list[str]:
    relevant = [id_ for query in asked for id_, grade in judged[query].items() if grade > 0]
    unknown = [id_ for id_ in dict.fromkeys(relevant) if id_ not in collection]
    if not unknown:
        return []
    subject = "A relevant document is" if len(unknown) == 1 else "Relevant documents are"
    return [f"{subject} not in the collection and cannot be found: {_some(unknown)}."]


def _of_run(run: Run, asked: Sequence[str]) -> list[str]:
    notes = []
    empty = [query for query in asked if not run.scores.get(query)]
    if empty:
        notes.append(f"Nothing was found for {_some(empty)}: counted as 0.")
    tied = set(run.queries_with_ties())
    tied_queries = [query for query in asked if query in tied]
    if tied_queries:
        notes.append(
            f"Documents have equal scores for {_some(tied_queries)}: most measures put the id that "
            "comes later in the alphabet first, RR with a limit puts it last."
        )
    return notes


def _never_relevant(judged: Qrels, asked: Iterable[str]) -> list[str]:
    found = [query for query in asked if max(judged[query].values()) <= 0]
    return [f"No document is relevant for {_some(found)}: counted as 0."] if found else []
