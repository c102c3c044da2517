"""What distinguishes one domain (laboratory, stain, scanner) from another."""

from dataclasses import dataclass

from wbcray.data.synthetic.classes import CLASSES

Colour = tuple[float, float, float]
"""Red, green, blue from 0 to 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stains:
    """The colour in which one unit of each dye appears on the domain's background."""

    nuclear: Colour
    basophilic: Colour
    pink: Colour
    eosin: Colour
    erythrocyte: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideVariation:
    """How slides (patients) of a domain differ.

    Attributes:
        count: Number of slides.
        batches: Staining batches that the slides come from; half of the variance is theirs.
        gain_sd: Standard deviation of the logarithm of the stain's strength.
        background_sd: Standard deviation of the background, in 8-bit steps.
        hue_sd: Standard deviation of every stain colour, in 8-bit steps.
        size_sd: Standard deviation of how far leukocytes spread out.
        confounding: Probability that an image comes from one of its class's own slides.
        leukaemic: Share of slides that all myeloblasts come from; 0 for no such rule.
        dark: Share of images from an old, dark acquisition.
    """

    count: int
    batches: int
    gain_sd: float
    background_sd: float
    hue_sd: float
    size_sd: float = 0.0
    confounding: float = 0.3
    leukaemic: float = 0.0
    dark: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Optics:
    """Microscope and camera.

    Attributes:
        blur_um: Standard deviation of the point spread.
        sharpen: Strength of the maker's sharpening (radius 0.25 um).
        noise_sd: Sensor noise in 8-bit steps.
        illumination_sd: Relative change of the light from the middle to an edge.
        vignette: Relative loss of light in the corners.
    """

    blur_um: float
    sharpen: float = 0.0
    noise_sd: float
    illumination_sd: float
    vignette: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What else is in the picture.

    Attributes:
        erythrocytes: Area of erythrocytes offered per area of free smear.
        overlapping: Probability that an erythrocyte may lie over another.
        crenated: Probability of a crenated erythrocyte.
        neighbour: Probability of a second leukocyte.
        platelets: Expected number of platelets.
        offset_um: Standard deviation of the leukocyte's place.
        haze: Relative unevenness of the dried plasma.
    """

    erythrocytes: float
    overlapping: float = 0.1
    crenated: float = 0.0
    neighbour: float
    platelets: float = 0.3
    offset_um: float = 0.6
    haze: float = 0.008


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainStyle:
    """One domain.

    Attributes:
        stream: Name of the random stream; styles that share it draw the same leukocytes.
        background: Colour of the empty smear.
        size_factor: How far leukocytes spread out, against `Morphology.diameter_um`.
        label_noise: Probability that an image shows another class than its label says.
        priors: Real number of images per class, in the order of `CLASSES`; 0 where missing.
    """

    name: str
    stream: str
    background: Colour
    stains: Stains
    slides: SlideVariation
    optics: Optics
    scene: Scene
    size_factor: float = 1.0
    label_noise: float
    priors: tuple[int, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that exist in this domain."""
        return tuple(name for name, n in zip(CLASSES, self.priors, strict=True) if n)

    @property
    def missing(self) -> tuple[str, ...]:
        """The classes that this domain has no image of."""
        return tuple(name for name, n in zip(CLASSES, self.priors, strict=True) if not n)
