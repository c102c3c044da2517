"""The 13 classes in their canonical order, and the maturation that joins five of them.

The order, and so the class id, is the one that published work on Matek_19, Acevedo_20 and INT_20
uses.
"""

from wbcray.data.synthetic.blend import blend
from wbcray.data.synthetic.granulocytes import (
    BANDED,
    BASOPHIL,
    EOSINOPHIL,
    METAMYELOCYTE,
    MYELOCYTE,
    PROMYELOCYTE,
    SEGMENTED,
)
from wbcray.data.synthetic.mononuclear import (
    ATYPICAL,
    ERYTHROBLAST,
    LYMPHOCYTE,
    MONOCYTE,
    MYELOBLAST,
    SMUDGE,
)
from wbcray.data.synthetic.morphology import Morphology

MORPHOLOGIES: tuple[Morphology, ...] = (
    BASOPHIL,
    EOSINOPHIL,
    ERYTHROBLAST,
    MYELOBLAST,
    PROMYELOCYTE,
    MYELOCYTE,
    METAMYELOCYTE,
    BANDED,
    SEGMENTED,
    MONOCYTE,
    LYMPHOCYTE,
    ATYPICAL,
    SMUDGE,
)
CLASSES: tuple[str, ...] = tuple(kind.name for kind in MORPHOLOGIES)

SERIES: tuple[Morphology, ...] = MORPHOLOGIES[4:9]
"""The granulocyte series: one continuous maturation that the labels cut into five."""

_BY_NAME = dict(zip(CLASSES, MORPHOLOGIES, strict=True))


def morphology(name: str) -> Morphology:
    """The class called `name`, which must be in `CLASSES`."""
    return _BY_NAME[name]


def at_maturity(maturity: float) -> Morphology:
    """The granulocyte at `maturity`, 0 for a young promyelocyte to 1 for an old neutrophil.

    Each fifth of the range is one class, typical in its middle; between two middles everything is
    mixed, so that neighbours shade into each other as they do under the microscope.
    """
    position = min(max(maturity * len(SERIES) - 0.5, 0.0), len(SERIES) - 1.0)
    lower = min(int(position), len(SERIES) - 2)
    return blend(SERIES[lower], SERIES[lower + 1], position - lower)


def maturity_range(name: str) -> tuple[float, float] | None:
    """The thresholds between which a granulocyte has this label; None outside the series."""
    names = [kind.name for kind in SERIES]
    if name not in names:
        return None
    width = 1 / len(SERIES)
    return names.index(name) * width, (names.index(name) + 1) * width
