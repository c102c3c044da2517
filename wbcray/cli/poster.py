"""`wbcray init --recipe poster`: the setting of the poster, as far as it is known."""

from collections.abc import Sequence
from dataclasses import replace

from wbcray.cli.console import warn
from wbcray.cli.found_domains import Entry
from wbcray.cli.options import DEFAULT_PROJECT
from wbcray.cli.profiles import Profile
from wbcray.core.errors import DataError

FIELD_OF_VIEW = 25.0
"""Micrometres."""

_SOURCES = ("matek_19", "acevedo_20")
_UNSEEN = ("int_20", "mll23")
"""The unseen domain, which was never published; and its public release by the same laboratory."""
_CLEANING = {"acevedo_20": "rgb"}
"""The poster's image counts fit Acevedo_20 without its 252 images of another acquisition."""


_TWO_TERMS = "boda+penalty.macro_weight=0"
"""The loss as the poster writes it."""

_NOTES = f"""\
The poster's experiment. Known of it: the sources acevedo_20 and matek_19 and an unseen domain, 13
classes, ResNet50 from ImageNet weights, five folds of the sources, micro and macro F1, and the
methods erm, dann, coral, boda and boda_plus. Ours, because the poster leaves it open:
- Every line marked `ours`; AdamW; the augmentation; the searched ranges and their defaults, the
  weight of a penalty (the poster's lambda) among them.
- Which label is which class, and which images are left out (`clean`): they fit the poster's counts.
- boda has a third term, penalty.macro_weight, of its authors' code. The poster writes two terms:
  {_TWO_TERMS}. Report both. Of both, the cross-entropy is softmax (the poster's
  reads as one class against the rest) and the weight of a distance knows both of its pairs.
- boda_plus is a reconstruction: the poster reports it and does not define it.
"""


def poster_domains(entries: Sequence[Entry]) -> list[Entry]:
    """The poster's three domains among those that were found.

    Raises:
        DataError: Where one is missing, with a table of where to get them.
    """
    by_layout: dict[str | None, Entry] = {}
    for entry in entries:
        by_layout.setdefault(entry.layout, entry)
    unseen = next((name for name in _UNSEEN if name in by_layout), None)
    missing = [name for name in _SOURCES if name not in by_layout]
    if unseen is None:
        missing.append(" or ".join(_UNSEEN))
    if missing or unseen is None:
        found = ", ".join(sorted(entry.layout or entry.name for entry in entries))
        raise DataError(
            f"the poster's setting needs {', '.join(missing)} as well; found: {found or 'none'}"
            f"{_table()}",
            where="--recipe poster",
            fix="give their folders, too; or leave --recipe out and train on what there is",
        )
    used = [by_layout[name] for name in (*_SOURCES, unseen)]
    for entry in entries:
        if entry not in used:
            warn(f"'{entry.name}' ({entry.path}) is not used: {_why_not(entry, unseen)}")
    return [
        replace(entry, name=str(entry.layout), clean=_CLEANING.get(str(entry.layout)))
        for entry in used
    ]


def poster_commands(unseen: str, file: str) -> tuple[str, str]:
    """What reruns the experiment, once the project file is there."""
    given = "" if file == DEFAULT_PROJECT.name else f" --project {file}"
    chosen = f"poster,{_TWO_TERMS} --held-out {unseen}{given}"
    return f"wbcray tune --method {chosen}", f"wbcray compare --methods {chosen}"


def poster_notes(profile: Profile, unseen: str, file: str) -> str:
    """Comment lines for the project file: what is the poster's, what is ours, what to run."""
    lines = _NOTES.splitlines()
    if unseen != _UNSEEN[0]:
        lines.append(f"- {unseen} in place of {_UNSEEN[0]}, which was never published.")
    if profile.name != "paper":
        lines.append(f"- The profile {profile.name} is not the poster's: expect other scores.")
    lines += ["Rerun it by", *(f"  {command}" for command in poster_commands(unseen, file))]
    return "".join(f"# {line}\n" for line in lines)


def _why_not(entry: Entry, unseen: str) -> str:
    if entry.layout in (*_SOURCES, unseen):
        return f"it is a second copy of {entry.layout}"
    if entry.layout in _UNSEEN:
        return f"it is of the same laboratory as {unseen}, and holds images of it again"
    return "the poster did not have it"


def _table() -> str:
    """Where to get the poster's data sets, a line each."""
    from wbcray.data.layouts.load import load_layout

    layouts = [load_layout(name) for name in (*_SOURCES, *_UNSEEN)]
    return "".join(
        f"\n    {layout.name:<11} {layout.licence}: {' '.join(layout.obtain.split())}"
        for layout in layouts
    )
