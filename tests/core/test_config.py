import json
from dataclasses import replace

import pytest

from wbcray.core.config import (
    AugmentConfig,
    Composition,
    NetworkConfig,
    OptimizerConfig,
    Part,
    TrialConfig,
    split_dotted,
)
from wbcray.core.errors import UsageError

CONFIG = TrialConfig(
    method=Composition(
        name="boda",
        classification=Part(name="cross_entropy"),
        domain_risk=Part(name="mean"),
        penalty=Part(name="boda", params=(("nu", 0.5), ("weight", 0.1))),
        sampler=Part(name="domain"),
        finish=Part(name="none"),
    ),
    optimizer=OptimizerConfig(lr=0.01),
    network=NetworkConfig(backbone="resnet18", weights="none"),
    image_size=64,
    epochs=3,
    patience=0,
    precision="float32",
)


def test_a_configuration_comes_back_from_json():
    assert TrialConfig.from_json(json.loads(json.dumps(CONFIG.as_json()))) == CONFIG


def test_a_digest_survives_the_way_through_json():
    assert TrialConfig.from_json(CONFIG.as_json()).digest == CONFIG.digest


def test_a_digest_is_16_hexadecimal_digits():
    assert len(CONFIG.digest) == 16
    assert int(CONFIG.digest, 16) >= 0


@pytest.mark.parametrize(
    "other",
    [
        replace(CONFIG, epochs=4),
        replace(CONFIG, image_size=96),
        replace(CONFIG, precision="bfloat16"),
        replace(CONFIG, optimizer=OptimizerConfig(lr=0.02)),
        replace(CONFIG, network=NetworkConfig(backbone="resnet50", weights="none")),
        replace(CONFIG, method=replace(CONFIG.method, penalty=Part(name="none"))),
        replace(CONFIG, method=replace(CONFIG.method, name="boda_plus")),
        replace(CONFIG, method=replace(CONFIG.method, colour=Part(name="stain_augmentation"))),
        replace(CONFIG, augment=AugmentConfig(blur=0.5)),
    ],
)
def test_whatever_decides_a_trial_changes_its_digest(other):
    assert other.digest != CONFIG.digest


def test_the_order_of_hyper_parameters_does_not_change_a_digest():
    turned = Part(name="boda", params=(("weight", 0.1), ("nu", 0.5)))
    assert replace(CONFIG, method=replace(CONFIG.method, penalty=turned)).digest == CONFIG.digest


def test_flat_names_parts_values_and_both_sections():
    flat = CONFIG.flat()
    assert (flat["penalty"], flat["penalty.nu"]) == ("boda", 0.5)
    assert (flat["optimizer.lr"], flat["network.backbone"]) == (0.01, "resnet18")


def test_flat_names_the_augmentation():
    flat = replace(CONFIG, augment=AugmentConfig(blur=0.5)).flat()
    assert (flat["augment.blur"], flat["augment.contrast"], flat["colour"]) == (0.5, 0.2, "none")


def test_a_configuration_keeps_the_digest_it_had_before_colour_and_augmentation_were_chosen():
    assert CONFIG.digest == "9e4247e6ced87040"


def test_a_record_from_before_is_read_with_no_colour_part_and_the_default_augmentation():
    old = CONFIG.as_json()
    assert "colour" not in old["method"]
    assert "augment" not in old
    read = TrialConfig.from_json(old)
    assert (read.method.colour, read.augment) == (Part(name="none"), AugmentConfig())


def test_another_colour_and_augmentation_come_back_from_json():
    colour = Part(name="stain_augmentation", params=(("gain", 0.4),))
    changed = replace(
        CONFIG, method=replace(CONFIG.method, colour=colour), augment=AugmentConfig(rotation=10.0)
    )
    assert TrialConfig.from_json(json.loads(json.dumps(changed.as_json()))) == changed


def test_a_part_gives_its_values_by_name():
    assert CONFIG.method.part("penalty").values == {"nu": 0.5, "weight": 0.1}


def test_dotted_names_are_grouped_and_a_bare_axis_has_an_empty_name():
    groups = split_dotted(
        {"penalty": "coral", "penalty.weight": 1, "optimizer.lr": 0.1, "augment.blur": 1}
    )
    assert groups["penalty"] == {"": "coral", "weight": 1}
    assert groups["optimizer"] == {"lr": 0.1}
    assert groups["augment"] == {"blur": 1}
    assert groups["sampler"] == {}


def test_a_group_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        split_dotted({"penalti.weight": 1})
    assert "did you mean 'penalty'" in caught.value.fix
