"""sRGB and CIELAB, a space in which equal distances look about equally large.

IEC 61966-2-1 (sRGB) and CIE 15 (CIELAB), both for daylight D65 and the 2 degree observer.
Differs from scikit-image: white is exactly the sum of the primaries, so that every grey has a and b
of zero, and not 0.005 beside it; the thresholds are the fractions of CIE 15.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

_RGB_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_PER_WHITE = [[entry / sum(row) for entry in row] for row in _RGB_TO_XYZ]
_BACK: list[list[float]] = torch.tensor(_PER_WHITE, dtype=torch.float64).inverse().tolist()

_LINEAR_CODED, _LINEAR_LIGHT = 0.04045, 0.0031308
"""Below these, the curve of sRGB is a straight line."""
_KNEE = 6 / 29
"""Below this, the cube root of CIELAB is a straight line."""
_SLOPE = 1 / (3 * _KNEE**2)
_OFFSET = 4 / 29


def rgb_to_lab(
    images: Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch 3 height width"]:
    """L from 0 (black) to 100 (white), a from green to red, b from blue to yellow.

        v = ((x + 0.055) / 1.055)^2.4,  or x / 12.92 up to x = 0.04045
        X, Y, Z = matrix v, each over its value for white
        f(t) = t^(1/3),  or t / (3 (6/29)^2) + 4/29 up to t = (6/29)^3
        L = 116 f(Y) - 16,  a = 500 (f(X) - f(Y)),  b = 200 (f(Y) - f(Z))

    Args:
        images: RGB in [0, 1], coded as in image files.

    Returns:
        CIELAB, every pixel by itself and alike in any batch, bit by bit.
    """
    coded = images.contiguous()
    curved = _power_((coded + 0.055).div_(1.055), 2.4)
    light = torch.where(coded > _LINEAR_CODED, curved, coded / 12.92)
    light = _product(_PER_WHITE, light, out=curved)
    roots = _power_(light.clamp(min=_KNEE**3), 1 / 3)
    roots = torch.where(light > _KNEE**3, roots, light.mul_(_SLOPE).add_(_OFFSET))
    x, y, z = roots.unbind(1)
    lightness, a, b = light.unbind(1)
    torch.mul(y, 116, out=lightness).sub_(16)
    torch.sub(x, y, out=a).mul_(500)
    torch.sub(y, z, out=b).mul_(200)
    return light


def lab_to_rgb(
    lab: Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch 3 height width"]:
    """The inverse of `rgb_to_lab`; what no screen can show is cut to [0, 1]."""
    roots = torch.empty_like(lab)
    lightness, a, b = lab.unbind(1)
    x, y, z = roots.unbind(1)
    torch.add(lightness, 16, out=y).div_(116)
    torch.div(a, 500, out=x).add_(y)
    torch.div(b, -200, out=z).add_(y)
    light = torch.where(roots > _KNEE, roots * roots * roots, (roots - _OFFSET).div_(_SLOPE))
    light = _product(_BACK, light, out=roots).clamp_(0, 1)
    curved = _power_(light.clamp(min=_LINEAR_LIGHT), 1 / 2.4).mul_(1.055).sub_(0.055)
    return torch.where(light > _LINEAR_LIGHT, curved, light.mul_(12.92)).clamp_(0, 1)


def _power_(base: Tensor, exponent: float) -> Tensor:
    """`base ** exponent` for base > 0, in the memory of `base`.

    By way of the logarithm: `pow` rounds the last few numbers of a tensor in another way than the
    others, so that an image would depend on its place in the batch.
    """
    return base.log_().mul_(exponent).exp_()


def _product(matrix: Sequence[Sequence[float]], planes: Tensor, *, out: Tensor) -> Tensor:
    """The matrix times the three channels of each pixel, written out for the same reason."""
    red, green, blue = planes.unbind(1)
    for row, channel in zip(matrix, out.unbind(1), strict=True):
        torch.mul(red, row[0], out=channel).add_(green * row[1]).add_(blue * row[2])
    return out
