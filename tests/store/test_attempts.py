"""Attempts at a cell: numbered, decided once, and by whom."""

import errno
import os

import pytest

from wbcray.core.errors import StoreError
from wbcray.store import attempts as module
from wbcray.store import leases
from wbcray.store.attempts import Attempt, node_name


def states(cells, keeper):
    return [attempt.state for attempt in cells.attempts(keeper.key())]


def test_a_cell_that_nobody_took_up_has_no_attempts(cells, keeper):
    assert cells.attempts(keeper.key()) == ()
    assert cells.beats(keeper.key()) is None
    assert cells.worker(keeper.key()) is None


def test_an_attempt_is_open_until_its_result_is_there(cells, keeper):
    lease = cells.begin(keeper.key())
    assert states(cells, keeper) == ["OPEN"]
    keeper.finish(lease)
    assert states(cells, keeper) == ["DONE"]


def test_whoever_takes_a_cell_up_is_known_without_the_name_of_the_machine(cells, keeper):
    cells.begin(keeper.key())
    assert cells.worker(keeper.key()) == (os.getpid(), node_name())
    assert len(node_name()) == 8
    assert os.uname().nodename not in node_name()


def test_an_attempt_that_fails_says_why(cells, keeper):
    cells.begin(keeper.key()).end("FAILED", "RuntimeError: boom")
    (attempt,) = cells.attempts(keeper.key())
    assert attempt == Attempt(number=1, state="FAILED", reason="RuntimeError: boom")


def test_a_long_reason_is_cut(cells, keeper):
    cells.begin(keeper.key()).end("FAILED", "x" * 10_000)
    assert len(cells.attempts(keeper.key())[0].reason) == 500


def test_taking_a_cell_up_again_gives_the_open_attempt_up_as_lost(cells, keeper):
    cells.begin(keeper.key())
    assert cells.begin(keeper.key()).number == 2
    assert states(cells, keeper) == ["LOST", "OPEN"]


def test_the_late_result_of_a_lost_worker_is_kept_and_never_counted(cells, keeper, tmp_path):
    lost = cells.begin(keeper.key())
    present = cells.begin(keeper.key())
    assert keeper.finish(lost, right=9) is None
    (late,) = tmp_path.glob("cells/*/*/late-001.json")
    assert '"kind":"cell"' in late.read_text()
    assert keeper.finish(present, right=3).counts[0, 0, 0] == 3
    assert cells.find(keeper.key()).attempt == 2


def test_a_result_that_comes_before_its_worker_is_given_up_counts(cells, keeper):
    first = cells.begin(keeper.key())
    keeper.finish(first, right=9)
    second = cells.begin(keeper.key())
    assert keeper.finish(second, right=3).counts[0, 0, 0] == 9
    assert states(cells, keeper) == ["DONE", "DONE"]


def test_the_end_of_an_attempt_that_is_decided_changes_nothing(cells, keeper):
    lease = cells.begin(keeper.key())
    keeper.finish(lease)
    lease.end("FAILED", "too late")
    assert states(cells, keeper) == ["DONE"]


def test_a_damaged_result_is_an_attempt_that_is_corrupt(cells, keeper, tmp_path):
    keeper.keep()
    (slot,) = tmp_path.glob("cells/*/*/attempt-001.json")
    slot.write_bytes(slot.read_bytes()[:-9])
    assert states(cells, keeper) == ["CORRUPT"]
    assert cells.begin(keeper.key()).history[0].state == "CORRUPT"


def test_beats_are_counted_while_the_attempt_is_open(cells, keeper, monkeypatch):
    now = iter([0.0, 1.0, 2.5, 2.6])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    lease = cells.begin(keeper.key())
    assert cells.beats(keeper.key()) == 0
    counts = []
    for _ in range(4):
        lease.beat()
        counts.append(cells.beats(keeper.key()))
    assert counts == [1, 1, 2, 2]
    keeper.finish(lease)
    assert cells.beats(keeper.key()) is None


def test_a_worker_that_was_given_up_learns_of_it(cells, keeper):
    lost = cells.begin(keeper.key())
    cells.begin(keeper.key())
    with pytest.raises(StoreError, match="attempt 1 was given up for lost"):
        lost.beat()


def test_a_beat_that_cannot_look_whether_it_was_given_up_stops_nobody(cells, keeper, monkeypatch):
    """And says so as soon as the files answer again."""
    monkeypatch.setattr(leases, "_BETWEEN_BEATS", 0.0)
    lost = cells.begin(keeper.key())
    cells.begin(keeper.key())

    def refuse(path):
        raise OSError(errno.EIO, "Input/output error", str(path))

    with monkeypatch.context() as outage:
        outage.setattr("pathlib.Path.exists", refuse)
        lost.beat()
    with pytest.raises(StoreError, match="given up"):
        lost.beat()


def test_a_beat_that_cannot_be_written_stops_nobody(cells, keeper, monkeypatch):
    lease = cells.begin(keeper.key())
    monkeypatch.setattr("pathlib.Path.write_text", lambda *_: (_ for _ in ()).throw(OSError(28)))
    lease.beat()
    monkeypatch.undo()
    assert keeper.finish(lease) is not None


def test_eight_workers_that_take_one_cell_up_have_eight_numbers(cells, keeper):
    leases = [cells.begin(keeper.key()) for _ in range(8)]
    assert [lease.number for lease in leases] == list(range(1, 9))
    assert states(cells, keeper) == ["LOST"] * 7 + ["OPEN"]
    results = [keeper.finish(lease, right=lease.number) for lease in leases]
    assert results[:7] == [None] * 7
    assert results[7].counts[0, 0, 0] == 8


def test_of_two_that_take_a_cell_up_at_once_one_can_bring_a_result(cells, keeper, monkeypatch):
    """The other comes between the first look at the folder and the first write to it."""
    real, quicker = module.commit, []

    def commit(path, kind, payload):
        if kind == module.BEGUN and not quicker:
            quicker.append(None)
            quicker[0] = cells.begin(keeper.key())
        return real(path, kind, payload)

    monkeypatch.setattr(module, "commit", commit)
    slower = cells.begin(keeper.key())
    assert states(cells, keeper) == ["LOST", "OPEN"]
    assert keeper.finish(slower, right=3).counts[0, 0, 0] == 3
    assert keeper.finish(quicker[0], right=9).counts[0, 0, 0] == 3
