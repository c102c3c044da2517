"""Every path by which wbcray writes what must survive, as an operation that can be broken.

`prepare` makes the state before and gives what `act` needs; `act` returns when the operation is
acknowledged. `resume` is what a new process does after a crash. `missing` says what is not there
although it was acknowledged, `wrong` what may never be, whether or not it was acknowledged.
"""

from pathlib import Path

import numpy as np
import torch
from check import accepted, one_accepted
from small_records import Keeper, make_config, make_result

from wbcray.core.errors import StoreError
from wbcray.core.split import Fold, Split
from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit, read, replace
from wbcray.store.openings import Openings
from wbcray.store.run import begin_or_resume, load_splits, save_splits
from wbcray.store.selections import Selection, Selections
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told
from wbcray.training.checkpoint import read_weights, write_weights
from wbcray.training.fold_state import FoldState
from wbcray.training.progress import FoldProgress

CONFIG = make_config()
KEY = CellKey(config=CONFIG.digest, held_out="west", fold=0, seed=0)
IDENTITY = {"classes": ["a", "b"], "folds": 2}
SPLITS = {
    "west": Split(
        held_out="west",
        sources=("north",),
        test=(4, 5),
        folds=(Fold(number=0, train=(0, 1), validation=(2, 3)),),
    )
}
PAYLOAD = {"lr": 0.1, "counts": [[3, 0], [1, 2]], "name": "µ"}


def keep(folder, lease, right=3):
    """Record a result with `right` validation images; whether it is the one that counts."""
    found = Keeper(CellStore(folder)).finish(lease, CONFIG, right=right)
    return found is not None and found.attempt == lease.number


def counts_of(folder):
    """The accepted result's validation and held-out counts as sums, or None."""
    store = CellStore(folder)
    record = store.find(KEY)
    if record is None:
        return None
    return int(record.counts.sum()), int(store.sealed_counts(record).reveal().sum())


class Operation:
    """What operations share: nothing before, and the same act after a crash."""

    def prepare(self, folder):
        return None

    def resume(self, folder):
        self.act(folder)

    def missing(self, folder):
        return []

    def wrong(self, folder):
        return []

    @property
    def name(self):
        return type(self).__name__


class NewRecord(Operation):
    """A record in a folder that is not there yet."""

    path = Path("selections/deep/one.json")

    def act(self, folder, _state=None):
        commit(folder / self.path, "one", PAYLOAD)

    def missing(self, folder):
        same = (folder / self.path).exists() and read(folder / self.path, "one") == PAYLOAD
        return [] if same else ["I3 the record is not there"]

    def wrong(self, folder):
        there = (folder / self.path).exists()
        return self.missing(folder) if there else []


class SecondRecord(Operation):
    """A commit under a name that is taken."""

    path = Path("run.json")

    def prepare(self, folder):
        commit(folder / self.path, "run", PAYLOAD)

    def act(self, folder, _state=None):
        if commit(folder / self.path, "run", {"lr": 9}):
            raise AssertionError("the name was taken")

    def wrong(self, folder):
        same = read(folder / self.path, "run") == PAYLOAD
        return [] if same else ["I3 another record has its place"]


class ReplacedCache(Operation):
    """A cache written in place of an older one."""

    path, old, new = Path("data.json"), {"version": 1}, {"version": 2}

    def prepare(self, folder):
        replace(folder / self.path, "data", self.old)

    def act(self, folder, _state=None):
        replace(folder / self.path, "data", self.new)

    def missing(self, folder):
        return [] if read(folder / self.path, "data") == self.new else ["I3 the old cache is back"]

    def wrong(self, folder):
        try:
            found = read(folder / self.path, "data")
        except StoreError as error:
            return [f"I5 the cache is lost: {error}"]
        return [] if found in (self.old, self.new) else ["I5 the cache is neither old nor new"]


class RunBegun(Operation):
    """A run begins: its identity, then its splits."""

    def act(self, folder, _state=None):
        begin_or_resume(folder, IDENTITY)
        save_splits(folder, SPLITS)

    def missing(self, folder):
        same = read(folder / "run.json", "run") == IDENTITY
        return [] if same and load_splits(folder) == SPLITS else ["I3 the run is not there"]


class CellBegun(Operation):
    """A cell is taken up whose first attempt was left open: begin, and fence."""

    def prepare(self, folder):
        CellStore(folder).begin(KEY)

    def act(self, folder, _state=None):
        CellStore(folder).begin(KEY)

    def missing(self, folder):
        states = [attempt.state for attempt in CellStore(folder).attempts(KEY)]
        right = states[-1] == "OPEN" and set(states[:-1]) == {"LOST"}
        return [] if right else [f"I2 attempts are {states}"]


class CellKept(Operation):
    """A trained cell is recorded: its sealed half, then its slot."""

    def prepare(self, folder):
        return CellStore(folder).begin(KEY)

    def act(self, folder, lease):
        if not keep(folder, lease):
            raise AssertionError("nobody else could have decided the attempt")

    def resume(self, folder):
        store = CellStore(folder)
        if store.find(KEY) is None:
            keep(folder, store.begin(KEY))

    def missing(self, folder):
        return one_accepted(folder, [KEY.folder])

    def wrong(self, folder):
        counts = counts_of(folder)
        return [] if counts in (None, (4, 40)) else [f"I3 the result says {counts}"]


class CellKeptAgain(CellKept):
    """A cell is recorded after an attempt that failed."""

    def prepare(self, folder):
        store = CellStore(folder)
        store.begin(KEY).end("FAILED", "the process died")
        return store.begin(KEY)


class LateBeforeResult(Operation):
    """A lost worker brings its result while another one trains the cell."""

    def prepare(self, folder):
        lost = CellStore(folder).begin(KEY)
        CellStore(folder).begin(KEY)
        return lost

    def act(self, folder, lease):
        if keep(folder, lease, right=7):
            raise AssertionError("a late result was accepted")

    def resume(self, folder):
        keep(folder, CellStore(folder).begin(KEY))

    def wrong(self, folder):
        counts = counts_of(folder)
        return [] if counts in (None, (4, 40)) else [f"I2 a late result counts: {counts}"]


class LateAfterResult(LateBeforeResult):
    """A lost worker brings its result after another one has recorded the cell."""

    def prepare(self, folder):
        lost = CellStore(folder).begin(KEY)
        keep(folder, CellStore(folder).begin(KEY))
        return lost

    def resume(self, folder):
        pass

    def missing(self, folder):
        return one_accepted(folder, [KEY.folder])


class CellTakenUpAgain(CellKept):
    """A new sitting finds a cell that is recorded, and must not train it again."""

    def prepare(self, folder):
        keep(folder, CellStore(folder).begin(KEY))

    def act(self, folder, _state=None):
        self.resume(folder)


class AttemptFailed(Operation):
    """An attempt ends without a result."""

    def prepare(self, folder):
        return CellStore(folder).begin(KEY)

    def act(self, folder, lease):
        lease.end("INFEASIBLE", "the loss is not finite")

    def resume(self, folder):
        CellStore(folder).begin(KEY).end("INFEASIBLE", "the loss is not finite")

    def missing(self, folder):
        last = CellStore(folder).attempts(KEY)[-1]
        return [] if last.state == "INFEASIBLE" else [f"I3 the attempt is {last.state}"]

    def wrong(self, folder):
        return ["I2 a failed attempt counts"] if accepted(folder) else []


class Study(Operation):
    """A study begins, plans, asks and is told."""

    asked = Asked(number=0, params={"lr": 0.1}, config=CONFIG)
    told = Told(
        number=0,
        state="COMPLETE",
        value=0.5,
        values=(0.4, 0.6),
        intermediate=((1, 0.25),),
        budget=2,
        seconds=1.5,
    )

    def act(self, folder, _state=None):
        study = StudyStore(folder, "erm", "west")
        study.begin({"space": "lr"})
        study.plan(3)
        study.ask(self.asked)
        study.tell(self.told)

    def missing(self, folder):
        study = StudyStore(folder, "erm", "west")
        found = (study.identity(), study.planned(), study.asked(), study.told())
        wanted = ({"space": "lr"}, 3, {0: self.asked}, {0: self.told})
        return [] if found == wanted else [f"I3 the study says {found}"]


class Selected(Operation):
    """A configuration is chosen in place of an earlier one."""

    def selection(self, lr):
        return Selection(
            method="erm",
            held_out="west",
            config=make_config(lr=lr),
            origin="tuned",
            trial=1,
            folds=(0,),
            seeds=(0,),
        )

    def prepare(self, folder):
        Selections(folder).choose(self.selection(0.01))

    def act(self, folder, _state=None):
        Selections(folder).choose(self.selection(0.02))

    def missing(self, folder):
        same = Selections(folder).current() == [self.selection(0.02)]
        return [] if same else ["I3 the selection is not there"]

    def wrong(self, folder):
        found = Selections(folder).current()
        known = ([self.selection(0.01)], [self.selection(0.02)])
        return [] if found in known else ["I3 no selection is there"]


class Opened(Operation):
    """Held-out counts are opened, which is written down before they are read."""

    def prepare(self, folder):
        keep(folder, CellStore(folder).begin(KEY))

    def act(self, folder, _state=None):
        record = CellStore(folder).find(KEY)
        counts = Openings(folder).open([record], "selected")[KEY]
        if int(np.sum(counts)) != 40:
            raise AssertionError("other counts were opened")
        self.is_written(folder)

    def is_written(self, folder):
        if Openings(folder).opened() != {KEY}:
            raise AssertionError("opened without a record of it")

    def missing(self, folder):
        return [] if Openings(folder).opened() == {KEY} else ["I3 the opening is not recorded"]


class WeightsWritten(Operation):
    """A checkpoint of weights, and then the record of its cell, which makes both count."""

    tensors = {"weight": torch.arange(6.0)}  # noqa: RUF012  # never changed

    def act(self, folder, _state=None):
        write_weights(folder / "weights-001", self.tensors, {})
        commit(folder / "attempt-001.json", "one", PAYLOAD)

    def missing(self, folder):
        found = read_weights(folder / "weights-001")["weight"]
        return [] if torch.equal(found, self.tensors["weight"]) else ["I5 other weights are read"]

    def wrong(self, folder):
        try:
            return self.missing(folder)
        except StoreError:
            return []  # without its hash there is no checkpoint


class ProgressKept(Operation):
    """The state of an unfinished fold, after an earlier one; a cache, which may be lost."""

    def state(self, epochs):
        return FoldState(
            tensors={"weight": torch.full((3,), float(epochs))},
            schedule={},
            steps=epochs,
            best_epoch=0,
            best_score=0.5,
            reports=make_result().reports * epochs,
            seconds=1.0,
        )

    def progress(self, folder):
        return FoldProgress(folder / "progress", lambda: None, {"fold": "0"})

    def prepare(self, folder):
        self.progress(folder).keep(self.state(1), torch.device("cpu"))

    def act(self, folder, _state=None):
        self.progress(folder).keep(self.state(2), torch.device("cpu"))

    def wrong(self, folder):
        state = self.progress(folder).newest(torch.device("cpu"))
        if state is None or state.tensors["weight"].tolist() == [float(state.epochs)] * 3:
            return []
        return ["I5 a state is read that was never kept"]


OPERATIONS = (
    NewRecord(),
    SecondRecord(),
    ReplacedCache(),
    RunBegun(),
    CellBegun(),
    CellKept(),
    CellKeptAgain(),
    CellTakenUpAgain(),
    LateBeforeResult(),
    LateAfterResult(),
    AttemptFailed(),
    Study(),
    Selected(),
    Opened(),
    WeightsWritten(),
    ProgressKept(),
)
