"""What `wbcray doctor --address` finds on the nodes of a cluster."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wbcray.cli.finding import Finding

if TYPE_CHECKING:
    from wbcray.cluster.node_checks import NodeReport

_LITTLE_DISK_GB = 10.0
_CLOCK_SECONDS = 5.0
"""Records are ordered without clocks; times in tables and tokens of clouds are not."""


def cluster_findings(address: str, project: Path, *, insecure: bool) -> list[Finding]:
    """Join the cluster, ask its nodes, leave.

    Raises:
        RefusedError: For a cluster without authentication, unless `insecure`.
        ResourceError: When it cannot be joined, or this machine cannot write the runs' folder.
        UsageError: Without a project, whose runs and cache are looked for.
    """
    from wbcray.cluster.node_checks import report_nodes
    from wbcray.cluster.session import ray_session
    from wbcray.core.project import load_project
    from wbcray.store.place import place_of, reached

    found = load_project(project)
    with TemporaryDirectory() as folder:
        log = Path(folder) / "ray.log"
        with ray_session(address, log=log, insecure=insecure) as cluster:
            reports = report_nodes(reached(place_of(found.runs)), found.cache)
    protected = Finding(name="cluster", state="ok", found=f"{cluster}; asks for our token")
    if insecure:
        protected = Finding(
            name="cluster",
            state="warn",
            found=f"{cluster}; perhaps without authentication",
            fix="start it with RAY_AUTH_MODE=token, see SECURITY.md",
        )
    return [protected, *findings_of(reports, found.runs)]


def findings_of(reports: "Sequence[NodeReport]", runs: str) -> list[Finding]:
    """Lines for each node."""
    from wbcray.cluster.node_checks import different

    other = different(reports)
    return [
        finding
        for report in reports
        for finding in _findings(report, runs=runs, other=other[report.address])
    ]


def _findings(report: "NodeReport", *, runs: str, other: str) -> Iterator[Finding]:
    name = f"node {report.address}"
    if report.error:
        yield Finding(
            name=name,
            state="fail",
            found=report.error,
            fix="look at the node: `ray status`, and Ray's log there",
        )
        return
    gpus = f"{report.gpus:g} GPUs" if report.gpus else "no GPU"
    yield Finding(
        name=name,
        state="fail" if other else "ok",
        found=other or f"{report.host}, {gpus}, the same versions",
        fix="install wbcray with the same versions on all machines" if other else "",
    )
    yield Finding(
        name=f"{name}: runs",
        state="fail" if report.folder else "ok",
        found=report.folder or f"{runs} is shared and can be written",
        fix="set `runs:` in the project file to a path or bucket that all nodes share, and let "
        "this user write there"
        if report.folder
        else "",
    )
    little = report.free_gb < _LITTLE_DISK_GB
    yield Finding(
        name=f"{name}: disk",
        state="warn" if little else "ok",
        found=f"{report.free_gb:.0f} GB free below the cache",
        fix="decoded pixels need room; `wbcray data prepare --prune` drops what is not used"
        if little
        else "",
    )
    wrong = abs(report.clock_seconds) > _CLOCK_SECONDS
    ahead = "ahead" if report.clock_seconds > 0 else "behind"
    yield Finding(
        name=f"{name}: clock",
        state="warn" if wrong else "ok",
        found=f"{abs(report.clock_seconds):.0f} s {ahead}" if wrong else "agrees",
        fix="let the machines keep time by NTP" if wrong else "",
    )
