"""Any search space within what is declared is read as it is meant; one mistake in it is placed.

`WBCRAY_EXAMPLES=50000 pytest tests/search/test_space_properties.py` draws that many of each.
"""

import math
from dataclasses import asdict, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml_writing import (
    badly_indented,
    beyond,
    is_told,
    lines_of,
    misspelt,
    numbers,
    properties,
    spelt,
    text_of,
)

from wbcray.core.config import AugmentConfig, OptimizerConfig
from wbcray.core.errors import UsageError
from wbcray.core.hyper import declared
from wbcray.search.space_file import load_space

DECLARED = {
    item.name: item
    for item in (
        *declared(OptimizerConfig, prefix="optimizer."),
        *declared(AugmentConfig, prefix="augment."),
    )
}
AXES = {"sampler": ("domain", "balanced", "pair")}
OBJECTIVES = ("val/macro_f1", "val/micro_f1")
SETTINGS = {
    "sampler": st.sampled_from(["tpe", "random", "grid", "gp", "qmc"]),
    "seed": st.integers(0, 2**63 - 1),
    "scheduler": st.sampled_from(["asha", "none"]),
    "grace_epochs": st.integers(1, 100_000),
    "reduction_factor": st.integers(2, 100),
}
KEYS = {
    (): {"method", "extends", "objective", "params", "search"},
    ("search",): set(SETTINGS),
    ("params",): {*DECLARED, *AXES},
}


@st.composite
def entries(draw, item):
    """A range, with steps or without, or a list of choices, within what `item` declares."""
    if item.kind == "choice":
        return {"choices": draw(st.lists(st.sampled_from(item.choices), min_size=1, unique=True))}
    number = numbers(item.low, item.high, whole=item.kind == "int")
    shape = draw(st.sampled_from(["range", "steps", "choices"]))
    if shape == "choices":
        return {"choices": draw(st.lists(number, min_size=1, max_size=4, unique=True))}
    if shape == "range":
        low, high = sorted([draw(number), draw(number)])
        return {"low": low, "high": high, "log": low > 0 and draw(st.booleans())}
    low, high = Decimal(math.ceil(item.low)), Decimal(str(item.high))
    step = Decimal(draw(st.integers(1, 999))) / (1 if item.kind == "int" else 1000)
    count = draw(st.integers(0, min(50, int((high - low) / step)))) if high >= low else 0
    kind = int if item.kind == "int" else float
    low = min(low, high)
    return {"low": kind(low), "high": kind(low + count * step), "step": kind(step)}


@st.composite
def spaces(draw):
    """What a valid search space file holds."""
    names = draw(st.lists(st.sampled_from(sorted(DECLARED)), min_size=1, max_size=4, unique=True))
    params = {name: draw(entries(DECLARED[name])) for name in names}
    if draw(st.booleans()):
        axis = draw(st.lists(st.sampled_from(AXES["sampler"]), min_size=1, unique=True))
        params["sampler"] = {"choices": axis}
        when = draw(st.lists(st.sampled_from(axis), min_size=1, unique=True))
        params[names[0]] |= {"when": {"sampler": when}}
    optional = {
        "objective": st.sampled_from(OBJECTIVES),
        "search": st.fixed_dictionaries({}, optional=SETTINGS),
    }
    return {"method": "erm", "params": params} | draw(st.fixed_dictionaries({}, optional=optional))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Where each example is written, in place of the last one."""
    return tmp_path_factory.mktemp("space") / "erm.yaml"


def load(path, text):
    path.write_text(text, encoding="utf-8")
    return load_space(
        path, method="erm", declared=DECLARED, choices_of_axis=AXES, objectives=OBJECTIVES
    )


def refusal(path, text):
    with pytest.raises(UsageError) as caught:
        load(path, text)
    assert caught.value.exit_code == 2
    assert caught.value.where.startswith(str(path))
    return caught.value


def written(space):
    """The content of a file that says of everything what `space` holds."""
    params = {}
    for item in space.dimensions:
        numeric = {"low": item.low, "high": item.high, "log": item.log, "step": item.step}
        entry = {"choices": item.choices} if item.choices else numeric
        entry |= {"when": dict(item.when) or None}
        params[item.name] = {key: value for key, value in entry.items() if value is not None}
    search = asdict(space.settings)
    return {"method": "erm", "objective": space.objective, "params": params, "search": search}


@given(content=spaces())
@properties
def test_a_valid_space_is_read_as_it_is_meant_and_comes_back(path, content):
    space = load(path, text_of(lines_of(content)))
    assert set(space.names) == set(content["params"])
    for item in space.dimensions:
        entry = content["params"][item.name]
        assert item.ends() == tuple(entry.get("choices", (entry.get("low"), entry.get("high"))))
    again = load(path, text_of(lines_of(written(space))))
    assert again == space
    assert again.digest == space.digest


@given(content=spaces(), data=st.data())
@properties
def test_a_misspelt_key_is_placed(path, content, data):
    lines = lines_of(content, flow_from=2)
    fixed = [n for n, line in enumerate(lines) if line.path[:-1] in KEYS]
    number = data.draw(st.sampled_from(fixed))
    right = lines[number].path
    wrong = data.draw(misspelt(right[-1], KEYS[right[:-1]]))
    lines[number] = replace(lines[number], path=(*right[:-1], wrong))
    error = refusal(path, text_of(lines))
    assert f"'{wrong}'" in error.what
    assert is_told(error, path, number + 1)


@given(content=spaces(), data=st.data())
@properties
def test_a_wrong_value_is_placed(path, content, data):
    lines = lines_of(content)
    number = data.draw(st.sampled_from([n for n, line in enumerate(lines) if line.value]))
    key = lines[number].path[-1]
    # "log: true" beside a low of 0 or a step is a mistake, too, but one of another line
    wrong = data.draw(st.sampled_from([{"a": {"b": 1}}, math.nan, [[1]], "no such"]))
    if key == "when" and wrong == {"a": {"b": 1}}:
        wrong = "no such"
    if lines[number].path[0] == "objective" and wrong == "no such":
        wrong = "val/no_such"
    lines[number] = replace(lines[number], value=spelt(wrong))
    assert is_told(refusal(path, text_of(lines)), path, number + 1)


@given(name=st.sampled_from(sorted(DECLARED)), key=st.sampled_from(["low", "high"]), data=st.data())
@properties
def test_a_bound_out_of_range_is_placed(path, name, key, data):
    item = DECLARED[name]
    if item.kind == "choice":
        return
    value = data.draw(beyond(item.low, item.high))
    text = text_of(lines_of({"method": "erm", "params": {name: {key: value}}}, flow_from=2))
    assert is_told(refusal(path, text), path, 3)


@given(content=spaces(), data=st.data())
@properties
def test_a_key_that_is_given_twice_is_placed(path, content, data):
    lines = lines_of(content)
    number = data.draw(st.sampled_from([n for n, line in enumerate(lines) if line.value]))
    lines.insert(number + 1, lines[number])
    error = refusal(path, text_of(lines))
    key = lines[number].path[-1]
    assert error.what == f"key '{key}' given twice (lines {number + 1} and {number + 2})"
    assert is_told(error, path, number + 2)


@given(content=spaces(), data=st.data())
@properties
def test_broken_indentation_is_placed(path, content, data):
    text, _ = data.draw(badly_indented(lines_of(content)))
    error = refusal(path, text)
    line = int(error.where.removeprefix(f"{path}:").split(":")[0])
    assert 1 <= line <= text.count("\n") + 1
