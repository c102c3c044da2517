"""Ray Train: two workers train one network and lose what one loses."""

import pytest
from command_line import call
from generated_cells import write_project

from wbcray.store.cells import CellStore

pytestmark = [pytest.mark.ray, pytest.mark.slow]


def test_two_train_workers_report_the_losses_of_a_process_without_ray(tmp_path, cells):
    write_project(tmp_path, cells, epochs=1)
    words = ("train", "--method", "dann", "--held-out", "west", "--set", "optimizer.lr=1e-5")
    call(tmp_path, *words, "--run", "one", "--cpus-per-trial", "1")
    call(tmp_path, *words, "--run", "two", "--workers", "2", "--address", "local")
    one, two = (next(iter(CellStore(tmp_path / "runs" / name))) for name in ("one", "two"))
    for alone, together in zip(one.reports, two.reports, strict=True):
        assert together.losses == pytest.approx(alone.losses, rel=1e-4)
    assert two.counts.sum() == one.counts.sum()
