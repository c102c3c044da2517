"""`wbcray submit`: run a command on a cluster, with this machine closed if need be."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wbcray.cli import compare, train, tune
from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say
from wbcray.core.errors import unknown_name

COMMANDS: dict[str, Callable[..., int]] = {
    "tune": tune.tune,
    "compare": compare.compare,
    "train": train.train,
}
"""What may be submitted: the commands that train."""
VARIABLE = "RAY_API_SERVER_ADDRESS"


def submit(
    command: Annotated[
        list[str],
        typer.Argument(metavar="COMMAND", help="tune, compare or train, with its options."),
    ],
    *,
    address: Annotated[
        str | None,
        typer.Option(
            help=f"The job server, http://HOST:8265. Default: ${VARIABLE}, else this machine's.",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where the project lies on the cluster. Default: the path of this folder.",
            show_default=False,
        ),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Show its output until it ends; Ctrl-C only looks away."),
    ] = False,
    insecure_cluster: opt.InsecureCluster = False,
    json: opt.Json = False,
) -> int:
    """Run a command on a cluster's head node, by way of Ray's job server."""
    _check_command(command)
    from wbcray.cluster.submission import DEFAULT_SERVER, JobServer, on_the_cluster

    words = on_the_cluster(command, str(folder or Path.cwd()))
    place = address or os.environ.get(VARIABLE) or DEFAULT_SERVER
    server = JobServer(place, insecure=insecure_cluster)
    taken = server.submit(words, folder=str(folder or Path.cwd()))
    if json:
        print_json({"job": taken.job, "server": taken.server, "entrypoint": taken.entrypoint})
    else:
        say(f"{taken.job} runs on {taken.server}: {taken.entrypoint}")
        say(f"follow: ray job logs --address {taken.server} {taken.job} --follow")
        say(f"stop:   ray job stop --address {taken.server} {taken.job}")
    return server.follow(taken.job, say=lambda text: print(text, end="")) if follow else 0


def _check_command(command: list[str]) -> None:
    """Refuse what the command itself would refuse, before a cluster is asked.

    Raises:
        UsageError: For another command; the parser's own errors come through.
    """
    name, *words = command
    if name not in COMMANDS:
        raise unknown_name("command for a cluster", name, COMMANDS, where="wbcray submit")
    parser = typer.Typer()
    for known, run in COMMANDS.items():
        parser.command(known)(run)
    found: dict[str, Any] = getattr(typer.main.get_command(parser), "commands", {})
    found[name].make_context(f"wbcray {name}", words)
