"""Commands for texts: explain a pair, rank documents, describe a checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

from colbert_explain.cli.application import application
from colbert_explain.cli.options import (
    A_FILE,
    DOCUMENT_LENGTH,
    INPUT_KIND,
    MODEL,
    NAME_COLUMN,
    QUERY_EXPANSION,
    REVISION,
    TEXT_COLUMN,
    InputKind,
    check_names_of_files,
    documents_in_arguments,
    file_to_write,
    save_text,
    usage_errors,
)


@application.command(
    epilog='Examples: colbert-explain explain "what do cats eat" "Cats eat fish."; '
    'colbert-explain explain "what do cats eat" article.txt --json cats.json --html cats.html; '
    'colbert-explain explain "what do cats eat" docs.csv --row 3'
)
def explain(
    query: Annotated[str, typer.Argument(help="The query.", show_default=False)],
    document: Annotated[
        str,
        typer.Argument(
            help=f"The document, or {A_FILE} that holds it, or - for standard input.",
            show_default=False,
        ),
    ],
    row: Annotated[
        int | None,
        typer.Option(
            min=1, help="Which document of a file with several, counted from 1.", show_default=False
        ),
    ] = None,
    json: Annotated[Path | None, file_to_write("Save the explanation to this file.")] = None,
    csv: Annotated[
        Path | None, file_to_write("Write the table of query tokens to this file.")
    ] = None,
    html: Annotated[
        Path | None,
        file_to_write("Write figures, texts and table to this page, which needs no network."),
    ] = None,
    text_column: Annotated[str | None, TEXT_COLUMN] = None,
    name_column: Annotated[str | None, NAME_COLUMN] = None,
    input_kind: Annotated[InputKind | None, INPUT_KIND] = None,
    model: Annotated[str | None, MODEL] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, QUERY_EXPANSION] = None,
) -> None:
    """Print what each query token adds to the score of a document, and which token it matched."""
    import colbert_explain as ce
    from colbert_explain.explanation.frames import result_csv
    from colbert_explain.views.text.plain_text import plain_text

    with usage_errors():
        check_names_of_files(json=json, csv=csv, html=html)
        found = documents_in_arguments([document], text_column, name_column, input_kind)
        text = _one_of(found, document, row)
        encoder = ce.load_encoder(
            model,
            revision=revision,
            document_length=document_length,
            query_expansion=query_expansion,
        )
        explanation = ce.explain(query, text, encoder)
        if json is not None:
            explanation.save(json)
        if csv is not None:
            save_text(csv, result_csv(explanation.to_frame()))
        if html is not None:
            ce.write_html(explanation, html)
        typer.echo(plain_text(explanation))


@application.command(
    epilog='Examples: colbert-explain rank "what do cats eat" "Cats eat fish." "Dogs bark."; '
    'colbert-explain rank "what do cats eat" articles/ docs.csv --csv ranking.csv; '
    'zcat collection.tsv.gz | colbert-explain rank "what do cats eat" - --input tsv'
)
def rank(
    query: Annotated[str, typer.Argument(help="The query.", show_default=False)],
    documents: Annotated[
        list[str],
        typer.Argument(
            help=f"The documents, or {A_FILE}, or a folder of them, or - for standard input.",
            show_default=False,
        ),
    ],
    json: Annotated[
        Path | None, file_to_write("Write the ranking with its texts to this file.")
    ] = None,
    csv: Annotated[
        Path | None, file_to_write("Write the table of the ranking to this file.")
    ] = None,
    html: Annotated[
        Path | None,
        file_to_write(
            "Write the ranking and the explanation of the best document to this page, which "
            "needs no network."
        ),
    ] = None,
    text_column: Annotated[str | None, TEXT_COLUMN] = None,
    name_column: Annotated[str | None, NAME_COLUMN] = None,
    input_kind: Annotated[InputKind | None, INPUT_KIND] = None,
    model: Annotated[str | None, MODEL] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, QUERY_EXPANSION] = None,
) -> None:
    """Rank documents for a query, and show why the first is above the second.

    A document that cannot be read is left out, and the reason is printed.
    """
    import colbert_explain as ce
    from colbert_explain.analysis import ranking_json
    from colbert_explain.explanation.frames import result_csv
    from colbert_explain.text.wording import one_line

    with usage_errors():
        check_names_of_files(json=json, csv=csv, html=html)
        found = documents_in_arguments(documents, text_column, name_column, input_kind)
        texts: dict[str, str] = {}
        for name, text in found:
            name, number = one_line(name), 1
            unique = name
            while unique in texts:
                unique = f"{name} ({(number := number + 1)})"
            texts[unique] = text
        encoder = ce.load_encoder(
            model,
            revision=revision,
            document_length=document_length,
            query_expansion=query_expansion,
        )
        ranking = ce.rank(query, texts, encoder)
        if ranking.unreadable:
            typer.echo(ranking.left_out(), err=True)
        frame = ranking.to_frame(pooled_cosine=True)
        if json is not None:
            save_text(json, ranking_json(ranking))
        if csv is not None:
            save_text(csv, result_csv(frame))
        if html is not None:
            ce.write_html(ranking, html)
        shown = frame.drop(columns="position")
        typer.echo(shown.to_string(index=False, float_format="{:.3f}".format))
        if len(ranking) > 1:
            first, second = (int(position) for position in ranking.order[:2])
            typer.echo(f"\n{ranking.contrast(first, second).sentence()}")
        typer.echo(ranking.query_embeddings.provenance.sentence())


def _one_of(found: list[tuple[str, str]], argument: str, row: int | None) -> str:
    if row is not None and row > len(found):
        raise ValueError(
            f"--row must be at most {len(found):,}, the number of documents in {argument}, "
            f"got {row:,}"
        )
    if row is None and len(found) > 1:
        raise ValueError(
            f"{argument} holds {len(found):,} documents, and explain takes one: choose one with "
            "--row, or use rank"
        )
    return found[(row or 1) - 1][1]


@application.command(
    epilog="Examples: colbert-explain doctor; colbert-explain doctor jinaai/jina-colbert-v1-en "
    "--document-length 8192; colbert-explain doctor ./my-checkpoint"
)
def doctor(
    model: Annotated[
        str | None,
        typer.Argument(
            help="Hub id or folder of a ColBERT checkpoint.", show_default="the bundled encoder"
        ),
    ] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, QUERY_EXPANSION] = None,
) -> None:
    """Print how a checkpoint reads texts, where each setting comes from, and what looks wrong."""
    import colbert_explain as ce

    encoder = ce.load_encoder(
        model, revision=revision, document_length=document_length, query_expansion=query_expansion
    )
    typer.echo(str(encoder.describe()))
