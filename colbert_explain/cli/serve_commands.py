"""Commands that serve: the dashboards."""

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
