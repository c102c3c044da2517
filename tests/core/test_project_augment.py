"""The section `augment:` of `wbcray.yaml`."""

import pytest

from wbcray.core.config import AugmentConfig
from wbcray.core.errors import UsageError
from wbcray.core.project import load_project

START = "classes: [a]\ndomains: {x: {path: x}}\n"


def read(folder, section):
    path = folder / "wbcray.yaml"
    path.write_text(START + section)
    return load_project(path)


def test_strengths_that_are_left_out_are_the_defaults(tmp_path):
    found = read(tmp_path, "augment: {rotation: 15, blur: 0.5, orientation: none}\n").augment
    assert found == AugmentConfig(rotation=15.0, blur=0.5, orientation="none")
    assert found.contrast == 0.20


@pytest.mark.parametrize("section", ["", "augment:\n", "augment: {}\n"])
def test_without_the_section_augmentation_is_the_default(tmp_path, section):
    assert read(tmp_path, section).augment == AugmentConfig()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("augment: {rotation: 181}\n", "augment.rotation=181 is outside its declared range"),
        ("augment: {blur: -0.1}\n", "augment.blur=-0.1 is outside its declared range"),
        ("augment: {blur: strong}\n", "augment.blur must be a number, got 'strong'"),
        ("augment: {orientation: all}\n", "unknown value of augment.orientation 'all'"),
        ("augment: {saturatoin: 0.1}\n", "unknown key 'saturatoin' in augment"),
        ("augment: strong\n", "augment must be a mapping"),
        ("augmnet: {blur: 1}\n", "unknown key 'augmnet'"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_line(tmp_path, section, message):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, section)
    assert message in caught.value.what
    assert caught.value.where.endswith(":3")
    assert caught.value.fix
