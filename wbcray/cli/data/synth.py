"""`wbcray data synth`: synthetic white blood cells."""

from pathlib import Path
from typing import Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import say
from wbcray.core.errors import unknown_name


def synth(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write the domains into.")],
    *,
    images: Annotated[int, typer.Option(min=13, help="Images per domain, about.")] = 400,
    size: Annotated[int, typer.Option(min=32, max=512, help="Side of an image in pixels.")] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all images.")] = 0,
    domains: Annotated[
        list[str] | None, typer.Option(help="Which styles; default: the three of the demo.")
    ] = None,
) -> None:
    """Write synthetic white blood cells: labelled domains of drawn images."""
    from wbcray.cli.demo import DOMAINS, write_images
    from wbcray.data.synthetic.domains import DOMAINS as STYLES

    chosen = opt.names(domains) or DOMAINS
    for name in chosen:
        if name not in STYLES:
            raise unknown_name("style", name, STYLES, where="--domains")
    write_images(out, chosen, images=images, size=size, seed=seed)
    say(f"wrote {', '.join(chosen)} below {out}; next: wbcray init {out}")
