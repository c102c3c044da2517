"""Write a data set of synthetic images in the file tree of a published one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no type hints

from wbcray.core.errors import UsageError, unknown_name
from wbcray.data.layouts.layout import Layout, Part
from wbcray.data.synthetic.manifest import is_complete, style_digest, write_manifest
from wbcray.data.synthetic.pieces import CHUNK, share_out
from wbcray.data.synthetic.render import GENERATOR_VERSION, SMALLEST_SIZE
from wbcray.data.synthetic.style import DomainStyle
from wbcray.data.synthetic.trees.encode import encode, paint
from wbcray.data.synthetic.trees.looks import oddities_of
from wbcray.data.synthetic.trees.plan import PartPlan, PlannedImage, counts_for, plan_part
from wbcray.data.synthetic.trees.sidecars import sidecars_of

WORTH_A_PROCESS = 4_000_000
"""Pixels that take longer to draw than a process takes to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRecipe:
    """Which images of a published data set are to be made.

    Attributes:
        layout: The data set.
        parts: Names of its parts, all where there are none.
        images: Images per part, about; the published proportions are kept.
        floor: Fewest images of a raw label.
        seed: Seed of all images.
        unpacked: How it was unpacked, where there are several ways; None for the usual one.
        shrink: What width, height and scale of the files are divided by; 1 for the real ones.
    """

    layout: Layout
    parts: tuple[str, ...] = ()
    images: int
    floor: int
    seed: int
    unpacked: str | None = None
    shrink: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TreePiece:
    """Images of one part, to be written below `root`."""

    root: Path
    style: DomainStyle
    images: tuple[PlannedImage, ...]
    seed: int


def write_tree(
    recipe: TreeRecipe,
    root: Path,
    *,
    workers: int = 1,
    on_image: Callable[[int, int], None] | None = None,
) -> dict[str, dict[str, int]]:
    """Write the data set below `root`; images per part and raw label.

    `SYNTHETIC.json` in `root` marks it as synthetic. Run again after an interruption with the
    same recipe, it writes what is missing; where all is there, it only returns the numbers.

    Args:
        recipe: Which images.
        root: A new or empty folder.
        workers: Processes to share the work, at most.
        on_image: Called with the number of images done and their total, now and then.

    Raises:
        UsageError: For an unknown part or way to unpack, or numbers that cannot be meant.
        RefusedError: If there is anything else in `root`.
    """
    plans = plan_tree(recipe)
    counts = {plan.part.name: dict(plan.counts) for plan in plans}
    mark = _mark(recipe, plans)
    if is_complete(root, mark):
        return counts
    write_manifest(root, mark, complete=False)
    pieces = [piece for plan in plans for piece in _pieces(plan, root, recipe.seed)]
    images = [image for plan in plans for image in plan.images]
    worth = sum(image.width * image.height for image in images) // WORTH_A_PROCESS
    share_out(
        write_tree_piece,
        pieces,
        total=len(images),
        workers=min(workers, worth),
        on_image=on_image,
    )
    for path, content in sidecars_of(recipe.layout, plans, root, seed=recipe.seed).items():
        _write(root / path, content)
    write_manifest(root, mark, complete=True)
    return counts


def plan_tree(recipe: TreeRecipe) -> list[PartPlan]:
    """Every file that `write_tree` makes, but for tables.

    Raises:
        UsageError: See `write_tree`.
    """
    check_recipe(recipe)
    layout, unpacked = recipe.layout, folders_of(recipe)
    return [
        plan_part(
            layout,
            part,
            counts=counts_for(layout, part, images=recipe.images, floor=recipe.floor),
            unpacked=unpacked,
            shrink=recipe.shrink,
        )
        for part in parts_of(recipe)
    ]


def parts_of(recipe: TreeRecipe) -> list[Part]:
    """The parts that are wanted.

    Raises:
        UsageError: For one that the data set does not have.
    """
    layout = recipe.layout
    return [layout.part(name) for name in recipe.parts] or list(layout.parts)


def folders_of(recipe: TreeRecipe) -> str | None:
    """The folders that a way to unpack has, None for those of the layout's own pattern.

    Raises:
        UsageError: For a way that is not known.
    """
    ways = oddities_of(recipe.layout).unpacked
    if recipe.unpacked is not None and recipe.unpacked not in ways:
        raise unknown_name(f"way to unpack {recipe.layout.name}", recipe.unpacked, ways)
    return ways[recipe.unpacked or next(iter(ways))] if ways else None


def check_recipe(recipe: TreeRecipe) -> None:
    """Nothing, for numbers that can be meant.

    Raises:
        UsageError: For fewer than one image, or files that would be too small to show anything.
    """
    if recipe.floor < 1 or recipe.images < 1:
        raise UsageError(
            f"{recipe.images} images with at least {recipe.floor} of each label are none",
            fix="give numbers from 1 on; five folds need a floor of 5",
        )
    formats = [recipe.layout.files_of(part) for part in recipe.layout.parts]
    smallest = min(min(files.width, files.height) for files in formats)
    if recipe.shrink < 1 or smallest // recipe.shrink < SMALLEST_SIZE:
        raise UsageError(
            f"files of {smallest} pixels cannot be shrunk by {recipe.shrink}",
            fix=f"give a number from 1 to {smallest // SMALLEST_SIZE}",
        )


def write_tree_piece(piece: TreePiece) -> int:
    """Render and write the images of `piece` that are not there yet; how many it has."""
    # the matrices are small: threads would wait for each other for most of the time
    with threadpool_limits(limits=1, user_api="blas"):
        for image in piece.images:
            path = piece.root / image.path
            if not (path.exists() and path.stat().st_size):
                _write(path, encode(paint(piece.style, image, seed=piece.seed), image))
    return len(piece.images)


def _mark(recipe: TreeRecipe, plans: Sequence[PartPlan]) -> dict[str, Any]:
    return {
        "generator": "wbcray",
        "version": GENERATOR_VERSION,
        "layout": recipe.layout.name,
        "unpacked": recipe.unpacked,
        "seed": recipe.seed,
        "shrink": recipe.shrink,
        "style_digest": style_digest([plan.style for plan in plans]),
        "parts": {plan.part.name: dict(plan.counts) for plan in plans},
    }


def _pieces(plan: PartPlan, root: Path, seed: int) -> Iterator[TreePiece]:
    for start in range(0, len(plan.images), CHUNK):
        images = plan.images[start : start + CHUNK]
        yield TreePiece(root=root, style=plan.style, images=images, seed=seed)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
