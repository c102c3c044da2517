"""What a hematologist knows of the classes: the order of maturation, and which mistakes are grave.

Names are those of `label_space.CANONICAL`; a run with other classes gets what it can match. The
stages of granulocytes are those of doi:10.2147/JIR.S284941, figure 1, and
doi:10.3389/fimmu.2021.766620, figure 2; names of classes follow the ICSH's recommendations (Palmer
et al. 2015, doi:10.1111/ijlh.12327). Costs are an assumption of ours, not of a guideline; they
stand beside every score that uses them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wbcray.core.label_space import CANONICAL

REPORT_ORDER = (
    *("myeloblast", "promyelocyte", "myelocyte", "metamyelocyte"),
    *("neutrophil_banded", "neutrophil_segmented", "eosinophil", "basophil", "monocyte"),
    *("lymphocyte_typical", "lymphocyte_atypical", "erythroblast", "smudge_cell"),
)
"""Classes by lineage and, within neutrophils, by maturation, so that neighbours stand together."""

CHAIN = REPORT_ORDER[1:6]
"""Stages whose borders are drawn by convention, as nuclei indent and lobes part by degrees.

The myeloblast before them is no part of it: to take a blast for a promyelocyte, or the reverse,
changes what is reported, however near the two are.
"""

BENIGN = frozenset(
    {
        *("neutrophil_banded", "neutrophil_segmented", "eosinophil", "basophil", "monocyte"),
        *("lymphocyte_typical", "smudge_cell"),
    }
)
"""Classes of which nobody would be told: mature leukocytes of healthy blood, and the artefact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Critical:
    """A class that must not be overlooked.

    Attributes:
        name: Its canonical name.
        cost: What one image of it read as benign costs, in ordinary mistakes.
        reason: What is missed.
    """

    name: str
    cost: float
    reason: str


CRITICAL = (
    Critical(name="myeloblast", cost=10.0, reason="blasts in blood may be acute leukaemia"),
    Critical(
        name="promyelocyte",
        cost=10.0,
        reason="promyelocytes in blood may be acute promyelocytic leukaemia, an emergency",
    ),
    Critical(
        name="lymphocyte_atypical",
        cost=5.0,
        reason="atypical lymphocytes may be lymphoma or a viral infection",
    ),
)

ONE_STEP_COST = 0.25
"""Of a mistake between neighbours in `CHAIN`; any other mistake that is not critical costs 1."""

COSTS_NOTE = (
    "Costs are an assumption: "
    + ", ".join(f"{one.name} read as benign {one.cost:g}" for one in CRITICAL)
    + f", one maturation step {ONE_STEP_COST:g}, any other mistake 1"
)


def canonical_names(classes: Sequence[str]) -> tuple[str | None, ...]:
    """The canonical name of each class of a run; None for one that has none."""
    return tuple(CANONICAL.resolve(name) for name in classes)


def lineage_order(classes: Sequence[str]) -> tuple[int, ...]:
    """Places of `classes` in the order of a report; those without a canonical name come last."""
    names = canonical_names(classes)
    rank = {name: number for number, name in enumerate(REPORT_ORDER)}
    last = len(rank)
    return tuple(
        sorted(range(len(classes)), key=lambda place: (rank.get(names[place] or "", last), place))
    )


def steps_apart(true: str | None, predicted: str | None) -> int | None:
    """Maturation steps between two canonical classes; None where one is not in `CHAIN`."""
    if true not in CHAIN or predicted not in CHAIN:
        return None
    return abs(CHAIN.index(true) - CHAIN.index(predicted))


def critical_of(true: str | None, predicted: str | None) -> Critical | None:
    """What is missed when `true` is read as `predicted`; None where that is not critical."""
    by_name: Mapping[str, Critical] = {one.name: one for one in CRITICAL}
    return by_name.get(true or "") if predicted in BENIGN else None


def cost_of(true: str | None, predicted: str | None) -> float:
    """What one image of `true` read as `predicted` costs; of two different classes of a run.

    A class without a canonical name is neither critical nor a neighbour, so it costs 1.
    """
    critical = critical_of(true, predicted)
    if critical is not None:
        return critical.cost
    return ONE_STEP_COST if steps_apart(true, predicted) == 1 else 1.0
