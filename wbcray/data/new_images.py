"""Images that belong to no domain: files and folders as they are given, and their scale."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.errors import DataError, UsageError
from wbcray.data.folders import IMAGE_SUFFIXES, no_images
from wbcray.data.layouts.walk import walk_images


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImage:
    """A file, and the size of its pixels in micrometres, 0 where unknown."""

    path: Path
    um_per_px: float = 0.0


def find_images(given: Sequence[Path]) -> list[Path]:
    """Every file that is given, and every image below every folder that is given, each once.

    Hidden files and folders are left out.

    Raises:
        UsageError: For a path where there is neither a file nor a folder.
        DataError: For a folder without images, or with links to nowhere.
    """
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            folders = walk_images(path, IMAGE_SUFFIXES)
            below = [path / inside.path(name) for inside in folders for name in inside.names]
            if not below:
                raise no_images("the folder", path)
            found += below
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(
                "there is no such file or folder",
                where=str(path),
                fix="give image files, or folders that hold some",
            )
    return list(dict.fromkeys(found))


def with_scales(
    paths: Iterable[Path],
    sources: Mapping[str, tuple[Path, float]],
    *,
    um_per_px: float | None,
    field_of_view_um: float | None,
) -> list[NewImage]:
    """The images with the scale that is given, or that of the domain in whose folder they lie.

    Raises:
        DataError: Where a field of view in micrometres needs a scale that nobody gave.
    """
    roots = [(root.resolve(), scale) for root, scale in sources.values()]
    images = [
        NewImage(path=path, um_per_px=_scale(path, roots) if um_per_px is None else um_per_px)
        for path in paths
    ]
    unknown = [image.path for image in images if not image.um_per_px]
    if field_of_view_um is not None and unknown:
        raise DataError(
            f"how large a pixel is is not known of {len(unknown)} images, and the network looks at "
            f"{field_of_view_um:g} um",
            where=str(unknown[0]),
            fix="give --um-per-pixel, e.g. 0.0725 for 13.8 pixels per micrometre",
        )
    return images


def _scale(path: Path, roots: Iterable[tuple[Path, float]]) -> float:
    whole = path.resolve()
    return next((scale for root, scale in roots if whole.is_relative_to(root)), 0.0)
