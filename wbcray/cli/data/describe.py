"""`wbcray data describe`: what there is."""

from collections import Counter

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table
from wbcray.cli.data.check import remark_on_thin_classes


def describe(*, project: opt.Project = opt.DEFAULT_PROJECT, json: opt.Json = False) -> None:
    """Count images by class and domain."""
    from wbcray.core.project import load_project
    from wbcray.data.catalog import read_catalog

    described = load_project(project)
    catalog = read_catalog(described.folders, described.classes)
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
    remark_on_thin_classes(catalog, described.training.folds)
