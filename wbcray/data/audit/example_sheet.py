"""A contact sheet: one image of every class and domain, as a PNG to look at."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from wbcray.core.errors import ResourceError
from wbcray.data.images import Pixels

_CELL, _MARGIN, _LABEL_WIDTH, _LINE = 96, 8, 150, 22
_PAPER, _INK, _SOFT = "white", "black", "gray"


def write_example_sheet(
    out: Path,
    classes: Sequence[str],
    domains: Sequence[str],
    images: Mapping[tuple[str, str], Pixels],
) -> None:
    """Classes as rows, domains as columns; `images` by domain and class, uint8 [size, size, 3].

    Raises:
        ResourceError: When `out` cannot be written.
    """
    step = _CELL + _MARGIN
    width = _LABEL_WIDTH + step * len(domains)
    sheet = Image.new("RGB", (width, _LINE + step * len(classes)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, domain in enumerate(domains):
        draw.text((_LABEL_WIDTH + step * column, _MARGIN // 2), domain, fill=_INK)
    for row, name in enumerate(classes):
        top = _LINE + step * row
        draw.text((_MARGIN, top + _CELL // 2), name, fill=_INK)
        for column, domain in enumerate(domains):
            place = (_LABEL_WIDTH + step * column, top)
            pixels = images.get((domain, name))
            if pixels is None:
                draw.text((place[0] + _MARGIN, top + _CELL // 2), "none", fill=_SOFT)
            else:
                picture = Image.fromarray(pixels).resize((_CELL, _CELL), Image.Resampling.BICUBIC)
                sheet.paste(picture, place)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(out, "PNG")
    except OSError as error:
        raise ResourceError(
            f"the contact sheet cannot be written: {error.strerror or error}",
            where=str(out),
            fix="give a file in a folder that you may write to, with --sheet",
        ) from error
