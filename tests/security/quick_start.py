"""The quick start, run and watched from inside a network namespace: `quick_start.py FOLDER`.

Writes `FOLDER/watched.json`: what each command returned, every listener, every command line, the
modes of private files, and which of the marked words Ray's own files held.
"""

import json
import os
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

WORDS = (b"ZZPATIENT", b"SECRETPW")
SMALL = ("--folds", "2", "--epochs", "1", "--held-out", "west", "--weights", "none")
COMMANDS = {
    "init": ("init", "images", "--classes-from-folders", "--out", "first.yaml"),
    "check": ("data", "check"),
    "tune": ("tune", "--method", "erm", "--trials", "1", *SMALL),
    "compare": ("compare", "--methods", "erm", *SMALL),
    "report": ("report", "-o", "report.html"),
    "json": ("data", "check", "--json", "--sheet", "sheet.html"),
}
EVERY_S = 0.25


class Watch:
    """Looks at everything in this network namespace until it is stopped."""

    def __init__(self, ray_base):
        self._ray_base = ray_base
        self._here = Path("/proc/self/ns/net").readlink()
        self.listeners, self.peers, self.command_lines, self.modes = set(), set(), set(), {}
        self.marked, self.looks, self.ray_files = set(), 0, set()
        self.troubles = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.wait(EVERY_S):
            try:
                self._look()
                self.looks += 1
            except OSError:
                continue  # files and processes come and go
            except Exception as error:  # noqa: BLE001  # the test says it
                self.troubles.append(repr(error))

    def _look(self):
        for one in psutil.net_connections("inet"):
            if one.status == psutil.CONN_LISTEN:
                self.listeners.add(one.laddr.ip)
            if one.raddr:
                self.peers.add(one.raddr.ip)
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended meanwhile
                if (folder / "ns/net").readlink() == self._here:
                    self.command_lines.add((folder / "cmdline").read_bytes().decode("latin-1"))
        self._look_at_ray()

    def _look_at_ray(self):
        for folder in self._ray_base.glob("wbcray-ray-*"):
            self.modes["folder"] = stat.S_IMODE(folder.stat().st_mode)
            for path in folder.rglob("*"):
                self._read(folder, path)

    def _read(self, folder, path):
        try:
            if not path.is_file() or path.is_symlink():
                return
            if path.name == "token":
                self.modes["token"] = stat.S_IMODE(path.stat().st_mode)
            content = path.read_bytes()
        except OSError:
            return
        self.ray_files.add(path.name)
        if any(word in content for word in WORDS):
            self.marked.add(str(path.relative_to(folder)))


def main(folder):
    """Run the commands, one after another."""
    os.chdir(folder)
    codes = {}
    with Watch(Path(os.environ["RAY_TMPDIR"])) as watch:
        for name, words in COMMANDS.items():
            done = subprocess.run(
                [sys.executable, "-m", "wbcray", *words], capture_output=True, check=False
            )
            Path(f"said-{name}.txt").write_bytes(done.stdout + done.stderr)
            codes[name] = done.returncode
    found = {
        "codes": codes,
        "listeners": sorted(watch.listeners),
        "peers": sorted(watch.peers),
        "command_lines": sorted(watch.command_lines),
        "modes": watch.modes,
        "marked": sorted(watch.marked),
        "ray_files": sorted(watch.ray_files),
        "looks": watch.looks,
        "troubles": watch.troubles,
    }
    Path("watched.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
