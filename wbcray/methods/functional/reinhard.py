"""Colour transfer: every channel of CIELAB gets a given mean and a given standard deviation.

Reinhard, Ashikhmin, Gooch & Shirley, "Color Transfer between Images", IEEE Computer Graphics and
Applications 21(5), 2001, https://doi.org/10.1109/38.946629.
"""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from wbcray.methods.functional.colour_spaces import lab_to_rgb, rgb_to_lab

LEAST_DEVIATION = 5.0
"""Standard deviations are taken to be at least this large, so that the grain of an image without
contrast is not blown up; no blood image measured had less than 6."""


def reinhard(
    images: Float[Tensor, "batch 3 height width"],
    *,
    mean: Sequence[float],
    deviation: Sequence[float],
    strength: float = 1.0,
) -> Float[Tensor, "batch 3 height width"]:
    """Images with the given colours.

    With m and s the mean and standard deviation of a channel of CIELAB over an image's pixels,

        y = mean + (x - m) deviation / max(s, 5)
        x' = x + strength (y - x)

    Args:
        images: RGB in [0, 1].
        mean: What the mean of L, a and b is to become.
        deviation: What their standard deviation is to become.
        strength: Share of the way that is gone.

    Returns:
        New images, cut to [0, 1]; an image of one colour becomes `mean` everywhere.
    """
    lab = rgb_to_lab(images).flatten(2)
    own_mean = lab.mean(dim=2, keepdim=True)
    centred = lab - own_mean
    own_deviation = (centred * centred).mean(dim=2, keepdim=True).sqrt_()
    gain = lab.new_tensor(deviation).view(3, 1) / own_deviation.clamp_(min=LEAST_DEVIATION)
    shift = strength * (lab.new_tensor(mean).view(3, 1) - own_mean)
    moved = centred * (1 + strength * (gain - 1)) + (own_mean + shift)
    return lab_to_rgb(moved.view(images.shape))
