"""Gray world: channels are scaled until the mean colour of an image is grey.

Buchsbaum, "A spatial processor model for object colour perception", Journal of the Franklin
Institute 310, 1980, https://doi.org/10.1016/0016-0032%2880%2990058-7.
"""

from jaxtyping import Float
from torch import Tensor

_DARK = 1 / 255
"""Added to every mean, so that a channel that is black does not ask for an infinite gain."""


def gray_world(
    images: Float[Tensor, "batch 3 height width"], *, strength: float = 1.0
) -> Float[Tensor, "batch 3 height width"]:
    """Images whose three channels have the same mean.

    With m_c the mean of channel c over an image's pixels and m the mean of the three,

        x'_c = x_c ((m + e) / (m_c + e))^strength,  e = 1/255

    The mean of all numbers of the image stays, but for e and for what is cut.

    Args:
        images: RGB in [0, 1].
        strength: 0 leaves the image alone, 1 makes its mean grey.

    Returns:
        New images, cut to [0, 1]; a black image stays black.
    """
    means = images.contiguous().flatten(2).mean(dim=2) + _DARK
    red, green, blue = means.unbind(1)
    common = (red + green + blue) / 3
    gains = (common.unsqueeze(1) / means).log_().mul_(strength).exp_()
    return (images * gains[:, :, None, None]).clamp_(max=1)
