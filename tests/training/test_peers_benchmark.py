"""The logic of `benchmarks.peers` and `benchmarks.epoch`: turns, tables, listings, shares."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.epoch import Watch, table
from benchmarks.peers.case import Case, Turn
from benchmarks.peers.checkouts import check_enough
from benchmarks.peers.drawn import leave_out_rare
from benchmarks.peers.mdlt_side import listing
from benchmarks.peers.ours_side import Ours
from benchmarks.peers.table import ratios, rows, spread


@pytest.fixture
def case(tmp_path: Path) -> Case:
    for domain in ("near", "far", "away"):
        for label, images in (("small", 6), ("large", 2)):
            (tmp_path / domain / label).mkdir(parents=True)
            for number in range(images):
                (tmp_path / domain / label / f"{number}.png").touch()
    return Case(
        peer="domainbed",
        method="erm",
        network="resnet18",
        size=64,
        per_domain=4,
        steps=3,
        threads=1,
        images=tmp_path,
        held_out="away",
        work=tmp_path,
    )


def turn(seconds: float, *, wall: float = 1.0, peak: float = 10.0) -> Turn:
    return Turn(images=12, wall=wall, cpu=seconds, peak_mb=peak)


def test_a_case_reaches_a_side_as_it_was(case: Case) -> None:
    assert Case.from_text(case.to_text()) == case


def test_a_step_holds_images_of_every_source_and_of_no_other_domain(case: Case) -> None:
    assert case.sources == ("far", "near")
    assert case.batch == 8


def test_ratios_compare_turns_that_stood_beside_each_other() -> None:
    theirs, ours = [turn(6.0), turn(4.0)], [turn(2.0), turn(4.0)]

    assert ratios(ours, theirs, "cpu") == [3.0, 1.0]
    assert ratios(ours, theirs, "wall") == [1.0, 1.0]


def test_a_row_shows_rates_ratios_and_the_highest_peak(case: Case) -> None:
    found = {
        "theirs": [turn(6.0, peak=900.0), turn(6.0, peak=1000.0)],
        "ours float32": [turn(4.0), turn(3.0)],
        "ours auto": [turn(2.0), turn(2.0)],
    }

    by_processor, _ = rows(case, found)

    assert by_processor == (
        "| erm, resnet18, 64 px | processor | 2.00 (2.00 .. 2.00) | 3.50 (3.00 .. 4.00) "
        "| 6.00 (6.00 .. 6.00) | 1.75 (1.50 .. 2.00) | 3.00 (3.00 .. 3.00) | 1,000, 10, 10 |"
    )


def test_large_numbers_are_shown_whole() -> None:
    assert spread([1234.5, 99.96, 10.04]) == "100 (10 .. 1234)"


def test_the_listing_holds_a_fifth_back_and_numbers_classes_by_name(case: Case) -> None:
    listed = listing(case.images, case.sources)

    assert dict(listed.groupby("label").size()) == {0: 4, 1: 12}
    assert set(listed["env"]) == {"far", "near"}
    held_back = listed[listed["split"] == "val"]
    assert list(held_back["path"]) == [
        "far/large/1.png", "far/small/1.png", "near/large/1.png", "near/small/1.png",
    ]  # fmt: skip


def test_a_class_that_one_domain_lacks_is_left_out_everywhere(case: Case) -> None:
    (case.images / "near" / "rare").mkdir()

    leave_out_rare(case.images)

    assert sorted(one.name for one in (case.images / "near").iterdir()) == ["large", "small"]


def test_a_domain_with_fewer_images_than_a_step_takes_of_it_is_refused(case: Case) -> None:
    check_enough(4, case, "near")

    with pytest.raises(SystemExit, match="near has 3 training images, a step takes 4"):
        check_enough(3, case, "near")


def test_turns_go_through_epochs_without_a_gap() -> None:
    class Parts:
        @staticmethod
        def order(epoch: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
            return np.array([[0], [1], [2]]) + 10 * epoch

    ours = Ours.__new__(Ours)
    ours.begin(Parts.order)

    seen = [(epoch, order.ravel().tolist()) for epoch, order, _ in map(ours.rows, (2, 2, 5, 1))]

    assert seen == [(0, [0, 1]), (0, [2]), (1, [10, 11, 12]), (2, [20])]


def test_a_stop_within_a_stop_is_not_counted_twice() -> None:
    ticks = iter([0.0, 1.0, 4.0, 6.0])
    watch = Watch(lambda: next(ticks))
    inner = watch.timed("inner", lambda: None)

    watch.timed("outer", inner)()

    assert watch.seconds == {"inner": 3.0, "outer": 3.0}


def test_a_whole_stop_keeps_the_time_of_what_it_calls() -> None:
    ticks = iter([0.0, 5.0, 6.0, 8.0])
    watch = Watch(lambda: next(ticks), whole=("outer",))
    inner = watch.timed("inner", lambda: None)

    watch.timed("outer", inner)()
    inner()

    assert watch.seconds == {"outer": 5.0, "inner": 2.0}


def test_shares_of_an_epoch_add_up_to_all_of_it() -> None:
    seconds = {"gather": 1.0, "forward": 2.0, "total": 4.0}

    line = table({"erm": (seconds, 8)})[2]

    assert line == "| erm | 25.0 | 0.0 | 50.0 | 0.0 | 0.0 | 0.0 | 0.0 | 25.0 | 4.0 | 2 |"
