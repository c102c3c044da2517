"""Options that several commands share, and how their text becomes values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from wbcray.core.errors import UsageError
from wbcray.core.hyper import Scalar, as_scalar


def _part(axis: str) -> Any:
    return typer.Option(help=f"The part for {axis} (`wbcray methods`).", show_default=False)


Project = Annotated[
    Path, typer.Option("--project", "-p", help="The project file.", show_default=True)
]
RunName = Annotated[str, typer.Option("--run", help="Name of the run, a folder below `runs`.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Folds = Annotated[int | None, typer.Option(min=2, max=20, help="Folds; else as in the project.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Epochs per fold.")]
Weights = Annotated[
    str | None, typer.Option(help="First weights: imagenet, none, or a file.", show_default=False)
]
Address = Annotated[
    str | None,
    typer.Option(
        help="Ray: local, auto, or an address. Default: a running cluster, else this machine.",
        show_default=False,
    ),
]
InsecureCluster = Annotated[
    bool,
    typer.Option("--insecure-cluster", help="Join a Ray cluster without authentication, too."),
]
Workers = Annotated[int, typer.Option(min=1, help="Workers that train one network together.")]
Cpus = Annotated[int, typer.Option(min=1, help="CPUs and threads of each worker.")]
Gpus = Annotated[
    float | None,
    typer.Option(min=0.0, help="GPUs of each worker; a fraction shares one.", show_default=False),
]
RunArgument = Annotated[
    str | None, typer.Argument(help="A run's name or folder; the newest if left out.")
]
Classification = Annotated[str | None, _part("classification")]
DomainRisk = Annotated[str | None, _part("domain_risk")]
Penalty = Annotated[str | None, _part("penalty")]
Sampler = Annotated[str | None, _part("sampler")]
Mixing = Annotated[str | None, _part("mixing")]
Normalization = Annotated[str | None, _part("normalization")]
Finish = Annotated[str | None, _part("finish")]
Colour = Annotated[str | None, _part("colour")]
Deterministic = Annotated[
    bool,
    typer.Option("--deterministic", help="The same bits again and in any order of events; slower."),
]
StallMinutes = Annotated[
    float,
    typer.Option(min=0.01, help="Minutes without progress after which a worker is started anew."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")]

DEFAULT_PROJECT = Path("wbcray.yaml")


def names(texts: list[str] | None) -> tuple[str, ...]:
    """Names from options that may be repeated and may hold commas, each once, in order."""
    found = [word.strip() for text in texts or () for word in text.split(",")]
    return tuple(dict.fromkeys(word for word in found if word))


def assignments(texts: list[str] | None) -> dict[str, Scalar]:
    """`name=value` options as a mapping; numbers become numbers.

    Raises:
        UsageError: For a text without `=`.
    """
    values: dict[str, Scalar] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(
                f"'{text}' is not name=value", where="--set", fix="e.g. --set penalty.weight=0.3"
            )
        values[name.strip()] = as_scalar(value.strip())
    return values


def settings_given(texts: list[str] | None, **parts: str | None) -> dict[str, Scalar]:
    """`name=value` options and those that name the part on an axis, as one mapping.

    Raises:
        UsageError: For a text without `=`, and for an axis that is named both ways.
    """
    values = assignments(texts)
    for axis, part in parts.items():
        if part is None:
            continue
        if axis in values:
            raise UsageError(
                f"{axis} is given twice",
                where=f"--{axis.replace('_', '-')} and --set {axis}=",
                fix="drop one of the two",
            )
        values[axis] = part
    return values


def choices(texts: list[str] | None, held: Mapping[str, Scalar]) -> dict[str, tuple[str, ...]]:
    """`axis=part,part` options as a mapping.

    Raises:
        UsageError: For a text without `=`, and for an axis that is named twice or `held`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts or ():
        name, equals, parts = text.partition("=")
        axis = name.strip()
        if not equals or not parts:
            raise UsageError(
                f"'{text}' is not axis=part,part",
                where="--search",
                fix="e.g. --search normalization=batch,group",
            )
        if axis in found:
            raise UsageError(
                f"{axis} is given twice",
                where=f"--search {axis}=",
                fix=f"list all parts in one: --search {axis}=part,part",
            )
        if axis in held:
            raise UsageError(
                f"{axis} is to be searched, and held at '{held[axis]}'",
                where=f"--search {axis}=",
                fix="drop one of the two",
            )
        found[axis] = names([parts])
    return found


def domains_of(project: Any, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The held-out domains that were asked for, or every domain that scores can be measured on.

    Raises:
        UsageError: For a domain that the project does not have.
    """
    from wbcray.core.errors import unknown_name
    from wbcray.data.catalog import has_labels

    known = sorted(project.folders)
    for name in wanted:
        if name not in known:
            raise unknown_name("domain", name, known, where="--held-out")
    return wanted or tuple(sorted(d.name for d in project.domains if has_labels(d)))


def sources_of(project: Any, held_out: Sequence[str]) -> int:
    """Domains to learn from while one of `held_out` is held out, the fewest of all.

    One without labels is none: nothing is learned from it.
    """
    from wbcray.data.catalog import has_labels

    labelled = {domain.name for domain in project.domains if has_labels(domain)}
    return min((len(labelled - {name}) for name in held_out), default=len(labelled))


def methods_of(wanted: tuple[str, ...], *, where: str = "--method") -> tuple[str, ...]:
    """The methods that were asked for, by the one name that each has.

    `poster` stands for the poster's five and `all` for every preset, also with changes behind it
    (`poster+stain_augmentation`).

    Raises:
        UsageError: For a method that cannot be made.
    """
    listed = [name for text in wanted for name in _expanded(text)]
    return tuple(dict.fromkeys(_named(name, where) for name in listed))


def method_of(given: str) -> str:
    """The one name of the one method that was asked for.

    Raises:
        UsageError: For a method that cannot be made, and for several.
    """
    found = methods_of(names([given]))
    if len(found) != 1:
        raise UsageError(
            f"'{given}' stands for {len(found)} methods, and one cell has one",
            where="--method",
            fix="give one of them; `wbcray tune` and `wbcray compare` take several",
        )
    return found[0]


def _expanded(text: str) -> list[str]:
    from wbcray.methods.presets import POSTER, PRESETS

    groups = {"poster": POSTER, "all": tuple(PRESETS)}
    group, plus, changes = text.partition("+")
    return [name + plus + changes for name in groups.get(group, (group,))]


def _named(method: str, where: str) -> str:
    from wbcray.core.errors import UsageError
    from wbcray.methods.presets import PRESETS

    if method in PRESETS:
        return method
    from wbcray.methods.compose import default_composition

    try:
        return default_composition(method).name
    except UsageError as error:
        place = f"{where} {method}" if error.where in ("", f"method '{method}'") else error.where
        raise UsageError(error.what, where=place, fix=error.fix) from error


def reference_of(method: str) -> str:
    """The one name of the method that others are compared with.

    Raises:
        UsageError: For a method that cannot be made, before hours are spent on a comparison.
    """
    return _named(method, "--reference")
