"""`launch/slurm.sbatch` with stand-ins for all that it calls: how it tells, ends, tidies up."""

import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from launch_folder import LAUNCH

STAND_INS = {
    # one node; symmetric-run does not hand on how its command ended, as with killed workers
    "srun": 'while [[ "$1" == --* ]]; do shift; done; "$@"',
    "ray": """\
if [ "$1" = get-auth-token ]; then mkdir -p ~/.ray; echo token >~/.ray/auth_token; exit; fi
echo "$@" >>"$SAID"
while [ "$1" != -- ]; do shift; done
shift; "$@"; exit 137""",
    "wbcray": """\
trap 'echo saved >>"$SAID"; exit 143' TERM
echo "wbcray $*" >>"$SAID"
[ "$1" = tune ] || exit 0
for _ in $(seq "$TENTHS"); do sleep 0.1; done
exit "$CODE\"""",
    "getent": 'echo "127.0.1.1 STREAM node1"; echo "10.9.9.1 STREAM"',
}


@pytest.fixture
def submit(tmp_path):
    """Start the script as SLURM would; `said` is what the stand-ins were called with."""
    for name, text in STAND_INS.items():
        (tmp_path / name).write_text(f"#!/usr/bin/env bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    number = str(100_000_000 + os.getpid())
    said = tmp_path / "said"

    def submitted(*, tenths, code):
        said.write_text("")
        given = {"HOME": tmp_path, "WBCRAY_BIN": tmp_path, "SAID": said, "CODE": code}
        given |= {"SLURM_JOB_ID": number, "SLURM_JOB_NUM_NODES": 1, "TENTHS": tenths}
        return subprocess.Popen(
            ["bash", str(LAUNCH / "slurm.sbatch"), "--method", "boda"],
            env=os.environ | {name: str(value) for name, value in given.items()},
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )

    return submitted, said, Path(f"/tmp/wbcray-{number}")  # noqa: S108  # the script's own choice


@pytest.mark.parametrize("code", [0, 6])
def test_it_ends_as_the_sweep_did_however_ray_ended_on_the_nodes(submit, code):
    submitted, said, folder = submit
    job = submitted(tenths=0, code=code)
    job.communicate(timeout=30)
    assert job.returncode == code
    prepare, ray, tune = said.read_text().splitlines()
    assert prepare == "wbcray data prepare"
    assert ray.startswith("symmetric-run --address 10.9.9.1:")
    address = ray.split()[2]
    assert tune == f"wbcray tune --address {address} --method boda"
    assert not folder.exists()


def test_the_token_is_for_its_user_alone(submit, tmp_path):
    submitted, _, _ = submit
    submitted(tenths=0, code=0).communicate(timeout=30)
    assert stat.S_IMODE((tmp_path / ".ray" / "auth_token").stat().st_mode) == 0o600


def test_before_the_time_is_up_the_sweep_is_told_and_ends_in_order(submit):
    submitted, said, folder = submit
    job = submitted(tenths=300, code=0)
    deadline = time.monotonic() + 20
    process = folder / "driver.pid"
    while "wbcray tune" not in said.read_text() or not _said(process):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    job.send_signal(signal.SIGTERM)
    _, told = job.communicate(timeout=30)
    assert job.returncode == 143
    assert said.read_text().splitlines()[-1] == "saved"
    assert "submit it again to go on" in told
    assert not folder.exists()


def _said(path):
    return path.read_text() if path.exists() else ""
