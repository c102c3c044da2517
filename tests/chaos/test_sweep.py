"""A small sweep under a few faults; the long one is `make chaos`."""

import pytest
import sweep


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.timeout(600)  # four sittings, each with a Ray of its own
def test_a_sweep_under_faults_ends_with_the_bytes_of_the_undisturbed_one(tmp_path, capsys):
    kinds = ("worker killed in an epoch", "driver killed")
    words = [word for kind in kinds for word in ("--kind", kind)]
    arguments = ["--faults", "2", "--methods", "erm", "--epochs", "3", "--minutes", "3", *words]
    code = sweep.main([*arguments, "--folder", str(tmp_path / "sweep")])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert '"faults": 2' in said.out
