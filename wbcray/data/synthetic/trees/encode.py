"""One planned image as the bytes of its file."""

from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import UInt8
from PIL import Image

from wbcray.data.synthetic.platelets import NAME as PLATELET
from wbcray.data.synthetic.platelets import render_platelets
from wbcray.data.synthetic.render import render
from wbcray.data.synthetic.style import DomainStyle
from wbcray.data.synthetic.trees.plan import PlannedImage

Pixels = UInt8[npt.NDArray[Any], "height width 3"]

_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP"}
"""Everything else is written as TIFF, without compression as published ones are."""

JPEG_QUALITY = 90


def paint(style: DomainStyle, image: PlannedImage, *, seed: int) -> Pixels:
    """The picture at its scale: a square, of which the middle is kept where the file is none."""
    size = max(image.width, image.height)
    index, field_of_view = image.index, size / image.px_per_um
    if image.label == PLATELET:
        square = render_platelets(
            style, seed=seed, index=index, size=size, field_of_view_um=field_of_view
        )
    else:
        square = render(
            style, image.label, seed=seed, index=index, size=size, field_of_view_um=field_of_view
        )
    top, left = (size - image.height) // 2, (size - image.width) // 2
    return square[top : top + image.height, left : left + image.width]


def encode(pixels: Pixels, image: PlannedImage) -> bytes:
    """The bytes of the file: its format follows from its name, its colour mode from the plan."""
    picture = Image.fromarray(pixels)
    if image.mode == "RGBA":
        picture.putalpha(_opaque_inside(image))
        # what cannot be seen is black, as in published files
        picture = Image.composite(picture, Image.new("RGBA", picture.size), picture.getchannel("A"))
    elif image.mode == "CMYK":
        picture = picture.convert("CMYK")
    file = BytesIO()
    kind = _FORMATS.get(PurePosixPath(image.path).suffix.lower(), "TIFF")
    if kind == "JPEG":
        picture.save(file, format=kind, quality=JPEG_QUALITY)
    else:
        picture.save(file, format=kind)
    return file.getvalue()


def _opaque_inside(image: PlannedImage) -> Image.Image:
    """The alpha channel: 255 but for the border."""
    alpha = np.zeros((image.height, image.width), dtype=np.uint8)
    edge = image.border
    alpha[edge : image.height - edge, edge : image.width - edge] = 255
    return Image.fromarray(alpha)
