"""A folder with tiny images and a project, and the command line called in it."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wbcray.cli.main import run

CLASSES = ("blast", "eosinophil", "monocyte")
DOMAINS = ("north", "south", "west")
PROJECT = """\
version: 1
classes: [blast, eosinophil, monocyte]
domains:
  north: {path: images/north}
  south: {path: images/south}
  west: {path: images/west}
image: {size: 32}
network: {backbone: resnet18, weights: none}
training: {epochs: 1, folds: 2, precision: float32}
optimizer: {batch_size: 8}
"""


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: its exit code, and what it wrote on either stream."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """A working folder; `call` runs a command line in it, in this process."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def project(self):
        return self.folder / "wbcray.yaml"

    @property
    def images(self):
        return self.folder / "images"

    def call(self, *arguments):
        self.capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Outcome(code, *self.capsys.readouterr())

    def json(self, *arguments):
        """What a command prints with --json, which must be one object."""
        return json.loads(self.call(*arguments, "--json").out)

    def tree(self):
        """Every file with its bytes, every folder; but for the cache of pixels and who drove."""
        cache = self.folder / ".wbcray"
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes() if path.is_file() else None
            for path in sorted(self.folder.rglob("*"))
            if path != cache and cache not in path.parents
            if path.name not in ("driver.lock", "drivers") and path.parent.name != "drivers"
        }

    def unfinished(self):
        """What a broken-off preparation left in the cache."""
        return [path.name for path in self.folder.glob(".wbcray/.*")]

    def replace(self, old, new):
        """Change the project file."""
        text = self.project.read_text()
        assert old in text
        self.project.write_text(text.replace(old, new))


@pytest.fixture(scope="session")
def tiny_images(tmp_path_factory):
    """3 domains x 3 classes x 6 images of 32 px."""
    root = tmp_path_factory.mktemp("tiny") / "images"
    rng = np.random.default_rng(0)
    for domain in DOMAINS:
        for label in CLASSES:
            (root / domain / label).mkdir(parents=True)
            for number in range(6):
                pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(root / domain / label / f"{number}.png")
    return root


@pytest.fixture
def place(tmp_path, tiny_images, monkeypatch, capsys):
    """A folder of its own with the images and a project file."""
    folder = tmp_path / "work"
    shutil.copytree(tiny_images, folder / "images")
    (folder / "wbcray.yaml").write_text(PROJECT)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no_weights"))
    monkeypatch.delenv("WBCRAY_STUDY_STORAGE", raising=False)
    return Place(folder, capsys)


@pytest.fixture(autouse=True)
def no_ray():
    """Nothing in this folder may start Ray."""
    yield
    ray = sys.modules.get("ray")
    assert ray is None or not ray.is_initialized()


@pytest.fixture
def no_session(monkeypatch):
    """Fail, rather than wait, where a command would start Ray."""

    def started(*_arguments, **_options):
        raise AssertionError("Ray was started")

    monkeypatch.setattr("wbcray.cli.session.ray_for", started)


@pytest.fixture
def refused(place):
    """Call a command that must be refused, in words and in JSON; gives the error's texts.

    Checked each time: the exit code, what, where and fix on stderr and nothing on stdout; with
    --json one object on stdout; no traceback; nothing written.
    """

    def call(*arguments, code, in_json=True):
        before = place.tree()
        said = place.call(*arguments)
        assert said.code == code, said.err
        assert said.out == ""
        assert "Traceback" not in said.err
        found = _texts(said.err)
        if in_json:
            told = place.call(*arguments, "--json")
            assert told.code == code
            assert "Traceback" not in told.err
            (outer,) = json.loads(told.out).items()
            assert outer[0] == "error"
            assert set(outer[1]) == {"code", "what", "where", "fix"}
            assert {name: outer[1][name] for name in found} == found
        assert all(found.values()), found
        assert place.tree() == before
        assert place.unfinished() == []
        return found

    return call


def _texts(stderr):
    """The error as it stands on stderr, after any remarks."""
    text = stderr[stderr.index("error: ") :].removeprefix("error: ").rstrip("\n")
    what, _, rest = text.partition("\n  where: ")
    where, _, fix = rest.partition("\n  fix: ")
    return {"what": what, "where": where, "fix": fix}
