"""The application that the commands belong to."""

from importlib import metadata
from typing import Annotated

import typer

application = typer.Typer(
    name="colbert-explain",
    help="See exactly which token pairs make up the score of a late-interaction (ColBERT) model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"colbert-explain {metadata.version('colbert-explain')}")
        raise typer.Exit
    return wanted


@application.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that come before a command."""
