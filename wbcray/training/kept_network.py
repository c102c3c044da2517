"""A network that a run kept, ready for new images: weights, view, temperature, familiarity."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wbcray.core.config import Precision
from wbcray.core.errors import StoreError
from wbcray.core.outputs import ImageOutputs
from wbcray.data.augment.recipe import Recipe
from wbcray.data.prepared.sources import View
from wbcray.methods.base import Normalization
from wbcray.methods.method import build_colour, build_normalization, head_of
from wbcray.metrics.calibration import at_temperature, fit_temperature, reliability
from wbcray.metrics.familiarity import Familiarity, familiarity
from wbcray.metrics.scores import macro_f1
from wbcray.models.network import Network
from wbcray.store.cell import CellRecord, key_of
from wbcray.store.cells import CellStore
from wbcray.store.commit import read
from wbcray.store.run import identity_of
from wbcray.training.assembly import network_config
from wbcray.training.checkpoint import read_weights

Source = tuple[Path, float]
"""A domain's folder and the size of its pixels in micrometres, 0 where unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A temperature and what it was fitted on.

    Attributes:
        temperature: Probabilities are softened by it if above 1.
        images: Validation images it was fitted on, all of source domains.
        before: Expected calibration error on them without it.
        after: With it.
    """

    temperature: float
    images: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNetwork:
    """What predicts.

    Attributes:
        record: Of the cell that trained it.
        classes: Names, in the order of its logits.
        view: Size and field of view at which it saw images.
        recipe: What else was done to their pixels.
        calibration: None where the cell kept no outputs.
        familiarity: None where the cell kept no features, or too few.
    """

    record: CellRecord
    network: Network
    normalization: Normalization
    classes: tuple[str, ...]
    view: View
    recipe: Recipe
    precision: Precision
    calibration: Calibration | None
    familiarity: Familiarity | None

    @property
    def temperature(self) -> float:
        """Of the calibration; 1 without one."""
        return self.calibration.temperature if self.calibration else 1.0


def kept_cells(run: Path, *, method: str | None, held_out: str | None) -> list[CellRecord]:
    """Cells whose checkpoint is kept, the best by validation macro F1 first.

    Held-out scores are not looked at.

    Raises:
        StoreError: When there is none.
    """
    kept = list(_with_weights(run))
    found = [record for record in kept if _wanted(record, method, held_out)]
    if not found:
        asked = [f"of {method}"] if method else []
        asked += [f"that held out {held_out}"] if held_out else []
        known = sorted({f"{one.config.method.name} without {one.key.held_out}" for one in kept})
        raise StoreError(
            " ".join(["the run keeps no network", *asked]),
            where=str(run),
            fix=f"it keeps: {', '.join(known)}" if known else "`wbcray compare` trains and keeps",
        )
    return sorted(found, key=lambda record: (-_score(record), record.key))


def load_network(run: Path, record: CellRecord, device: torch.device) -> KeptNetwork:
    """The network of a cell.

    Raises:
        StoreError: When its checkpoint is damaged or released, or has other classes than the run.
    """
    config = record.config
    classes = tuple(identity_of(run)["classes"])
    normalization = build_normalization(config.method)
    network = Network(
        network_config(config, normalization), classes=len(classes), head=head_of(config.method)
    )
    cells = CellStore(run)
    folder = cells.weights_folder(record)
    try:
        network.load_state_dict(read_weights(folder))
    except RuntimeError as error:
        raise StoreError(
            f"the checkpoint does not fit {config.network.backbone} with {len(classes)} classes: "
            f"{str(error).splitlines()[-1].strip()}",
            where=str(folder),
            fix="name another cell, or delete the cell's folder and train it again",
        ) from error
    outputs = cells.outputs(record)
    return KeptNetwork(
        record=record,
        network=network.to(device).eval(),
        normalization=normalization,
        classes=classes,
        view=_view(run),
        recipe=Recipe(augment=config.augment, colour=build_colour(config.method)),
        precision=config.precision,
        calibration=_calibrated(outputs),
        familiarity=familiarity(outputs.features, outputs.appearance) if outputs else None,
    )


def sources_of_run(run: Path) -> dict[str, Source]:
    """Where the run's domains lie, and how large their pixels are.

    Raises:
        StoreError: When the run does not say.
    """
    described = read(run / "data.json", "data").get("sources", {})
    return {name: (Path(root), float(um_per_px)) for name, (root, um_per_px) in described.items()}


def _with_weights(run: Path) -> Iterator[CellRecord]:
    cells = CellStore(run)
    # by the file that is written last; to read the record of every cell of a long search is slow
    parents = {path.parent.parent for path in run.glob("cells/*/*/weights*/weights.json")}
    for folder in sorted(parents):
        key = key_of(folder.parent.name, folder.name)
        record = cells.find(key) if key else None
        if record is not None and (cells.weights_folder(record) / "weights.json").exists():
            yield record


def _wanted(record: CellRecord, method: str | None, held_out: str | None) -> bool:
    return method in (None, record.config.method.name) and held_out in (None, record.key.held_out)


def _score(record: CellRecord) -> float:
    value = macro_f1(record.counts)
    return -1.0 if np.isnan(value) else float(value)


def _view(run: Path) -> View:
    data: dict[str, Any] = read(run / "data.json", "data")
    return View(size=data["size"], field_of_view_um=data["field_of_view_um"])


def _calibrated(outputs: ImageOutputs | None) -> Calibration | None:
    if outputs is None or not len(outputs.true):
        return None
    temperature = fit_temperature(outputs.probabilities, outputs.true)
    softened = at_temperature(outputs.probabilities, temperature)
    return Calibration(
        temperature=temperature,
        images=len(outputs.true),
        before=reliability(outputs.probabilities, outputs.true).error,
        after=reliability(softened, outputs.true).error,
    )
