"""Every kind of record in a run folder: where it lies, what it concerns, what becomes of a loss."""

from collections.abc import Callable
from dataclasses import dataclass

from wbcray.store.attempts import BEGUN, ENDED
from wbcray.store.cell import KIND as CELL
from wbcray.store.cell import SEALED_KIND, key_of
from wbcray.store.driver_files import END_KIND
from wbcray.store.driver_files import KIND as DRIVER
from wbcray.store.openings import KIND as OPENING
from wbcray.store.selections import KIND as SELECTION

Parts = tuple[str, ...]
"""A record's path below the run folder, in pieces."""

OTHER_ATTEMPT = "nothing: another attempt at the cell counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """One kind of record.

    Attributes:
        pattern: Its paths below the run folder.
        kinds: What its envelope may say.
        concerns: What a record of this path is about.
        then: What becomes of it when it is corrupt, or what to do.
    """

    pattern: str
    kinds: tuple[str, ...]
    concerns: Callable[[Parts], str]
    then: str


def _cell(parts: Parts) -> str:
    key = key_of(parts[1], parts[2]) if len(parts) > 2 else None  # noqa: PLR2004  # config, cell
    if key is None:
        return "a cell"
    return f"cell {key.config} without {key.held_out}, fold {key.fold}, seed {key.seed}"


def _study(parts: Parts) -> str:
    method, _, held_out = parts[1].partition("--")
    return f"study of {method} without {held_out}"


def _trial(parts: Parts) -> str:
    number = parts[-1].partition("-")[0]
    return f"trial {int(number) if number.isdigit() else number}, {_study(parts)}"


def _about(text: str) -> Callable[[Parts], str]:
    return lambda _: text


RECORD_KINDS = (
    RecordKind(
        pattern="run.json",
        kinds=("run",),
        concerns=_about("what the run was begun with"),
        then="restore it from a backup, or begin a new run with --run NAME; until then every "
        "command that trains refuses this one",
    ),
    RecordKind(
        pattern="data.json",
        kinds=("data",),
        concerns=_about("where the images lie"),
        then="it is written anew when a command trains in this run again",
    ),
    RecordKind(
        pattern="images.json",
        kinds=("images",),
        concerns=_about("the list of the run's images"),
        then="it is written anew when a command trains in this run again",
    ),
    RecordKind(
        pattern="splits.json",
        kinds=("splits",),
        concerns=_about("which images each fold trains on"),
        then="delete it: it is made anew of the same images, and must have the digest in run.json",
    ),
    RecordKind(
        # Before the cells, which count only with this half.
        pattern="sealed/*/*/attempt-*.json",
        kinds=(SEALED_KIND,),
        concerns=lambda parts: f"held-out counts of {_cell(parts)}",
        then="the cell is trained again when a command needs it",
    ),
    RecordKind(
        pattern="cells/*/*/attempt-*.json",
        kinds=(CELL, ENDED),
        concerns=_cell,
        then="the cell is trained again when a command needs it",
    ),
    RecordKind(
        pattern="cells/*/*/begun-*.json",
        kinds=(BEGUN,),
        concerns=lambda parts: f"who trained {_cell(parts)}",
        then="nothing: no result depends on it",
    ),
    RecordKind(
        pattern="cells/*/*/late-*.json",
        kinds=(CELL,),
        concerns=lambda parts: f"a result of {_cell(parts)} that came too late",
        then="nothing: it never counted",
    ),
    RecordKind(
        pattern="openings/*.json",
        kinds=(OPENING,),
        concerns=_about("whose held-out counts were opened"),
        then="restore it from a backup, or delete it and run `wbcray compare` again, which opens "
        "and counts anew; what it opened and no comparison shows is then not counted",
    ),
    RecordKind(
        pattern="selections/*.json",
        kinds=(SELECTION,),
        concerns=_about("which configuration stands for a method"),
        then="delete it and run `wbcray compare` again: the same choice is made and recorded",
    ),
    RecordKind(
        pattern="studies/*/study.json",
        kinds=("study",),
        concerns=lambda parts: f"what the {_study(parts)} was begun with",
        then="restore it from a backup, or search anew in a new run with --run NAME; its trials "
        "remain readable",
    ),
    RecordKind(
        pattern="studies/*/plan-*.json",
        kinds=("plan",),
        concerns=lambda parts: f"how many trials were planned, {_study(parts)}",
        then="nothing where another plan is intact; `wbcray tune` plans anew",
    ),
    RecordKind(
        pattern="studies/*/trials/*-asked.json",
        kinds=("asked",),
        concerns=lambda parts: f"suggestion of {_trial(parts)}",
        then="the trial is left out, and another one is asked for in its place",
    ),
    RecordKind(
        pattern="studies/*/trials/*-told*.json",
        kinds=("told",),
        concerns=lambda parts: f"end of {_trial(parts)}",
        then="the trial is open again: `wbcray tune` replays its recorded folds",
    ),
    RecordKind(
        pattern="drivers/driver-*-end.json",
        kinds=(END_KIND,),
        concerns=_about("that a process stopped driving the run"),
        then="nothing: no result depends on it",
    ),
    RecordKind(
        pattern="drivers/driver-[0-9]*[0-9].json",
        kinds=(DRIVER,),
        concerns=_about("which process drove the run"),
        then="nothing: no result depends on it",
    ),
)
"""Each path belongs to one of them."""
