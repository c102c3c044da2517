"""Dyes and light: amounts of dye become colours by the law of Beer and Lambert.

The light that passes is background * exp(-gain * sum over dyes of amount * optical density), so
undoing a stain (or changing it) is exactly possible, as it is with real slides.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float32, Float64

from wbcray.data.synthetic.grid import Dyes
from wbcray.data.synthetic.style import Colour, Stains

DYES: tuple[str, ...] = ("nuclear", "basophilic", "pink", "eosin", "erythrocyte")
NUCLEAR, BASOPHILIC, PINK, EOSIN, ERYTHROCYTE = range(len(DYES))


def optical_densities(
    stains: Stains, background: Colour, hues: Float64[npt.NDArray[Any], "dyes 3"]
) -> Float64[npt.NDArray[Any], "dyes 3"]:
    """Optical density of one unit of every dye in red, green and blue.

    Args:
        stains: The dyes' colours on `background`.
        background: The domain's background.
        hues: What to add to the colours.
    """
    colours = np.array([getattr(stains, dye) for dye in DYES]) + hues
    # no dye emits light, and none is blacker than the darkest nuclei of real slides
    visible = np.clip(colours, 4.0, np.array(background))
    return np.asarray(np.log(np.array(background) / visible))


def transmission(
    dyes: Dyes,
    densities: Float64[npt.NDArray[Any], "dyes 3"],
    *,
    gain: float,
) -> Float32[npt.NDArray[Any], "3 points points"]:
    """Share of the light that passes, in red, green and blue."""
    flat = dyes.reshape(len(dyes), -1)
    exponent = (-gain * densities.T).astype(np.float32) @ flat
    return np.exp(exponent, out=exponent).reshape(3, *dyes.shape[1:])
