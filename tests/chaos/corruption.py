"""Random damage to files of a finished run, and what wbcray makes of it: found, or harmless.

    PYTHONPATH=tests python tests/chaos/corruption.py --each 200 --seed 1

Every damage is drawn from the seed, the kind of file and a number, and can be repeated by them.
"""

# ruff: noqa: T201  # a script
import argparse
import json
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import run_at_rest

from wbcray.core.errors import WbcrayError
from wbcray.core.project import load_project
from wbcray.explorer.reading.rebuild import rebuild
from wbcray.store.audit import audit
from wbcray.store.cells import CellStore
from wbcray.store.selections import Selections
from wbcray.training.checkpoint import read_weights
from wbcray.training.open_run import open_run
from wbcray.training.settings import settings_of

FILES = {
    "run": "runs/main/run.json",
    "data": "runs/main/data.json",
    "images": "runs/main/images.json",
    "splits": "runs/main/splits.json",
    "cell": "runs/main/cells/*/*/attempt-003.json",
    "ended attempt": "runs/main/cells/*/*/attempt-001.json",
    "begun attempt": "runs/main/cells/*/*/begun-*.json",
    "late result": "runs/main/cells/*/*/late-*.json",
    "beat": "runs/main/cells/*/*/beat-*",
    "sealed counts": "runs/main/sealed/*/*/attempt-003.json",
    "opening": "runs/main/openings/*.json",
    "selection": "runs/main/selections/*.json",
    "study": "runs/main/studies/*/study.json",
    "plan": "runs/main/studies/*/plan-*.json",
    "asked": "runs/main/studies/*/trials/*-asked.json",
    "told": "runs/main/studies/*/trials/*-told.json",
    "driver": "runs/main/drivers/driver-*.json",
    "driver lock": "runs/main/driver.lock",
    "weights": "runs/main/cells/*/*/weights-003/weights.safetensors",
    "weights' hash": "runs/main/cells/*/*/weights-003/weights.json",
    "outputs": "runs/main/cells/*/*/weights-003/outputs.safetensors",
    "outputs' hash": "runs/main/cells/*/*/weights-003/outputs.json",
    "sealed outputs": "runs/main/sealed/*/*/outputs-003.safetensors",
    "sealed outputs' hash": "runs/main/sealed/*/*/outputs-003.json",
    "progress": "runs/main/cells/*/*/progress/*.safetensors",
    "progress record": "runs/main/cells/*/*/progress/*.json",
    "table": "runs/main/tables/*.parquet",
    "facts": "runs/main/facts.json",
    "overview": "runs/main/overview.json",
    "audit": "runs/main/audit.json",
    "Optuna study": "runs/main/optuna.db",
    "pixels": ".wbcray/*/pixels.npy",
    "index of pixels": ".wbcray/*/index.parquet",
    "seal of pixels": ".wbcray/*/seal.json",
    "pairs of images alike": ".wbcray/duplicates-*.json",
    "key of image ids": ".wbcray/image_ids.key",
    "project": "wbcray.yaml",
}
"""Kinds of files, and where they lie below the project folder."""


def truncate(data, rng, _others):
    return data[: rng.integers(1, max(2, len(data)))]


def overwrite(data, rng, _others):
    spoilt, length = bytearray(data), min(64, len(data))
    start = rng.integers(0, len(data) - length + 1)
    spoilt[start : start + length] = rng.bytes(length)
    return bytes(spoilt)


def flip_a_bit(data, rng, _others):
    spoilt = bytearray(data)
    spoilt[rng.integers(0, len(data))] ^= 1 << rng.integers(0, 8)
    return bytes(spoilt)


def empty(_data, _rng, _others):
    return b""


def delete(_data, _rng, _others):
    return None


def exchange(_data, rng, others):
    return others[rng.integers(0, len(others))]


FINE = ("found", "harmless", "absent")

DAMAGES = (truncate, overwrite, flip_a_bit, empty, delete, exchange)


@dataclass
class Seen:
    """What the readers say of a place: numbers, what they complained of, and what broke them.

    `older`: numbers that are right as well, of the state before the newest.
    """

    rows: dict = field(default_factory=dict)
    older: list = field(default_factory=list)
    complaints: list = field(default_factory=list)
    broken: list = field(default_factory=list)

    def take(self, name, look):
        """Let a reader look; only wbcray's own errors are an answer."""
        try:
            self.rows[name] = look()
        except WbcrayError as error:
            self.complaints.append(f"{name}: {error.what}")
        except Exception as error:  # noqa: BLE001  # to be counted, not to end the others
            self.broken.append(f"{name}: {type(error).__name__}: {error}")


def look_at(place):
    """Read everything that any command reads."""
    seen = Seen()
    seen.take("open", lambda: _opened(place, seen))
    seen.take("verify", lambda: _verified(place, seen))
    seen.take("tables", lambda: _tables(place, seen))
    seen.take("weights", lambda: _weights(place, seen))
    seen.take("outputs", lambda: _outputs(place, seen))
    seen.take("progress", lambda: _progress(place, seen))
    seen.take("search", lambda: _search(place, seen))
    return seen


def judge(before, after, *, gone):
    """`found`, `harmless`, `absent`, or what is wrong.

    `gone`: the file was deleted, or has another one's contents. That a record was ever there is
    known of cells that were chosen; of the others it is not, and what stood in it is `absent`.
    """
    if after.broken:
        return f"broken: {'; '.join(after.broken)}"
    changed = [
        f"{name} says {min(strange)}"
        for name, rows in after.rows.items()
        if (strange := set(rows) - set(before.rows[name]) - set(before.older))
    ]
    if changed:
        return f"a changed number: {'; '.join(changed)}"
    if after.complaints:
        return "found"
    if any(set(after.rows[name]) != set(before.rows[name]) for name in before.rows):
        missing = {
            name: sorted(set(before.rows[name]) - set(after.rows[name])) for name in before.rows
        }
        if gone:
            return "absent"
        return f"lost in silence: {json.dumps({k: v[:1] for k, v in missing.items() if v})}"
    return "harmless"


def damaged(pristine, other, folder, *, kind, number, seed):
    """A copy of the place in `folder` with one file damaged.

    Returns the place, the damage in words, and whether the file is gone.
    """
    words = [ord(letter) for letter in kind]
    rng = np.random.default_rng([seed, number, *words])
    damage = DAMAGES[number % len(DAMAGES)]
    shutil.copytree(pristine, folder)
    paths = sorted(folder.glob(FILES[kind]))
    path = paths[rng.integers(0, len(paths))]
    data = path.read_bytes()
    twins = [one for twin in paths if (one := twin.read_bytes()) != data]
    spoilt = damage(data, rng, twins or [next(iter(sorted(other.glob(FILES[kind])))).read_bytes()])
    if spoilt is None:
        path.unlink()
    else:
        path.write_bytes(spoilt)
    said = f"{damage.__name__} {path.relative_to(folder)} (seed {seed}, number {number})"
    return run_at_rest.Place(folder), said, damage in (delete, exchange)


def _opened(place, seen):
    """As a training command begins; what it mends it mends."""
    project = load_project(place.project)
    open_run(project, "main", settings_of(project))
    return []


def _verified(place, seen):
    found = audit(place.run)
    seen.complaints += [f"{one.path}: {one.what}" for one in (*found.problems, *found.wrong)]
    return []


def _tables(place, seen):
    tables = rebuild(place.run)
    rows = []
    for name in ("cells", "confusion", "curves", "trials"):
        for row in getattr(tables, name).to_dict("records"):
            if row.get("state") == "RUNNING":
                seen.complaints.append(f"trial {row['trial']} is open")
            else:
                row.pop("test_opened", None)
                rows.append(json.dumps([name, row], sort_keys=True, default=str))
    seen.complaints += [f"missing: {cell}" for cell in tables.facts.failed_cells]
    rows += [f"selection {s.method} {s.config.digest}" for s in Selections(place.run).current()]
    return rows


def _weights(place, seen):
    cells = CellStore(place.run)
    rows = []
    for record in cells:
        folder = cells.weights_folder(record)
        try:
            tensors = read_weights(folder)
        except WbcrayError as error:
            seen.complaints.append(error.what)
            continue
        rows += [f"{record.key} {name} {value.tolist()}" for name, value in tensors.items()]
    return rows


def _outputs(place, seen):
    cells = CellStore(place.run)
    rows = []
    for record in cells:
        sealed = cells.sealed_outputs(record)
        for where, one in (("home", cells.outputs(record)), ("away", sealed and sealed.reveal())):
            if one is None:
                seen.complaints.append(f"no outputs of {record.key}, {where}")
                continue
            numbers = [getattr(one, item.name).tolist() for item in fields(one)]
            rows.append(f"{record.key} {where} {numbers}")
    return rows


def _progress(place, seen):
    settings = settings_of(load_project(place.project))
    keeper = run_at_rest.progress_of(place.run, settings)
    state = keeper.newest(run_at_rest.CPU)
    seen.complaints += keeper.remarks
    if state is None:
        return []
    if state.epochs < run_at_rest.EPOCHS_KEPT:
        seen.complaints.append("an older state is gone on from")
    return [f"{state.epochs} {name} {value.tolist()}" for name, value in state.tensors.items()]


def _search(place, seen):
    from wbcray.store.studies import StudyStore

    study = StudyStore(place.run, run_at_rest.SEARCHED, run_at_rest.HELD_OUT)
    run_at_rest.copy_of_study(place.run, seen.complaints).begin(study.asked(), study.told())
    for key in run_at_rest.open_keys(place):
        CellStore(place.run).beats(key)  # a count that only says that somebody is alive
    study.planned()
    return []


def prepare(folder):
    """The pristine place and another one of the same kinds of files; what is seen of the first."""
    logging.getLogger("optuna").setLevel(logging.WARNING)
    images = run_at_rest.write_images(folder / "images")
    one = run_at_rest.make(folder / "one", images)
    two = run_at_rest.make(folder / "two", images, seed=1, epochs=3)
    shutil.copytree(one.folder, folder / "look")
    before = look_at(run_at_rest.Place(folder / "look"))
    if before.complaints or before.broken:
        raise AssertionError(f"the undamaged run: {before.complaints} {before.broken}")
    for path in (folder / "look").glob("runs/main/cells/*/*/progress/epoch-0002*"):
        path.unlink()
    before.older = _progress(run_at_rest.Place(folder / "look"), Seen())
    return one.folder, two.folder, before


def verdict_on(prepared, folder, *, kind, number, seed):
    """Damage one file and judge: the verdict, and what was done."""
    one, two, before = prepared
    place, said, gone = damaged(one, two, folder, kind=kind, number=number, seed=seed)
    try:
        return judge(before, look_at(place), gone=gone), said
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=200, help="damages of each kind of file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=FILES, action="append")
    parser.add_argument("--number", type=int, help="repeat this one only")
    options = parser.parse_args()
    memory = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it
    wrong = 0
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        prepared = prepare(Path(name))
        numbers = range(options.each) if options.number is None else [options.number]
        for kind in options.kind or FILES:
            began, counts = time.monotonic(), Counter()
            for number in numbers:
                verdict, said = verdict_on(
                    prepared, Path(name) / "damaged", kind=kind, number=number, seed=options.seed
                )
                fine = verdict in FINE
                counts[verdict if fine else "wrong"] += 1
                if not fine:
                    print(f"{kind}: {said}: {verdict[:600]}", file=sys.stderr)
            wrong += counts["wrong"]
            seconds = round(time.monotonic() - began, 1)
            print(json.dumps({"kind": kind, **counts, "seconds": seconds}), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
