"""`wbcray data prepare`: decode once, for all trials."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say, warn

if TYPE_CHECKING:
    from wbcray.data.prepared.pruning import Pruned

_VERIFY_HELP = "Hash every decoded pixel anew, also where nothing seems to have changed."
_PRUNE_HELP = (
    "Then remove from the cache what this project does not need as it stands, "
    "other projects' images included."
)


def prepare(
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    verify: Annotated[bool, typer.Option("--verify", help=_VERIFY_HELP)] = False,
    prune: Annotated[bool, typer.Option("--prune", help=_PRUNE_HELP)] = False,
    json: opt.Json = False,
) -> None:
    """Decode all images once into the cache that trials share; goes on where it was stopped."""
    from wbcray.cli.progress import decoding
    from wbcray.core.project import load_project
    from wbcray.data.catalog import catalog_of, read_domain
    from wbcray.data.pixels import prepare as prepare_pixels
    from wbcray.data.pixels import sources_of, view_of
    from wbcray.data.prepared.folder import verify as verify_folder
    from wbcray.data.prepared.pruning import prune as prune_cache

    described = load_project(project)
    readings = [read_domain(domain, described) for domain in described.domains]
    catalog = catalog_of(described, readings)
    wanted = (catalog, sources_of(described), view_of(described), described.cache)
    with decoding() as on_progress:
        pixels = prepare_pixels(*wanted, on_progress=on_progress)
    for part in pixels.parts if verify else ():
        verify_folder(part)
    keys = {pixels.fingerprint, *(reading.cleaning for reading in readings)}
    pruned = prune_cache(described.cache, pixels.folders, keys) if prune else None
    size = sum(file.stat().st_size for folder in pixels.folders for file in folder.iterdir())
    if json:
        found = {
            "images": len(catalog.samples),
            "fingerprint": pixels.fingerprint,
            "bytes": size,
            "verified": verify,
        }
        print_json(found | _pruned_json(pruned))
        return
    said = ", every pixel as it was written" if verify else ""
    say(
        f"{len(catalog.samples)} images in {described.cache}, {size / 1e6:.1f} MB, "
        f"fingerprint {pixels.fingerprint}{said}"
    )
    if pruned is not None:
        _say_pruned(pruned)


def _pruned_json(pruned: "Pruned | None") -> dict[str, Any]:
    if pruned is None:
        return {}
    return {
        "removed": [path.name for path in (*pruned.removed, *pruned.files)],
        "kept": [path.name for path in pruned.kept],
        "freed_bytes": pruned.freed_bytes,
    }


def _say_pruned(pruned: "Pruned") -> None:
    say(
        f"removed {len(pruned.removed)} folders and {len(pruned.files)} files, "
        f"{pruned.freed_bytes / 1e6:.1f} MB"
    )
    for path in pruned.kept:
        warn(f"{path.name} is kept: a process has it open or nobody can tell, or it is protected")
