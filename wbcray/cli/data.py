"""`wbcray data`: look at the images before training on them."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say, warn
from wbcray.core.errors import unknown_name

if TYPE_CHECKING:
    from wbcray.core.project import Project
    from wbcray.core.sample import Catalog

app = typer.Typer(
    help="Describe, check and prepare images; make synthetic ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("describe")
def describe(*, project: opt.Project = opt.DEFAULT_PROJECT, json: opt.Json = False) -> None:
    """Count images by class and domain."""
    from wbcray.core.project import load_project

    described = load_project(project)
    catalog = _catalog(described)
    counts = Counter((sample.domain, sample.label) for sample in catalog.samples)
    if json:
        table = {d: {c: counts[d, c] for c in catalog.classes} for d in catalog.domains}
        print_json({"images": len(catalog.samples), "counts": table})
        return
    rows = [
        (name, *(str(counts[domain, name]) for domain in catalog.domains))
        for name in catalog.classes
    ]
    totals = (str(sum(counts[d, c] for c in catalog.classes)) for d in catalog.domains)
    print_table("images", ("class", *catalog.domains), [*rows, ("all", *totals)])
    _remark_on_thin_classes(catalog, described.training.folds)


@app.command("check")
def check(*, project: opt.Project = opt.DEFAULT_PROJECT, json: opt.Json = False) -> None:
    """Read every image and report the first that cannot be used."""
    from wbcray.core.project import load_project
    from wbcray.data.catalog import image_root
    from wbcray.data.images import decode

    described = load_project(project)
    catalog = _catalog(described)
    for sample in catalog.samples:
        decode(
            image_root(described.folders[sample.domain]) / sample.path, size=described.image_size
        )
    if json:
        print_json({"images": len(catalog.samples), "unreadable": 0})
    else:
        say(f"{len(catalog.samples)} images can be read")
    _remark_on_thin_classes(catalog, described.training.folds)


@app.command("prepare")
def prepare(*, project: opt.Project = opt.DEFAULT_PROJECT, json: opt.Json = False) -> None:
    """Decode all images once into the cache that trials share."""
    from wbcray.cli.progress import decoding
    from wbcray.core.project import load_project
    from wbcray.data.pixels import DomainSource, View
    from wbcray.data.pixels import prepare as prepare_pixels

    described = load_project(project)
    view = View(size=described.image_size, field_of_view_um=described.field_of_view)
    sources = {
        domain.name: DomainSource(root=domain.path, um_per_px=domain.um_per_px or 0.0)
        for domain in described.domains
    }
    catalog = _catalog(described)
    with decoding() as on_progress:
        pixels = prepare_pixels(catalog, sources, view, described.cache, on_progress=on_progress)
    if json:
        print_json({"images": len(catalog.samples), "fingerprint": pixels.fingerprint})
    else:
        say(f"{len(catalog.samples)} images in {described.cache}, fingerprint {pixels.fingerprint}")


@app.command("synth")
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


def _catalog(project: "Project") -> "Catalog":
    from wbcray.data.catalog import read_catalog

    return read_catalog(project.folders, project.classes)


def _remark_on_thin_classes(catalog: "Catalog", folds: int) -> None:
    from wbcray.data.folds import thin_classes

    for domain, label, images in thin_classes(catalog, folds):
        plural = "" if images == 1 else "s"
        warn(f"'{label}' has {images} image{plural} in '{domain}', fewer than {folds} folds")
