"""`wbcray init`: look at image folders and write a commented `wbcray.yaml`."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from wbcray.cli.console import print_json, say
from wbcray.cli.options import DEFAULT_PROJECT, Json
from wbcray.core.errors import DataError, RefusedError, UsageError, unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Settings that fit a kind of machine."""

    name: str
    backbone: str
    size: int
    epochs: int
    folds: int
    batch_size: int
    lr: float
    why: str


_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")
"""What the name of a domain, which becomes part of file names, may not hold."""

PROFILES = {
    "laptop": Profile(
        name="laptop",
        backbone="resnet18",
        size=64,
        epochs=15,
        folds=5,
        batch_size=32,
        lr=1e-3,
        why="trains in minutes on a CPU; scores are well below what ResNet50 at 224 px reaches",
    ),
    "paper": Profile(
        name="paper",
        backbone="resnet50",
        size=224,
        epochs=30,
        folds=5,
        batch_size=64,
        lr=1e-4,
        why="ResNet50 from ImageNet weights at 224 px, five folds, as on the poster",
    ),
}


def init(
    folders: Annotated[
        list[Path], typer.Argument(help="Domains, or folders of domains.", metavar="DIR...")
    ],
    *,
    profile: Annotated[
        str | None, typer.Option(help="laptop or paper; else what fits this machine.")
    ] = None,
    classes: Annotated[
        str | None, typer.Option(help="Class names in order, separated by commas.")
    ] = None,
    classes_from_folders: Annotated[
        bool, typer.Option("--classes-from-folders", help="Take the class folders' names.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The file to write.")] = DEFAULT_PROJECT,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    json: Json = False,
) -> None:
    """Write a commented wbcray.yaml for the image folders it is given."""
    chosen, reason = _profile(profile)
    if out.exists() and not force:
        raise RefusedError(
            f"{out} exists",
            where=str(out),
            fix="edit it, write another with --out FILE, or replace it with --force",
        )
    if not out.absolute().parent.is_dir():
        raise UsageError(
            f"there is no folder {out.parent}", where="--out", fix="make it, or give another FILE"
        )
    domains = _domains(folders)
    found = _class_names(domains)
    wanted = [name.strip() for name in classes.split(",")] if classes else sorted(found)
    for name in wanted:
        if name not in found:
            raise unknown_name("class", name, found, where="--classes")
    unlisted = sorted(set(found) - set(wanted))
    if unlisted:
        raise UsageError(
            f"class folder '{unlisted[0]}' is not in the list of classes",
            where="--classes",
            fix="list every class folder, or move away those that are not to be used",
        )
    if not classes and not classes_from_folders:
        say("classes: the names of the class folders (set others with --classes)")
    weights = _weights(chosen)
    out.write_text(_render(chosen, reason, domains, wanted, weights, out), encoding="utf-8")
    say(f"profile {chosen.name}: {reason}; {chosen.backbone}, {chosen.size} px, weights {weights}")
    if json:
        print_json(
            {
                "project": str(out),
                "profile": chosen.name,
                "domains": sorted(domains),
                "classes": wanted,
                "weights": weights,
            }
        )
        return
    say(
        f"wrote {out}: {len(domains)} domains ({', '.join(sorted(domains))}), {len(wanted)} classes"
    )
    say("next: wbcray data describe, then wbcray tune --method boda")


def _profile(name: str | None) -> tuple[Profile, str]:
    if name is not None:
        if name not in PROFILES:
            raise unknown_name("profile", name, PROFILES, where="--profile")
        return PROFILES[name], "as asked for"
    if shutil.which("nvidia-smi"):
        return PROFILES["paper"], "a GPU was found"
    return PROFILES["laptop"], f"no GPU was found, {os.cpu_count()} CPU cores"


def _weights(profile: Profile) -> str:
    from wbcray.models.weights import cached_imagenet

    if profile.name == "paper" or cached_imagenet(profile.backbone):
        return "imagenet"
    return "none"


def _domains(folders: list[Path]) -> dict[str, Path]:
    """Name -> folder; a folder whose folders hold class folders is a folder of domains."""
    domains: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise DataError(
                "the folder does not exist", where=str(folder), fix="give folders of images"
            )
        for domain in _domains_in(folder):
            # `.` and `a/..` are folders, too
            name = _NOT_IN_NAMES.sub("_", domain.resolve().name).lstrip("._-")[:64]
            if not name or name in domains:
                raise DataError(
                    f"two domains are called '{name}'" if name else "a domain has no name",
                    where=str(domain),
                    fix="rename the folder, with letters and digits",
                )
            domains[name] = domain
    if len(domains) < 2:  # noqa: PLR2004  # one to learn from, one to hold out
        raise DataError(
            f"found {len(domains)} domain ({', '.join(domains) or 'none'}); "
            "holding one out needs at least 2",
            where=", ".join(map(str, folders)),
            fix="give more folders; expected layout: domain/class/image.png",
        )
    return domains


def _domains_in(folder: Path) -> list[Path]:
    from wbcray.data.catalog import class_folders

    if any(class_folders(folder).values()):
        return [folder]
    inside = [folder / name for name in class_folders(folder)]
    return [path for path in inside if any(class_folders(path).values())]


def _class_names(domains: dict[str, Path]) -> set[str]:
    from wbcray.data.catalog import class_folders

    return {
        name for path in domains.values() for name, images in class_folders(path).items() if images
    }


def _render(
    profile: Profile,
    reason: str,
    domains: dict[str, Path],
    classes: list[str],
    weights: str,
    out: Path,
) -> str:
    import yaml

    def quoted(text: str) -> str:
        """As YAML text, quoted where it must be inside brackets."""
        return yaml.safe_dump([text], default_flow_style=True, width=10_000).strip()[1:-1]

    here = out.absolute().parent
    paths = {name: os.path.relpath(path.absolute(), here) for name, path in sorted(domains.items())}
    listed = "\n".join(
        f"  {quoted(name)}: {{path: {quoted(path)}}}" for name, path in paths.items()
    )
    return f"""\
# What wbcray trains on, and how. Paths are relative to this file. Everything here holds for every
# method and trial; what is searched stands in search_spaces/.
# Profile {profile.name} ({reason}):
# {profile.why}.
version: 1

# The order fixes the class ids. Every class folder of every domain must be listed here.
classes: [{", ".join(quoted(name) for name in classes)}]

# One entry a site. `um_per_px` (micrometres per pixel) is needed for a field of view in um.
domains:
{listed}

image:
  size: {profile.size}                 # pixels, 32 .. 512
  field_of_view: native    # the largest centre square, or micrometres, e.g. 25

network:
  backbone: {profile.backbone}       # resnet18 | resnet50
  weights: {weights}            # imagenet | none | path of a file
  normalization: batch     # batch | frozen | group

training:
  epochs: {profile.epochs}
  folds: {profile.folds}                 # of the source domains; the held-out domain has none
  patience: 0              # stop a fold after so many epochs without gain; 0 trains them all
  precision: auto          # auto | float32 | bfloat16
  seed: 0                  # of the split

# Where the search starts; it may change lr and weight_decay, the same way for every method.
optimizer:
  lr: {profile.lr:g}
  batch_size: {profile.batch_size}

cache: .wbcray             # decoded pixels; can be deleted
runs: runs                 # records, tables, checkpoints
"""
