"""The command `colbert-explain`. Commands import what they need, so --help is quick."""

import io
import sys

import typer

from colbert_explain.cli import (  # noqa: F401 (they add their commands)
    explain_commands,
    index_commands,
    search_commands,
    serve_commands,
)
from colbert_explain.cli.application import application


def main() -> None:
    """Run the command line.

    The exit status is 0 if it worked; 2 for wrong usage, and for texts, files and options that
    `explain`, `rank`, `index`, `rebuild`, `search`, `evaluate` and `audit` cannot take; 1 for a
    stated error of the other commands.
    """
    for stream in (sys.stdout, sys.stderr):  # a pipe's encoding may lack a sign of a sentence
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        application()
    except BrokenPipeError:  # `colbert-explain explain ... | head` has seen enough
        sys.stderr.close()
    except (ValueError, OSError, RuntimeError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error
