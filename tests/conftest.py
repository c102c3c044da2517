"""What several test folders share: small generated domains, and a run made from them."""

import functools
from pathlib import Path

import compiled_modules  # noqa: F401  # for what it does
import numpy as np
import pytest
from generated_cells import CLASSES, DOMAINS, draw, write_project
from xdist.scheduler import LoadScopeScheduling

from wbcray.core.project import load_project
from wbcray.training.open_run import open_run
from wbcray.training.settings import settings_of


@pytest.hookimpl(trylast=True)  # after the order was shuffled
def pytest_collection_modifyitems(items):
    """What starts a Ray comes first: it takes longest, and one process has all of it."""
    items.sort(key=lambda item: item.get_closest_marker("ray") is None)


def pytest_xdist_make_scheduler(config, log):
    """Processes share the tests by files; whatever starts a Ray stays in one of them."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):
    """A file's tests, and with them its fixtures, stay together; so do all files that start Ray."""

    def _split_scope(self, nodeid):
        return _group(nodeid.partition("::")[0])


@functools.cache
def _group(file):
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    return "ray" if "pytest.mark.ray" in text else file


@pytest.fixture(scope="session")
def cells(tmp_path_factory):
    """Three domains of 3 classes, long-tailed: 14 blasts, 9 eosinophils, 5 monocytes each."""
    root = tmp_path_factory.mktemp("cells")
    for number, domain in enumerate(DOMAINS):
        rng = np.random.default_rng(number)
        for label, images in zip(CLASSES, (14, 9, 5), strict=True):
            for image in range(images):
                draw(root / domain / label / f"{image}.png", label, 15 * number - 15, rng)
    return root


@pytest.fixture
def project(tmp_path, cells):
    """A project on the generated cells, in a folder of its own."""
    return load_project(write_project(tmp_path, cells))


@pytest.fixture
def settings(project):
    """The training plan of `project`."""
    return settings_of(project)


@pytest.fixture
def run(project, settings):
    """A fresh run of `project`."""
    return open_run(project, "main", settings)


@pytest.fixture
def narrow_network(monkeypatch):
    """`resnet18` is a narrow one in this process: trained and written in a fraction of the time."""
    import torchvision
    from narrow_network import NarrowResNet

    from wbcray.training import assembly
    from wbcray.training.first_networks import FirstNetworks

    monkeypatch.setattr(torchvision.models, "resnet18", NarrowResNet)
    monkeypatch.setattr(assembly, "_FIRST", FirstNetworks())
