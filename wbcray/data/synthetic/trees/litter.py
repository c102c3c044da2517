"""What a Mac leaves in an archive: no images, though some are named as if they were."""

from pathlib import PurePosixPath

from wbcray.data.synthetic.trees.plan import PartPlan

_APPLE_DOUBLE = bytes.fromhex("0005160700020000") + b"Mac OS X        " + bytes(56)
_DESKTOP_STORE = b"\x00\x00\x00\x01Bud1" + bytes(56)


def litter_of(plan: PartPlan) -> dict[str, bytes]:
    """Path, relative to the root -> content; three files for every folder with images."""
    first: dict[PurePosixPath, PurePosixPath] = {}
    for image in plan.images:
        path = PurePosixPath(image.path)
        first.setdefault(path.parent, path)
    found: dict[str, bytes] = {}
    for folder, path in first.items():
        found[str(folder / ".DS_Store")] = _DESKTOP_STORE
        found[str(folder / f".DS_169278{path.suffix}")] = _DESKTOP_STORE
        found[str("__MACOSX" / folder / f"._{path.name}")] = _APPLE_DOUBLE
    return found
