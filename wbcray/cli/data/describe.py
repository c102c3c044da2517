"""`wbcray data describe`: what there is."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say, warn
from wbcray.cli.data.check import remark_on_thin_classes

if TYPE_CHECKING:
    import pandas as pd

    from wbcray.core.sample import Catalog
    from wbcray.data.audit.overview import DomainOverview, Range
    from wbcray.data.layouts.reannotations import Agreement
    from wbcray.data.pixels import PixelStore

_CHANNELS = tuple(enumerate(("red", "green", "blue")))
_ABSENT = "absent"
_UNKNOWN = "-"


def describe(
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    sheet: Annotated[
        Path | None,
        typer.Option(help="PNG with an image of every class and domain.", show_default=False),
    ] = None,
    json: opt.Json = False,
) -> None:
    """Images by class and domain, sizes, colours, patients; decodes what is not yet decoded."""
    from wbcray.cli.progress import decoding
    from wbcray.core.project import load_project
    from wbcray.data.audit.overview import overview
    from wbcray.data.catalog import catalog_of, read_domain
    from wbcray.data.pixels import prepare, sources_of, view_of
    from wbcray.data.remarks import remarks

    described = load_project(project)
    readings = [read_domain(domain, described) for domain in described.domains]
    catalog = catalog_of(described, readings)
    with decoding() as on_progress:
        pixels = prepare(
            catalog,
            sources_of(described),
            view_of(described),
            described.cache,
            on_progress=on_progress,
        )
    facts = pixels.facts()
    domains = overview(described, catalog, readings, facts)
    if sheet is not None:
        _write_sheet(sheet, catalog, facts, pixels)
    if json:
        print_json(_as_json(catalog, domains, sheet))
        return
    _print(catalog, domains)
    for sentence in remarks(described, readings, catalog):
        warn(sentence)
    remark_on_thin_classes(catalog, described.training.folds)
    if sheet is not None:
        say(f"wrote {sheet}")


def _as_json(
    catalog: "Catalog", domains: "Sequence[DomainOverview]", sheet: Path | None
) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "images": len(catalog.samples),
        "counts": {one.name: one.counts for one in domains},
        "domains": [asdict(one) for one in domains],
        "sheet": None if sheet is None else str(sheet),
    }


def _print(catalog: "Catalog", domains: "Sequence[DomainOverview]") -> None:
    names = [one.name for one in domains]
    rows = [(label, *(_count(one, label) for one in domains)) for label in catalog.classes]
    if any(one.unlabelled for one in domains):
        rows.append(("no label", *(str(one.unlabelled) for one in domains)))
    rows.append(("all", *(str(one.images) for one in domains)))
    note = f"{_ABSENT}: no label of the data set means the class"
    shown = any(_ABSENT in row for row in rows)
    print_table("images", ("class", *names), rows, note=note if shown else "")
    facts = [
        ("width, px", *(_range(one.width) for one in domains)),
        ("height, px", *(_range(one.height) for one in domains)),
        *((f"mean {name}", *(_colour(one, k) for one in domains)) for k, name in _CHANNELS),
        ("patients", *(_UNKNOWN if one.patients is None else str(one.patients) for one in domains)),
        ("left out", *(str(sum(one.left_out.values())) for one in domains)),
    ]
    print_table("files", ("over images", *names), facts)
    agreements = [(one.name, *_agreement(reading)) for one in domains for reading in one.agreements]
    if agreements:
        print_table(
            "re-annotation", ("domain", "readings", "images", "agree", "Cohen's kappa"), agreements
        )


def _count(domain: "DomainOverview", label: str) -> str:
    if domain.unlabelled == domain.images:
        return _UNKNOWN
    images = domain.counts[label]
    return _ABSENT if images is None else str(images)


def _agreement(one: "Agreement") -> tuple[str, ...]:
    kappa = _UNKNOWN if one.kappa is None else f"{one.kappa:.2f}"
    return " and ".join(one.readings), str(one.images), f"{one.agree / one.images:.1%}", kappa


def _range(sizes: "Range") -> str:
    if sizes.least == sizes.most:
        return str(sizes.median)
    return f"{sizes.least} .. {sizes.median} .. {sizes.most}"


def _colour(domain: "DomainOverview", channel: int) -> str:
    return f"{domain.mean_rgb[channel]:.1f} ± {domain.sd_rgb[channel]:.1f}"


def _write_sheet(
    out: Path, catalog: "Catalog", facts: "pd.DataFrame", pixels: "PixelStore"
) -> None:
    import numpy as np

    from wbcray.data.audit.example_sheet import write_example_sheet
    from wbcray.data.audit.overview import examples

    places = examples(catalog, facts)
    images = pixels.gather(np.array(list(places.values()), dtype=np.int64))
    shown = dict(zip(places, images, strict=True))
    write_example_sheet(out, catalog.classes, catalog.domains, shown)
