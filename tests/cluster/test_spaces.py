"""Search spaces of presets with changes, and axes that are searched."""

import pytest

from wbcray.cluster.spaces import load_space, with_choice
from wbcray.core.errors import UsageError
from wbcray.search.space import examples


def dimensions(space):
    return {item.name: item for item in space.dimensions}


def test_what_a_change_holds_is_not_searched():
    space = dimensions(load_space("boda+penalty.weight=0.3", None))
    assert "penalty.weight" not in space
    assert "penalty.nu" in space


def test_a_part_that_came_with_a_change_is_searched_as_in_its_own_preset():
    changed = dimensions(load_space("erm+penalty=boda", None))
    shipped = dimensions(load_space("boda", None))
    assert changed["penalty.nu"] == shipped["penalty.nu"]
    assert changed["penalty.macro_weight"] == shipped["penalty.macro_weight"]


def test_the_part_that_went_is_not_searched():
    changed = dimensions(load_space("boda+penalty=coral", None))
    assert "penalty.nu" not in changed
    assert changed["penalty.weight"] == dimensions(load_space("coral", None))["penalty.weight"]


def test_a_part_that_no_preset_has_adds_nothing():
    plain, changed = load_space("erm", None), load_space("erm+gray_world", None)
    assert changed.names == plain.names
    assert changed.method == "erm+gray_world"


def test_the_sampler_that_a_change_names_is_not_searched():
    names = load_space("erm+sampler=class_balanced", None).names
    assert not any(name.startswith("sampler") for name in names)


def test_an_axis_may_be_searched_besides(settings):
    space = with_choice(load_space("erm", None), "normalization", ("batch", "group"), None)
    layers = {
        settings.config("erm", params).method.normalization.name for params in examples(space)
    }
    assert {"batch", "group"} <= layers


def test_what_belongs_to_a_part_is_searched_only_with_it(settings):
    space = with_choice(load_space("erm", None), "penalty", ("none", "coral", "boda"), None)
    found = dimensions(space)
    assert found["penalty.nu"].when == (("penalty", ("boda",)),)
    assert found["penalty.weight"].when == (("penalty", ("coral", "boda")),)
    for params in examples(space):
        settings.config("erm", params)


def test_the_first_trial_keeps_the_part_of_the_method():
    space = with_choice(load_space("coral", None), "penalty", ("boda", "coral"), None)
    assert dimensions(space)["penalty"].default == "coral"


def test_one_part_is_no_choice():
    with pytest.raises(UsageError, match="two or more parts") as caught:
        with_choice(load_space("erm", None), "normalization", ("group",), None)
    assert "--normalization" in caught.value.fix


def test_an_axis_that_does_not_exist_names_the_nearest():
    with pytest.raises(UsageError, match="unknown axis 'normalisation'") as caught:
        with_choice(load_space("erm", None), "normalisation", ("batch", "group"), None)
    assert "did you mean 'normalization'" in caught.value.fix


def test_parts_that_share_a_name_are_searched_in_the_range_that_holds_both():
    """CORAL's weight goes from 0.01 to 10, V-REx's from 0.1 to 10,000."""
    for parts in (("coral", "vrex"), ("vrex", "coral")):
        found = dimensions(with_choice(load_space("erm", None), "penalty", parts, None))
        assert (found["penalty.weight"].low, found["penalty.weight"].high) == (0.01, 1e4)
