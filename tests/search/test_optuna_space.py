import pickle
import warnings

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

from wbcray.search.grid import grid_points
from wbcray.search.optuna_space import SuggestSpace, distributions, make_sampler
from wbcray.search.space import Dimension, SearchSettings, SearchSpace, default_params

SPACE = SearchSpace(
    method="boda",
    dimensions=(
        Dimension(name="lr", kind="float", default=1e-3, low=1e-4, high=1e-2, log=True),
        Dimension(name="dropout", kind="float", default=0.0, low=0.0, high=0.5, step=0.25),
        Dimension(name="depth", kind="int", default=2, low=1, high=3),
        Dimension(name="sampler", kind="choice", default="domain", choices=("domain", "balanced")),
        Dimension(
            name="exponent",
            kind="float",
            default=1.0,
            low=0.0,
            high=1.0,
            when=(("sampler", ("balanced",)),),
        ),
    ),
    settings=SearchSettings(),
)
SMALL = SearchSpace(
    method="m",
    dimensions=(
        Dimension(name="s", kind="choice", default="a", choices=("a", "b")),
        Dimension(name="e", kind="choice", default=1, choices=(1, 2, 3), when=(("s", ("b",)),)),
    ),
    settings=SearchSettings(sampler="grid"),
)
SAMPLERS = ["tpe", "random", "grid", "gp", "qmc"]


@pytest.fixture(autouse=True)
def quiet_optuna():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(optuna.logging.INFO)


def study_of(space: SearchSpace, sampler: str, *, seed: int = 0) -> optuna.Study:
    settings = SearchSettings(sampler=sampler)
    return optuna.create_study(
        direction="maximize", sampler=make_sampler(settings, space, seed=seed)
    )


def score(values) -> float:
    return -abs(values.get("exponent", 0.5) - 0.3) - values.get("lr", 0.0)


def searched(space: SearchSpace, sampler: str, *, trials: int, seed: int = 0) -> list[dict]:
    study = study_of(space, sampler, seed=seed)
    suggest = SuggestSpace(space)
    study.optimize(lambda trial: score(suggest(trial)), n_trials=trials)
    return [trial.params for trial in study.trials]


def within(params) -> bool:
    known = distributions(SPACE)
    return all(
        known[name]._contains(known[name].to_internal_repr(value)) for name, value in params.items()
    )


def test_the_distributions_are_those_of_the_ranges():
    assert distributions(SPACE) == {
        "lr": FloatDistribution(1e-4, 1e-2, log=True),
        "dropout": FloatDistribution(0.0, 0.5, step=0.25),
        "depth": IntDistribution(1, 3),
        "sampler": CategoricalDistribution(("domain", "balanced")),
        "exponent": FloatDistribution(0.0, 1.0),
    }


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_stays_in_the_space_and_heeds_conditions(sampler):
    found = searched(SPACE, sampler, trials=14)
    assert all(within(params) for params in found)
    assert all(("exponent" in params) == (params["sampler"] == "balanced") for params in found)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_repeats_itself_under_one_seed(sampler):
    first = searched(SPACE, sampler, trials=12, seed=2**62 + 1)
    assert searched(SPACE, sampler, trials=12, seed=2**62 + 1) == first


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid", "gp"])
def test_another_seed_gives_another_search(sampler):
    assert searched(SPACE, sampler, trials=6) != searched(SPACE, sampler, trials=6, seed=1)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_making_a_sampler_warns_of_nothing(sampler):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert make_sampler(SearchSettings(sampler=sampler), SPACE, seed=0) is not None


def test_suggest_returns_what_optuna_stored():
    study = study_of(SPACE, "random")
    trial = study.ask()
    values = SuggestSpace(SPACE)(trial)
    assert values == trial.params
    assert trial.distributions == {
        name: found for name, found in distributions(SPACE).items() if name in values
    }


def test_the_space_survives_pickling():
    suggest = SuggestSpace(SPACE)
    assert pickle.loads(pickle.dumps(suggest)) == suggest  # noqa: S301  # our own bytes


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_samplers_survive_pickling(sampler):
    made = make_sampler(SearchSettings(sampler=sampler), SMALL, seed=0)
    copy = pickle.loads(pickle.dumps(made))  # noqa: S301  # our own bytes
    study = optuna.create_study(sampler=copy)
    assert SuggestSpace(SMALL)(study.ask())["s"] in {"a", "b"}


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_defaults_can_be_queued_as_trial_0(sampler):
    study = study_of(SPACE, sampler)
    defaults = default_params(SPACE, {"lr": 1.0, "sampler": "balanced"})
    study.enqueue_trial(defaults)
    assert SuggestSpace(SPACE)(study.ask()) == defaults
    assert defaults["lr"] == 1e-2


def test_the_grid_visits_every_point_once():
    points = searched(SMALL, "grid", trials=4)
    assert sorted(points, key=str) == sorted(grid_points(SMALL), key=str)


def test_running_trials_are_not_proposed_again():
    study = study_of(SMALL, "grid")
    asked = [SuggestSpace(SMALL)(study.ask()) for _ in range(4)]
    assert sorted(asked, key=str) == sorted(grid_points(SMALL), key=str)


def test_the_grid_starts_again_when_it_is_used_up():
    assert len(searched(SMALL, "grid", trials=6)) == 6


def test_a_rebuilt_study_goes_on_where_the_grid_stopped():
    study = study_of(SMALL, "grid", seed=3)
    known = distributions(SMALL)
    done = [{"s": "a"}, {"s": "b", "e": 2}, {"s": "b", "e": 3}]
    for params in done:
        study.add_trial(
            create_trial(
                params=params,
                distributions={name: known[name] for name in params},
                value=0.5,
                state=TrialState.COMPLETE,
            )
        )
    assert SuggestSpace(SMALL)(study.ask()) == {"s": "b", "e": 1}


def test_a_queued_trial_off_the_grid_is_completed():
    study = study_of(SMALL, "grid")
    study.enqueue_trial({"s": "b"})
    assert SuggestSpace(SMALL)(study.ask())["e"] in {1, 2, 3}


def test_tpe_finds_the_better_branch_of_a_condition():
    # exponent = 0.3 is best and exists only under `balanced`; the last trials should know it
    last = searched(SPACE, "tpe", trials=60)[-10:]
    assert sum(params["sampler"] == "balanced" for params in last) >= 7
