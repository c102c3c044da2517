import shutil
import subprocess
import sys
import threading
import time

import pytest
from grey_domains import GREYS, VIEW, GreyDomains, greys

from wbcray.core.errors import DataError
from wbcray.core.machine import cores
from wbcray.data.prepared import filling, lock, pieces
from wbcray.data.prepared.decoding import decode_file, in_order
from wbcray.data.prepared.filling import fill
from wbcray.data.prepared.listing import list_files
from wbcray.data.prepared.lock import NoLocksError

MANY = {"north": tuple(range(100, 114))}
A_PIECE = 4

KILLED = """
import os, signal, sys
from grey_domains import GreyDomains
from wbcray.data.prepared import pieces

pieces.IMAGES_A_PIECE = 4
greys = {"north": tuple(range(100, 114))}
def kill(domain, done, images):
    if done == 11:
        os.kill(os.getpid(), signal.SIGKILL)
GreyDomains(sys.argv[1], greys).prepare(on_progress=kill)
"""

TOGETHER = """
import sys
from grey_domains import GreyDomains

data, calls = GreyDomains(sys.argv[1]), []
print("ready", flush=True)
sys.stdin.readline()
store = data.prepare(on_progress=lambda *call: calls.append(call))
print(store.fingerprint, len(calls))
"""


@pytest.fixture
def data(tmp_path):
    return GreyDomains(tmp_path).write()


@pytest.fixture(scope="module")
def left_by_the_killed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed")
    GreyDomains(folder, MANY).write()
    command = [sys.executable, "-c", KILLED, str(folder)]
    found = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert found.returncode == -9, found.stderr
    return folder


@pytest.fixture
def killed(left_by_the_killed, tmp_path, monkeypatch):
    """14 images of which a process decoded 11, in pieces of 4, before it was killed."""
    monkeypatch.setattr(pieces, "IMAGES_A_PIECE", A_PIECE)
    return GreyDomains(shutil.copytree(left_by_the_killed, tmp_path / "killed"), MANY)


def environment():
    return {"PYTHONPATH": ":".join(sys.path)}


def counted(data):
    """The store, and the numbers of the images that had to be decoded for it."""
    numbers = []
    store = data.prepare(on_progress=lambda _, done, images: numbers.append(done))
    return store, numbers


def test_a_killed_process_loses_at_most_a_piece(killed):
    assert list(killed.cache.glob("north-*")) == []
    store, decoded = counted(killed)
    assert decoded == list(range(9, 15))
    assert greys(store, *range(14)) == [*range(100, 114, 2), *range(101, 114, 2)]


def test_what_was_resumed_is_what_would_have_been_made_at_once(killed, tmp_path):
    resumed = killed.prepare()
    killed.cache = tmp_path / "another"
    at_once = killed.prepare()
    assert resumed.fingerprint == at_once.fingerprint
    for name in ("pixels.npy", "index.parquet"):
        first, second = (store.folders[0] / name for store in (resumed, at_once))
        assert first.read_bytes() == second.read_bytes()
    assert killed.leftovers() == []


def test_a_resumed_folder_holds_the_same_files_as_another(killed, data):
    names = {path.name for path in killed.prepare().folders[0].iterdir()}
    assert names == {"pixels.npy", "index.parquet", "seal.json"}


@pytest.mark.parametrize(
    ("damage", "first"),
    [
        (lambda work: flip(work / "pixels.npy", 130), 1),
        (lambda work: flip(work / "pixels.npy", 128 + 5 * 3072), 5),
        (lambda work: (work / "rows-00001.parquet").write_bytes(b""), 5),
        (lambda work: (work / "rows-00000.parquet").unlink(), 1),
        (lambda work: (work / "pixels.npy").unlink(), 1),
    ],
    ids=["first piece", "second piece", "rows of the second", "no rows of the first", "no pixels"],
)
def test_pieces_that_are_not_whole_are_made_again(killed, damage, first):
    (work,) = killed.leftovers()
    damage(work)
    store, decoded = counted(killed)
    assert decoded[0] == first
    assert greys(store, 0, 13) == [100, 113]


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_an_interrupted_process_keeps_its_pieces_too(data, monkeypatch):
    monkeypatch.setattr(pieces, "IMAGES_A_PIECE", 2)

    def interrupt(domain, done, images):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.prepare(on_progress=interrupt)
    assert counted(data)[1] == [3, 4, 1, 2]


def test_images_that_changed_after_an_interruption_are_all_decoded_again(killed):
    killed.paint("north", 13, 99)
    store, decoded = counted(killed)
    assert decoded == list(range(1, 15))
    assert greys(store, 13) == [99]


def test_an_image_that_is_written_while_it_is_read_is_refused(data):
    files = list_files(["blast/00.png"], data.sources()["north"])
    data.paint("north", 0, 99)
    data.path("north", 0).touch()
    with pytest.raises(DataError, match="written while it was being read"):
        decode_file(files, 0, VIEW)


def test_files_come_in_order_and_only_so_many_are_in_memory_as_the_cores_need():
    decoded = []

    def decode_one(number):
        decoded.append(number)
        return DataError(str(number))

    outcomes = in_order(decode_one, range(5000))
    for number in range(100):
        assert next(outcomes).what == str(number)
        assert len(decoded) <= number + 1 + 4 * cores()
    outcomes.close()


# --- two at once ---------------------------------------------------------------------------------


def test_two_processes_at_once_decode_each_image_once(data):
    command = [sys.executable, "-c", TOGETHER, str(data.folder)]
    pipe = subprocess.PIPE
    workers = [
        subprocess.Popen(command, env=environment(), stdin=pipe, stdout=pipe, text=True)
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert {fingerprint for fingerprint, _ in said} == {data.prepare().fingerprint}
    assert sum(int(decoded) for _, decoded in said) == 6
    assert data.leftovers() == []
    assert len(list(data.cache.iterdir())) == 2


def test_who_waited_takes_what_the_other_has_made(data):
    (north, _) = data.wanted()
    data.cache.mkdir()
    north.unfinished.mkdir()
    held = lock.seize(north.unfinished, wait=True)
    program = TOGETHER.replace("store = ", "print('waiting', flush=True)\nstore = ")
    worker = subprocess.Popen(
        [sys.executable, "-c", program, str(data.folder)],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    worker.stdin.write("go\n")
    worker.stdin.flush()
    assert [worker.stdout.readline() for _ in range(2)] == ["ready\n", "waiting\n"]
    filling._fill_or_remove(north, north.unfinished, None)
    held.release()
    fingerprint, decoded = worker.communicate(timeout=60)[0].split()
    assert fingerprint == data.prepare().fingerprint
    assert int(decoded) == len(GREYS["south"])


def test_without_locks_a_folder_of_its_own_is_filled(data, monkeypatch):
    monkeypatch.setattr(filling, "seize", no_locks)
    assert greys(data.prepare(), 0, 5) == [10, 21]
    assert sorted(path.name[:5] for path in data.cache.iterdir()) == ["north", "south"]


def test_without_locks_who_finishes_second_takes_what_the_first_made(data, monkeypatch):
    monkeypatch.setattr(filling, "seize", no_locks)
    (north, _) = data.wanted()

    def be_overtaken(domain, done, images):
        if done == images:
            fill(north)

    fill(north, be_overtaken)
    assert north.folder.exists()
    assert [path for path in data.leftovers() if path != north.unfinished] == []


def no_locks(folder, *, wait):
    raise NoLocksError(str(folder))


def test_who_waited_for_a_folder_that_is_gone_leaves_the_next_one_alone(tmp_path):
    data = GreyDomains(tmp_path).write()
    wanted = data.wanted()[0]
    wanted.unfinished.mkdir(parents=True)
    first = lock.seize(wanted.unfinished, wait=False)
    waiter = threading.Thread(target=fill, args=(wanted,))
    waiter.start()
    time.sleep(0.3)  # until it waits; were it slower, this test would only show less
    # the first gives up, and another begins anew
    wanted.unfinished.rmdir()
    wanted.unfinished.mkdir()
    second = lock.seize(wanted.unfinished, wait=False)
    first.release()
    time.sleep(0.3)
    assert second.is_on(wanted.unfinished)
    second.release()
    waiter.join(timeout=30)
    assert wanted.folder.exists()
    assert not wanted.unfinished.exists()
