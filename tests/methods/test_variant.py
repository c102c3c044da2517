"""Methods by name: presets with changes."""

import pytest

from wbcray.core.errors import UsageError
from wbcray.methods.compose import default_composition
from wbcray.methods.variant import changes_of, preset_of


def name(method):
    return default_composition(method).name


def test_a_part_that_is_on_one_axis_is_named_alone():
    composition = default_composition("erm+stain_augmentation")
    assert composition.colour.name == "stain_augmentation"
    assert composition.name == "erm+stain_augmentation"


def test_an_axis_may_be_named_and_then_is_not_part_of_the_name():
    assert name("erm+colour=stain_augmentation") == "erm+stain_augmentation"


def test_a_part_of_two_axes_needs_its_axis():
    with pytest.raises(UsageError, match="several axes") as caught:
        default_composition("erm+none")
    assert "penalty=none" in caught.value.fix


def test_one_hyper_parameter_may_change():
    composition = default_composition("boda+penalty.macro_weight=0")
    assert composition.penalty.values["macro_weight"] == 0.0
    assert composition.name == "boda+penalty.macro_weight=0.0"


def test_a_name_can_be_read_back():
    written = name("coral+classifier_retraining+finish.views=2+penalty.weight=0.3+group")
    assert default_composition(written).name == written
    assert changes_of(written) == {
        "penalty.weight": 0.3,
        "normalization": "group",
        "finish": "classifier_retraining",
        "finish.views": 2,
    }


def test_the_order_of_changes_does_not_matter():
    assert name("erm+group+stain_augmentation") == name("erm+stain_augmentation+group")


@pytest.mark.parametrize("method", ["erm+sampler=domain", "boda+penalty.weight=0.1", "erm"])
def test_what_changes_nothing_is_not_in_the_name(method):
    assert default_composition(method) == default_composition(preset_of(method))


def test_a_value_that_a_preset_sets_is_kept_when_its_part_stays():
    composition = default_composition("boda_plus+finish.views=2")
    assert composition.finish.values["unit"] == "class_within_domain"
    assert composition.name == "boda_plus+finish.views=2"


def test_two_changes_of_one_thing_are_refused():
    with pytest.raises(UsageError, match="changed twice"):
        default_composition("erm+group+normalization=batch")


def test_a_typo_in_a_part_names_the_nearest():
    with pytest.raises(UsageError, match="no part 'stain_augmentaton'") as caught:
        default_composition("erm+stain_augmentaton")
    assert "did you mean 'stain_augmentation'" in caught.value.fix


def test_a_typo_in_a_preset_names_the_nearest():
    with pytest.raises(UsageError, match="unknown method 'corl'") as caught:
        default_composition("corl+group")
    assert "did you mean 'coral'" in caught.value.fix


def test_a_value_outside_its_range_is_refused_with_the_range():
    with pytest.raises(UsageError, match="outside its declared range") as caught:
        default_composition("boda+penalty.nu=7")
    assert "boda+penalty.nu=7" in caught.value.where
