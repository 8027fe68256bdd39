"""The command `colbert-explain`. Commands import what they need, so --help is quick."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="colbert-explain",
    help="See exactly which token pairs made a late-interaction (ColBERT) model score a document.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_MODEL = typer.Option(
    help="Hub id or folder of a ColBERT checkpoint.", show_default="the bundled encoder"
)
_REVISION = typer.Option(help="Branch, tag or commit on the hub.", show_default=False)
_DOCUMENT_LENGTH = typer.Option(
    min=1, help="Maximum number of tokens read of a document.", show_default="the checkpoint's own"
)
_QUERY_EXPANSION = typer.Option(
    "--query-expansion/--no-query-expansion",
    help="Whether queries are padded with scored tokens.",
    show_default="the checkpoint's own",
)
_A_FILE = "a .txt, .md, .csv, .tsv or .jsonl file"
_TEXT_COLUMN = typer.Option(
    help="Column of a table that holds the texts, by heading or by number from 1.",
    show_default="found by content",
)
_NAME_COLUMN = typer.Option(
    help="Column of a table that holds the names.", show_default="found by content"
)
_INPUT_KIND = typer.Option("--input", help="What standard input holds.", show_default="txt")


class _InputKind(StrEnum):
    """What standard input may hold, by the ending that a file would have."""

    txt = "txt"
    csv = "csv"
    tsv = "tsv"
    jsonl = "jsonl"


def _print_version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"colbert-explain {metadata.version('colbert-explain')}")
        raise typer.Exit
    return wanted


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(
    epilog='Examples: colbert-explain explain "what do cats eat" "Cats eat fish."; '
    'colbert-explain explain "what do cats eat" article.txt --json cats.json --html cats.html; '
    'colbert-explain explain "what do cats eat" docs.csv --row 3'
)
def explain(
    query: Annotated[str, typer.Argument(help="The query.", show_default=False)],
    document: Annotated[
        str,
        typer.Argument(
            help=f"The document, or {_A_FILE} that holds it, or - for standard input.",
            show_default=False,
        ),
    ],
    row: Annotated[
        int | None,
        typer.Option(
            min=1, help="Which document of a file that holds several, from 1.", show_default=False
        ),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Save the explanation to this file.", show_default=False)
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="Write the table of query tokens to this file.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            help="Write figures, texts and table to this page, which needs no network.",
            show_default=False,
        ),
    ] = None,
    text_column: Annotated[str | None, _TEXT_COLUMN] = None,
    name_column: Annotated[str | None, _NAME_COLUMN] = None,
    input_kind: Annotated[_InputKind | None, _INPUT_KIND] = None,
    model: Annotated[str | None, _MODEL] = None,
    revision: Annotated[str | None, _REVISION] = None,
    document_length: Annotated[int | None, _DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, _QUERY_EXPANSION] = None,
) -> None:
    """Print what each query token adds to the score of a document, and which token it matched."""
    import colbert_explain as ce
    from colbert_explain.text_files import frame_as_csv
    from colbert_explain.views.text.plain_text import plain_text

    with _usage_errors():
        _check_names_of_files(json=json, csv=csv, html=html)
        found = _documents([document], text_column, name_column, input_kind)
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
            _write(csv, frame_as_csv(explanation.to_frame()))
        if html is not None:
            ce.write_html(explanation, html)
        typer.echo(plain_text(explanation))


@app.command(
    epilog='Examples: colbert-explain rank "what do cats eat" "Cats eat fish." "Dogs bark."; '
    'colbert-explain rank "what do cats eat" articles/ docs.csv --csv ranking.csv; '
    'zcat collection.tsv.gz | colbert-explain rank "what do cats eat" - --input tsv'
)
def rank(
    query: Annotated[str, typer.Argument(help="The query.", show_default=False)],
    documents: Annotated[
        list[str],
        typer.Argument(
            help=f"The documents, or {_A_FILE}, or a folder of them, or - for standard input.",
            show_default=False,
        ),
    ],
    json: Annotated[
        Path | None,
        typer.Option(help="Write the ranking with its texts to this file.", show_default=False),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="Write the table of the ranking to this file.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            help="Write the ranking and the explanation of the best document to this page, which "
            "needs no network.",
            show_default=False,
        ),
    ] = None,
    text_column: Annotated[str | None, _TEXT_COLUMN] = None,
    name_column: Annotated[str | None, _NAME_COLUMN] = None,
    input_kind: Annotated[_InputKind | None, _INPUT_KIND] = None,
    model: Annotated[str | None, _MODEL] = None,
    revision: Annotated[str | None, _REVISION] = None,
    document_length: Annotated[int | None, _DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, _QUERY_EXPANSION] = None,
) -> None:
    """Rank documents for a query, and say why the first is before the second.

    A document that cannot be read is left out; which one, and why, is said.
    """
    import colbert_explain as ce
    from colbert_explain.analysis import ranking_json
    from colbert_explain.text.wording import one_line
    from colbert_explain.text_files import frame_as_csv

    with _usage_errors():
        _check_names_of_files(json=json, csv=csv, html=html)
        found = _documents(documents, text_column, name_column, input_kind)
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
            _write(json, ranking_json(ranking))
        if csv is not None:
            _write(csv, frame_as_csv(frame))
        if html is not None:
            ce.write_html(ranking, html)
        shown = frame.drop(columns="position")
        typer.echo(shown.to_string(index=False, float_format="{:.3f}".format))
        if len(ranking) > 1:
            first, second = (int(position) for position in ranking.order[:2])
            typer.echo(f"\n{ranking.contrast(first, second).sentence()}")
        typer.echo(ranking.query_embeddings.provenance.sentence())


def _documents(
    arguments: list[str],
    text_column: str | None,
    name_column: str | None,
    input_kind: _InputKind | None,
) -> list[tuple[str, str]]:
    """Return names and texts of all documents; say on the error output how they were found."""
    from colbert_explain.text_files import ColumnChoice, documents_in_argument, kind_of

    if arguments.count("-") > 1:
        raise ValueError("standard input can be read only once, but - is given twice")
    if input_kind is not None and "-" not in arguments:
        raise ValueError("--input gives the format of standard input: pass - as a document")
    choice = ColumnChoice(text_column, name_column)
    found: list[tuple[str, str]] = []
    has_columns = False
    for argument in arguments:
        read = documents_in_argument(
            argument,
            sys.stdin.buffer.read,
            choice,
            kind=None if input_kind is None else kind_of(f"input.{input_kind}"),
        )
        for note in read.notes:
            typer.echo(note, err=True)
        found += read.documents
        has_columns = has_columns or read.has_columns
    if choice != ColumnChoice() and not has_columns:
        option = "--text-column" if text_column is not None else "--name-column"
        raise ValueError(
            f"{option} chooses a column of a table, but no document is a .csv, .tsv or .jsonl "
            "file; use --input to give the format of standard input"
        )
    return found


def _check_names_of_files(**paths: Path | None) -> None:
    for option, path in paths.items():
        if path == Path("-"):
            raise ValueError(f"--{option} must name a file to write, got -")


def _one_of(found: list[tuple[str, str]], argument: str, row: int | None) -> str:
    if row is not None and row > len(found):
        raise ValueError(
            f"--row must be at most {len(found):,}, the number of documents in {argument}"
        )
    if row is None and len(found) > 1:
        raise ValueError(
            f"{argument} holds {len(found):,} documents, and explain takes one: choose one with "
            "--row, or use rank"
        )
    return found[(row or 1) - 1][1]


def _write(path: Path, text: str) -> None:
    from colbert_explain.storage.atomic_write import write_whole

    write_whole(path, text.encode("utf-8"))


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Turn a stated error into one sentence and the exit status of wrong usage."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (ValueError, OSError, RuntimeError) as error:
        sentence = str(error)
        typer.echo(f"Error: {sentence}{'.' if '. ' in sentence else ''}", err=True)
        raise SystemExit(2) from error


@app.command(
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
    revision: Annotated[str | None, _REVISION] = None,
    document_length: Annotated[int | None, _DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, _QUERY_EXPANSION] = None,
) -> None:
    """Print how a checkpoint reads texts, which file says so, and what looks wrong with it."""
    import colbert_explain as ce

    encoder = ce.load_encoder(
        model, revision=revision, document_length=document_length, query_expansion=query_expansion
    )
    typer.echo(str(encoder.describe()))


@app.command(
    epilog="Examples: colbert-explain dashboard; colbert-explain dashboard workbench --port 9000; "
    "colbert-explain dashboard --host 0.0.0.0. What visitors may do is set by environment "
    "variables whose names begin with COLBERT_EXPLAIN_; docs/running_for_others.md lists them."
)
def dashboard(
    notebook: Annotated[
        str | None,
        typer.Argument(
            help="Dashboard to open, such as workbench; without it the page that lists them.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port to use, 0 for any free one.",
            show_default="8866 or the next free one",
        ),
    ] = None,
    browser: Annotated[
        bool,
        typer.Option(" /--no-browser", help="Only print the address.", show_default=False),
    ] = True,
    host: Annotated[
        str | None,
        typer.Option(
            help="Name or address to listen on. Beyond this computer visitors need a token: "
            "COLBERT_EXPLAIN_TOKEN, or one that is made and printed.",
            show_default="this computer only",
        ),
    ] = None,
    base_url: Annotated[
        str, typer.Option(help="Path below which all pages lie, for use behind a proxy.")
    ] = "/",
    token: Annotated[
        bool,
        typer.Option(
            " /--no-token",
            help="Require no token, because a proxy in front decides who has access.",
            show_default=False,
        ),
    ] = True,
) -> None:
    """Serve the notebooks as dashboards, and open them in a browser."""
    from colbert_explain.dashboard.serve import serve

    serve(
        notebook,
        port=port,
        open_browser=browser,
        host=host,
        base_url=base_url,
        ask_token=token,
    )


def main() -> None:
    """Run the command line.

    Exit status 0 if it worked; 2 for wrong usage, and for texts, files and options that `explain`
    and `rank` cannot take; 1 for a stated error of the other commands.
    """
    if sys.argv[1:2] == ["dashboard"]:
        from colbert_explain.dashboard.server_memory import use_the_system_allocator

        use_the_system_allocator()
    for stream in (sys.stdout, sys.stderr):  # a pipe's encoding may lack a sign of a sentence
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except BrokenPipeError:  # `colbert-explain explain ... | head` has seen enough
        sys.stderr.close()
    except (ValueError, OSError, RuntimeError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
