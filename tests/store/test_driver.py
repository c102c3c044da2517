import errno
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from wbcray.core.errors import ResourceError, StoreError
from wbcray.store import driver as drivers
from wbcray.store.audit import audit
from wbcray.store.driver import driving, forget
from wbcray.store.driver_files import DriverFiles, myself

HOLD = """
import sys
from pathlib import Path
from wbcray.store.driver import driving
with driving(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Beats and watching a hundred times as fast."""
    monkeypatch.setattr(drivers, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(drivers, "WATCH_SECONDS", 0.3)


@pytest.fixture
def run(tmp_path):
    return tmp_path / "main"


@pytest.fixture
def other(run):
    """Another process that drives the run."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate("end\n", timeout=30)


@pytest.fixture
def elsewhere(run):
    """A driver on another machine, by what it writes; gives its number."""
    run.mkdir()
    who = replace(myself(), pid=4242, node="0" * 8, host="node7", boot="another")
    number = DriverFiles(run).register(who)
    DriverFiles(run).beat(number, 0)
    return number


@pytest.fixture
def beating(run, elsewhere):
    """That driver beats, by a clock of its own, from its own past."""
    over = threading.Event()

    def go_on():
        count = 0
        while not over.wait(0.02):
            count += 1
            path = run / "drivers" / f"beat-{elsewhere:03d}"
            path.write_text(f"{count:09d} another 00000000001.0")

    thread = threading.Thread(target=go_on)
    thread.start()
    yield elsewhere
    over.set()
    thread.join()


def test_a_second_process_is_refused_and_told_who_holds_the_run_and_that_it_lives(run, other):
    said = f"'main' is in use by process {other.pid} on .* since 20.*, alive [0-9]+ s ago"
    with pytest.raises(StoreError, match=said), driving(run):
        pass


def test_a_refused_process_writes_nothing(run, other):
    before = sorted(path.name for path in run.rglob("*"))
    with pytest.raises(StoreError), driving(run):
        pass
    assert sorted(path.name for path in run.rglob("*")) == before


def test_another_run_may_be_driven_at_the_same_time(run, other):
    with driving(run.with_name("second")):
        assert other.poll() is None


def test_the_lock_dies_with_the_process_that_holds_it_and_the_work_is_taken_up(run, other):
    other.kill()
    other.wait(timeout=30)
    with driving(run) as driver:
        assert [f"process {other.pid} on " in remark for remark in driver.remarks] == [True]
    with driving(run) as driver:
        assert driver.remarks == ()


def test_a_run_may_be_driven_again_when_its_driver_is_done(run):
    for _ in range(2):
        with driving(run) as driver:
            assert driver.remarks == ()
            driver.check()
    assert (run / "driver.lock").read_text().count("process") == 1
    assert not list(run.glob("drivers/beat-*"))


def test_a_driver_on_another_machine_that_beats_is_not_disturbed(run, beating):
    with (
        pytest.raises(StoreError, match="'main' is in use by process 4242 on node7 since 20"),
        driving(run),
    ):
        pass
    assert list(DriverFiles(run).not_ended()) == [beating]


def test_a_driver_on_another_machine_that_is_silent_is_given_up_with_a_remark(run, elsewhere):
    with driving(run) as driver:
        (remark,) = driver.remarks
        assert "process 4242 on node7" in remark
    assert DriverFiles(run).has_ended(elsewhere)


def test_a_driver_on_another_machine_that_ended_is_not_watched(run, elsewhere, monkeypatch):
    DriverFiles(run).end(elsewhere, "ended")
    monkeypatch.setattr(drivers.time, "sleep", lambda _: pytest.fail("watched"))
    with driving(run) as driver:
        assert driver.remarks == ()


def test_a_dead_process_of_this_machine_is_given_up_at_once(run, monkeypatch):
    run.mkdir()
    DriverFiles(run).register(myself())
    monkeypatch.setattr(drivers.time, "sleep", lambda _: pytest.fail("watched"))
    with driving(run) as driver:
        assert len(driver.remarks) == 1


def test_a_machine_of_the_same_name_is_another_machine(run):
    run.mkdir()
    DriverFiles(run).register(replace(myself(), boot="another"))
    waits = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drivers.time, "sleep", waits.append)
        patch.setattr(drivers, "WATCH_SECONDS", 0.01)
        with driving(run):
            assert waits


def test_a_driver_that_was_given_up_must_not_go_on(run, monkeypatch):
    with driving(run) as first:
        # As on a file system whose locks do not reach other machines.
        monkeypatch.setattr(drivers.fcntl, "flock", no_locks)
        monkeypatch.setattr(drivers, "BEAT_SECONDS", 60)  # the first one is not scheduled any more
        first._over.set()
        first._thread.join()
        with driving(run) as second:
            second.check()
            with pytest.raises(StoreError, match="another driver took over run 'main'"):
                first.check()


def test_a_driver_that_cannot_look_ends_in_order(run, monkeypatch):
    def refuse(path):
        raise OSError(errno.EIO, "Input/output error", str(path))

    with driving(run) as driver:
        with monkeypatch.context() as outage:
            outage.setattr("pathlib.Path.exists", refuse)
            with pytest.raises(ResourceError, match="cannot be looked at: Input/output error"):
                driver.check()
        driver.check()


def test_without_locks_a_living_driver_of_this_machine_is_seen_by_its_beat(run, monkeypatch):
    monkeypatch.setattr(drivers.fcntl, "flock", no_locks)
    with driving(run), pytest.raises(StoreError, match="alive a moment ago"), driving(run):
        pass


def no_locks(*_):
    raise OSError(95, "Operation not supported")


def test_of_two_that_come_at_once_the_later_number_yields(run, beating, monkeypatch):
    real = DriverFiles.not_ended
    answers = iter(({},))  # the first look, before the other one had registered

    monkeypatch.setattr(DriverFiles, "not_ended", lambda files: next(answers, real(files)))
    with pytest.raises(StoreError, match="process 4242 on node7"), driving(run):
        pass
    assert list(real(DriverFiles(run))) == [beating]


def test_a_damaged_driver_record_is_watched_like_one_of_another_machine(run, elsewhere):
    (run / "drivers" / f"driver-{elsewhere:03d}.json").write_text("{")
    with driving(run) as driver:
        assert "an unknown machine" in driver.remarks[0]


def test_what_driving_leaves_is_intact_and_can_be_taken_back(run):
    with driving(run):
        pass
    assert audit(run).corrupt == 0
    forget(run)
    assert list(run.iterdir()) == []
