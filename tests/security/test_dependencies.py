"""Versions with known holes are not accepted, and what is known to be dangerous is not called."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SOURCES = sorted((ROOT / "wbcray").rglob("*.py"))

FLOORS = {
    "ray": (2, 54),  # CVE-2025-62593, CVE-2026-27482: a web page could reach the dashboard
    "torch": (2, 10),  # CVE-2025-32434, CVE-2026-24747: weights_only=True ran code
}


def numbers(version):
    return tuple(map(int, version.split(".")[:2]))


@pytest.mark.parametrize("package", FLOORS)
def test_versions_with_known_holes_are_excluded(package):
    (line,) = [d for d in PROJECT["project"]["dependencies"] if re.match(rf"{package}\b", d)]
    assert numbers(re.search(r">=([\d.]+)", line)[1]) >= FLOORS[package]
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    (pin,) = [line.partition("==")[2] for line in pins if line.startswith(f"{package}==")]
    assert numbers(pin.partition("+")[0]) >= FLOORS[package]


@pytest.mark.parametrize(
    "call",
    [
        r"\bpickle\.loads?\(",
        r"\bjoblib\.load\(",
        r"weights_only\s*=\s*False",
        r"\byaml\.(unsafe_load|full_load|load)\(",
        r"\bos\.system\(",
        r"shell\s*=\s*True",
        r"Tuner\.restore\(",
        r"trust_repo",
        r"(?<![\w.])eval\(",
        r"(?<![\w.])exec\(",
    ],
)
def test_nothing_calls_what_runs_code_from_files(call):
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(call, line) and "yaml.load(text, Loader=" not in line
    ]
    assert found == []
