"""`wbcray init`: look at folders of images and write a commented `wbcray.yaml`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from wbcray.cli.console import print_json, say, warn
from wbcray.cli.found_classes import choose_classes, labels_left_out
from wbcray.cli.found_domains import Entry, find_domains, unused_folders
from wbcray.cli.options import DEFAULT_PROJECT, Json
from wbcray.cli.poster import FIELD_OF_VIEW, poster_commands, poster_domains, poster_notes
from wbcray.cli.profiles import choose_profile, first_weights
from wbcray.cli.project_text import Proposal, project_text
from wbcray.core.errors import DataError, RefusedError, UsageError, unknown_name
from wbcray.core.label_space import CANONICAL, LABEL_SPACES

RECIPES = ("poster",)


def init(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Domains, folders of domains, or CSV files.", metavar="DIR..."),
    ],
    *,
    profile: Annotated[
        str | None, typer.Option(help="laptop or paper; else what fits this machine.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="poster: its domains, classes, field of view and network.")
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(help="Class names in order, separated by commas; canonical13 or coarse5."),
    ] = None,
    classes_from_folders: Annotated[
        bool, typer.Option("--classes-from-folders", help="Take the class folders' names.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The file to write.")] = DEFAULT_PROJECT,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    json: Json = False,
) -> None:
    """Write a commented wbcray.yaml for the image folders it is given."""
    _check_recipe(recipe, classes)
    chosen, reason = choose_profile(profile or ("paper" if recipe else None))
    _check_target(out, force=force)
    domains = found = find_domains(folders, published=not classes_from_folders)
    wanted: str | Sequence[str] = CANONICAL.name
    if recipe:
        domains = poster_domains(domains)
    else:
        _require_two(domains, folders)
        wanted = choose_classes(domains, classes)
        if not classes and not classes_from_folders:
            say(_where_classes_are_from(wanted))
    proposal = Proposal(
        profile=chosen,
        reason="as on the poster" if recipe and not profile else reason,
        domains=domains,
        classes=wanted,
        weights=first_weights(chosen),
        field_of_view=FIELD_OF_VIEW if all(entry.px_per_um for entry in domains) else None,
        notes=poster_notes(chosen, domains[-1].name, out.name) if recipe else "",
    )
    _remark(proposal)
    _remark_unused(found, folders)
    _remark_scale(domains)
    out.write_text(project_text(proposal, out.absolute().parent), encoding="utf-8")
    _tell(proposal, out, as_json=json)


def _check_target(out: Path, *, force: bool) -> None:
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


def _check_recipe(recipe: str | None, classes: str | None) -> None:
    if recipe is None:
        return
    if recipe not in RECIPES:
        raise unknown_name("recipe", recipe, RECIPES, where="--recipe")
    if classes is not None:
        raise UsageError(
            f"the recipe '{recipe}' has classes of its own",
            where="--classes",
            fix="leave out --classes or --recipe",
        )


def _require_two(entries: Sequence[Entry], places: Iterable[Path]) -> None:
    """Do nothing where one domain can be learned from and another one held out.

    Raises:
        DataError: For fewer than two domains.
    """
    if len(entries) < 2:  # noqa: PLR2004
        given = list(places)
        found = (
            f"found 1 domain ({entries[0].name})"
            if entries
            else f"found no domain: {_there(given)}"
        )
        raise DataError(
            f"{found}; holding one out needs at least 2",
            where=", ".join(map(str, given)),
            fix="give more folders; expected layout: domain/class/image.png",
        )


def _there(places: Iterable[Path]) -> str:
    """What lies in places without a domain, in few words."""
    from wbcray.data.folders import class_folders, images_in

    told = []
    for place in (path for path in places if path.is_dir()):
        images, folders = len(images_in(place)), len(class_folders(place))
        some = f"{folders} folder{'s' * (folders != 1)}, but " if folders else ""
        told.append(
            f"{images} image{'s' * (images != 1)} directly in {place}, {some}no class folders"
        )
    return "; ".join(told) or "no row has a label"


def _where_classes_are_from(classes: str | Sequence[str]) -> str:
    if isinstance(classes, str):
        return f"classes: the label space {classes} (list others with --classes)"
    return "classes: the names of the class folders (set others with --classes)"


def _remark(proposal: Proposal) -> None:
    """Say which labels will not be used."""
    for entry in proposal.domains:
        labels = labels_left_out(entry, proposal.classes)
        if labels:
            warn(
                f"'{entry.name}': no class of {proposal.classes} for {', '.join(labels)}; "
                "their images will be left out"
            )


def _remark_unused(found: Sequence[Entry], folders: Sequence[Path]) -> None:
    """Say which folders with images were taken for nothing."""
    for folder in unused_folders(found, folders):
        within = any(entry.layout and folder.is_relative_to(entry.path) for entry in found)
        what = "no part of the data set around it" if within else "in no domain that was found"
        warn(f"{folder} is {what}; if it is a domain, give it by itself")


def _remark_scale(domains: Sequence[Entry]) -> None:
    """Say which domains keep the others from a field of view in micrometres."""
    without = [entry.name for entry in domains if not entry.px_per_um]
    if 0 < len(without) < len(domains):
        warn(
            f"no scale is known of {', '.join(without)}, so field_of_view is native; for one in "
            "micrometres give each its um_per_px"
        )


def _tell(proposal: Proposal, out: Path, *, as_json: bool) -> None:
    chosen, classes = proposal.profile, proposal.classes
    say(
        f"profile {chosen.name}: {proposal.reason}; {chosen.backbone}, {chosen.size} px, "
        f"weights {proposal.weights}"
    )
    names = [entry.name for entry in proposal.domains]
    listed = LABEL_SPACES[classes].classes if isinstance(classes, str) else classes
    if as_json:
        print_json(
            {
                "project": str(out),
                "profile": chosen.name,
                "domains": names,
                "classes": list(listed),
                "label_space": classes if isinstance(classes, str) else None,
                "field_of_view": proposal.field_of_view,
                "weights": proposal.weights,
            }
        )
        return
    say(f"wrote {out}: {len(names)} domains ({', '.join(names)}), {len(listed)} classes")
    if proposal.notes:
        say(
            "next: wbcray data describe, then "
            + ", then ".join(poster_commands(names[-1], out.name))
        )
    else:
        say("next: wbcray data describe, then wbcray tune --method boda")
