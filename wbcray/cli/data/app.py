"""The group of commands `wbcray data`."""

import typer

from wbcray.cli.data.check import check
from wbcray.cli.data.describe import describe
from wbcray.cli.data.layouts import layouts
from wbcray.cli.data.prepare import prepare
from wbcray.cli.data.synth import synth
from wbcray.cli.data.unpack import unpack
from wbcray.cli.data.which import which

app = typer.Typer(
    help="Describe, check and prepare images; unpack and know published ones; make synthetic ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("describe")(describe)
app.command("check")(check)
app.command("prepare")(prepare)
app.command("unpack")(unpack)
app.command("which")(which)
app.command("layouts")(layouts)
app.command("synth")(synth)
