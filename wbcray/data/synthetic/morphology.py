"""What distinguishes one class of white blood cell from another, as numbers a painter can use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Granules:
    """One population of granules.

    Attributes:
        per_um2: Granules per square micrometre of the area they are in.
        radius_um: Radius of a granule.
        dyes: Amount of each dye in a granule, in the order of `stain.DYES`.
        over_nucleus: Whether they also lie over the nucleus.
    """

    per_um2: float
    radius_um: float
    dyes: tuple[float, float, float, float, float]
    over_nucleus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nucleus:
    """Shape and chromatin of a nucleus; lengths relative to a radius unless they end in `_um`.

    Attributes:
        share: Area of the nucleus over area of the whole leukocyte.
        share_sd: Its standard deviation between leukocytes.
        half_angle: Half the angle (rad) that its curved centre line spans: 0 is round, about 1 a
            kidney, about 2 a horseshoe.
        elongation: Straight part of the centre line in nuclear radii.
        pinch: 0 for even width, 1 for lobes that only threads connect.
        lobes: Probability of one lobe, two lobes, and so on.
        lobe_spacing: Distance of neighbouring lobes in lobe radii; below 2 they overlap.
        dent: Mean depth of a fold in nuclear radii; each nucleus has between 0 and twice this.
        warp: Irregularity of the outline.
        eccentricity: Distance from the middle in leukocyte radii.
        grain_um: Size of the chromatin clumps.
        density: Amount of nuclear dye.
        clumping: Contrast of the chromatin, 0 for none.
        nucleoli: Largest number of nucleoli.
        edge_um: Width of the nuclear border.
    """

    share: float
    share_sd: float
    half_angle: float = 0.0
    elongation: float = 0.0
    pinch: float = 0.0
    lobes: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 0.0)
    lobe_spacing: float = 2.1
    dent: float = 0.0
    warp: float = 0.05
    eccentricity: float = 0.05
    grain_um: float
    density: float
    clumping: float
    nucleoli: int = 0
    edge_um: float = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Cytoplasm:
    """Dye, texture and inclusions outside the nucleus.

    Attributes:
        basophilic: Amount of basophilic dye.
        pink: Amount of eosinophilic (pink) dye.
        frost: Contrast of the ground-glass texture.
        rim: Extra basophilic dye along the border.
        hof: Strength of the pale zone beside the nucleus.
        vacuoles: Probability that there are vacuoles.
        rods: Probability of an Auer rod.
    """

    basophilic: float
    pink: float
    frost: float = 0.08
    rim: float = 0.0
    hof: float = 0.0
    vacuoles: float = 0.0
    rods: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Morphology:
    """One class of white blood cell.

    Attributes:
        diameter_um: Mean diameter on a smear.
        diameter_sd_um: Its standard deviation between leukocytes.
        outline: Irregularity of the border.
        hugs: Expected number of erythrocytes that dent the border.
        confused_with: Classes that a wrong label of this class really shows.
    """

    name: str
    diameter_um: float
    diameter_sd_um: float
    nucleus: Nucleus
    cytoplasm: Cytoplasm
    granules: tuple[Granules, ...] = ()
    outline: float = 0.05
    hugs: float = 0.0
    confused_with: tuple[str, ...]
