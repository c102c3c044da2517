from pathlib import Path

import pytest

from wbcray.core.config import AXES, AugmentConfig, OptimizerConfig
from wbcray.core.hyper import Declared, declared
from wbcray.methods.compose import all_declared, declared_of, default_composition, override
from wbcray.methods.parts import part_names
from wbcray.methods.presets import POSTER, PRESETS
from wbcray.search.layers import find_space
from wbcray.search.space import SearchSpace, default_params, examples
from wbcray.search.space_file import load_space
from wbcray.training.objective import OBJECTIVES

SHIPPED = Path(__file__).parents[2] / "search_spaces"


def legal(method: str) -> dict[str, Declared]:
    """What may be searched: the optimizer and all parts, the preset's own last."""
    items = list(declared(OptimizerConfig, prefix="optimizer."))
    items += declared(AugmentConfig, prefix="augment.")
    items += [
        item for axis in AXES for name in part_names(axis) for item in all_declared(axis, name)
    ]
    items += declared_of(default_composition(method))
    return {item.name: item for item in items}


def shipped(method: str) -> SearchSpace:
    return load_space(
        find_space(method, SHIPPED),
        method=method,
        declared=legal(method),
        choices_of_axis={axis: part_names(axis) for axis in AXES},
        objectives=OBJECTIVES,
    )


def of_the_method(params):
    return {name: value for name, value in params.items() if not name.startswith("optimizer.")}


@pytest.mark.parametrize("method", PRESETS)
def test_a_method_accepts_every_corner_of_its_space(method):
    base = default_composition(method)
    corners = [override(base, of_the_method(params)) for params in examples(shipped(method))]
    assert {corner.name for corner in corners} == {method}


@pytest.mark.parametrize("method", PRESETS)
def test_a_method_searches_the_optimizer_as_every_other(method):
    mine = [item for item in shipped(method).dimensions if item.name.startswith("optimizer.")]
    baseline = [item for item in shipped("erm").dimensions if item.name.startswith("optimizer.")]
    assert mine == baseline


@pytest.mark.parametrize("method", PRESETS)
def test_the_defaults_of_a_method_lie_within_its_space(method):
    base = default_composition(method)
    values = {f"{axis}.{key}": value for axis in AXES for key, value in base.part(axis).params}
    params = default_params(shipped(method), values)
    assert override(base, of_the_method(params)) == base


def test_every_shipped_file_belongs_to_a_method():
    assert {path.stem for path in SHIPPED.glob("*.yaml")} == {*PRESETS, "base", "sampler"}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_file_says_why(path):
    assert "# " in path.read_text()


@pytest.mark.parametrize("method", POSTER)
def test_the_five_methods_of_the_poster_search_the_sampler_alike(method):
    def of_sampler(name):
        return [item for item in shipped(name).dimensions if item.name.startswith("sampler")]

    assert len(of_sampler("erm")) == 3
    assert of_sampler(method) == of_sampler("erm")
