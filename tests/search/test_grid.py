import pytest

from wbcray.core.errors import UsageError
from wbcray.search.grid import grid_points, grid_values
from wbcray.search.space import Dimension, SearchSettings, SearchSpace


def space(*dimensions: Dimension) -> SearchSpace:
    return SearchSpace(method="m", dimensions=dimensions, settings=SearchSettings(sampler="grid"))


def test_a_log_range_gives_a_point_per_equal_factor():
    lr = Dimension(name="lr", kind="float", default=1e-3, low=1e-5, high=1e-1, log=True)
    assert grid_values(lr) == pytest.approx((1e-5, 1e-4, 1e-3, 1e-2, 1e-1))


def test_a_linear_range_gives_five_even_points():
    nu = Dimension(name="nu", kind="float", default=0.5, low=0.0, high=1.0)
    assert grid_values(nu) == (0.0, 0.25, 0.5, 0.75, 1.0)


def test_steps_are_all_taken_and_clean():
    rate = Dimension(name="r", kind="float", default=0.1, low=0.1, high=0.7, step=0.1)
    assert grid_values(rate) == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def test_a_narrow_whole_range_has_no_repeats():
    depth = Dimension(name="d", kind="int", default=2, low=1, high=3)
    assert grid_values(depth) == (1, 2, 3)


def test_a_single_value_is_one_point():
    fixed = Dimension(name="f", kind="float", default=0.5, low=0.5, high=0.5)
    assert grid_values(fixed) == (0.5,)


def test_idle_parameters_do_not_multiply_the_grid():
    sampler = Dimension(name="s", kind="choice", default="a", choices=("a", "b"))
    exponent = Dimension(
        name="e", kind="choice", default=0.0, choices=(0.0, 1.0), when=(("s", ("b",)),)
    )
    assert grid_points(space(sampler, exponent)) == (
        {"s": "a"},
        {"s": "b", "e": 0.0},
        {"s": "b", "e": 1.0},
    )


def test_too_large_a_grid_is_refused_before_it_is_built():
    ranges = [
        Dimension(name=f"d{number}", kind="float", default=0.0, low=0.0, high=1.0)
        for number in range(40)
    ]
    with pytest.raises(UsageError, match="more than 100000 points"):
        grid_points(space(*ranges))


def test_too_fine_a_step_is_refused():
    fine = Dimension(name="x", kind="float", default=0.0, low=0.0, high=1.0, step=1e-6)
    with pytest.raises(UsageError, match="x alone has 1000001 values"):
        grid_values(fine)
