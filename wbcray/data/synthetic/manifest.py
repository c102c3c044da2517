"""`SYNTHETIC.json`: the mark by which every reader knows that images are synthetic, and which."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from wbcray.core.digest import digest
from wbcray.core.errors import RefusedError
from wbcray.data.synthetic.classes import MORPHOLOGIES
from wbcray.data.synthetic.render import GENERATOR_VERSION
from wbcray.data.synthetic.style import DomainStyle

FILE_NAME = "SYNTHETIC.json"


def style_digest(styles: Sequence[DomainStyle]) -> str:
    """16 hexadecimal digits that change with any parameter of these styles or of a class."""
    return digest(
        {
            "version": GENERATOR_VERSION,
            "styles": [asdict(style) for style in styles],
            "classes": [asdict(morphology) for morphology in MORPHOLOGIES],
        }
    )


def is_complete(out_dir: Path, recipe: dict[str, Any]) -> bool:
    """Whether `out_dir` already holds all images of `recipe`; False if it may be written to.

    Raises:
        RefusedError: If there is anything else in `out_dir`, which would be mixed or overwritten.
    """
    if not out_dir.exists() or not any(out_dir.iterdir()):
        return False
    found = read_manifest(out_dir)
    if found is not None and {**found, "complete": True} == {**recipe, "complete": True}:
        return bool(found["complete"])
    content = "other synthetic images" if found is not None else "files"
    raise RefusedError(
        f"there are already {content} in the folder",
        where=str(out_dir),
        fix="give a new folder, or delete this one",
    )


def read_manifest(out_dir: Path) -> dict[str, Any] | None:
    """The mark in `out_dir`, or None where there is none that can be read."""
    try:
        found = json.loads((out_dir / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "complete" in found else None


def shrink_of(folder: Path) -> int:
    """What the scale of the images in a folder was divided by; 1 for those that nobody shrank."""
    shrink = _mark_above(folder).get("shrink", 1)
    return shrink if isinstance(shrink, int) and shrink > 0 else 1


def px_per_um_of(folder: Path) -> float | None:
    """The scale of the images in a folder, in pixels per micrometre; None where no mark says it."""
    found = _mark_above(folder)
    size, micrometres = (found.get(key) for key in ("size", "field_of_view_um"))
    if isinstance(size, int) and isinstance(micrometres, int | float) and micrometres > 0:
        return size / micrometres if size > 0 else None
    return None


def _mark_above(folder: Path) -> dict[str, Any]:
    above = (folder.absolute(), *folder.absolute().parents)
    return next((mark for mark in map(read_manifest, above) if mark is not None), {})


def generators_of(root: Path, paths: Iterable[str]) -> frozenset[str]:
    """What drew these images, by the marks in any folder above them, however far up.

    Empty for real images. A generator is named with its version and the digest of its styles, so
    that results of two versions are told apart wherever they are shown.

    Args:
        root: Folder of a domain.
        paths: Its images, relative to that folder, with `/`.
    """
    folders = {root.absolute() / path.rpartition("/")[0] for path in paths} | {root.absolute()}
    above = {parent for folder in folders for parent in (folder, *folder.parents)}
    return frozenset(_name(folder) for folder in above if (folder / FILE_NAME).exists())


def _name(folder: Path) -> str:
    found = read_manifest(folder) or {}
    parts = (found.get("generator"), found.get("version"), found.get("style_digest"))
    return " ".join(str(part) for part in parts if part is not None) or "unknown generator"


def write_manifest(out_dir: Path, recipe: dict[str, Any], *, complete: bool) -> None:
    """Write the mark; it is there before the first image and complete after the last."""
    out_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(recipe | {"complete": complete}, indent=2, sort_keys=True)
    partial = out_dir / f".{FILE_NAME}.partial"
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(out_dir / FILE_NAME)
