"""The text of the `wbcray.yaml` that `wbcray init` writes."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.cli.found_domains import Entry
from wbcray.cli.profiles import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Everything that goes into the file.

    Attributes:
        profile: Settings for the machine.
        reason: Why this profile.
        domains: In the order of the file.
        classes: Class names, or the name of a label space.
        weights: First weights of the network.
        field_of_view: Micrometres, None for the whole image.
        notes: Comment lines on the recipe, if there is one; then what it leaves open is marked.
    """

    profile: Profile
    reason: str
    domains: Sequence[Entry]
    classes: str | Sequence[str]
    weights: str
    field_of_view: float | None
    notes: str = ""


def project_text(proposal: Proposal, folder: Path) -> str:
    """The project file, commented, for the folder that it will lie in."""
    profile = proposal.profile
    listed = "\n".join(_entry(entry, folder) for entry in proposal.domains)
    ours = "; ours" if proposal.notes else ""
    mark = "  # ours" if proposal.notes else ""
    larger = "" if profile.backbone == "resnet50" else ours
    return f"""\
# What wbcray trains on, and how. Paths are relative to this file. Everything here holds for every
# method and trial; what is searched stands in search_spaces/.
# Profile {profile.name} ({proposal.reason}):
# {profile.why}.
{proposal.notes}version: 1

{_classes(proposal.classes)}

# One entry a site: a folder of class folders, a CSV file, or a published data set by its `layout`.
# `um_per_px` (micrometres per pixel) is needed for a field of view in um; layouts bring their own.
# More keys: `label_map: {{Neutrofil: neutrophil, artefact: null}}`, `ignore: ["*_blurred.png"]`.
domains:
{listed}

image:
  size: {profile.size}                 # pixels, 32 .. 512{ours}
  field_of_view: {_field_of_view(proposal.field_of_view)}{ours}

network:
  backbone: {profile.backbone}       # resnet18 | resnet50{larger}
  weights: {proposal.weights}            # imagenet | none | path of a file
  normalization: batch     # batch | frozen | group{ours}

training:
  epochs: {profile.epochs}{mark}
  folds: {profile.folds}                 # of the source domains; the held-out domain has none
  patience: 0              # stop a fold after so many epochs without gain; 0 trains them all{ours}
  precision: auto          # auto | float32 | bfloat16{ours}
  seed: 0                  # of the split{ours}

# Where the search starts; it may change lr and weight_decay, the same way for every method.
optimizer:
  lr: {profile.lr:g}{mark}
  batch_size: {profile.batch_size}{mark}

cache: .wbcray             # decoded pixels; can be deleted
runs: runs                 # records, tables, checkpoints: a folder, or s3://BUCKET/PREFIX
"""


def _classes(classes: str | Sequence[str]) -> str:
    if isinstance(classes, str):
        return (
            "# A label space fixes names and ids: canonical13, or coarse5 (five coarse classes).\n"
            f"classes: {classes}"
        )
    return (
        "# The order fixes the class ids. Every class of every domain must be listed here.\n"
        f"classes: [{', '.join(map(quoted, classes))}]"
    )


def _entry(entry: Entry, folder: Path) -> str:
    inside = ", ".join(f"{key}: {value}" for key, value in _keys(entry, folder))
    shrunk = f" / {entry.shrink:g}" if entry.shrink != 1 else ""
    scale = f"  # {entry.px_per_um:g}{shrunk} px per um" if entry.px_per_um else ""
    return f"  {quoted(entry.name)}: {{{inside}}}{scale}"


def _keys(entry: Entry, folder: Path) -> Iterator[tuple[str, str]]:
    yield "path", quoted(os.path.relpath(entry.path.absolute(), folder.absolute()))
    for key in ("layout", "part", "clean", "select"):
        value = getattr(entry, key)
        if value is not None:
            yield key, quoted(value)
    if entry.px_per_um and (entry.layout is None or entry.shrink != 1):
        digits = 4 if entry.layout else 6  # a generator knows its scale better than a publication
        yield "um_per_px", f"{entry.shrink / entry.px_per_um:.{digits}g}"
    if entry.columns:
        columns = (f"{key}: {quoted(column)}" for key, column in entry.columns.items())
        yield "columns", f"{{{', '.join(columns)}}}"


def _field_of_view(micrometres: float | None) -> str:
    if micrometres is None:
        return "native    # the largest centre square, or micrometres, e.g. 25"
    return f"{micrometres:g}        # micrometres, or native: the largest centre square"


def quoted(text: str) -> str:
    """`text` as YAML, quoted where it must be inside brackets."""
    import yaml

    return yaml.safe_dump([text], default_flow_style=True, width=10_000).strip()[1:-1]
