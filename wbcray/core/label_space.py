"""The classes that labels of different data sets are brought to.

The order of the 13 classes, and so every class id, is the one that published work on Matek_19,
Acevedo_20 and INT_20 uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wbcray.core.errors import unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSpace:
    """A set of classes with fixed ids.

    Attributes:
        name: What `classes:` in `wbcray.yaml` calls it.
        classes: Class names; the place is the class id.
        of_canonical: The class here of each canonical class; those left out have none.
        aliases: Other spellings of classes here, in lower case with `_` between words.
    """

    name: str
    classes: tuple[str, ...]
    of_canonical: Mapping[str, str]
    aliases: Mapping[str, str]

    def resolve(self, label: str) -> str | None:
        """The class here that `label` means, whatever its spelling; None where there is none."""
        key = "_".join(label.strip().lower().replace("-", " ").replace("_", " ").split())
        if key in self.classes:
            return key
        if key in self.aliases:
            return self.aliases[key]
        return self.of_canonical.get(CANONICAL_ALIASES.get(key, key))


CANONICAL_CLASSES = (
    "basophil",
    "eosinophil",
    "erythroblast",
    "myeloblast",
    "promyelocyte",
    "myelocyte",
    "metamyelocyte",
    "neutrophil_banded",
    "neutrophil_segmented",
    "monocyte",
    "lymphocyte_typical",
    "lymphocyte_atypical",
    "smudge_cell",
)
COARSE_CLASSES = ("basophil", "eosinophil", "lymphocyte", "monocyte", "neutrophil")

CANONICAL_ALIASES: Mapping[str, str] = {
    "normoblast": "erythroblast",
    "neutrophil_band": "neutrophil_banded",
    "band_neutrophil": "neutrophil_banded",
    "banded_neutrophil": "neutrophil_banded",
    "neutrophil_segment": "neutrophil_segmented",
    "segmented_neutrophil": "neutrophil_segmented",
    "typical_lymphocyte": "lymphocyte_typical",
    "atypical_lymphocyte": "lymphocyte_atypical",
    "reactive_lymphocyte": "lymphocyte_atypical",
    "variant_lymphocyte": "lymphocyte_atypical",
    "lymphocyte_reactive": "lymphocyte_atypical",
    "smudge": "smudge_cell",
    "gumprecht_shadow": "smudge_cell",
}

CANONICAL = LabelSpace(
    name="canonical13",
    classes=CANONICAL_CLASSES,
    of_canonical={name: name for name in CANONICAL_CLASSES},
    aliases=CANONICAL_ALIASES,
)

COARSE = LabelSpace(
    name="coarse5",
    classes=COARSE_CLASSES,
    of_canonical={
        "basophil": "basophil",
        "eosinophil": "eosinophil",
        "lymphocyte_typical": "lymphocyte",
        "lymphocyte_atypical": "lymphocyte",
        "monocyte": "monocyte",
        "neutrophil_banded": "neutrophil",
        "neutrophil_segmented": "neutrophil",
    },
    aliases={
        "baso": "basophil",
        "eosi": "eosinophil",
        "eosino": "eosinophil",
        "lymp": "lymphocyte",
        "lympho": "lymphocyte",
        "mono": "monocyte",
        "neut": "neutrophil",
        "neutro": "neutrophil",
    },
)

LABEL_SPACES: Mapping[str, LabelSpace] = {space.name: space for space in (CANONICAL, COARSE)}


def label_space(name: str, *, where: str = "") -> LabelSpace:
    """The label space called `name`.

    Raises:
        UsageError: For another name.
    """
    if name not in LABEL_SPACES:
        raise unknown_name("label space", name, LABEL_SPACES, where=where)
    return LABEL_SPACES[name]
