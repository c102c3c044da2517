"""Four domain styles after real ones, and everything between two of them.

Backgrounds, stain colours and numbers of images are measured on, or published for, Matek_19,
Acevedo_20, MLL23 (for INT_20) and Raabin-WBC; spreads are set so that the mean and standard
deviation of image colours meet the published ones.
"""

from dataclasses import replace

from wbcray.core.errors import UsageError, unknown_name
from wbcray.data.synthetic.blend import blend
from wbcray.data.synthetic.style import DomainStyle, Optics, Scene, SlideVariation, Stains

MATEK_LIKE = DomainStyle(
    name="matek_like",
    stream="matek_like",
    background=(236.0, 231.0, 230.0),
    stains=Stains(
        nuclear=(105.0, 14.0, 190.0),
        basophilic=(150.0, 140.0, 214.0),
        pink=(214.0, 170.0, 205.0),
        eosin=(206.0, 112.0, 142.0),
        erythrocyte=(203.0, 165.0, 186.0),
    ),
    slides=SlideVariation(
        count=200, batches=1, gain_sd=0.10, background_sd=9.0, hue_sd=6.0, leukaemic=0.5
    ),
    optics=Optics(blur_um=0.17, noise_sd=2.5, illumination_sd=0.05),
    scene=Scene(erythrocytes=0.95, neighbour=0.08),
    label_noise=0.02,
    priors=(79, 424, 78, 3268, 70, 42, 15, 109, 8484, 1815, 3937, 11, 15),
)

ACEVEDO_LIKE = DomainStyle(
    name="acevedo_like",
    stream="acevedo_like",
    background=(252.0, 226.0, 200.0),
    stains=Stains(
        nuclear=(80.0, 35.0, 137.0),
        basophilic=(165.0, 158.0, 182.0),
        pink=(220.0, 178.0, 172.0),
        eosin=(178.0, 92.0, 108.0),
        erythrocyte=(205.0, 167.0, 170.0),
    ),
    slides=SlideVariation(
        count=60, batches=1, gain_sd=0.06, background_sd=2.5, hue_sd=2.0, dark=0.017
    ),
    optics=Optics(blur_um=0.12, sharpen=0.8, noise_sd=1.5, illumination_sd=0.02),
    scene=Scene(erythrocytes=0.4, neighbour=0.03, haze=0.004),
    size_factor=1.05,
    label_noise=0.01,
    priors=(1168, 3067, 1499, 0, 592, 1137, 1015, 1633, 1646, 1370, 1164, 0, 0),
)

INT_LIKE = DomainStyle(
    name="int_like",
    stream="int_like",
    background=(224.0, 217.0, 229.0),
    stains=Stains(
        nuclear=(105.0, 45.0, 126.0),
        basophilic=(160.0, 166.0, 208.0),
        pink=(205.0, 160.0, 200.0),
        eosin=(158.0, 80.0, 128.0),
        erythrocyte=(182.0, 148.0, 187.0),
    ),
    slides=SlideVariation(
        count=120, batches=3, gain_sd=0.30, background_sd=24.0, hue_sd=7.0, size_sd=0.05
    ),
    optics=Optics(blur_um=0.22, noise_sd=2.0, illumination_sd=0.04),
    scene=Scene(erythrocytes=1.0, overlapping=0.6, crenated=0.25, neighbour=0.10, haze=0.012),
    label_noise=0.03,
    priors=(634, 2456, 2089, 8619, 752, 752, 495, 716, 7187, 2512, 5547, 213, 988),
)

EXTRA_LIKE = DomainStyle(
    name="extra_like",
    stream="extra_like",
    background=(214.0, 206.0, 176.0),
    stains=Stains(
        nuclear=(88.0, 60.0, 128.0),
        basophilic=(140.0, 150.0, 170.0),
        pink=(200.0, 150.0, 140.0),
        eosin=(190.0, 108.0, 84.0),
        erythrocyte=(190.0, 140.0, 118.0),
    ),
    slides=SlideVariation(count=20, batches=2, gain_sd=0.18, background_sd=12.0, hue_sd=4.0),
    optics=Optics(blur_um=0.34, noise_sd=5.0, illumination_sd=0.15, vignette=0.15),
    scene=Scene(erythrocytes=0.60, neighbour=0.10, offset_um=2.0, haze=0.015),
    size_factor=0.95,
    label_noise=0.03,
    # five coarse classes: all neutrophils count as segmented, all lymphocytes as typical
    priors=(301, 1066, 0, 0, 0, 0, 0, 0, 8891, 795, 3461, 0, 0),
)

DOMAINS: dict[str, DomainStyle] = {
    style.name: style for style in (MATEK_LIKE, ACEVEDO_LIKE, INT_LIKE, EXTRA_LIKE)
}


def domain_style(name: str) -> DomainStyle:
    """The style called `name`.

    Raises:
        UsageError: For a name that is not in `DOMAINS`.
    """
    if name not in DOMAINS:
        raise unknown_name("synthetic domain", name, DOMAINS)
    return DOMAINS[name]


def interpolate(first: DomainStyle, second: DomainStyle, severity: float) -> DomainStyle:
    """The style that is `first` at severity 0 and has the parameters of `second` at 1.

    It keeps the random stream of `first`, so that image for image the same leukocytes are seen
    at every severity and a curve over severities is not blurred by other draws.

    Raises:
        UsageError: For a severity outside 0 .. 1.
    """
    if not 0.0 <= severity <= 1.0:
        raise UsageError(
            f"severity {severity:g} is outside 0 .. 1",
            fix=f"0 is {first.name}, 1 is {second.name}",
        )
    name = f"{first.name}_to_{second.name}_{severity:.2f}"
    return replace(blend(first, second, severity), name=name, stream=first.stream)
