"""`wbcray data synth`: synthetic white blood cells."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import say, shown_path
from wbcray.core.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from wbcray.data.synthetic.trees.write import TreeRecipe

_LINE_EVERY_SECONDS = 15.0
_SIZE = 64


def synth(
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder to write into.", show_default=False),
    ] = None,
    layout: Annotated[
        list[str] | None,
        typer.Option(
            help="Published data sets whose file trees to write, e.g. matek_19.", show_default=False
        ),
    ] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(help="Parts of the one --layout; default: all.", show_default=False),
    ] = None,
    unpacked: Annotated[
        str | None,
        typer.Option(
            help="How the one --layout was unpacked: tcia, kaggle, flat.", show_default=False
        ),
    ] = None,
    shrink: Annotated[
        int, typer.Option(min=1, help="With --layout: divide the published size by this.")
    ] = 1,
    domains: Annotated[
        list[str] | None,
        typer.Option(help="Without --layout: styles; default: the three of the demo."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            min=32,
            max=512,
            help="Without --layout: side of an image in pixels; default: 64.",
            show_default=False,
        ),
    ] = None,
    images: Annotated[int, typer.Option(min=13, help="Images per domain, about.")] = 400,
    floor: Annotated[int, typer.Option(min=1, help="Fewest images of a class.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all images.")] = 0,
    montage: Annotated[
        Path | None,
        typer.Option(help="Also draw all classes of all styles into this PNG.", show_default=False),
    ] = None,
) -> None:
    """Write synthetic white blood cells: plain folders, or the trees of published data sets."""
    if out is None and montage is None:
        raise UsageError("neither --out nor --montage was given", where="--out", fix="give one")
    wanted = _Wanted(
        layouts=opt.names(layout),
        parts=opt.names(part),
        unpacked=unpacked,
        shrink=shrink,
        domains=opt.names(domains),
        size=size,
        images=images,
        floor=floor,
        seed=seed,
    )
    _check(wanted)
    if montage is not None:
        _draw_montage(montage, seed=seed)
    if out is None:
        return
    if wanted.layouts:
        _write_trees(out, wanted)
    else:
        _write_folders(out, wanted)
    say(f"next: wbcray init {shown_path(out)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The options that say which images."""

    layouts: tuple[str, ...]
    parts: tuple[str, ...]
    unpacked: str | None
    shrink: int
    domains: tuple[str, ...]
    size: int | None
    images: int
    floor: int
    seed: int


def _check(wanted: _Wanted) -> None:
    """Refuse options that contradict each other."""
    if wanted.layouts:
        for option, given in (("--domains", wanted.domains), ("--size", wanted.size)):
            if given:
                fix = "leave it out, or leave out --layout"
                raise UsageError(f"{option} is for plain folders", where=option, fix=fix)
    elif wanted.parts or wanted.unpacked or wanted.shrink > 1:
        raise UsageError(
            "--part, --unpacked and --shrink are about a published data set",
            where="--layout",
            fix="name it, e.g. --layout matek_19",
        )
    if len(wanted.layouts) > 1 and (wanted.parts or wanted.unpacked):
        raise UsageError(
            "--part and --unpacked do not say which of "
            f"{len(wanted.layouts)} data sets they are about",
            where="--layout",
            fix="call the command once for each data set",
        )


def _write_trees(out: Path, wanted: _Wanted) -> None:
    from wbcray.data.synthetic.trees.write import parts_of, write_tree

    for recipe in _recipes(wanted):
        folder, name = out / recipe.layout.name, recipe.layout.name
        with _drawing(name) as on_image:
            counts = write_tree(recipe, folder, workers=os.cpu_count() or 1, on_image=on_image)
        total = sum(sum(codes.values()) for codes in counts.values())
        say(f"{total} images in the layout of {name} below {shown_path(folder)}")
        for part in parts_of(recipe):
            if recipe.shrink > 1 and part.px_per_um is not None:
                scale = recipe.shrink / part.px_per_um
                say(
                    f"  they are shrunk: give `um_per_px: {scale:.4g}` for {name}, part {part.name}"
                )


def _recipes(wanted: _Wanted) -> "list[TreeRecipe]":
    """What is to be written; all of it can be, before the first file is."""
    from wbcray.data.layouts.load import load_layout
    from wbcray.data.synthetic.trees.write import TreeRecipe, check_recipe, folders_of, parts_of

    with _blaming("--layout"):
        layouts = [load_layout(name) for name in wanted.layouts]
    recipes = [
        TreeRecipe(
            layout=layout,
            parts=wanted.parts,
            unpacked=wanted.unpacked,
            images=wanted.images,
            floor=wanted.floor,
            seed=wanted.seed,
            shrink=wanted.shrink,
        )
        for layout in layouts
    ]
    for recipe in recipes:
        with _blaming("--part"):
            parts_of(recipe)
        with _blaming("--unpacked"):
            folders_of(recipe)
        with _blaming("--shrink"):
            check_recipe(recipe)
    return recipes


def _write_folders(out: Path, wanted: _Wanted) -> None:
    from wbcray.cli.demo import DOMAINS, write_images
    from wbcray.data.synthetic.domains import DOMAINS as STYLES

    chosen = wanted.domains or DOMAINS
    for name in chosen:
        if name not in STYLES:
            raise unknown_name("style", name, STYLES, where="--domains")
    write_images(
        out,
        chosen,
        images=wanted.images,
        floor=wanted.floor,
        size=wanted.size or _SIZE,
        seed=wanted.seed,
    )
    say(f"wrote {', '.join(chosen)} below {shown_path(out)}")


def _draw_montage(path: Path, *, seed: int) -> None:
    from wbcray.data.synthetic.montage import write_montage

    write_montage(path, seed=seed)
    say(f"all classes and styles are in {shown_path(path)}")


@contextmanager
def _blaming(option: str) -> Iterator[None]:
    """Errors that do not know where they come from come from `option`."""
    try:
        yield
    except UsageError as error:
        raise UsageError(error.what, where=error.where or option, fix=error.fix) from error


@contextmanager
def _drawing(name: str) -> Iterator[Callable[[int, int], None]]:
    """Reports the drawing of images, now and then."""
    said = time.monotonic()

    def on_image(done: int, images: int) -> None:
        nonlocal said
        if time.monotonic() - said > _LINE_EVERY_SECONDS:
            said = time.monotonic()
            say(f"drew {done} of {images} images of {name}")

    yield on_image
