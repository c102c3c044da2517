"""Every registered part and preset holds the contract of `wbcray.testing`."""

import sys

import pytest
import torch

from wbcray.core.config import AXES
from wbcray.methods.base import Targets
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS
from wbcray.testing import checks_of_method, checks_of_part

OF_PARTS = {
    f"{axis}={name}: {check}": check
    for axis in AXES
    for name in part_names(axis)
    for check in checks_of_part(axis, name)
}
OF_METHODS = {f"{name}: {check}": check for name in PRESETS for check in checks_of_method(name)}


@pytest.mark.parametrize("check", OF_PARTS.values(), ids=OF_PARTS.keys())
def test_a_part_holds_the_contract(check) -> None:
    check()


@pytest.mark.parametrize("check", OF_METHODS.values(), ids=OF_METHODS.keys())
def test_a_preset_holds_the_contract(check) -> None:
    check()


def test_the_shape_checks_are_on() -> None:
    assert "jaxtyping" in sys.modules
    with pytest.raises(Exception, match="labels"):
        Targets(labels=torch.zeros(2, 1, dtype=torch.int64), domains=torch.zeros(2).long())
