"""The Dockerfile, read as text: what it builds on, copies and installs, and who runs it."""

import re

from launch_folder import ROOT, text_of

DOCKERFILE = re.sub(r"\s*\\\n\s*", " ", re.sub(r"(?m)^#.*\n", "", text_of("Dockerfile")))
STEPS = [tuple(line.split(maxsplit=1)) for line in DOCKERFILE.splitlines() if line.strip()]


def steps(kind):
    return [text for word, text in STEPS if word == kind]


def test_every_line_is_an_instruction():
    known = {"FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "CMD"}
    assert {word for word, _ in STEPS} == known
    assert STEPS[0][0] == "FROM"


def test_it_builds_on_one_slim_python_of_a_fixed_version():
    (base,) = steps("FROM")
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base)


def test_it_runs_as_a_user_who_is_not_root_and_whom_the_pods_name():
    (user,) = steps("USER")
    assert user == "1000:1000"
    words = [word for word, _ in STEPS]
    assert max(index for index, word in enumerate(words) if word == "RUN") < words.index("USER")
    assert "runAsUser: 1000" in text_of("kuberay-rayjob.yaml")


def test_all_that_it_copies_exists_and_is_let_through():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    sources = [word for line in steps("COPY") for word in line.split()[:-1]]
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert {f"!{name}" for name in sources} == {line for line in ignored if line.startswith("!")}


def test_packages_are_the_pinned_ones_and_leave_no_cache():
    installs = [line for line in steps("RUN") if "pip install" in line]
    assert len(installs) == 2
    for line in installs:
        assert "--no-cache-dir --constraint constraints.txt" in line
    (system,) = [line for line in steps("RUN") if "apt-get" in line]
    assert "--no-install-recommends" in system
    assert "rm -rf /var/lib/apt/lists/*" in system


def test_code_comes_after_the_packages_so_that_a_change_of_it_is_a_small_layer():
    order = [text for word, text in STEPS if word in ("RUN", "COPY")]
    assert order.index("wbcray wbcray") > next(
        index for index, text in enumerate(order) if "torch==" in text
    )
