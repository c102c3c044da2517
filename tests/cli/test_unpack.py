"""`wbcray data unpack`."""

import io
import zipfile

import pytest

DATA, ENVIRONMENT, REFUSED = 3, 5, 7


@pytest.fixture
def archive(place):
    """A zip archive of four images."""
    path = place.folder / "cells.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(4):
            archive.writestr(f"cells/blast/{number}.png", b"12345")
    return path


def test_an_archive_is_unpacked_and_counted(place, archive):
    said = place.call("data", "unpack", archive, "new/cells")
    assert (said.code, said.out) == (0, "")
    assert said.err == "4 files, 0.0 MB in new/cells\n"
    assert (place.folder / "new/cells/cells/blast/3.png").read_bytes() == b"12345"


def test_it_is_told_in_json(place, archive):
    found = place.json("data", "unpack", archive, "new")
    assert found == {"folder": "new", "files": 4, "bytes": 20}


def test_a_hostile_archive_is_refused_with_all_that_is_wrong(place, refused):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../x.png", b"1")
        archive.writestr("/etc/x.png", b"1")
    path = place.folder / "cells.zip"
    path.write_bytes(buffer.getvalue())
    found = refused("data", "unpack", path, "new", code=DATA)
    assert found["what"].startswith("2 problems in cells.zip:")
    assert found["where"] == str(path)


def test_an_archive_that_is_not_there_is_the_environment_s(place, refused):
    found = refused("data", "unpack", "gone.zip", "new", code=ENVIRONMENT)
    assert found["where"] == "gone.zip"


def test_a_folder_with_something_in_it_is_left_alone(refused, archive):
    found = refused("data", "unpack", archive, "images", code=REFUSED)
    assert found["where"] == "images"
