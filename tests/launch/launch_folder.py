"""The files in `launch/` as tests read them: texts, manifests, settings, tested versions."""

import re
import shutil
from pathlib import Path

import yaml
from programs import absent

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = ROOT / "launch"
CLUSTER_FILES = (
    *("local-cluster.sh", "slurm.sbatch", "aws.yaml", "gcp.yaml"),
    *("kuberay-raycluster.yaml", "kuberay-rayjob.yaml", "Dockerfile"),
)
SCRIPTS = ("setup.sh", "test-programs.sh", "local-cluster.sh", "slurm.sbatch")
LAUNCHERS = ("aws.yaml", "gcp.yaml")
MANIFESTS = ("kuberay-raycluster.yaml", "kuberay-rayjob.yaml")


def text_of(name):
    return (LAUNCH / name).read_text(encoding="utf-8")


def settings_of(name):
    """The one YAML document of a cluster launcher's file."""
    return yaml.safe_load(text_of(name))


def documents_of(name):
    """The YAML documents of a file for Kubernetes, what is used twice written out twice."""
    loader = yaml.SafeLoader
    return [_written_out(document) for document in yaml.load_all(text_of(name), Loader=loader)]


def cluster_of(name):
    """The RayCluster spec in a manifest, which a RayJob holds within its own."""
    spec = documents_of(name)[0]["spec"]
    return spec.get("rayClusterSpec", spec)


def pods_of(name):
    """The pod specs of a manifest, the head's first."""
    cluster = cluster_of(name)
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    return [group["template"]["spec"] for group in groups]


def pinned_versions():
    """Package to version, as in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def pins_in(text):
    """Every `package==version`, without extras."""
    return re.findall(r"([A-Za-z0-9_-]+)(?:\[[a-z0-9,]*\])?==([0-9][0-9a-z.]*)", text)


def shellcheck():
    """The program; without it tests skip, and fail in CI."""
    found = shutil.which("shellcheck")
    if found is None:
        absent("NO SHELLCHECK, so nobody looked at the scripts: apt-get install shellcheck")
    return found


def _written_out(value):
    if isinstance(value, dict):
        return {key: _written_out(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_written_out(inner) for inner in value]
    return value
