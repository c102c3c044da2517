import contextlib
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wbcray.core.errors import RefusedError, UsageError
from wbcray.core.hyper import Declared
from wbcray.search.layers import find_space, space_folders
from wbcray.search.space import Dimension, SearchSettings, SearchSpace
from wbcray.search.space_file import load_space

DECLARED = {
    item.name: item
    for item in (
        Declared(
            name="optimizer.lr", kind="float", default=3e-4, low=1e-6, high=0.1, log=True, help=""
        ),
        Declared(
            name="optimizer.batch_size", kind="int", default=32, low=2.0, high=4096.0, help=""
        ),
        Declared(name="network.dropout", kind="float", default=0.0, low=0.0, high=1.0, help=""),
        Declared(name="sampler.exponent", kind="float", default=1.0, low=0.0, high=1.0, help=""),
        Declared(
            name="sampler.unit", kind="choice", default="class", choices=("class", "pair"), help=""
        ),
        Declared(name="penalty.on", kind="choice", default=True, choices=(True, False), help=""),
    )
}
OBJECTIVES = ("val/macro_f1", "val/micro_f1")
AXES = {"sampler": ("domain", "balanced"), "penalty": ("none", "coral")}

BASE = """\
params:
  optimizer.lr: {low: 1e-5, high: 1e-2}
  optimizer.batch_size: {choices: [16, 32]}
search: {sampler: random, seed: 3}
"""
BODA = """\
method: boda
extends: base.yaml
objective: val/micro_f1
params:
  sampler.exponent: {low: 0, high: 1, step: 0.25, when: {sampler: balanced}}
  optimizer.lr: {low: 1e-4, high: 1e-3}
  sampler: {choices: [domain, balanced]}
search: {seed: 4, grace_epochs: 5}
"""


def load(folder: Path, text: str, *, method: str = "boda") -> SearchSpace:
    path = folder / "boda.yaml"
    path.write_text(text)
    return load_space(
        path, method=method, declared=DECLARED, choices_of_axis=AXES, objectives=OBJECTIVES
    )


def one(folder: Path, entry: str) -> Dimension:
    return load(folder, f"method: boda\nparams:\n  {entry}\n").dimensions[0]


def refusal(folder: Path, text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load(folder, text)
    return caught.value


def refused_entry(folder: Path, entry: str) -> UsageError:
    return refusal(folder, f"method: boda\nparams:\n  {entry}\n")


@pytest.fixture
def layered(tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)
    return load(tmp_path, BODA)


def test_conditions_come_before_what_they_rule(layered):
    assert layered.names == (
        "optimizer.lr",
        "optimizer.batch_size",
        "sampler",
        "sampler.exponent",
    )


def test_the_deeper_file_wins(layered):
    assert layered.dimensions[0] == Dimension(
        name="optimizer.lr", kind="float", default=3e-4, low=1e-4, high=1e-3, log=True
    )
    assert layered.settings == SearchSettings(sampler="random", seed=4, grace_epochs=5)
    assert layered.objective == "val/micro_f1"


def test_a_condition_is_kept(layered):
    assert layered.dimensions[3].when == (("sampler", ("balanced",)),)


def test_the_digest_changes_with_a_bound(tmp_path, layered):
    narrower = load(tmp_path, BODA.replace("high: 1e-3", "high: 9e-4"))
    assert narrower.digest != layered.digest


def test_the_digest_ignores_how_a_number_is_spelt(tmp_path, layered):
    assert load(tmp_path, BODA.replace("1e-4", "0.0001")).digest == layered.digest


def test_comments_alone_give_an_empty_space(tmp_path):
    assert load(tmp_path, "method: boda\nparams:\n").dimensions == ()


def test_a_bound_left_out_is_the_declared_one(tmp_path):
    assert one(tmp_path, "optimizer.lr: {low: 1e-5}").high == 0.1


def test_a_log_declaration_searches_on_a_log_scale_until_told_otherwise(tmp_path):
    assert one(tmp_path, "optimizer.lr: {low: 1e-5, high: 1e-2}").log
    assert not one(tmp_path, "optimizer.lr: {low: 1e-5, high: 1e-2, log: false}").log


def test_a_default_outside_the_searched_range_is_moved_to_its_end(tmp_path):
    assert one(tmp_path, "optimizer.lr: {low: 1e-3, high: 1e-2}").default == 1e-3


def test_whole_numbers_become_floats_where_floats_are_declared(tmp_path):
    assert repr(one(tmp_path, "network.dropout: {low: 0, high: 1}").high) == "1.0"


def test_booleans_may_be_choices(tmp_path):
    assert one(tmp_path, "penalty.on: {choices: [true, false]}").choices == (True, False)


WRONG_ENTRIES = [
    ("optimizer.lr: {low: 1e-2, high: 1e-3}", "low 0.01 > high 0.001", "swap them"),
    ("network.dropout: {low: 0, high: 1, log: true}", "a log scale needs low > 0", "1e-8"),
    ("network.dropout: {low: .nan, high: 1}", "must be a finite number, got .nan", ""),
    ("network.dropout: {low: 0, high: .inf}", "must be a finite number, got .inf", ""),
    ("network.dropout: {low: 0, high: 2}", "outside the declared range 0 .. 1", "narrow"),
    ("network.dropout: {low: 0, high: 1, step: 0.3}", "not a multiple of step 0.3", "high: 0.9"),
    ("network.dropout: {low: 0, high: 1, step: 0}", "step must be > 0", ""),
    ("network.dropout: {low: 0, high: 1, step: 1e-300}", "more than 1000000 steps", ""),
    ("optimizer.lr: {low: 1e-3, high: 1e-2, log: true, step: 1e-3}", "no step", "drop"),
    ("optimizer.batch_size: {low: 2.5, high: 8}", "low must be a whole number, got 2.5", ""),
    ("optimizer.batch_size: {low: .nan, high: 8}", "finite number", ""),
    ("optimizer.lr: {low: fast, high: 1}", 'low must be a number, got text "fast"', "1e-06 .. 0.1"),
    ("optimizer.lr: {low: true, high: 1}", "low must be a number, got true", ""),
    ("optimizer.lr: {low: [1], high: 1}", "low must be one value", ""),
    ("optimizer.lr: {low: 1e-3, hgih: 1e-2}", "unknown key 'hgih'", "did you mean 'high'?"),
    ("optimizer.lr: {low: 1e-3, high: 1e-2, log: often}", "log must be true or false", ""),
    ("optimizer.lr: 1e-3", "must be a mapping, got 0.001", "{low: ..., high: ...}"),
    ("optimizer.lr:", "must be a mapping, got null", "{low: ..., high: ...}"),
    ("optimizer.lrate: {low: 1e-3, high: 1e-2}", "unknown hyper-parameter", "optimizer.lr"),
    ("sampler.unit: {choices: []}", "choices are empty", "class | pair"),
    ("sampler.unit: {choices: class}", "choices must be a list", ""),
    ("sampler.unit: {choices: [class, class]}", 'choice "class" stands twice', "remove one"),
    ("sampler.unit: {choices: [klass]}", "unknown value of sampler.unit 'klass'", "'class'"),
    ("sampler.unit: {low: 0, high: 1}", "is a choice and has no range", "choices"),
    ("sampler.unit: {choices: [class], step: 1}", "has choices and 'step'", "keep one"),
    ("sampler: {choices: [domain, ballanced]}", "'ballanced'", "did you mean 'balanced'?"),
    ("penalty.on: {choices: [1]}", "unknown value of penalty.on '1'", "True"),
    ("optimizer.batch_size: {choices: [16, 16.0]}", "choice 16 stands twice", ""),
    ("optimizer.batch_size: {choices: [1]}", "outside its declared range", "2 .. 4096"),
    ("optimizer.batch_size: {choices: [.nan]}", "finite number", ""),
    ("sampler.unit: {choices: [[class]]}", "must be one value", ""),
    ("sampler.unit: {choices: [class], when: balanced}", "'when' must be a mapping", ""),
    (
        "sampler.unit: {choices: [class], when: {sampler: balanced}}",
        "'sampler', which is not searched here",
        "drop the condition",
    ),
    ("sampler.unit: {choices: [class], when: {sampler.unit: class}}", "not searched here", ""),
]


@pytest.mark.parametrize(("entry", "what", "fix"), WRONG_ENTRIES, ids=[e[0] for e in WRONG_ENTRIES])
def test_a_wrong_entry_is_named_with_its_line(tmp_path, entry, what, fix):
    error = refused_entry(tmp_path, entry)
    assert what in error.what
    assert fix in error.fix
    assert error.fix
    assert error.where == f"{tmp_path / 'boda.yaml'}:3"


def test_a_wrong_key_is_placed_on_its_own_line(tmp_path):
    entry = "optimizer.lr:\n    low: 1e-3\n    hgih: 1e-2"
    assert refused_entry(tmp_path, entry).where.endswith("boda.yaml:5")


def conditional(condition: str, *, sampler: str = "choices: [domain, balanced]") -> str:
    return (
        "method: boda\nparams:\n"
        f"  sampler: {{{sampler}}}\n"
        f"  sampler.exponent: {{low: 0, high: 1, when: {{{condition}}}}}\n"
        "  network.dropout: {low: 0, high: 0.5}\n"
    )


@pytest.mark.parametrize(
    ("condition", "what", "fix"),
    [
        ("samplr: balanced", "which is not searched here", "did you mean 'sampler'?"),
        ("sampler: balancd", "'sampler' is never \"balancd\"", "did you mean 'balanced'?"),
        ("sampler: true", "'sampler' is never true", ""),
        ("sampler: null", "'sampler' is never null", ""),
        ("sampler: []", "'sampler' is never a list", ""),
        ("network.dropout: 0.5", "which is a range", "choices"),
    ],
)
def test_an_impossible_condition_is_refused(tmp_path, condition, what, fix):
    error = refusal(tmp_path, conditional(condition))
    assert what in error.what
    assert fix in error.fix
    assert error.where.endswith("boda.yaml:4")


def test_a_condition_may_allow_several_values(tmp_path):
    space = load(tmp_path, conditional("sampler: [domain, balanced]"))
    exponent = next(item for item in space.dimensions if item.name == "sampler.exponent")
    assert exponent.when == (("sampler", ("domain", "balanced")),)


def test_conditions_in_a_circle_are_refused(tmp_path):
    text = conditional(
        "sampler: balanced",
        sampler="choices: [domain, balanced], when: {sampler.unit: class}",
    )
    text += "  sampler.unit: {choices: [class], when: {sampler: balanced}}\n"
    error = refusal(tmp_path, text)
    assert "sampler, sampler.exponent, sampler.unit wait for each other" in error.what


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        ("search: {sampler: tpee}", "unknown sampler 'tpee'", "did you mean 'tpe'?"),
        ("search: {scheduler: pbt}", "unknown scheduler 'pbt'", "asha, none"),
        ("search: {sampler: 3}", "unknown sampler '3'", "grid"),
        ("search: {trials: 50}", "unknown key 'trials' in search", "seed"),
        ("search: {seed: -1}", "search.seed must be a whole number >= 0, got -1", "seed: 0"),
        ("search: {seed: 1.5}", "search.seed must be a whole number", "seed: 0"),
        ("search: {grace_epochs: 0}", "search.grace_epochs must be a whole number >= 1", "2"),
        ("search: {reduction_factor: 1}", "search.reduction_factor", "3"),
        ("search: tpe", 'search must be a mapping, got "tpe"', "search:"),
        ("params: 3", "params must be a mapping, got 3", "params:"),
        ("parms: {}", "unknown key 'parms'", "did you mean 'params'?"),
        ("objective: 3", "objective must be a score of the validation folds", "val/"),
        ("objective: val/", "unknown objective 'val/'", "val/macro_f1"),
        ("objective: val/makro_f1", "unknown objective 'val/makro_f1'", "mean 'val/macro_f1'?"),
        ("objective: val/latest_f1", "unknown objective 'val/latest_f1'", "val/micro_f1"),
        ("search: {objective: val/macro_f1}", "unknown key 'objective'", "beside `search:`"),
        ("extends: [a]", "extends must be a file name", "base.yaml"),
        ("extends: gone.yaml", 'there is no file "gone.yaml"', "boda.yaml"),
    ],
)
def test_a_wrong_line_of_the_file_is_named(tmp_path, line, what, fix):
    error = refusal(tmp_path, f"method: boda\n{line}\n")
    assert what in error.what
    assert fix in error.fix
    assert error.where == f"{tmp_path / 'boda.yaml'}:2"


@pytest.mark.parametrize(
    "line",
    [
        "objective: test/macro_f1",
        "objective: held_out/macro_f1",
        "objective: Held-Out f1",
        "objective: val/macro_f1_oracle",
        "objective: tgt_f1",
        "objective: unseen/macro_f1",
        "objective: macro_f1",
        "objective: Val/macro_f1",
        "objective: /val/macro_f1",
        "search: {objective: test/f1}",
        "metric: test/macro_f1",
    ],
)
def test_an_objective_on_the_held_out_domain_is_refused(tmp_path, line):
    with pytest.raises(RefusedError) as caught:
        load(tmp_path, f"method: boda\n{line}\n")
    assert caught.value.exit_code == 7
    assert caught.value.where.endswith("boda.yaml:2")
    assert "val/macro_f1" in caught.value.fix
    assert "--selection oracle" in caught.value.fix


def test_an_objective_in_a_shared_file_is_refused_too(tmp_path):
    (tmp_path / "base.yaml").write_text("objective: test/macro_f1\n")
    with pytest.raises(RefusedError):
        load(tmp_path, "method: boda\nextends: base.yaml\n")


def test_an_overridden_objective_on_the_held_out_domain_is_refused_too(tmp_path):
    (tmp_path / "base.yaml").write_text("objective: test/macro_f1\n")
    with pytest.raises(RefusedError):
        load(tmp_path, "method: boda\nextends: base.yaml\nobjective: val/macro_f1\n")


def test_the_file_of_another_method_is_refused(tmp_path):
    with pytest.raises(UsageError, match="the file is for method \"boda\", not 'dann'"):
        load(tmp_path, BODA.replace("extends: base.yaml\n", ""), method="dann")


def test_all_problems_are_named_at_once(tmp_path):
    (tmp_path / "base.yaml").write_text("params: {optimizer.lrr: {low: 1}}\n")
    error = refusal(
        tmp_path,
        "method: bodaa\nextends: base.yaml\nparams:\n  network.dropout: {low: 1, high: 0}\n"
        "search: {seed: x, samplr: tpe}\n",
    )
    assert error.what.startswith("5 problems in ")
    assert "base.yaml:1: unknown hyper-parameter 'optimizer.lrr'" in error.what


def test_files_that_extend_each_other_are_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: boda.yaml\n")
    error = refusal(tmp_path, "method: boda\nextends: a.yaml\n")
    assert "boda.yaml -> a.yaml -> boda.yaml" in error.what


def test_a_long_chain_is_refused(tmp_path):
    for number in range(12):
        (tmp_path / f"a{number}.yaml").write_text(f"extends: a{number + 1}.yaml\n")
    (tmp_path / "a12.yaml").write_text("params: {}\n")
    assert "more than 10 files" in refusal(tmp_path, "method: boda\nextends: a0.yaml\n").what


def test_a_file_elsewhere_may_extend_a_shipped_one(tmp_path):
    text = (
        "method: boda\nextends: base.yaml\nparams:\n  optimizer.weight_decay: {low: 0, high: 1}\n"
    )
    decay = Declared(
        name="optimizer.weight_decay", kind="float", default=0.0, low=0.0, high=1.0, help=""
    )
    (tmp_path / "mine.yaml").write_text(text)
    space = load_space(
        tmp_path / "mine.yaml",
        method="boda",
        declared=DECLARED | {decay.name: decay},
        choices_of_axis=AXES,
        objectives=OBJECTIVES,
    )
    assert "optimizer.lr" in space.names


def test_a_given_folder_is_the_only_one_searched(tmp_path):
    with pytest.raises(UsageError, match="unknown search space 'boda'"):
        find_space("boda", tmp_path)


def test_the_working_folder_comes_first(tmp_path, monkeypatch):
    (tmp_path / "search_spaces").mkdir()
    (tmp_path / "search_spaces" / "erm.yaml").write_text("method: erm\n")
    monkeypatch.chdir(tmp_path)
    assert find_space("erm") == Path("search_spaces/erm.yaml")
    assert find_space("boda").parent in space_folders()[1:]


@pytest.mark.parametrize("name", ["bodaa", "../boda", "", "base", "a" * 5000])
def test_an_unknown_space_lists_those_that_exist(tmp_path, name):
    (tmp_path / "boda.yaml").write_text(BODA)
    with pytest.raises(UsageError) as caught:
        find_space(name, tmp_path)
    assert "boda" in caught.value.fix


odd_values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats()
    | st.sampled_from(["", "balanced", "tpe", "base.yaml", "x" * 300, "test/x"])
    | st.lists(st.integers() | st.floats() | st.none(), max_size=2)
    | st.dictionaries(st.sampled_from(["low", "sampler", "step"]), st.floats(), max_size=2)
)
PLACES = [
    *[(key,) for key in ("method", "extends", "objective", "params", "search")],
    *[("params", name) for name in DECLARED],
    *[("search", key) for key in ("sampler", "seed", "grace_epochs", "scheduler")],
    *[
        ("params", "sampler.exponent", key)
        for key in ("low", "high", "step", "log", "choices", "when")
    ],
    ("params", "sampler", "choices"),
    ("params", "optimizer.batch_size", "low"),
]


@given(st.lists(st.tuples(st.sampled_from(PLACES), odd_values), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None, database=None)
def test_a_mutated_space_is_read_or_refused_never_worse(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("mutated")
    (folder / "base.yaml").write_text(BASE)
    data = yaml.safe_load(BODA)
    for place, value in changes:
        target = data
        for key in place[:-1]:
            if not isinstance(target.setdefault(key, {}), dict):
                target[key] = {}
            target = target[key]
        target[place[-1]] = value
    with contextlib.suppress(UsageError, RefusedError):
        space = load(folder, yaml.safe_dump(data))
        assert all(
            dimension.choices or math.isfinite(dimension.high - dimension.low)
            for dimension in space.dimensions
        )
