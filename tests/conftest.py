"""What several test folders share: small generated domains, and a run made from them."""

import numpy as np
import pytest
from generated_cells import CLASSES, DOMAINS, draw, write_project

from wbcray.core.project import load_project
from wbcray.training.open_run import open_run
from wbcray.training.settings import settings_of


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    """Two processes share the tests by files; whatever starts a Ray stays in one of them."""
    for item in items:
        with_ray = item.get_closest_marker("ray") is not None
        item.add_marker(pytest.mark.xdist_group("ray" if with_ray else item.path.stem))


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
