"""Copies of images as people and programs make them, and sets of images to copy."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance
from threadpoolctl import threadpool_limits

from wbcray.data.audit.signatures import sign
from wbcray.data.image_file import read_frame
from wbcray.data.synthetic.domains import DOMAINS
from wbcray.data.synthetic.render import render

SIZE = 64
LABELS = ("lymphocyte_typical", "neutrophil_segmented", "monocyte")
BESIDE = Path(__file__).resolve().parents[4] / "shared" / "real_wbc"
REAL = Path(os.environ.get("WBCRAY_REAL_WBC", BESIDE))


def square(path):
    """The middle of an image file."""
    image = read_frame(path).image
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def copied(image, rng):
    """A copy: turned, scaled by half to double, brightened, re-encoded, each more often than not.

    A copy that none of these befell is equal in every pixel.
    """
    if rng.random() < 0.6:
        turn = Image.Transpose(int(rng.integers(7)))
        image = image.transpose(turn)
    if rng.random() < 0.6:
        side = round(image.width * rng.choice([0.5, 0.75, 1.5, 2.0]))
        image = image.resize((side, side), Image.Resampling(int(rng.integers(1, 4))))
    if rng.random() < 0.3:
        image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.9, 1.1))
    if rng.random() < 0.7:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=int(rng.choice([30, 50, 70, 90])))
        image = Image.open(file)
    return image


def as_seen(image, size=SIZE):
    """As the network would see a square image."""
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0))


def signed(images):
    """Signatures of a list of uint8 [size, size, 3]."""
    return sign(np.stack(images), [image.tobytes().hex() for image in images])


def synthetic(number, size=80):
    """`number` synthetic white blood cells of confusable classes, each domain in turn."""
    styles = [DOMAINS[name] for name in sorted(DOMAINS)]
    pairs = [(style, label) for label in LABELS for style in styles]
    with threadpool_limits(1, user_api="blas"):
        drawn = [
            render(*pairs[index % len(pairs)], seed=5, index=index, size=size)
            for index in range(number)
        ]
    return [Image.fromarray(pixels) for pixels in drawn]


def real():
    """The real images, in order of their paths, and the paths."""
    paths = sorted(path for path in REAL.rglob("*") if path.suffix in {".png", ".jpg"})
    return [square(path) for path in paths], paths
