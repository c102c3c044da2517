"""Every preset trains a fold, and an interrupted trial goes on as if nothing had happened."""

import numpy as np
import pytest
import torch

from wbcray.methods.presets import PRESETS
from wbcray.store.cells import CellStore
from wbcray.training.runtime import LocalRuntime
from wbcray.training.trial import run_trial

SHORT = {"swad": {"finish.n_converge": 2}}
"""What a preset needs to do with two epochs."""


class KilledError(Exception):
    """What a kill is to a process."""


class Interrupting(LocalRuntime):
    """Dies in the second epoch, when its report is made."""

    def report(self, report):
        super().report(report)
        if report.epoch == 1:
            raise KilledError


@pytest.mark.slow
@pytest.mark.parametrize("method", PRESETS)
def test_a_trial_that_was_killed_goes_on_with_the_same_losses(run, settings, tmp_path, method):
    torch.set_num_threads(1)
    config = settings.config(method, SHORT.get(method, {}))

    def trial(folder, runtime):
        data = run.data("west")
        cells = CellStore(folder)
        return run_trial(config, data, cells, runtime, folds=(0,), seed=0)

    killed, resumed = Interrupting(torch.device("cpu")), LocalRuntime(torch.device("cpu"))
    with pytest.raises(KilledError):
        trial(tmp_path, killed)
    trial(tmp_path, resumed)

    assert len(killed.reports) == len(resumed.reports) == 2
    for before, after in zip(killed.reports, resumed.reports, strict=True):
        assert before.losses == after.losses
        assert np.array_equal(before.counts, after.counts)
        assert np.isfinite(list(after.losses.values())).all()
