"""What wbcray's sources draw, and what they read: nothing by chance, nothing that is pickled."""

import ast
from pathlib import Path

import pytest

import wbcray

PACKAGE = Path(wbcray.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

TORCH_DRAWS = {"rand", "randn", "randint", "randperm", "bernoulli", "multinomial", "normal"}
"""Of torch; each takes a generator of its own."""

GLOBAL_DRAWS = ("random.", "numpy.random.", "np.random.")
"""Of generators that the whole process shares."""

SEEDED = ("np.random.default_rng", "random.Random")
"""What makes a generator of one's own."""

UNPICKLES = ("pickle.load", "pickle.loads", "pickle.Unpickler", "joblib.load", "dill.load")
"""What runs code that a file contains."""


def calls(path):
    """Every call in a file: its dotted name, its arguments and its place."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            words = {word.arg: ast.unparse(word.value) for word in node.keywords}
            place = f"{path.name}:{node.lineno}"
            yield ast.unparse(node.func), [ast.unparse(one) for one in node.args], words, place


def found(is_wrong, paths=SOURCES):
    return [
        f"{place} {name}"
        for path in paths
        for name, arguments, words, place in calls(path)
        if is_wrong(name, arguments, words)
    ]


def runs_code(name, arguments, words):
    if name.endswith("Tuner.restore"):
        return True
    if name.endswith(("torch.load", "torch.hub.load", "load_state_dict_from_url")):
        return words.get("weights_only") != "True"
    return words.get("weights_only") == "False" or name.removeprefix("_") in UNPICKLES


def draws_by_chance(name, arguments, words):
    if name.endswith(("default_rng", "random.Random")):
        return not arguments or arguments == ["None"]
    if name.startswith("torch.") and name.removeprefix("torch.") in TORCH_DRAWS:
        return "generator" not in words
    return name.startswith(GLOBAL_DRAWS) and not name.startswith(SEEDED)


def test_no_file_is_read_in_a_way_that_runs_its_code():
    assert found(runs_code) == []


def test_all_that_is_random_comes_from_a_seeded_generator():
    # The contract checks of `testing` draw within a fork of torch's generator, seeded in `check`.
    ours = [path for path in SOURCES if "testing" not in path.relative_to(PACKAGE).parts]
    assert found(draws_by_chance, ours) == []


def test_torch_is_seeded_for_a_named_purpose():
    seeded = [
        arguments[0]
        for path in SOURCES
        if "training" in path.relative_to(PACKAGE).parts
        for name, arguments, _, _ in calls(path)
        if name == "torch.manual_seed"
    ]
    assert seeded
    assert all(argument.startswith("derive_seed(") for argument in seeded)


@pytest.mark.parametrize(
    "line",
    [
        "pickle.load(file)",
        "joblib.load(path)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "Tuner.restore(path, trainable)",
        "tune.Tuner.restore(path, trainable)",
    ],
)
def test_the_search_finds_what_runs_code(tmp_path, line):
    (tmp_path / "some.py").write_text(line)
    assert found(runs_code, [tmp_path / "some.py"])


@pytest.mark.parametrize(
    "line",
    ["np.random.default_rng()", "np.random.rand(3)", "torch.rand(3)", "random.shuffle(rows)"],
)
def test_the_search_finds_what_draws_by_chance(tmp_path, line):
    (tmp_path / "some.py").write_text(line)
    assert found(draws_by_chance, [tmp_path / "some.py"])
