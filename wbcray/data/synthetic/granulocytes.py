"""Granulocytes: basophil, eosinophil and the neutrophil series from promyelocyte to segmented.

Diameters, nuclear shares and granule densities follow the ranges of hematological atlases, lobe
frequencies the attributes published for Acevedo_20.
"""

from dataclasses import replace

from wbcray.data.synthetic.morphology import Cytoplasm, Granules, Morphology, Nucleus

# dyes: nuclear, basophilic, pink, eosin granule, erythrocyte
_BASOPHILIC = Granules(
    per_um2=0.75, radius_um=0.42, dyes=(1.1, 0.25, 0.15, 0.0, 0.0), over_nucleus=True
)
_EOSINOPHILIC = Granules(per_um2=2.2, radius_um=0.36, dyes=(0.02, 0.0, 0.1, 1.1, 0.0))
_AZUROPHIL = Granules(
    per_um2=1.1, radius_um=0.22, dyes=(0.34, 0.1, 0.6, 0.0, 0.0), over_nucleus=True
)
_NEUTROPHILIC = Granules(per_um2=2.4, radius_um=0.15, dyes=(0.08, 0.0, 0.45, 0.0, 0.0))

BASOPHIL = Morphology(
    name="basophil",
    diameter_um=12.0,
    diameter_sd_um=1.2,
    nucleus=Nucleus(
        share=0.45,
        share_sd=0.06,
        pinch=0.8,
        lobes=(0.05, 0.5, 0.45, 0.0, 0.0),
        lobe_spacing=1.45,
        warp=0.09,
        grain_um=0.8,
        density=0.72,
        clumping=0.18,
    ),
    cytoplasm=Cytoplasm(basophilic=0.15, pink=0.25),
    granules=(_BASOPHILIC,),
    outline=0.05,
    confused_with=("eosinophil", "promyelocyte"),
)
EOSINOPHIL = Morphology(
    name="eosinophil",
    diameter_um=13.5,
    diameter_sd_um=1.2,
    nucleus=Nucleus(
        share=0.34,
        share_sd=0.05,
        pinch=0.95,
        lobes=(0.10, 0.70, 0.20, 0.0, 0.0),
        lobe_spacing=1.85,
        grain_um=0.8,
        density=1.0,
        clumping=0.22,
    ),
    cytoplasm=Cytoplasm(basophilic=0.05, pink=0.35),
    granules=(_EOSINOPHILIC,),
    outline=0.03,
    confused_with=("neutrophil_segmented", "basophil"),
)
PROMYELOCYTE = Morphology(
    name="promyelocyte",
    diameter_um=17.2,
    diameter_sd_um=1.7,
    nucleus=Nucleus(
        share=0.60,
        share_sd=0.07,
        elongation=0.35,
        eccentricity=0.2,
        grain_um=0.40,
        density=0.82,
        clumping=0.12,
        nucleoli=2,
    ),
    cytoplasm=Cytoplasm(basophilic=0.60, pink=0.20, hof=0.55, vacuoles=0.02),
    granules=(_AZUROPHIL, replace(_NEUTROPHILIC, per_um2=0.0)),
    outline=0.05,
    confused_with=("myelocyte", "myeloblast"),
)
MYELOCYTE = Morphology(
    name="myelocyte",
    diameter_um=15.0,
    diameter_sd_um=1.5,
    nucleus=Nucleus(
        share=0.48,
        share_sd=0.06,
        elongation=0.45,
        half_angle=0.15,
        eccentricity=0.26,
        grain_um=0.60,
        density=0.92,
        clumping=0.18,
    ),
    cytoplasm=Cytoplasm(basophilic=0.30, pink=0.35, hof=0.2),
    granules=(replace(_AZUROPHIL, per_um2=0.15), replace(_NEUTROPHILIC, per_um2=2.2)),
    outline=0.05,
    confused_with=("metamyelocyte", "promyelocyte"),
)
METAMYELOCYTE = Morphology(
    name="metamyelocyte",
    diameter_um=14.0,
    diameter_sd_um=1.4,
    nucleus=Nucleus(
        share=0.42,
        share_sd=0.05,
        half_angle=1.0,
        eccentricity=0.14,
        grain_um=0.75,
        density=1.0,
        clumping=0.22,
    ),
    cytoplasm=Cytoplasm(basophilic=0.12, pink=0.38),
    granules=(replace(_AZUROPHIL, per_um2=0.0), _NEUTROPHILIC),
    outline=0.05,
    confused_with=("myelocyte", "neutrophil_banded"),
)
BANDED = Morphology(
    name="neutrophil_banded",
    diameter_um=13.5,
    diameter_sd_um=1.3,
    nucleus=Nucleus(
        share=0.34,
        share_sd=0.04,
        half_angle=1.95,
        pinch=0.1,
        lobes=(0.0, 0.3, 0.6, 0.1, 0.0),
        lobe_spacing=2.3,
        grain_um=0.85,
        density=1.05,
        clumping=0.22,
    ),
    cytoplasm=Cytoplasm(basophilic=0.05, pink=0.36, vacuoles=0.03),
    granules=(replace(_AZUROPHIL, per_um2=0.0), _NEUTROPHILIC),
    outline=0.06,
    confused_with=("neutrophil_segmented", "metamyelocyte"),
)
SEGMENTED = Morphology(
    name="neutrophil_segmented",
    diameter_um=13.2,
    diameter_sd_um=1.2,
    nucleus=Nucleus(
        share=0.32,
        share_sd=0.04,
        half_angle=2.0,
        pinch=1.0,
        lobes=(0.0, 0.25, 0.4, 0.27, 0.08),
        lobe_spacing=2.2,
        grain_um=0.85,
        density=1.1,
        clumping=0.22,
    ),
    cytoplasm=Cytoplasm(basophilic=0.04, pink=0.34, vacuoles=0.04),
    granules=(replace(_AZUROPHIL, per_um2=0.0), _NEUTROPHILIC),
    outline=0.06,
    confused_with=("neutrophil_banded", "eosinophil"),
)
