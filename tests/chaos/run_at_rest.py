"""A whole run made without training: every kind of file that wbcray leaves, small."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from generated_cells import CLASSES, DOMAINS, draw, write_project
from image_outputs import make_outputs

from wbcray.cluster.optuna_cache import Copy, open_cache
from wbcray.cluster.plan import Resources, StudyPlan
from wbcray.cluster.spaces import load_space
from wbcray.core.outputs import SealedOutputs
from wbcray.core.project import load_project
from wbcray.core.provenance import provenance
from wbcray.core.result import EpochReport, FoldResult, SealedCounts
from wbcray.explorer.reading.rebuild import rebuild
from wbcray.store.cell import CellKey, Circumstances, LearntFrom
from wbcray.store.cells import CellStore
from wbcray.store.driver import driving
from wbcray.store.openings import Openings
from wbcray.store.selections import Selection, Selections
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told
from wbcray.training.checkpoint import write_weights
from wbcray.training.fold_state import FoldState
from wbcray.training.open_run import open_run
from wbcray.training.progress import FoldProgress
from wbcray.training.settings import settings_of

METHODS = ("erm", "coral")
SEARCHED = "dann"
HELD_OUT = "west"
EPOCHS_KEPT = 2
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Place:
    """A project folder with one run."""

    folder: Path

    @property
    def run(self):
        return self.folder / "runs" / "main"

    @property
    def project(self):
        return self.folder / "wbcray.yaml"


def write_images(root, *, images=(6, 5, 4)):
    """Three domains of three classes."""
    for number, domain in enumerate(DOMAINS):
        rng = np.random.default_rng(number)
        for label, count in zip(CLASSES, images, strict=True):
            for image in range(count):
                draw(root / domain / label / f"{image}.png", label, 15 * number - 15, rng)
    return root


def make(folder, images, *, seed=0, **training):
    """A run below `folder` on the generated `images`; `seed` makes its numbers others."""
    folder.mkdir(parents=True, exist_ok=True)
    project = load_project(write_project(folder, images, **training))
    settings = settings_of(project)
    place = Place(folder)
    with driving(Path(project.runs, "main")):
        opened = open_run(project, "main", settings)
        rng = np.random.default_rng(seed)
        cells = CellStore(place.run)
        for method in METHODS:
            selection = _selection(method, settings)
            for key in selection.cells():
                _train(cells, key, selection.config, opened, rng)
            Selections(place.run).choose(selection)
            records = [cells.find(key) for key in selection.cells()]
            Openings(place.run).open(records, "selected")
        _search(place.run, settings, rng)
        _unfinished(cells, settings, rng)
        rebuild(place.run)
    return place


def progress_of(run, settings):
    """The keeper of the unfinished fold's state."""
    return FoldProgress(
        CellStore(run).progress_folder(_unfinished_key(settings)), lambda: None, {"fold": "0"}
    )


def _selection(method, settings):
    return Selection(
        method=method,
        held_out=HELD_OUT,
        config=settings.config(method, {}),
        origin="default",
        trial=-1,
        folds=(0, 1),
        seeds=(0,),
    )


def _train(cells, key, config, opened, rng):
    """Record the cell with drawn counts, after an attempt that failed and before a late one."""
    cells.begin(key).end("FAILED", "the process died")
    late = cells.begin(key)
    lease = cells.begin(key)
    for one in (lease, late):
        circumstances = Circumstances(
            weights=write_weights(one.weights_folder, _tensors(rng), {"config": config.as_json()}),
            learnt_from=LearntFrom(
                fingerprint=opened.pixels.fingerprint,
                split=opened.splits[key.held_out].digest,
                images={"train": 20, "validation": 10, "test": 15},
            ),
            provenance=provenance(threads=1),
        )
        one.keep(config, _result(key.fold, rng), circumstances)


def _result(fold, rng):
    size = (len(DOMAINS), len(CLASSES), len(CLASSES))
    counts = rng.integers(1, 9, size)
    counts[DOMAINS.index(HELD_OUT)] = 0
    sealed = np.zeros(size, dtype=np.int64)
    sealed[DOMAINS.index(HELD_OUT)] = rng.integers(1, 9, size[1:])
    report = EpochReport(
        fold=fold,
        epoch=0,
        losses={"loss": float(rng.random())},
        counts=counts,
        learning_rate=0.001,
        seconds=1.0,
    )
    return FoldResult(
        fold=fold,
        reports=(report,),
        best_epoch=0,
        counts=counts,
        sealed=SealedCounts(sealed),
        device="cpu",
        seconds=1.5,
        outputs=_outputs(rng, domain=0),
        sealed_outputs=SealedOutputs(_outputs(rng, domain=DOMAINS.index(HELD_OUT))),
    )


def _outputs(rng, *, domain):
    true, said = rng.integers(0, len(CLASSES), (2, 12))
    return make_outputs(true, said, domain=domain, classes=len(CLASSES))


def _tensors(rng):
    return {"weight": torch.from_numpy(rng.random((4, 4))), "bias": torch.zeros(4)}


def _search(run, settings, rng):
    study = StudyStore(run, SEARCHED, HELD_OUT)
    plan = StudyPlan(
        run=run,
        method=SEARCHED,
        held_out=HELD_OUT,
        space=load_space(SEARCHED, None),
        settings=settings,
        trials=3,
        resources=Resources(),
        fixed={},
        sources=2,
    )
    study.begin(plan.identity())
    study.plan(3)
    for number in range(3):
        rate = float(rng.random()) / 100 + 1e-5
        study.ask(
            Asked(
                number=number,
                params={"optimizer.lr": rate},
                config=settings.config(SEARCHED, {"optimizer.lr": rate}),
            )
        )
        study.tell(
            Told(
                number=number,
                state="PRUNED",
                value=None,
                values=(),
                intermediate=((1, float(rng.random())),),
                budget=1,
                seconds=1.0,
            )
        )
    copy_of_study(run, []).begin(study.asked(), study.told())


def copy_of_study(run, remarks):
    """The Optuna study of the run, opened as a search opens it."""
    storage = open_cache(run, None, remarks.append)
    return Copy(storage, SEARCHED, load_space(SEARCHED, None), remarks.append)


def _unfinished_key(settings):
    config = settings.config("mmd", {})
    return CellKey(config=config.digest, held_out=HELD_OUT, fold=0, seed=0)


def _unfinished(cells, settings, rng):
    """A cell that is being trained: it beats, and two states are kept."""
    cells.begin(_unfinished_key(settings)).beat()
    reports = _result(0, rng).reports
    for epochs in range(1, EPOCHS_KEPT + 1):
        progress_of(cells._cells.parent, settings).keep(
            FoldState(
                tensors=_tensors(rng),
                schedule={"last_epoch": epochs},
                steps=epochs,
                best_epoch=0,
                best_score=0.5,
                reports=reports * epochs,
                seconds=1.0,
            ),
            CPU,
        )


def open_keys(place):
    """The cells that are being trained."""
    return [_unfinished_key(settings_of(load_project(place.project)))]
