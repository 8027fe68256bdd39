"""Commands for searches of a collection: search, evaluate, audit."""

from __future__ import annotations

import json as json_module
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from colbert_explain.cli.application import application
from colbert_explain.cli.options import (
    DOCUMENT_LENGTH,
    MODEL,
    NAME,
    REVISION,
    check_names_of_files,
    file_to_write,
    save_text,
    usage_errors,
)
from colbert_explain.cli.search_arguments import (
    metadata_filter,
    pairs_in_file,
    queries_beside,
    refuse_options,
    two_places,
)

if TYPE_CHECKING:
    from colbert_explain.embeddings import Encoder
    from colbert_explain.evaluation import Comparison, Evaluation, Run
    from colbert_explain.evaluation.audit import Audit
    from colbert_explain.search import Collection

#: Lost queries whose sentences are printed.
_LINES = 20
_FirstStage = Literal["bm25", "pooled"]
_COLLECTION = typer.Argument(
    help="Folder of a collection, or the address of a Qdrant server.", show_default=False
)
_FIRST_STAGE = typer.Option(
    help="What chooses the documents that are scored.",
    show_default="all documents are scored",
)
_CANDIDATES = typer.Option(
    min=1, help="How many documents a first stage or a compressed index chooses."
)
_QUERIES = typer.Option(
    help="Queries: a .jsonl file, a .tsv file with id and text, or a BEIR folder.",
    show_default="queries.jsonl beside the judgments",
)
_QRELS = typer.Option(
    help="Judgments: TREC qrels, a BEIR .tsv file, or a BEIR folder.", show_default=False
)
_RUN = typer.Option(help="A run in TREC's format to use instead of a search.", show_default=False)
_JSON = file_to_write("Write the result to this file.")
_CSV = file_to_write("Write the table to this file.")
_HTML = file_to_write("Write a page that needs no network.")


@application.command(
    epilog='Examples: colbert-explain search my-collection "what do cats eat"; '
    'colbert-explain search my-collection "what do cats eat" -k 20 --first-stage bm25; '
    "colbert-explain search my-collection cats --where year=2020..2024 --html hits.html"
)
def search(
    collection: Annotated[str, _COLLECTION],
    query: Annotated[str, typer.Argument(help="The query.", show_default=False)],
    k: Annotated[int, typer.Option("-k", min=1, help="How many hits.")] = 10,
    first_stage: Annotated[_FirstStage | None, _FIRST_STAGE] = None,
    candidates: Annotated[int, _CANDIDATES] = 100,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="FIELD=VALUE, or FIELD=MIN..MAX: what the metadata must be; may be repeated.",
            show_default=False,
        ),
    ] = None,
    contrast: Annotated[
        str | None,
        typer.Option(
            help="Two places such as 1,7: why the first of these hits is above the other.",
            show_default="1,2",
        ),
    ] = None,
    name: Annotated[str | None, NAME] = None,
    json: Annotated[Path | None, _JSON] = None,
    csv: Annotated[Path | None, _CSV] = None,
    html: Annotated[Path | None, _HTML] = None,
    model: Annotated[str | None, MODEL] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
) -> None:
    """Search a collection, and print what each query word adds to the score of each hit."""
    import colbert_explain as ce
    from colbert_explain.explanation.frames import result_csv
    from colbert_explain.search.hits_json import hits_json
    from colbert_explain.views.html.collection_tables import hits_table
    from colbert_explain.views.html.result_tables import contrast_table

    with usage_errors():
        check_names_of_files(json=json, csv=csv, html=html)
        places = None if contrast is None else two_places(contrast, k)
        encoder = _encoder(model, revision, document_length)
        with ce.open_collection(collection, encoder, name=name) as opened:
            hits = opened.search(
                query,
                k,
                first_stage=first_stage,
                candidates=candidates,
                where=metadata_filter(where or []),
            )
            if json is not None:
                save_text(json, hits_json(hits))
            if csv is not None:
                save_text(csv, result_csv(hits.to_frame()))
            if html is not None:
                ce.write_html(hits, html)
            typer.echo(hits_table(hits).text())
            if places is not None:
                compared = contrast_table(hits.contrast(*places))
                typer.echo(f"\n{compared.text()}")


@application.command(
    epilog="Examples: colbert-explain evaluate my-collection --qrels beir-folder; "
    "colbert-explain evaluate my-collection --qrels qrels.txt --queries queries.tsv "
    "--first-stage bm25 --write-run bm25.run; "
    "colbert-explain evaluate --run mine.run --against bm25.run --qrels qrels.txt"
)
def evaluate(
    qrels: Annotated[Path, _QRELS],
    collection: Annotated[
        str | None,
        typer.Argument(
            help="Folder of a collection, or the address of a Qdrant server; or pass --run.",
            show_default=False,
        ),
    ] = None,
    queries: Annotated[Path | None, _QUERIES] = None,
    run: Annotated[Path | None, _RUN] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Another run in TREC's format, to compare with.", show_default=False),
    ] = None,
    measures: Annotated[
        str, typer.Option(help="Measures of ir-measures, separated by spaces.")
    ] = "nDCG@10 RR@10 R@100",
    k: Annotated[int, typer.Option("-k", min=1, help="Hits per query.")] = 100,
    first_stage: Annotated[_FirstStage | None, _FIRST_STAGE] = None,
    candidates: Annotated[int, _CANDIDATES] = 100,
    write_run: Annotated[Path | None, file_to_write("Write the run in TREC's format.")] = None,
    name: Annotated[str | None, NAME] = None,
    json: Annotated[Path | None, _JSON] = None,
    csv: Annotated[
        Path | None, file_to_write("Write the measures of each query to this file.")
    ] = None,
    html: Annotated[Path | None, _HTML] = None,
    model: Annotated[str | None, MODEL] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
) -> None:
    """Measure how good a search or a run is, and compare two."""
    import colbert_explain as ce
    from colbert_explain.explanation.frames import result_csv
    from colbert_explain.views.html.evaluation_tables import comparison_table, evaluation_table

    with usage_errors():
        check_names_of_files(json=json, csv=csv, html=html, write_run=write_run)
        if (collection is None) == (run is None):
            raise ValueError("either a collection or --run must be given, but not both")
        with ExitStack() as to_close:
            searched: Run | Collection
            if run is not None:
                refuse_options(
                    "for a run, which is not searched",
                    first_stage=first_stage,
                    name=name,
                    model=model,
                    revision=revision,
                    document_length=document_length,
                )
                searched = ce.Run.read(run)
            else:
                encoder = _encoder(model, revision, document_length)
                opened = ce.open_collection(str(collection), encoder, name=name)
                searched = to_close.enter_context(opened)
            asked = queries_beside(queries, qrels, needed=run is None)
            result = ce.evaluate(
                searched,
                asked,
                qrels,
                measures,
                first_stage=first_stage,
                candidates=candidates,
                k=k,
            )
            if write_run is not None:
                result.run.write(write_run)
            comparison: Comparison | None = None
            texts = [evaluation_table(result).text()]
            if against is not None:
                other = ce.evaluate(ce.Run.read(against), asked, qrels, measures)
                comparison = result.compare(other)
                texts.append(comparison_table(comparison).text())
            if json is not None:
                save_text(json, _measures_json(result, comparison))
            if csv is not None:
                save_text(csv, result_csv(result.per_query.reset_index()))
            if html is not None:
                ce.write_html(comparison or result, html)
            typer.echo("\n\n".join(texts))


@application.command(
    epilog="Examples: colbert-explain audit my-collection --qrels beir-folder --html audit.html; "
    "colbert-explain audit my-collection --qrels qrels.txt --queries queries.tsv --run mine.run; "
    "colbert-explain audit pairs.csv --csv audited.csv --workers 2 "
    "(a table with the columns query and document)"
)
def audit(
    audited: Annotated[
        str,
        typer.Argument(
            help="Folder of a collection or address of a Qdrant server; or a .csv, .tsv, .jsonl or "
            ".parquet file of pairs with the columns query and document.",
            show_default=False,
        ),
    ],
    qrels: Annotated[Path | None, _QRELS] = None,
    queries: Annotated[Path | None, _QUERIES] = None,
    run: Annotated[Path | None, _RUN] = None,
    k: Annotated[
        int,
        typer.Option("-k", min=1, help="A query is found if one of the first k is right."),
    ] = 10,
    first_stage: Annotated[_FirstStage | None, _FIRST_STAGE] = None,
    candidates: Annotated[int, _CANDIDATES] = 100,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of processes that audit pairs.", show_default="this process"
        ),
    ] = None,
    name: Annotated[str | None, NAME] = None,
    json: Annotated[Path | None, _JSON] = None,
    csv: Annotated[Path | None, _CSV] = None,
    html: Annotated[Path | None, _HTML] = None,
    model: Annotated[str | None, MODEL] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
) -> None:
    """Print why each lost query of a search is lost, or what the scores of many pairs consist of.

    Without --run the collection is searched for each query.
    """
    import colbert_explain as ce
    from colbert_explain.explanation.frames import naming_its_model, result_csv

    with usage_errors():
        check_names_of_files(json=json, csv=csv, html=html)
        encoder = _encoder(model, revision, document_length)
        if qrels is None:
            if html is not None:
                raise ValueError(
                    "--html must come with --qrels, because it shows lost queries: pass --qrels, "
                    "or use --csv for pairs"
                )
            refuse_options(
                "for pairs: pass --qrels for an audit of a search",
                queries=queries,
                run=run,
                first_stage=first_stage,
                name=name,
            )
            frame = ce.audit(pairs_in_file(audited), encoder or ce.load_encoder(), workers=workers)
            shown = frame[["score", "matched_words", "unmatched_words", "error"]].to_string()
        else:
            refuse_options("for a search: it is only for an audit of pairs", workers=workers)
            with ce.open_collection(audited, encoder, name=name) as collection:
                asked = ce.read_queries(queries_beside(queries, qrels, needed=True) or qrels)
                judged = ce.read_qrels(qrels)
                found = (
                    ce.Run.read(run)
                    if run is not None
                    else ce.run_of(
                        collection,
                        {id_: text for id_, text in asked.items() if id_ in judged},
                        k=max(k, 100),
                        first_stage=first_stage,
                        candidates=candidates,
                    )
                )
                result = ce.audit(
                    found,
                    asked,
                    judged,
                    collection,
                    k=k,
                    first_stage=first_stage,
                    candidates=candidates,
                )
                if html is not None:
                    ce.write_html(result, html)
                frame, shown = result.to_frame(), _audit_text(result)
        if json is not None:
            named = naming_its_model(frame.reset_index())
            save_text(json, named.to_json(orient="records", force_ascii=False, indent=1))
        if csv is not None:
            save_text(csv, result_csv(frame.reset_index()))
        typer.echo(shown)


def _encoder(
    model: str | None, revision: str | None, document_length: int | None
) -> Encoder | None:
    """Load the encoder that was named; None for the one of the collection."""
    import colbert_explain as ce

    if model is None and revision is None and document_length is None:
        return None
    return ce.load_encoder(model, revision=revision, document_length=document_length)


def _measures_json(result: Evaluation, comparison: Comparison | None) -> str:
    """Return measures as JSON: of all queries, of each, and the differences from another run."""
    from colbert_explain.explanation.frames import source_of

    content = {
        "run": result.run.name,
        "model": source_of(result.per_query) or None,
        "means": json_module.loads(result.means.to_json()),
        "queries": json_module.loads(result.per_query.to_json(orient="index")),
        "notes": list(result.notes),
    }
    if comparison is not None:
        content["against"] = {
            "run": comparison.names[1],
            "measures": json_module.loads(comparison.summary.to_json(orient="index")),
            "notes": list(comparison.notes),
        }
    return json_module.dumps(content, ensure_ascii=False, indent=1)


def _audit_text(audit: Audit) -> str:
    """Return the lost queries as a table, and below it what decides each of the first."""
    from colbert_explain.views.html.audit_table import audit_table

    if not audit.lost:
        smaller = " With a smaller -k, some may be." if audit.k > 1 else ""
        return f"No query is lost: {audit.summary()}.{smaller}"
    lines = [f"{lost.query_id}: {audit.sentence(lost.query_id)}" for lost in audit.lost[:_LINES]]
    return "\n".join([audit_table(audit).text(), "", *lines])
