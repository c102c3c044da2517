"""The list of parts that adapt at test time, which is read without torch, is true."""

from wbcray.core.config import AXES
from wbcray.methods.adapting import ADAPTING
from wbcray.methods.parts import part_class, part_names


def test_the_listed_parts_are_those_that_adapt() -> None:
    adapting = {
        (axis, name)
        for axis in AXES
        for name in part_names(axis)
        if getattr(part_class(axis, name), "adapts", False)
    }
    assert adapting == ADAPTING
