"""Synthetic data sets on disk: `<domain>/<class>/<class>_<number>.png`, as real ones lie there.

The number is the `index` that `render` takes, so any image can be made again from its name.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from wbcray.core.errors import UsageError, unknown_name
from wbcray.data.synthetic.classes import CLASSES
from wbcray.data.synthetic.domains import domain_style
from wbcray.data.synthetic.manifest import is_complete, style_digest, write_manifest
from wbcray.data.synthetic.pieces import FIELD_OF_VIEW_UM, pieces_of, write_piece, write_pieces
from wbcray.data.synthetic.render import GENERATOR_VERSION
from wbcray.data.synthetic.style import DomainStyle


def counts_of(
    style: DomainStyle, *, scale: float, floor: int, classes: Sequence[str] | None = None
) -> dict[str, int]:
    """Images per class: `scale` times the real number, but at least `floor`.

    Args:
        style: The domain; classes that it does not have are left out.
        scale: Share of the real number of images.
        floor: Fewest images of a class; five folds need five.
        classes: Which classes to keep, all by default.

    Raises:
        UsageError: For a negative scale, a floor below 1 or a name that is no class.
    """
    if not (math.isfinite(scale) and scale >= 0):
        raise UsageError(f"scale {scale:g} is not a share", fix="give a number from 0 on")
    if floor < 1:
        raise UsageError(f"floor {floor} is below 1", fix="five folds need a floor of 5 or more")
    for name in classes or ():
        if name not in CLASSES:
            raise unknown_name("class", name, CLASSES)
    priors = zip(CLASSES, style.priors, strict=True)
    return {
        name: max(round(prior * scale), floor)
        for name, prior in priors
        if prior and (classes is None or name in classes)
    }


def scale_for(style: DomainStyle, *, images: int) -> float:
    """The scale at which the domain has about `images` images before the floor is laid."""
    return images / sum(style.priors)


def write_domain(  # noqa: PLR0913  # the options of `wbcray data synth`
    style: DomainStyle,
    out_dir: Path,
    *,
    seed: int,
    scale: float,
    floor: int = 4,
    size: int,
    classes: Sequence[str] | None = None,
    on_image: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """Write one domain as `<out_dir>/<class>/<class>_<number>.png`; images per class.

    Args:
        style: The domain.
        out_dir: Folder of the domain; images of the same name are replaced.
        seed: Seed of the data set.
        scale: Share of the real number of images, see `counts_of`.
        floor: Fewest images of a class.
        size: Pixels along an edge.
        classes: Which classes to write, all by default.
        on_image: Called with the number of images done and their total.

    Raises:
        UsageError: See `counts_of` and `render`.
    """
    counts = counts_of(style, scale=scale, floor=floor, classes=classes)
    total, done = sum(counts.values()), 0
    for piece in pieces_of(style, out_dir, counts, seed=seed, size=size):
        done += write_piece(piece)
        if on_image is not None:
            on_image(done, total)
    return counts


def write_dataset(  # noqa: PLR0913  # the options of `wbcray data synth`
    out_dir: Path,
    *,
    domains: Sequence[str],
    seed: int,
    scale: float | Mapping[str, float],
    floor: int,
    size: int,
    workers: int = 1,
    on_image: Callable[[int, int], None] | None = None,
) -> dict[str, dict[str, int]]:
    """Write several domains as `<out_dir>/<domain>/<class>/`; images per domain and class.

    `<out_dir>/SYNTHETIC.json` marks them as synthetic. Run again after an interruption with the
    same arguments, it writes them again; where all are there, it only returns their numbers.

    Args:
        out_dir: A new or empty folder.
        domains: Names in `DOMAINS`.
        seed: Seed of the data set.
        scale: Share of the real number of images, for all domains or by domain.
        floor: Fewest images of a class.
        size: Pixels along an edge.
        workers: Processes to share the work.
        on_image: Called with the number of images done and their total, now and then.

    Raises:
        UsageError: For an unknown or repeated domain, or see `counts_of` and `render`.
        RefusedError: If there is anything else in `out_dir`.
    """
    styles = _styles(domains)
    scales = {name: scale[name] if isinstance(scale, Mapping) else scale for name in domains}
    counts = {
        style.name: counts_of(style, scale=scales[style.name], floor=floor) for style in styles
    }
    recipe = {
        "generator": "wbcray",
        "version": GENERATOR_VERSION,
        "seed": seed,
        "scale": scales if isinstance(scale, Mapping) else scale,
        "floor": floor,
        "size": size,
        "field_of_view_um": FIELD_OF_VIEW_UM,
        "style_digest": style_digest(styles),
        "domains": counts,
    }
    if is_complete(out_dir, recipe):
        return counts
    write_manifest(out_dir, recipe, complete=False)
    pieces = [
        piece
        for style in styles
        for piece in pieces_of(
            style, out_dir / style.name, counts[style.name], seed=seed, size=size
        )
    ]
    write_pieces(pieces, workers=workers, on_image=on_image)
    write_manifest(out_dir, recipe, complete=True)
    return counts


def _styles(domains: Sequence[str]) -> list[DomainStyle]:
    if not domains or len(set(domains)) < len(domains):
        raise UsageError(
            f"'{', '.join(domains)}' are not one or more different domains",
            fix="name every domain once",
        )
    return [domain_style(name) for name in domains]
