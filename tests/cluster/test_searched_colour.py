"""A search space may choose the colour part and how strongly images are augmented."""

import pytest

from wbcray.cluster.spaces import load_space
from wbcray.core.errors import UsageError
from wbcray.search.space import default_params, examples

SPACE = """\
method: erm
extends: base.yaml
params:
  colour: {choices: [none, stain_augmentation]}
  colour.gain: {low: 0.1, high: 0.8, when: {colour: stain_augmentation}}
  augment.rotation: {low: 0.0, high: 30.0}
"""


def space(folder, text=SPACE):
    (folder / "erm.yaml").write_text(text)
    return load_space("erm", folder)


def test_every_corner_of_the_space_is_a_configuration(tmp_path, settings):
    corners = [settings.config("erm", params) for params in examples(space(tmp_path))]
    assert {corner.method.colour.name for corner in corners} == {"none", "stain_augmentation"}
    assert {corner.augment.rotation for corner in corners} >= {0.0, 30.0}


def test_the_strength_is_searched_only_where_the_part_is_active(tmp_path):
    found = [("colour.gain" in params, params["colour"]) for params in examples(space(tmp_path))]
    assert set(found) == {(True, "stain_augmentation"), (False, "none")}


def test_the_first_trial_is_the_method_as_it_is(tmp_path, settings):
    plain = settings.config("erm", {})
    first = settings.config("erm", default_params(space(tmp_path), plain.flat()))
    assert (first.method.colour, first.augment) == (plain.method.colour, plain.augment)


def test_a_range_beyond_what_is_declared_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"augment\.rotation"):
        space(tmp_path, SPACE.replace("high: 30.0", "high: 300.0"))
