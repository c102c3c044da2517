"""`wbcray data check`: what is wrong with the images."""

from typing import TYPE_CHECKING

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say, warn

if TYPE_CHECKING:
    from wbcray.core.sample import Catalog


def check(*, project: opt.Project = opt.DEFAULT_PROJECT, json: opt.Json = False) -> None:
    """Read every image and report the first that cannot be used."""
    from wbcray.core.project import load_project
    from wbcray.data.catalog import image_root, read_catalog
    from wbcray.data.images import decode

    described = load_project(project)
    catalog = read_catalog(described.folders, described.classes)
    for sample in catalog.samples:
        decode(
            image_root(described.folders[sample.domain]) / sample.path, size=described.image_size
        )
    if json:
        print_json({"images": len(catalog.samples), "unreadable": 0})
    else:
        say(f"{len(catalog.samples)} images can be read")
    remark_on_thin_classes(catalog, described.training.folds)


def remark_on_thin_classes(catalog: "Catalog", folds: int) -> None:
    """Warn of classes that some fold's validation part must miss."""
    from wbcray.data.folds import thin_classes

    for domain, label, images in thin_classes(catalog, folds):
        plural = "" if images == 1 else "s"
        warn(f"'{label}' has {images} image{plural} in '{domain}', fewer than {folds} folds")
