"""The tables of a run that others may be writing to: read again when something was recorded.

Nothing is ever written into the run's folder.
"""

import threading
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from wbcray.core.errors import StoreError, WbcrayError
from wbcray.explorer.reading.data_facts import read_audit, read_overview
from wbcray.explorer.reading.facts import RunFacts
from wbcray.explorer.reading.kept_studies import KeptStudies
from wbcray.explorer.reading.rebuild import make_tables
from wbcray.explorer.reading.tables import COLUMNS, RunTables, read_tables
from wbcray.store.cell import CellKey, CellRecord
from wbcray.store.cells import CellStore
from wbcray.store.selections import Selections

LOOK_SECONDS = 1.0
"""Between two looks at the folder."""
IDLE_SECONDS = 30.0
"""Nobody asked for this long: then nobody needs new results."""

Mark = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """What is known of a run at one time.

    Attributes:
        version: Counts the changes; 0 before anything was read.
        tables: None before anything was read.
        problem: Why the run cannot be read now, where it cannot; the tables are then older.
        read_at: When the tables were read, seconds since the epoch.
    """

    version: int
    tables: RunTables | None
    problem: WbcrayError | None = None
    read_at: float = 0.0


@final
class LiveRun:
    """A run folder, watched.

    What was read stays: of the records only those of studies and cells that got new ones are read
    again. Tables in the folder are used where no record is newer.
    """

    def __init__(self, run: Path) -> None:
        self.run = run
        self._snapshot = Snapshot(version=0, tables=None)
        self._cells = _KeptCells(run)
        self._studies = KeptStudies()
        self._mark: Mark | None = None
        self._asked = time.monotonic()
        self._reading = threading.Lock()
        self._looked = threading.Event()

    def snapshot(self) -> Snapshot:
        """What is known now; tells that somebody is looking."""
        self._asked = time.monotonic()
        return self._snapshot

    def newest(self) -> Snapshot:
        """What is known now, for who is nobody's eye."""
        return self._snapshot

    def watch(self) -> None:
        """Look for new records for as long as the process lives, in a thread of its own."""
        threading.Thread(target=self._watch, name="wbcray-live", daemon=True).start()

    def wait(self, seconds: float | None = None) -> RunTables | None:
        """The tables after the first look, which is given so much time; None if there are none."""
        self._looked.wait(seconds)
        return self._snapshot.tables

    def _watch(self) -> None:
        while True:
            if time.monotonic() - self._asked < IDLE_SECONDS:
                self.look()
                self._looked.set()
            time.sleep(LOOK_SECONDS)

    def look(self) -> bool:
        """Read what is new; False if there is nothing new. What fails becomes the problem."""
        with self._reading:
            before = self._snapshot
            try:
                mark = tuple(map(_changed, _folders(self.run)))
                if mark == self._mark and not before.problem and not self._cells.changed():
                    return False
                tables = self._read()
                self._mark = mark
            except (WbcrayError, OSError, ValueError, KeyError, TypeError) as error:
                return self._failed(before, _as_problem(error, self.run))
            self._snapshot = Snapshot(
                version=before.version + 1, tables=tables, read_at=time.time()
            )
            return True

    def _failed(self, before: Snapshot, problem: WbcrayError) -> bool:
        if str(before.problem) == str(problem):
            return False
        self._snapshot = Snapshot(
            version=before.version + 1,
            tables=before.tables,
            problem=problem,
            read_at=before.read_at,
        )
        return True

    def _read(self) -> RunTables:
        if self._snapshot.tables is None:
            written = _written_tables(self.run, self._cells)
            if written is not None:
                return written
        made = make_tables(self.run, self._cells.find, self._studies)
        return RunTables(
            cells=made.frames["cells"],
            confusion=made.frames["confusion"],
            curves=made.frames["curves"],
            trials=made.frames["trials"],
            facts=RunFacts.from_json(made.facts, where=str(self.run)),
            overview=read_overview(self.run),
            audit=read_audit(self.run),
            folder=self.run,
        )


@final
class _KeptCells:
    """The cells that tables show, each read again only when it got another attempt."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._store = CellStore(run)
        self._marks: dict[CellKey, Mark] = {}
        self._records: dict[CellKey, CellRecord | None] = {}

    def find(self, key: CellKey) -> CellRecord | None:
        """The accepted record of a cell, as `CellStore.find`."""
        mark = self._attempts(key)  # before reading: what comes meanwhile is read the next time
        if key not in self._records or self._marks.get(key) != mark:
            self._records[key] = self._store.find(key)
            self._marks[key] = mark
        return self._records[key]

    def watch(self, keys: Sequence[CellKey]) -> None:
        """Look at these cells, too, without reading them."""
        for key in keys:
            self._marks.setdefault(key, self._attempts(key))

    def changed(self) -> bool:
        """Whether a watched cell got a result since it was looked at."""
        return any(self._attempts(key) != mark for key, mark in list(self._marks.items()))

    def newest(self) -> int:
        """When the newest result of a watched cell was recorded, in nanoseconds."""
        return max((_changed(path) for key in self._marks for path in self._files(key)), default=0)

    def _attempts(self, key: CellKey) -> Mark:
        return tuple(path.name for path in self._files(key))

    def _files(self, key: CellKey) -> list[Path]:
        places = (self._run / kind / key.folder for kind in ("cells", "sealed"))
        return sorted(path for place in places for path in place.glob("attempt-*.json"))


def _folders(run: Path) -> list[Path]:
    """Folders that get a new file whenever something but a cell is recorded."""
    studies = sorted((run / "studies").glob("*--*"))
    return [
        *(run / name for name in ("selections", "openings", "studies")),
        *studies,
        *(study / "trials" for study in studies),
        *(run / name for name in ("run.json", "overview.json", "audit.json")),
    ]


def _changed(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0


def _written_tables(run: Path, cells: _KeptCells) -> RunTables | None:
    """The tables in the folder if no record is newer than they are, else None."""
    paths = [run / "tables" / f"{name}.parquet" for name in COLUMNS]
    written = min(_changed(path) for path in (*paths, run / "facts.json"))
    if not written or max(map(_changed, _folders(run))) > written:
        return None
    try:
        tables = read_tables(run)
    except StoreError:  # damaged: they can be made again
        return None
    shown = tables.cells[["config", "held_out", "fold", "seed"]]
    chosen = [key for selection in Selections(run).current() for key in selection.cells()]
    cells.watch([*map(_key, shown.to_dict("records")), *chosen])
    return None if cells.newest() > written else tables


def _key(row: Mapping[Hashable, object]) -> CellKey:
    return CellKey(
        config=str(row["config"]),
        held_out=str(row["held_out"]),
        fold=int(str(row["fold"])),
        seed=int(str(row["seed"])),
    )


def _as_problem(error: Exception, run: Path) -> WbcrayError:
    if isinstance(error, WbcrayError):
        return error
    return StoreError(
        f"the run cannot be read: {error}",
        where=str(run),
        fix=f"`wbcray store verify {run}` says what is damaged",
    )
