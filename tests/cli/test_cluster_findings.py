"""What `wbcray doctor --address` says of each node, and what is a failure."""

import pytest

from wbcray.cli.cluster_findings import findings_of
from wbcray.cluster.node_checks import NodeReport, own_versions

RUNS = "/shared/lab/runs"
WELL = {"address": "10.0.0.7", "host": "w1", "versions": own_versions(), "free_gb": 90.0}


def found(**changes):
    lines = findings_of([NodeReport(**{**WELL, **changes})], RUNS)
    return {line.name.removeprefix("node 10.0.0.7").lstrip(": "): line for line in lines}


def test_a_node_that_is_well_has_nothing_to_mend():
    lines = found(gpus=4.0)
    assert {line.state for line in lines.values()} == {"ok"}
    assert {line.fix for line in lines.values()} == {""}
    assert lines[""].found == "w1, 4 GPUs, the same versions"
    assert lines["runs"].found == "/shared/lab/runs is shared and can be written"


def test_a_node_that_does_not_answer_fails_and_says_nothing_else():
    lines = found(error="no answer within 90 s")
    assert list(lines) == [""]
    assert lines[""].state == "fail"


@pytest.mark.parametrize(
    ("changes", "line", "state", "said"),
    [
        ({"versions": (("ray", "2.0.0"),)}, "", "fail", "ray 2.0.0 (here "),
        ({"folder": "not there"}, "runs", "fail", "not there"),
        ({"free_gb": 3.2}, "disk", "warn", "3 GB free"),
        ({"clock_seconds": -61.0}, "clock", "warn", "61 s behind"),
        ({"clock_seconds": 7.0}, "clock", "warn", "7 s ahead"),
    ],
)
def test_what_is_wrong_is_said_with_its_mend(changes, line, state, said):
    lines = found(**changes)
    assert lines[line].state == state
    assert said in lines[line].found
    assert lines[line].fix
    assert [other for other in lines.values() if other.state != "ok"] == [lines[line]]


def test_a_clock_that_may_be_right_is_right():
    assert found(clock_seconds=4.9)["clock"].found == "agrees"
