"""`wbcray demo`: the whole job on synthetic cells, in minutes, without any data."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import say
from wbcray.core.errors import RefusedError

DOMAINS = ("matek_like", "acevedo_like", "int_like")
_HELD_OUT = "int_like"
_MARK = ".wbcray-demo"
_METHODS = "erm,dann,coral,boda,boda_plus"


def demo(
    *,
    out: Annotated[Path, typer.Option(help="A new folder, or a demo's own.")] = Path("demo"),
    images: Annotated[int, typer.Option(min=100, help="Images per domain, about.")] = 300,
    trials: Annotated[int, typer.Option(min=1, help="Trials of the search.")] = 6,
    epochs: Annotated[int, typer.Option(min=1, help="Epochs per fold.")] = 3,
    deterministic: opt.Deterministic = False,
) -> int:
    """Draw three domains of cells, tune BoDA, compare the poster's methods, write a report."""
    from wbcray.cli.compare import compare
    from wbcray.cli.init import init
    from wbcray.cli.report import report
    from wbcray.cli.tune import tune

    _claim(out, {"images": images, "trials": trials, "epochs": epochs})
    project, page = out / "wbcray.yaml", out / "report.html"
    say("1/4 drawing three synthetic domains of white blood cells")
    cells = out / "cells"
    write_images(cells, DOMAINS, images=images, size=64, seed=0)
    init([cells], profile="laptop", classes_from_folders=True, out=project, force=True)
    say(f"2/4 tuning BoDA with {_HELD_OUT} held out")
    code = tune(
        method=["boda"],
        held_out=[_HELD_OUT],
        trials=trials,
        folds=3,
        epochs=epochs,
        project=project,
        deterministic=deterministic,
    )
    say("3/4 comparing the poster's five methods")
    code = max(
        code,
        compare(
            methods=[_METHODS],
            held_out=[_HELD_OUT],
            folds=3,
            epochs=epochs,
            project=project,
            deterministic=deterministic,
        ),
    )
    say("4/4 writing the report")
    report("main", out=page, project=project)
    say("done; these are synthetic cells. Browse the report:")
    say(f"  wbcray report {out / 'runs' / 'main'} -o {page} --open")
    return code


def _claim(out: Path, options: dict[str, int]) -> None:
    """Make sure that `out` is the demo's own, so that nobody's files are touched.

    Raises:
        RefusedError: For a folder with other things in it, or a demo with other options.
    """
    mark = out / _MARK
    if mark.exists():
        if json.loads(mark.read_text()) == options:
            return
        what = "the demo in this folder was made with other options"
    elif out.exists() and any(out.iterdir()):
        what = "the folder is not empty and not the demo's"
    else:
        out.mkdir(parents=True, exist_ok=True)
        mark.write_text(json.dumps(options))
        return
    raise RefusedError(what, where=str(out), fix="choose a new folder with --out, or remove it")


def write_images(
    out: Path, domains: Sequence[str], *, images: int, size: int, seed: int, floor: int = 6
) -> None:
    """Draw `images` per domain, long-tailed as in the real ones; classes missing as there."""
    from wbcray.data.synthetic.domains import DOMAINS as STYLES
    from wbcray.data.synthetic.write import scale_for, write_dataset

    scales = {name: scale_for(STYLES[name], images=images) for name in domains}
    write_dataset(
        out,
        domains=domains,
        seed=seed,
        scale=scales,
        floor=floor,
        size=size,
        workers=os.cpu_count() or 1,
    )
