"""No crash at any call of any commit path loses, changes or doubles what was acknowledged."""

import pytest
from crash import DIED, do, do_in_child, exhaust, points_of, power_violations
from operations import OPERATIONS, CellKept, CellKeptAgain

by_name = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)


@by_name
def test_no_crash_point_loses_changes_or_doubles_anything(operation, quick_folder):
    found, points = exhaust([operation], quick_folder)
    assert found == []
    assert points > 3


@by_name
def test_a_power_failure_takes_nothing_that_was_acknowledged(operation, quick_folder):
    assert power_violations(operation, quick_folder / "run") == []


def test_a_modelled_kill_leaves_what_a_real_one_leaves(quick_folder):
    operation = CellKept()
    kills = [p for p in points_of(operation, quick_folder / "calls") if "kill" in p.mode]
    for number, point in enumerate(kills):
        modelled, real = quick_folder / f"{number}-modelled", quick_folder / f"{number}-real"
        assert do(operation, modelled, nth=point.number, mode=point.mode).how == DIED
        assert do_in_child(operation, real, nth=point.number, mode=point.mode).how == DIED
        assert sizes(modelled) == sizes(real), point
    assert len(kills) > 30


def test_every_function_that_changes_the_disk_is_reached_as_a_crash_point(
    quick_folder, monkeypatch
):
    from wbcray.store import disk

    reached = set()
    for name in ("make_folder", "create", "write", "flush", "link", "flush_folder", "remove"):
        real = getattr(disk, name)
        monkeypatch.setattr(disk, name, lambda *a, n=name, r=real: (reached.add(n), r(*a))[1])
    calls = do(CellKeptAgain(), quick_folder / "run").calls
    assert reached == {
        *("make_folder", "create", "write", "flush", "link", "flush_folder", "remove"),
    }
    assert {"mkdir", "create", "write", "fsync", "link", "unlink"} <= {call.name for call in calls}


def sizes(folder):
    """Every file by name and length; names of unfinished files without what is drawn in them.

    Lengths only: process ids and times stand in some.
    """
    return sorted(
        (str(path.relative_to(folder)).rpartition(".json.")[0] or str(path.relative_to(folder)))
        + f" {path.stat().st_size if 'begun' not in path.name else ''}"
        for path in folder.rglob("*")
        if path.is_file()
    )
