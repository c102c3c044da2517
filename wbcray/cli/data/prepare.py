"""`wbcray data prepare`: decode once, for all trials."""

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say


def prepare(*, project: opt.Project = opt.DEFAULT_PROJECT, json: opt.Json = False) -> None:
    """Decode all images once into the cache that trials share."""
    from wbcray.cli.progress import decoding
    from wbcray.core.project import load_project
    from wbcray.data.catalog import read_catalog
    from wbcray.data.pixels import DomainSource, View
    from wbcray.data.pixels import prepare as prepare_pixels

    described = load_project(project)
    view = View(size=described.image_size, field_of_view_um=described.field_of_view)
    sources = {
        domain.name: DomainSource(root=domain.path, um_per_px=domain.um_per_px or 0.0)
        for domain in described.domains
    }
    catalog = read_catalog(described.folders, described.classes)
    with decoding() as on_progress:
        pixels = prepare_pixels(catalog, sources, view, described.cache, on_progress=on_progress)
    if json:
        print_json({"images": len(catalog.samples), "fingerprint": pixels.fingerprint})
    else:
        say(f"{len(catalog.samples)} images in {described.cache}, fingerprint {pixels.fingerprint}")
