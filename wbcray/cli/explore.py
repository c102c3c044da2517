"""`wbcray explore`: the results of a run in the browser, also while it is being made."""

import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import say
from wbcray.cli.runs import find_place

if TYPE_CHECKING:
    from wbcray.explorer.optuna_link import OptunaLink

_FRESH_SECONDS = 5.0
"""Between two looks at a bucket."""


def explore(
    run: opt.RunArgument = None,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0: any.")] = 8050,
    host: Annotated[
        str, typer.Option(help="The address to listen on; another than loopback asks for a token.")
    ] = "127.0.0.1",
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    optuna: Annotated[
        bool,
        typer.Option("--optuna", help="Serve optuna-dashboard, too: on loopback, read-only."),
    ] = False,
    project: opt.Project = opt.DEFAULT_PROJECT,
) -> None:
    """Show a run in the browser: every view, filters, live while a sweep runs; Ctrl-C ends it."""
    from wbcray.cli.interruption import Interruption
    from wbcray.explorer.dashboard.server import serve
    from wbcray.explorer.optuna_link import start_optuna_dashboard
    from wbcray.store.local_copy import kept_fresh

    place = find_place(run, project)

    def ready(address: str, searches: "OptunaLink | None") -> None:
        say(f"{place.name}: {address}")
        if searches is not None:
            say(f"its searches in optuna-dashboard, read-only: {searches.url}")
        say("Ctrl-C ends it; nothing is written into the run")
        if show:
            webbrowser.open(address)

    beside = start_optuna_dashboard if optuna else None
    with Interruption().heeded(), kept_fresh(place, seconds=_FRESH_SECONDS) as folder:
        serve(folder, host=host, port=port, ready=ready, beside=beside)
