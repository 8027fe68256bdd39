"""Commands that serve: the dashboards, and encoders for other processes."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from colbert_explain.cli.application import application


@application.command(
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
            help="Name or address to listen on. If others can reach it, visitors need a token: "
            "COLBERT_EXPLAIN_TOKEN, or a generated one, which is printed.",
            show_default="this computer only",
        ),
    ] = None,
    base_url: Annotated[
        str, typer.Option(help="Path under which all pages are served, for use behind a proxy.")
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


@application.command(
    epilog="Examples: colbert-explain encoder; colbert-explain encoder --model ./my-checkpoint "
    "--host 0.0.0.0 --port 8000; colbert-explain encoder --socket /run/colbert/encoder.sock. "
    'Python uses it through ce.load_encoder("http://host:8000") or ce.load_encoder("unix:/path").'
)
def encoder(
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Hub id or folder of a ColBERT checkpoint to load at the start; may be repeated. "
            "The first is for clients that name no model.",
            show_default="the bundled encoder",
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Name or address to listen on. If others can reach it, clients need a token: "
            "COLBERT_EXPLAIN_ENCODER_TOKEN, or a generated one, which is printed.",
            show_default="this computer only",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port to use, 0 for any free one.", show_default="8000"
        ),
    ] = None,
    socket: Annotated[
        Path | None,
        typer.Option(help="Unix socket to listen on instead of a port.", show_default=False),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            help="Device that models are loaded onto, such as cpu or cuda:1.",
            show_default="the fastest one available",
        ),
    ] = None,
) -> None:
    """Serve encoders to other processes: one model in memory for many."""
    from colbert_explain.encoder_service.serve import serve as serve_encoders

    serve_encoders(
        model or (), host=host, port=port, socket=socket, device=device, announce=typer.echo
    )
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the libraries' own threads would take seconds to end
