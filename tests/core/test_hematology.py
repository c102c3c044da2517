"""Maturation and grave mistakes, on the canonical classes and on others."""

import pytest

from wbcray.core.hematology import (
    CHAIN,
    CRITICAL,
    REPORT_ORDER,
    canonical_names,
    cost_of,
    critical_of,
    lineage_order,
    steps_apart,
)
from wbcray.core.label_space import CANONICAL_CLASSES, COARSE_CLASSES


def test_the_order_of_a_report_holds_every_canonical_class_once():
    assert sorted(REPORT_ORDER) == sorted(CANONICAL_CLASSES)


def test_neighbours_in_maturation_stand_together():
    places = lineage_order(CANONICAL_CLASSES)
    names = [CANONICAL_CLASSES[place] for place in places]
    assert names[:3] == ["myeloblast", "promyelocyte", "myelocyte"]
    assert names.index("neutrophil_segmented") == names.index("neutrophil_banded") + 1


def test_classes_without_a_canonical_name_come_last_in_their_own_order():
    places = lineage_order(["platelet", "monocyte", "artefact", "myelocyte"])
    assert places == (3, 1, 0, 2)


def test_other_spellings_are_the_same_class():
    assert canonical_names(["Band neutrophil", "platelet"]) == ("neutrophil_banded", None)


def test_steps_are_counted_along_the_chain_alone():
    assert steps_apart("promyelocyte", "metamyelocyte") == 2
    assert steps_apart("neutrophil_segmented", "neutrophil_banded") == 1
    assert steps_apart("myeloblast", "promyelocyte") is None
    assert steps_apart(None, "myelocyte") is None


def test_a_blast_read_as_a_lymphocyte_is_critical_and_the_reverse_is_not():
    assert critical_of("myeloblast", "lymphocyte_typical") == CRITICAL[0]
    assert critical_of("lymphocyte_typical", "myeloblast") is None


def test_a_blast_read_as_a_promyelocyte_is_a_mistake_but_not_overlooked():
    assert critical_of("myeloblast", "promyelocyte") is None
    assert cost_of("myeloblast", "promyelocyte") == 1


@pytest.mark.parametrize(
    ("true", "predicted", "cost"),
    [
        ("myeloblast", "lymphocyte_typical", 10),
        ("lymphocyte_atypical", "lymphocyte_typical", 5),
        ("myelocyte", "metamyelocyte", 0.25),
        ("myelocyte", "neutrophil_banded", 1),
        ("monocyte", "basophil", 1),
        (None, "basophil", 1),
    ],
)
def test_what_a_mistake_costs(true, predicted, cost):
    assert cost_of(true, predicted) == cost


def test_coarse_classes_have_nothing_critical():
    names = canonical_names(COARSE_CLASSES)
    assert not any(critical_of(true, said) for true in names for said in names)
    assert not set(names) & set(CHAIN)
