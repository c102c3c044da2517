"""What holds for every file in `launch/`: versions, tokens, loopback, no secrets, real commands."""

import re
import shlex
import subprocess
import tomllib

import pytest
import typer
from launch_folder import (
    CLUSTER_FILES,
    LAUNCH,
    MANIFESTS,
    ROOT,
    SCRIPTS,
    cluster_of,
    pinned_versions,
    pins_in,
    shellcheck,
    text_of,
)

from wbcray.cli.main import app

PAGE = ROOT / "docs" / "clusters.md"
COMMAND = re.compile(r"\bwbcray (?=[a-z]+ ?[a-z]* --|data )([^\n'`#&|]*)")


def texts():
    """Every file of the folder, and the page about them, by name."""
    named = {path.name: path.read_text(encoding="utf-8") for path in sorted(LAUNCH.iterdir())}
    return named | {PAGE.name: PAGE.read_text(encoding="utf-8")}


def command_lines(text):
    """The words after `wbcray` of each command line that has options."""
    given = re.search(r"sbatch launch/slurm.sbatch (--.*)", text)  # what stands for "$@" there
    for found in COMMAND.finditer(text.replace("\\\n", " ")):
        words = shlex.split(found[1])
        if "$@" in words and given:
            words.remove("$@")
            words += shlex.split(given[1])
        yield words


def parse(words):
    """Parse a command line as `wbcray` does, without running it."""
    command = typer.main.get_command(app)
    words = list(words)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert not hasattr(command, "commands"), words
    command.make_context(command.name, words)


def test_every_file_of_the_folder_is_tested_and_explained():
    ours = {"setup.sh", "test-programs.sh"}
    assert {path.name for path in LAUNCH.iterdir()} == {*CLUSTER_FILES, *ours}
    page = PAGE.read_text()
    assert [name for name in CLUSTER_FILES if f"`launch/{name}`" not in page] == []


@pytest.mark.parametrize("name", [*CLUSTER_FILES, "clusters.md"])
def test_every_command_line_of_wbcray_can_be_parsed(name):
    lines = list(command_lines(texts()[name]))
    for words in lines:
        parse(words)
    assert len(lines) >= (0 if name in ("Dockerfile", "local-cluster.sh") else 1)


def test_a_command_line_with_a_wrong_option_is_found():
    (words,) = command_lines("srun wbcray tune --methods boda --address auto & # go")
    with pytest.raises(Exception, match="No such option"):
        parse(words)


@pytest.mark.parametrize("name", CLUSTER_FILES)
def test_a_cluster_asks_for_a_token(name):
    if name in MANIFESTS:
        assert cluster_of(name)["authOptions"] == {"mode": "token"}
    else:
        assert "RAY_AUTH_MODE=token" in text_of(name)


@pytest.mark.parametrize("name", CLUSTER_FILES)
def test_nothing_listens_on_all_interfaces_or_sends_usage_statistics(name):
    text = text_of(name)
    assert "0.0.0.0" not in text  # noqa: S104
    assert re.search(r"RAY_USAGE_STATS_ENABLED(=0|, value: \"0\")", text)


def test_no_file_holds_a_secret():
    secret = re.compile(
        r"[0-9a-f]{32,}|AKIA[0-9A-Z]{16}|PRIVATE KEY|passw(or)?d\s*[:=]|RAY_AUTH_TOKEN="
    )
    found = [name for name, text in texts().items() if secret.search(text)]
    assert found == []
    assert secret.search("token: " + "0123456789abcdef" * 4)


def test_versions_are_those_of_constraints_and_python_is_the_same_everywhere():
    tested = pinned_versions()
    pythons = set()
    for name, text in texts().items():
        assert [pin for pin in pins_in(text) if tested.get(pin[0]) != pin[1]] == [], name
        pythons.update(re.findall(r"(?:FROM python:|--python )(3\.\d+\.\d+)", text))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (python,) = pythons
    assert project["requires-python"] == ">=" + ".".join(python.split(".")[:2])
    for name in MANIFESTS:
        images = re.findall(r"image: \S+/wbcray:(\S+)", text_of(name))
        assert set(images) == {project["version"]}


@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_has_no_remark_on_a_script(name):
    said = subprocess.run(
        [shellcheck(), "--shell=bash", str(LAUNCH / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout) == (0, "")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_ends_at_the_first_error(name):
    assert "\nset -euo pipefail\n" in text_of(name)
