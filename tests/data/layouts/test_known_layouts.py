"""What the YAML files say, held against what is published."""

import pytest

from wbcray.core.label_space import CANONICAL_CLASSES, COARSE_CLASSES
from wbcray.data.layouts.load import describe_layouts, load_layout
from wbcray.data.synthetic.classes import CLASSES

ALL = describe_layouts()
FIVE_CLASSES = {"bccd", "lisc", "raabin_wbc", "zheng", "zheng_sorted"}


def mapped(name, part=None, mapping=None):
    """Published images per class under a mapping."""
    layout = load_layout(name)
    counts = {}
    for code, label in layout.mapping(mapping).items():
        if label is not None:
            counts[label] = counts.get(label, 0) + layout.part(part).published.get(code, 0)
    return counts


def test_class_ids_are_those_of_the_synthetic_classes():
    assert CANONICAL_CLASSES == CLASSES


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_every_default_mapping_leads_to_canonical_classes_or_the_five_coarse_ones(layout):
    known = COARSE_CLASSES if layout.name in FIVE_CLASSES else CANONICAL_CLASSES
    assert set(layout.mapping().values()) - {None} <= set(known)


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_every_other_mapping_leads_to_canonical_classes(layout):
    for name in layout.mappings:
        if name != layout.default_mapping:
            assert set(layout.mapping(name).values()) - {None} <= set(CANONICAL_CLASSES)


@pytest.mark.parametrize(
    ("name", "part", "images"),
    [
        ("matek_19", None, 18_365),
        ("acevedo_20", None, 17_092),
        ("mll23", None, 41_621),
        ("hida", "acevedo_20", 14_291),
        ("hida", "matek_19", 18_321),
        ("zheng", "tecom", 300),
        ("zheng", "cellavision", 100),
        ("bccd", "crops", 351),
        ("lisc", None, 242),
    ],
)
def test_published_images_add_up(name, part, images):
    assert sum(load_layout(name).part(part).published.values()) == images


@pytest.mark.parametrize(
    ("name", "mapping", "images"),
    [
        ("matek_19", "ae_cfe", 18_347),
        ("matek_19", "blast", 18_365),
        ("matek_19", "hida", 18_321),
        ("acevedo_20", None, 14_543),
        ("mll23", "harmonised13", 32_816),
        ("mll23", "extended", 41_621),
        # 32,816 without 180 neoplastic and 33 reactive lymphocytes and 988 smudge cells
        ("mll23", "harmonised11", 31_615),
    ],
)
def test_a_mapping_keeps_as_many_images_as_its_authors_say(name, mapping, images):
    assert sum(mapped(name, mapping=mapping).values()) == images


def test_monoblasts_are_monocytes_unless_the_blast_mapping_is_asked_for():
    assert mapped("matek_19")["monocyte"] == 1815
    assert mapped("matek_19", mapping="blast")["myeloblast"] == 3294
    assert mapped("matek_19", mapping="blast")["promyelocyte"] == 88
    assert load_layout("matek_19").mapping()["PMB"] is None


def test_myb_is_the_myelocyte_and_myo_the_myeloblast():
    codes = load_layout("matek_19").mapping()
    assert (codes["MYB"], codes["MYO"]) == ("myelocyte", "myeloblast")


def test_the_challenge_has_the_images_of_matek_19_under_its_own_mapping():
    assert mapped("hida", "matek_19") == mapped("matek_19", mapping="hida")


def test_acevedo_20_has_ten_classes():
    assert set(CANONICAL_CLASSES) - set(mapped("acevedo_20")) == {
        "myeloblast",
        "lymphocyte_atypical",
        "smudge_cell",
    }


@pytest.mark.parametrize("name", ["matek_19", "int_20", "mll23"])
def test_matek_19_and_the_munich_data_have_all_13_classes(name):
    assert set(load_layout(name).mapping().values()) - {None} == set(CANONICAL_CLASSES)


@pytest.mark.parametrize("name", ["int_20", "mll23"])
def test_the_extended_mapping_of_the_munich_data_leaves_nothing_out(name):
    layout = load_layout(name)
    assert len(layout.codes) == 18
    assert None not in layout.mapping("extended").values()


def test_the_munich_data_mean_the_same_by_the_mappings_of_the_same_name():
    """18 folders in German, 18 in English."""
    for one, other in (("ae_cfe", "harmonised13"), ("extended", "extended")):
        german = sorted(map(str, load_layout("int_20").mapping(one).values()))
        assert german == sorted(map(str, load_layout("mll23").mapping(other).values()))


def test_reactive_and_neoplastic_lymphocytes_are_the_atypical_ones():
    assert mapped("mll23")["lymphocyte_atypical"] == 180 + 33


@pytest.mark.parametrize(
    ("name", "part", "pixels", "micrometres"),
    [
        ("matek_19", None, 400, 29.0),
        ("acevedo_20", None, 360, 36.0),
        ("int_20", None, 288, 25.0),
        ("mll23", None, 288, 25.0),
        ("hida", "wbc1", 288, 25.0),
    ],
)
def test_the_scale_is_the_published_one(name, part, pixels, micrometres):
    layout = load_layout(name)
    scale = layout.part(part).px_per_um
    assert round(pixels / scale, 1) == micrometres
    assert layout.files_of(layout.part(part)).width == pixels


@pytest.mark.parametrize("name", ["bccd", "lisc", "raabin_wbc", "wbcbench", "zheng"])
def test_a_scale_that_nobody_published_is_not_made_up(name):
    assert {part.px_per_um for part in load_layout(name).parts} == {None}


def test_the_dark_images_of_acevedo_20_are_dropped_below_a_mean_red_of_180():
    assert load_layout("acevedo_20").cleaning == {"rgb": 180}


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_every_code_can_be_drawn(layout):
    for code in layout.codes:
        label = layout.mapping()[code]
        drawn = label if label in CANONICAL_CLASSES else layout.looks_like[code]
        assert drawn in (*CANONICAL_CLASSES, "platelet")
