"""What is kept of an unfinished fold: written whole, read only if whole, and never in the way."""

import errno
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from wbcray.core.errors import UsageError
from wbcray.core.result import EpochReport
from wbcray.store import disk
from wbcray.training import progress as module
from wbcray.training.fold_state import FoldState
from wbcray.training.progress import SECONDS_VARIABLE, FoldProgress

CPU = torch.device("cpu")
WHO = {"config": "abc", "data": "123", "seed": "0"}


def report(epoch):
    return EpochReport(
        fold=0,
        epoch=epoch,
        losses={"total": 1 / 3 + epoch, "risk": 0.1},
        counts=np.array([[[3, 1], [0, 2**40]]], dtype=np.int64),
        learning_rate=1e-4 / 7,
        seconds=0.25,
    )


def state(epochs):
    images = torch.arange(2 * 3 * 4 * 4, dtype=torch.float32).view(2, 3, 4, 4) + epochs
    return FoldState(
        tensors={
            "learner.conv": images.contiguous(memory_format=torch.channels_last),
            "learner.point": images[:, :, :1, :1].contiguous(memory_format=torch.channels_last),
            "learner.steps": torch.tensor(epochs),
            "average.sum": images.double() / 3,
            "average.shared": images.flatten(),
            "average.type": torch.empty(0, dtype=torch.bfloat16),
        },
        schedule={"last_epoch": epochs, "_last_lr": [1e-4 / 7]},
        steps=5 * epochs,
        best_epoch=0,
        best_score=1 / 3,
        reports=tuple(map(report, range(epochs))),
        seconds=1.5,
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "progress"


@pytest.fixture
def keep(folder):
    """Keeps the states after these numbers of epochs."""

    def kept(*epochs):
        progress = FoldProgress(folder, lambda: None, WHO)
        for number in epochs:
            progress.keep(state(number), CPU)
        return progress

    return kept


def newest(folder, who=WHO):
    progress = FoldProgress(folder, lambda: None, who)
    return progress.newest(CPU), progress


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_state_comes_back_with_every_bit_and_stride(folder, keep):
    keep(2)
    found, progress = newest(folder)
    wanted = state(2)
    assert found.tensors.keys() == wanted.tensors.keys()
    for name, value in wanted.tensors.items():
        assert torch.equal(found.tensors[name], value)
        assert found.tensors[name].dtype == value.dtype
        assert found.tensors[name].stride() == value.stride()
    for mine, before in zip(found.reports, wanted.reports, strict=True):
        assert mine.counts.dtype == before.counts.dtype
        assert np.array_equal(mine.counts, before.counts)
        assert replace(mine, counts=before.counts) == before
    assert replace(found, tensors={}, reports=()) == replace(wanted, tensors={}, reports=())
    assert progress.resumed == 2
    assert progress.remarks == []


def test_the_newest_two_states_stay_and_nothing_else(folder, keep):
    folder.mkdir()
    (folder / ".epoch-0001.json.0123abcd").write_text("half")
    keep(1, 2, 3)
    stems = [name.partition(".")[0] for name in names(folder)]
    assert stems == ["epoch-0002", "epoch-0002", "epoch-0003", "epoch-0003"]


def test_a_state_that_another_attempt_kept_of_later_epochs_is_not_mixed_in(folder, keep):
    keep(5)
    keep(1)
    found, _ = newest(folder)
    assert found.epochs == 1


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


DAMAGE = {
    "a bit of a tensor": ("*3.*.safetensors", flip),
    "tensors cut short": ("*3.*.safetensors", lambda path: path.write_bytes(b"0123")),
    "no tensors": ("*3.*.safetensors", lambda path: path.unlink()),
    "a bit of what it says": ("*3.json", flip),
    "empty": ("*3.json", lambda path: path.write_text("")),
    "not an object": ("*3.json", lambda path: path.write_text("[1]")),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_state_is_remarked_and_the_one_before_is_used(folder, keep, how):
    pattern, damage = DAMAGE[how]
    keep(2, 3)
    (path,) = folder.glob(pattern)
    damage(path)
    found, progress = newest(folder)
    assert found.epochs == progress.resumed == 2
    (remark,) = progress.remarks
    assert remark.startswith("epoch-0003.json is not used: ")


def test_tensors_of_another_state_are_not_taken_for_those_of_this_one(folder, keep):
    keep(2, 3)
    (older,), (newer,) = folder.glob("*2.*.safetensors"), folder.glob("*3.*.safetensors")
    newer.write_bytes(older.read_bytes())
    found, progress = newest(folder)
    assert found.epochs == 2
    assert progress.remarks == ["epoch-0003.json is not used: its tensors do not match their hash"]


@pytest.mark.parametrize("name", WHO)
def test_the_state_of_another_training_is_not_used(folder, keep, name):
    keep(1)
    found, progress = newest(folder, {**WHO, name: "other"})
    assert found is None
    assert progress.resumed == 0
    assert progress.remarks == [f"epoch-0001.json is not used: {name} is {WHO[name]}, not other"]


def test_what_is_known_later_must_agree_too(folder, keep):
    keep(1)
    progress = FoldProgress(folder, lambda: None, WHO)
    progress.concerns({"threads": "2"})
    assert progress.newest(CPU) is None
    assert progress.remarks == ["epoch-0001.json is not used: threads is not given, not 2"]


@pytest.mark.parametrize("call", ["create", "write", "flush", "rename", "flush_folder"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_full_disk_is_said_once_and_leaves_no_half_file(
    folder, keep, monkeypatch, caplog, call, number
):
    progress = keep(1)
    before = names(folder)
    real, calls = getattr(disk, call), []

    def full(*args):
        calls.append(call)
        if len(calls) >= number:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(disk, call, full)
        progress.keep(state(2), CPU)
        calls.clear()
        progress.keep(state(2), CPU)

    (said,) = caplog.messages
    assert said.startswith("the state of a fold cannot be kept, training goes on without: ")
    assert len(progress.remarks) == 1
    if call != "flush_folder" or number == 1:  # after the last rename the state is whole
        assert names(folder) == before
    assert newest(folder)[1].remarks == []


def test_the_last_space_of_a_disk_is_left_for_records(folder, keep, monkeypatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1000))
    progress = keep(1)
    assert names(folder) == []
    assert progress.remarks == ["the state could not be kept: No space left on device"]


def test_without_a_folder_nothing_is_kept(monkeypatch):
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    progress = FoldProgress.none()
    progress.alive()
    progress.keep(state(1), CPU)
    assert not progress.due()
    assert progress.newest(CPU) is None


class Clock:
    """Time as a test says it."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)


def test_a_short_fold_keeps_nothing_and_a_long_one_spends_two_percent(
    folder, monkeypatch, tmp_path
):
    clock = Clock(monkeypatch)
    progress = FoldProgress(folder, lambda: None, WHO)
    # Every write takes 3 s, every epoch 7 s.
    monkeypatch.setattr(FoldProgress, "_write", lambda *_: setattr(clock, "now", clock.now + 3.0))
    folder.mkdir()
    kept = []
    for _ in range(300):
        clock.now += 7
        if progress.due():
            progress.keep(state(1), CPU)
            kept.append(clock.now - 1000)
    assert 30 <= kept[0] - 3 < 37
    assert all(3 * number <= 0.02 * time + 3 for number, time in enumerate(kept, start=1))
    assert len(kept) >= 0.8 * 0.02 * (clock.now - 1000) / 3


def test_the_environment_says_how_often(folder, monkeypatch):
    clock = Clock(monkeypatch)
    monkeypatch.setenv(SECONDS_VARIABLE, "10")
    progress = FoldProgress(folder, lambda: None, WHO)
    clock.now += 9
    assert not progress.due()
    clock.now += 1
    assert progress.due()
    progress.keep(state(1), CPU)
    assert not progress.due()


@pytest.mark.parametrize("given", ["often", "-1", "nan", "inf", ""])
def test_what_is_no_number_of_seconds_is_refused(monkeypatch, given):
    monkeypatch.setenv(SECONDS_VARIABLE, given)
    with pytest.raises(UsageError, match=SECONDS_VARIABLE):
        FoldProgress.none()


def test_a_state_names_the_training_and_the_tensors_it_belongs_to(folder, keep):
    keep(1)
    described = json.loads((folder / "epoch-0001.json").read_text())["payload"]
    assert described["identity"] == WHO
    assert (folder / described["file"]).stat().st_size == described["bytes"]
