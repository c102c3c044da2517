import os
import socket

import pytest

from wbcray.core.errors import DataError
from wbcray.data.folders import (
    class_folders,
    images_in,
    no_images,
    refuse_odd_names,
    refuse_unreadable,
)
from wbcray.data.layouts.walk import walk_images


@pytest.mark.parametrize("name", ["1.PNG", "1.jpeg", "1.TIF", "1.tiff", "1.bmp"])
def test_image_suffixes_count_in_either_case(tmp_path, name):
    (tmp_path / name).touch()
    assert images_in(tmp_path) == [tmp_path / name]


def test_a_folder_called_like_an_image_is_none(tmp_path):
    (tmp_path / "1.png").mkdir()
    assert images_in(tmp_path) == []


def make_fifo(path):
    os.mkfifo(path)


def make_socket(path):
    # a socket's address is short, a test's folder is not
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


def make_circle(path):
    path.symlink_to(path)


def make_dangling(path):
    path.symlink_to(path.with_name("gone.png"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_fifo, "'x.png' is a FIFO, not an image"),
        (make_socket, "'x.png' is a socket, not an image"),
        (make_circle, "'x.png' is a link that leads to no file"),
        (make_dangling, "'x.png' is a link that leads to no file"),
    ],
    ids=["FIFO", "socket", "circle of links", "dangling link"],
)
def test_what_only_bears_the_name_of_an_image_is_refused_and_never_opened(tmp_path, make, words):
    make(tmp_path / "x.png")
    with pytest.raises(DataError) as caught:
        images_in(tmp_path)
    assert caught.value.what == words
    assert caught.value.where == str(tmp_path / "x.png")
    assert caught.value.fix


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_fifo, "'x.png' is a FIFO, socket or device, not an image"),
        (make_circle, "1 images are links to files that do not exist (first: 'x.png')"),
    ],
    ids=["FIFO", "circle of links"],
)
def test_the_walk_through_a_published_data_set_refuses_them_alike(tmp_path, make, words):
    make(tmp_path / "x.png")
    with pytest.raises(DataError) as caught:
        list(walk_images(tmp_path, [".png"]))
    assert caught.value.what == words


def test_a_link_to_an_image_is_an_image(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b.png").touch()
    (tmp_path / "a" / "x.png").symlink_to(tmp_path / "b.png")
    assert class_folders(tmp_path) == {"a": [tmp_path / "a" / "x.png"]}


def test_a_folder_that_leads_back_to_itself_is_read_once(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.png").touch()
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert class_folders(tmp_path) == {"a": [tmp_path / "a" / "x.png"]}


def test_folders_deeper_than_any_path_are_refused(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=here)
        below = os.open("x" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    with pytest.raises(DataError, match="cannot read the folder: File name too long"):
        list(walk_images(tmp_path, [".png"]))


def test_what_plain_files_are_is_not_asked_of_the_disk_again(tmp_path, monkeypatch):
    (tmp_path / "x.png").touch()

    def ask(path, **_):
        raise AssertionError(f"a second look at {path}, which costs seconds of 100,000 images")

    monkeypatch.setattr("pathlib.Path.stat", ask)
    assert images_in(tmp_path) == [tmp_path / "x.png"]


def test_names_that_differ_in_case_alone_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"'a/X\.png' and 'a/x\.png' differ in case alone"):
        refuse_odd_names(["a/X.png", "a/y.png", "a/x.png"], tmp_path)


def test_a_name_that_no_record_could_hold_is_refused(tmp_path):
    with pytest.raises(DataError, match="is not UTF-8 text"):
        refuse_odd_names([os.fsdecode(b"a/cell\xff.png")], tmp_path)


def test_the_same_path_twice_is_no_matter_of_case(tmp_path):
    refuse_odd_names(["a/x.png", "a/x.png", "b/x.png"], tmp_path)


def test_what_lies_in_a_folder_without_images_is_said(tmp_path):
    (tmp_path / "a.dcm").touch()
    (tmp_path / "b.dcm").touch()
    what = no_images("class folder 'x'", tmp_path).what
    assert what == "class folder 'x' has no image: there are 2 files (first: 'a.dcm') and 0 folders"


def test_an_empty_folder_is_said_to_be_empty(tmp_path):
    assert no_images("x", tmp_path).what == "x has no image: it is empty"


def test_permission_denied_is_said_with_the_path(tmp_path, monkeypatch):
    def denied(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    # as root, whom nothing is denied, tests cannot take it away
    monkeypatch.setattr("pathlib.Path.stat", denied)
    with pytest.raises(DataError, match="permission denied") as caught:
        refuse_unreadable(tmp_path, "north")
    assert caught.value.where == str(tmp_path)
    assert "let your user read it" in caught.value.fix
