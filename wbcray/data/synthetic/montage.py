"""All classes of all synthetic domains in one labelled picture, to be looked at."""

from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from wbcray.data.synthetic.classes import CLASSES
from wbcray.data.synthetic.domains import DOMAINS
from wbcray.data.synthetic.latents import draw_latents
from wbcray.data.synthetic.render import render
from wbcray.data.synthetic.style import DomainStyle

GAP = 2
LABEL_WIDTH = 92
LABEL_HEIGHT = 32
FONT_SIZE = 12
PAPER = (255, 255, 255)
INK = (30, 30, 30)
ABSENT = (242, 242, 242)


def montage(
    styles: Sequence[DomainStyle] = tuple(DOMAINS.values()),
    *,
    rows: int = 2,
    tile: int = 96,
    seed: int = 0,
) -> Image.Image:
    """A column for every class and `rows` rows for every domain, 25 um each tile.

    Tiles show the class that they are labelled as: wrong labels and the dark old acquisition, of
    which a data set has a few, are passed over. Classes that a domain lacks are left blank.

    Args:
        styles: Domains from top to bottom.
        rows: Examples of a class in a domain.
        tile: Pixels along the edge of an example.
        seed: Seed of the images.
    """
    step = tile + GAP
    size = (LABEL_WIDTH + len(CLASSES) * step, LABEL_HEIGHT + len(styles) * (rows * step + GAP))
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT_SIZE)
    for column, label in enumerate(CLASSES):
        middle = LABEL_WIDTH + column * step + tile // 2
        text = label.replace("_", "\n")
        pen.multiline_text((middle, LABEL_HEIGHT - GAP), text, INK, font, "md", 1, "center")
    for band, style in enumerate(styles):
        top = LABEL_HEIGHT + band * (rows * step + GAP)
        pen.text((GAP, top + rows * step // 2), style.name, INK, font, "lm")
        for column, label in enumerate(CLASSES):
            left = LABEL_WIDTH + column * step
            if label in style.classes:
                for row, index in enumerate(islice(_typical(style, label, seed), rows)):
                    example = render(style, label, seed=seed, index=index, size=tile)
                    sheet.paste(Image.fromarray(example), (left, top + row * step))
            else:
                box = (left, top, left + tile - 1, top + rows * step - GAP - 1)
                pen.rectangle(box, ABSENT)
    return sheet


def _typical(style: DomainStyle, label: str, seed: int) -> Iterator[int]:
    """Numbers of images that show what they are labelled as, in the usual light."""

    def shows_it(index: int) -> bool:
        latents = draw_latents(style, label, seed=seed, index=index)
        return latents.actual == label and not latents.dark

    return filter(shows_it, count())


def write_montage(path: Path, *, tile: int = 96, seed: int = 0) -> None:
    """Write the picture of all domains as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    montage(tile=tile, seed=seed).save(partial, format="PNG", optimize=True)
    partial.replace(path)
