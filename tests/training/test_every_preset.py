"""Every preset trains a fold twice to the same bits, once without and once with interruptions."""

from dataclasses import dataclass
from itertools import count

import numpy as np
import pytest
import torch

from wbcray.methods.presets import PRESETS
from wbcray.store import disk
from wbcray.training.fold import train_fold
from wbcray.training.progress import SECONDS_VARIABLE, FoldProgress
from wbcray.training.runtime import LocalRuntime

CPU = torch.device("cpu")
SHORT = {"swad": {"finish.n_converge": 2}}
"""What a preset needs to do with two epochs."""

CALLS = ("create", "write", "flush", "close", "rename", "flush_folder", "remove")
"""System calls of a write, in order; a kept state is two writes: tensors, and what they are."""

WHOLE = len(CALLS) + 1 + CALLS.index("rename")
"""The call, counted from 1 over both writes, after which the state is there."""


class KilledError(Exception):
    """What a kill is to a process."""


@dataclass
class Attempt:
    """One process that trains a fold: its runtime and progress, and where it dies."""

    folder: object
    patch: pytest.MonkeyPatch
    at_step: int = 0
    at_call: int = 0
    at_report: int | None = None

    def __post_init__(self):
        self.runtime = LocalRuntime(CPU, on_report=self.hear)
        self.progress = FoldProgress(self.folder, self.live, {})
        self.steps = 0

    def live(self):
        """Die at a step of the second epoch."""
        self.steps += len(self.runtime.reports) == 1
        if self.at_step and self.steps == self.at_step:
            raise KilledError

    def hear(self, report):
        """Die when a report is made; after the first epoch's, count system calls."""
        if report.epoch == self.at_report:
            raise KilledError
        if self.at_call:
            self.count_calls()

    def count_calls(self):
        calls = count(1)

        def counted(real):
            def call(*args):
                # A dead process does not tidy up either.
                if next(calls) >= self.at_call:
                    raise KilledError
                return real(*args)

            return call

        for name in CALLS:
            self.patch.setattr(disk, name, counted(getattr(disk, name)))


def weights_equal(some, others):
    return some.keys() == others.keys() and all(
        torch.equal(value, others[name]) for name, value in some.items()
    )


@pytest.mark.slow
@pytest.mark.usefixtures("narrow_network")
@pytest.mark.parametrize(("number", "method"), list(enumerate(PRESETS)))
def test_interrupted_training_ends_with_the_same_bits(
    run, settings, tmp_path, monkeypatch, number, method
):
    torch.set_num_threads(1)
    config = settings.config(method, SHORT.get(method, {}))
    data = run.data("west")
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    monkeypatch.setattr(disk, "flush", lambda handle: None)  # the disk is slow, and no power fails

    def train(attempt):
        return train_fold(
            config,
            data,
            data.split.folds[0],
            seed=0,
            runtime=attempt.runtime,
            progress=attempt.progress,
        )

    def killed(**where):
        with pytest.MonkeyPatch.context() as patch:
            attempt = Attempt(tmp_path / "progress", patch, **where)
            with pytest.raises(KilledError):
                train(attempt)
        return attempt.progress.resumed

    wanted, weights = train(Attempt(None, monkeypatch))

    assert killed(at_step=2) == 0
    # Each preset dies at another system call of the write of its second state.
    call = 1 + number % (2 * len(CALLS))
    assert killed(at_call=call) == 1
    assert killed(at_report=1) == (2 if call > WHOLE else 1)
    last = Attempt(tmp_path / "progress", monkeypatch)
    found, resumed_weights = train(last)

    assert last.progress.resumed == 2
    assert [report.epoch for report in last.runtime.reports] == [0, 1]
    assert weights_equal(resumed_weights, weights)
    assert np.array_equal(found.counts, wanted.counts)
    for before, after in zip(wanted.reports, found.reports, strict=True):
        assert after.losses == before.losses
        assert after.learning_rate == before.learning_rate
        assert np.array_equal(after.counts, before.counts)
        assert np.isfinite(list(after.losses.values())).all()
