"""Domains of empty files, and what is read of one of them."""

import pytest
from projects import project_of

from wbcray.core.errors import DataError
from wbcray.data.catalog import read_domain

CLASSES = ("basophil", "neutrophil")


def touch(*paths):
    """Empty files: a catalog lists images and does not open them."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def fill(folder, **classes):
    """Class folders with so many images."""
    for name, images in classes.items():
        touch(*(folder / name / f"{number}.png" for number in range(images)))


def reading(folder, entry=None, classes=CLASSES, **more):
    """What is read of one domain, `entry` being its keys in wbcray.yaml."""
    entry = {"path": str(folder)} | (entry or {})
    project = project_of(folder.parent / "project", {"north": entry}, classes, **more)
    return read_domain(project.domains[0], project)


def refusal(folder, entry=None, classes=CLASSES, kind=DataError):
    with pytest.raises(kind) as caught:
        reading(folder, entry, classes)
    assert caught.value.where
    assert caught.value.fix
    return caught.value
