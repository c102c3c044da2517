"""Leukocytes with one compact nucleus, and two kinds often counted with them.

Erythroblasts are precursors of erythrocytes; a smudge cell is what a fragile leukocyte leaves.
Diameters and nuclear shares follow the ranges of hematological atlases.
"""

from wbcray.data.synthetic.morphology import Cytoplasm, Granules, Morphology, Nucleus

# dyes: nuclear, basophilic, pink, eosin granule, erythrocyte
_DUST = Granules(per_um2=0.7, radius_um=0.12, dyes=(0.05, 0.1, 0.3, 0.0, 0.0))

ERYTHROBLAST = Morphology(
    name="erythroblast",
    diameter_um=9.5,
    diameter_sd_um=1.2,
    nucleus=Nucleus(
        share=0.46,
        share_sd=0.10,
        eccentricity=0.1,
        grain_um=1.0,
        density=1.25,
        clumping=0.2,
        warp=0.03,
    ),
    cytoplasm=Cytoplasm(basophilic=0.45, pink=0.4),
    outline=0.04,
    confused_with=("lymphocyte_typical",),
)
MYELOBLAST = Morphology(
    name="myeloblast",
    diameter_um=15.0,
    diameter_sd_um=1.9,
    nucleus=Nucleus(
        share=0.78,
        share_sd=0.06,
        elongation=0.3,
        dent=0.06,
        eccentricity=0.08,
        grain_um=0.35,
        density=0.78,
        clumping=0.10,
        nucleoli=3,
    ),
    cytoplasm=Cytoplasm(basophilic=0.75, pink=0.05, vacuoles=0.03, rods=0.05),
    outline=0.07,
    confused_with=("monocyte", "lymphocyte_atypical", "promyelocyte"),
)
MONOCYTE = Morphology(
    name="monocyte",
    diameter_um=16.2,
    diameter_sd_um=1.7,
    nucleus=Nucleus(
        share=0.48,
        share_sd=0.07,
        half_angle=0.55,
        elongation=0.2,
        dent=0.42,
        warp=0.13,
        eccentricity=0.12,
        grain_um=0.55,
        density=0.78,
        clumping=0.24,
    ),
    cytoplasm=Cytoplasm(basophilic=0.42, pink=0.15, frost=0.22, vacuoles=0.46),
    granules=(_DUST,),
    outline=0.12,
    confused_with=("myeloblast", "lymphocyte_atypical"),
)
LYMPHOCYTE = Morphology(
    name="lymphocyte_typical",
    diameter_um=9.5,
    diameter_sd_um=1.2,
    nucleus=Nucleus(
        share=0.76,
        share_sd=0.08,
        elongation=0.1,
        dent=0.06,
        eccentricity=0.1,
        grain_um=0.9,
        density=1.12,
        clumping=0.22,
    ),
    cytoplasm=Cytoplasm(basophilic=0.55, pink=0.03),
    outline=0.06,
    confused_with=("lymphocyte_atypical", "erythroblast"),
)
ATYPICAL = Morphology(
    name="lymphocyte_atypical",
    diameter_um=14.0,
    diameter_sd_um=2.0,
    nucleus=Nucleus(
        share=0.55,
        share_sd=0.09,
        elongation=0.3,
        dent=0.22,
        warp=0.12,
        eccentricity=0.18,
        grain_um=0.65,
        density=0.95,
        clumping=0.18,
        nucleoli=1,
    ),
    cytoplasm=Cytoplasm(basophilic=0.7, pink=0.0, rim=0.6, vacuoles=0.10),
    outline=0.15,
    hugs=1.4,
    confused_with=("lymphocyte_typical", "monocyte"),
)
SMUDGE = Morphology(
    name="smudge_cell",
    diameter_um=15.5,
    diameter_sd_um=2.2,
    nucleus=Nucleus(
        share=0.97,
        share_sd=0.02,
        elongation=0.6,
        warp=0.38,
        eccentricity=0.0,
        grain_um=1.4,
        density=0.62,
        clumping=0.7,
        edge_um=1.6,
    ),
    cytoplasm=Cytoplasm(basophilic=0.0, pink=0.0),
    outline=0.30,
    confused_with=("lymphocyte_typical", "myeloblast"),
)
