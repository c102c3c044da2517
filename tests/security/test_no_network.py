"""The whole quick start without a network, with marked patients and passwords: none comes out."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from generated_cells import CLASSES, DOMAINS, draw
from PIL import Image

pytestmark = [pytest.mark.ray, pytest.mark.slow]

PATIENT, SECRET = b"ZZPATIENT", b"SECRETPW"
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
NEEDS_FILES = {"data.json", "images.json"}
"""Of a run: which images it was begun with, so that workers find them. Said in SECURITY.md."""

# An address that others could reach, and Ray's way of finding it out, lead nowhere: a program that
# listened to others would be seen.
NAMESPACE = """
ip link set lo up || exit 77
ip addr add 192.0.2.7/32 dev lo || exit 77
ip route add 8.8.8.8/32 dev lo src 192.0.2.7 || exit 77
exec "$@"
"""


def namespace():
    """The words before a command that run it without a network; skips where that is forbidden."""
    words = ["unshare", "--net", *([] if os.getuid() == 0 else ["--map-root-user"])]
    script = [*words, "sh", "-c", NAMESPACE, "sh", "true"]
    tried = shutil.which("unshare") and subprocess.run(script, capture_output=True, check=False)
    if not tried or tried.returncode:
        pytest.skip("NOT TESTED: this system does not allow network namespaces (unshare --net)")
    return [*words, "sh", "-c", NAMESPACE, "sh"]


def strace(out):
    """The words that write down every connect(); none without strace."""
    if shutil.which("strace") is None:
        return []
    return [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "--signal=none",
        "-e",
        "trace=connect",
        "-o",
        str(out),
    ]


def make_images(folder):
    """Two domains of folders and one of a table; patients in names, folders, a column and EXIF."""
    exif = Image.Exif()
    exif[0x010E] = PATIENT.decode()
    rows = ["file,cell,case"]
    for number, domain in enumerate(DOMAINS):
        rng = np.random.default_rng(number)
        for label in CLASSES:
            for image in range(6):
                inside = f"{PATIENT.decode()}_{image // 2}/" if domain == "north" else ""
                path = folder / "images" / domain / label / f"{inside}ZZPATIENT_{image}.png"
                draw(path, label, 15 * number - 15, rng)
                with Image.open(path) as drawn:
                    drawn.load()
                drawn.save(path, exif=exif)
                if domain == "north":
                    below = path.relative_to(folder)
                    rows.append(f"{below},{label},{PATIENT.decode()} {label} {image // 2}")
    copy = folder / "images" / "west" / CLASSES[0]
    shutil.copy(copy / "ZZPATIENT_0.png", copy / "ZZPATIENT_copy.png")  # for the audit to list
    (folder / "north.csv").write_text("\n".join(rows) + "\n")
    (folder / "wbcray.yaml").write_text(
        f"classes: [{', '.join(CLASSES)}]\n"
        "domains:\n"
        "  north: {path: north.csv, columns: {image: file, label: cell, patient: case}}\n"
        "  south: {path: images/south}\n"
        "  west: {path: images/west}\n"
        "image: {size: 32}\n"
        "network: {backbone: resnet18, weights: none}\n"
        "training: {epochs: 1, folds: 2, precision: float32}\n"
        "optimizer: {batch_size: 8}\n"
    )


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """A folder in which everything has run, and what was seen meanwhile."""
    words = namespace()
    folder = tmp_path_factory.mktemp("job")
    make_images(folder)
    home = folder / "home"
    home.mkdir()
    (home / ".pgpass").write_text(f"*:*:*:*:{SECRET.decode()}\n")
    (home / ".pgpass").chmod(0o600)
    hidden = {"RAY_ADDRESS", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "WBCRAY_STUDY_STORAGE"}
    with tempfile.TemporaryDirectory(prefix="w", dir="/tmp") as ray_base:  # short, for sockets
        environment = {name: value for name, value in os.environ.items() if name not in hidden} | {
            "HOME": str(home),
            "RAY_TMPDIR": ray_base,
            "PYTHONWARNINGS": "ignore",
            "OMP_NUM_THREADS": "1",
            "PGPASSWORD": SECRET.decode(),
            "AWS_SECRET_ACCESS_KEY": SECRET.decode(),
            "RAY_AUTH_MODE": "disabled",  # a local session asks for a token all the same
        }
        driver = [sys.executable, str(Path(__file__).with_name("quick_start.py")), str(folder)]
        done = subprocess.run(
            [*words, *strace(folder / "connects.txt"), *driver],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
        assert done.returncode == 0, done.stderr
        left = [path.name for path in Path(ray_base).iterdir()]
    return folder, json.loads((folder / "watched.json").read_text()), left


def said(folder):
    return "\n".join(path.read_text(errors="replace") for path in folder.glob("said-*.txt"))


def test_every_command_of_the_quick_start_works_without_a_network(job):
    folder, seen, _ = job
    assert set(seen["codes"].values()) == {0}, said(folder)
    assert (folder / "report.html").stat().st_size > 100_000


def test_nothing_listens_to_other_machines(job):
    _, seen, _ = job
    assert seen["troubles"] == []
    assert seen["looks"] > 10
    assert seen["listeners"]
    assert set(seen["listeners"]) <= LOOPBACK
    assert set(seen["peers"]) <= LOOPBACK


def test_every_connection_stays_on_this_machine(job):
    log = job[0] / "connects.txt"
    if not log.exists():
        pytest.skip("NOT TESTED: no strace on this system")
    addresses = re.findall(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"', log.read_text())
    assert addresses
    assert set(addresses) <= LOOPBACK


def hits(folder, word, paths):
    """Files whose content or name below `folder` holds the word."""
    return [
        path.relative_to(folder).as_posix()
        for path in paths
        if path.is_file()
        and (word in path.read_bytes() or word.decode() in path.relative_to(folder).as_posix())
    ]


def test_no_password_comes_out_anywhere(job):
    folder, seen, _ = job
    made = [path for path in folder.rglob("*") if path != folder / "home" / ".pgpass"]
    assert hits(folder, SECRET, made) == []
    assert [line for line in seen["command_lines"] if SECRET.decode() in line] == []
    assert len(seen["command_lines"]) > 10


def test_no_patient_is_named_in_what_is_shown_recorded_or_logged(job):
    folder, seen, _ = job
    shown = [*folder.glob("report.html"), *folder.glob("said-*.txt")]
    run = [path for path in (folder / "runs").rglob("*") if path.name not in NEEDS_FILES]
    assert any(path.suffix == ".parquet" for path in run)
    assert any(path.name == "optuna.db" for path in run)
    # what a person asked for on the terminal names files, as they must be mended
    asked = {"said-json.txt"}
    assert set(hits(folder, PATIENT, [*shown, *run])) <= asked
    assert [line for line in seen["command_lines"] if PATIENT.decode() in line] == []


def test_ray_s_own_files_name_no_patient_and_no_password(job):
    _, seen, _ = job
    assert {"raylet.out", "gcs_server.out"} <= set(seen["ray_files"])
    assert seen["marked"] == []


def test_the_report_calls_images_by_ids_and_the_project_knows_which(job):
    folder = job[0]
    page = (folder / "report.html").read_text()
    (first, *_) = re.findall(r"west/(img-[0-9a-f]{12})", page)
    command = [sys.executable, "-m", "wbcray", "data", "which", first, "--json"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    (image,) = json.loads(found.stdout)["images"]
    assert (image["id"], image["domain"]) == (first, "west")
    assert image["path"].startswith(f"{CLASSES[0]}/ZZPATIENT_")


def test_whoever_asks_for_names_gets_them(job):
    folder = job[0]
    command = [sys.executable, "-m", "wbcray", "report", "-o", "named.html", "--show-names"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    named = folder / "named.html"
    assert b"west/blast/ZZPATIENT_copy.png" in named.read_bytes()
    named.unlink()


def test_other_users_can_open_neither_the_run_nor_the_cache_nor_ray_s_folder(job):
    folder, seen, left = job
    for path in (folder / "runs" / "main", folder / ".wbcray"):
        open_to_others = [
            found.relative_to(folder).as_posix()
            for found in (path, *path.rglob("*"))
            if not found.is_symlink() and stat.S_IMODE(found.stat().st_mode) & 0o077
        ]
        assert open_to_others == []
    assert seen["modes"] == {"folder": 0o700, "token": 0o600}
    assert left == []


def test_the_home_folder_is_left_as_it_was(job):
    assert [path.name for path in (job[0] / "home").iterdir()] == [".pgpass"]
