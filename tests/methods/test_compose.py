"""From a preset and overrides to a complete composition."""

from dataclasses import replace

import pytest

from wbcray.core.config import NetworkConfig, OptimizerConfig, TrialConfig
from wbcray.core.errors import UsageError
from wbcray.methods.compose import all_declared, declared_of, default_composition, override
from wbcray.methods.presets import POSTER, PRESETS


def test_every_hyper_parameter_of_every_active_part_is_filled_in() -> None:
    composition = default_composition("boda")
    assert composition.penalty.values["weight"] == 0.1
    assert set(composition.penalty.values) == {
        item.name.removeprefix("penalty.") for item in all_declared("penalty", "boda")
    }


def test_a_preset_may_depart_from_the_defaults_of_its_parts() -> None:
    assert default_composition("boda_plus").finish.values["unit"] == "class_within_domain"
    assert default_composition("crt").finish.values["unit"] == "class"


@pytest.mark.parametrize("name", PRESETS)
def test_a_composition_survives_json(name: str) -> None:
    config = TrialConfig(
        method=default_composition(name),
        optimizer=OptimizerConfig(),
        network=NetworkConfig(),
        image_size=64,
        epochs=2,
        patience=1,
        precision="float32",
    )
    assert TrialConfig.from_json(config.as_json()) == config


def test_a_dotted_value_changes_that_value_only() -> None:
    before = default_composition("boda")
    after = override(before, {"penalty.weight": 0.3})
    assert dict(after.penalty.params) == dict(before.penalty.params) | {"weight": 0.3}
    assert replace(after, penalty=before.penalty) == before


def test_another_part_comes_with_its_defaults() -> None:
    changed = override(default_composition("boda"), {"penalty.weight": 0.3})
    assert override(changed, {"penalty": "coral"}).penalty.values == {"weight": 1.0}


def test_naming_the_active_part_again_keeps_its_values() -> None:
    changed = override(default_composition("boda"), {"penalty.weight": 0.3})
    assert override(changed, {"penalty": "boda"}) == changed


def test_part_and_value_may_come_in_any_order() -> None:
    changes = {"sampler.exponent": 0.5, "sampler": "balanced"}
    assert override(default_composition("erm"), changes).sampler.values["exponent"] == 0.5


def test_the_name_stays_that_of_the_preset() -> None:
    assert override(default_composition("erm"), {"sampler": "instance"}).name == "erm"


def test_whole_numbers_become_floats_where_floats_are_declared() -> None:
    value = override(default_composition("coral"), {"penalty.weight": 2}).penalty.values["weight"]
    assert isinstance(value, float)


@pytest.mark.parametrize(
    ("preset", "changes", "message"),
    [
        ("coral", {"penalty.nu": 0.5}, "penalty.nu belongs to penalty 'boda'.*is 'coral'"),
        ("boda", {"penalty": "none", "penalty.nu": 0.5}, "the active penalty is 'none'"),
        ("boda", {"penalty.wieght": 0.5}, "did you mean 'penalty.weight'"),
        ("boda", {"penalty": "bodda"}, "did you mean 'boda'"),
        ("boda", {"penalty": 3}, "must be the name of a part"),
        ("boda", {"penalty.weight": -1.0}, "outside its declared range"),
        ("boda", {"penalty.statistics": "sometimes"}, "online"),
        ("boda", {"penalties.weight": 1.0}, "did you mean 'penalty'"),
        ("boda", {"optimizer.lr": 1e-3}, "optimizer.lr is not a hyper-parameter of a method"),
        ("boda", {"network": "resnet18"}, "network is not a hyper-parameter of a method"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused_with_a_way_out(preset, changes, message) -> None:
    with pytest.raises(UsageError, match=f"(?s){message}") as caught:
        override(default_composition(preset), changes)
    assert caught.value.fix


def test_an_error_says_where_the_value_was_written() -> None:
    with pytest.raises(UsageError, match=r"boda\.yaml"):
        override(default_composition("boda"), {"penalty.nu": 9.0}, where="boda.yaml")


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'coral'"):
        default_composition("corral")


def test_the_declarations_of_a_composition_are_those_of_its_active_parts() -> None:
    names = [item.name for item in declared_of(default_composition("crt"))]
    assert names == [
        "finish.views",
        "finish.steps",
        "finish.lr",
        "finish.weight_decay",
        "finish.exponent",
        "finish.unit",
    ]


def test_the_poster_s_five_are_presets() -> None:
    assert set(POSTER) <= set(PRESETS)
    assert len(POSTER) == 5
