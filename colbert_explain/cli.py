"""The command `colbert-explain`. Commands import what they need, so --help is quick."""

import re
import sys
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
    min=1, help="Most tokens read of a document.", show_default="the checkpoint's own"
)
_QUERY_EXPANSION = typer.Option(
    "--query-expansion/--no-query-expansion",
    help="Whether queries are filled up with scored tokens.",
    show_default="the checkpoint's own",
)


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
    'colbert-explain explain "what do cats eat" article.txt --json cats.json --html cats.html'
)
def explain(
    query: Annotated[str, typer.Argument(help="The query.", show_default=False)],
    document: Annotated[
        str, typer.Argument(help="The document, or a text file that holds it.", show_default=False)
    ],
    json: Annotated[
        Path | None, typer.Option(help="Save the explanation to this file.", show_default=False)
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            help="Write figures, texts and table to this page, which needs no network.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[str | None, _MODEL] = None,
    revision: Annotated[str | None, _REVISION] = None,
    document_length: Annotated[int | None, _DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, _QUERY_EXPANSION] = None,
) -> None:
    """Print what each query token adds to the score of a document, and which token it matched."""
    import colbert_explain as ce
    from colbert_explain.views import plain_text

    text = _document_text(document)
    encoder = ce.load_encoder(
        model, revision=revision, document_length=document_length, query_expansion=query_expansion
    )
    explanation = ce.explain(query, text, encoder)
    if json is not None:
        explanation.save(json)
    if html is not None:
        ce.write_html(explanation, html)
    typer.echo(plain_text(explanation))


@app.command(
    epilog='Examples: colbert-explain rank "what do cats eat" "Cats eat fish." "Dogs bark."; '
    'colbert-explain rank "what do cats eat" articles/*.txt'
)
def rank(
    query: Annotated[str, typer.Argument(help="The query.", show_default=False)],
    documents: Annotated[
        list[str],
        typer.Argument(help="The documents, or text files, one document each.", show_default=False),
    ],
    model: Annotated[str | None, _MODEL] = None,
    revision: Annotated[str | None, _REVISION] = None,
    document_length: Annotated[int | None, _DOCUMENT_LENGTH] = None,
    query_expansion: Annotated[bool | None, _QUERY_EXPANSION] = None,
) -> None:
    """Rank documents for a query, and say why the first is before the second."""
    import colbert_explain as ce
    from colbert_explain.tokens import one_line

    texts: dict[str, str] = {}
    for number, document in enumerate(documents, start=1):
        text = _document_text(document)
        name = one_line(document if text == document else Path(document).name)
        name = name if len(name) <= 50 else name[:49] + "…"
        texts[name if name not in texts else f"{name} ({number})"] = text
    encoder = ce.load_encoder(
        model, revision=revision, document_length=document_length, query_expansion=query_expansion
    )
    ranking = ce.rank(query, texts, encoder)
    frame = ranking.to_frame().drop(columns="position")
    typer.echo(frame.to_string(index=False, float_format="{:.3f}".format))
    if len(ranking) > 1:
        first, second = (int(position) for position in ranking.order[:2])
        typer.echo(f"\n{ranking.contrast(first, second).sentence()}")
    typer.echo(ranking.query_embeddings.provenance.sentence())


#: One word that ends as the name of a text file does.
_FILE_NAME = re.compile(r"\S+\.(txt|text|md|rst|html?|csv|tsv|jsonl?|log|pdf|docx?)", re.IGNORECASE)


def _document_text(document: str) -> str:
    """Read a file if there is one of that name; any other string is the document itself."""
    try:
        path = Path(document)
        if not path.is_file():
            if _FILE_NAME.fullmatch(document):
                typer.echo(f"There is no file {document}: read as the text itself.", err=True)
            return document
    except (OSError, ValueError):  # too long for a path, or with a NUL in it
        return document
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"document must be a text file in UTF-8, but {path} is not") from error


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
            help="Ask nobody for a token, because a proxy in front decides who may come in.",
            show_default=False,
        ),
    ] = True,
) -> None:
    """Serve the notebooks as dashboards, and open them in a browser."""
    from colbert_explain import dashboard_server

    dashboard_server.serve(
        notebook,
        port=port,
        open_browser=browser,
        host=host,
        base_url=base_url,
        ask_token=token,
    )


def main() -> None:
    """Run the command line: exit status 0 if it worked, 1 for a stated error, 2 for wrong usage."""
    if sys.argv[1:2] == ["dashboard"]:
        from colbert_explain.dashboard_server.server_memory import use_the_system_allocator

        use_the_system_allocator()
    try:
        app()
    except BrokenPipeError:  # `colbert-explain explain ... | head` has seen enough
        sys.stderr.close()
    except (ValueError, OSError, RuntimeError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
