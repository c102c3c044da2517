"""The fuzz targets work: on their seeds, and on some changes of them, without a fuzzer."""

import ast
import random
from importlib import import_module
from pathlib import Path

import pytest

from fuzz.target import MAX_SECONDS, Target, TooSlowError, accepts
from wbcray.core.errors import DataError

FOLDER = Path(__file__).resolve().parents[2] / "fuzz"
NAMES = sorted(
    path.stem for path in FOLDER.glob("*.py") if path.stem.strip("_") == path.stem != "target"
)
CHANGES = 200  # of all targets' seeds together


def target_of(name):
    return import_module(f"fuzz.{name}").TARGET


def changed(content, others, rng):
    """`content` with one to four places changed, cut, doubled or filled from another seed."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((1, 1, 4, 32)))
        other = rng.choice(others)
        place = rng.randrange(len(other))
        data[start:end] = rng.choice(
            (
                bytes(rng.randrange(256) for _ in range(end - start)),
                b"",
                data[start:end] * 2,
                other[place : place + 16],
            )
        )
    return bytes(data)


def test_the_four_readers_of_foreign_bytes_have_a_target():
    assert NAMES == ["archives", "configurations", "labels", "records"]


@pytest.mark.parametrize("name", NAMES)
def test_most_seeds_are_accepted(tmp_path, name):
    target = target_of(name)
    accepted = [accepts(target, seed, tmp_path / "input") for seed in target.seeds]
    assert target.name == name
    assert 2 * sum(accepted) >= len(accepted)


@pytest.mark.parametrize("name", NAMES)
def test_changed_seeds_are_values_or_errors_for_the_user(tmp_path, name):
    target, rng = target_of(name), random.Random(0)  # noqa: S311  # to be repeated
    outcomes = {
        accepts(target, changed(rng.choice(target.seeds), target.seeds, rng), tmp_path / "input")
        for _ in range(CHANGES // len(NAMES))
    }
    assert False in outcomes


@pytest.mark.parametrize("name", NAMES)
def test_no_bytes_at_all_are_refused(tmp_path, name):
    assert not accepts(target_of(name), b"", tmp_path / "input")


def test_a_find_is_not_taken_for_a_refusal(tmp_path):
    def trip(_):
        raise KeyError("x")

    with pytest.raises(KeyError):
        accepts(Target(name="x", seeds=(), read=trip), b"", tmp_path / "input")


def test_an_error_that_does_not_help_is_a_find(tmp_path):
    def refuse(_):
        raise DataError("no")

    with pytest.raises(AssertionError, match="without what or fix"):
        accepts(Target(name="x", seeds=(), read=refuse), b"", tmp_path / "input")


def test_a_reader_that_takes_too_long_is_a_find(tmp_path, monkeypatch):
    clock = iter((0.0, MAX_SECONDS + 0.1))
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    with pytest.raises(TooSlowError, match=r"1\.10 s"):
        accepts(Target(name="x", seeds=(), read=lambda _: None), b"", tmp_path / "input")


def test_the_driver_knows_every_target():
    # it is not imported: it needs the fuzzer
    (names,) = [
        ast.literal_eval(node.value)
        for node in ast.parse((FOLDER / "__main__.py").read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NAMES"
    ]
    assert sorted(names) == NAMES
