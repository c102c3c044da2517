"""Which classes `wbcray init` proposes for the domains that it found."""

from collections.abc import Iterable, Sequence

from wbcray.cli.found_domains import Entry
from wbcray.core.errors import UsageError, did_you_mean, unknown_name
from wbcray.core.label_space import CANONICAL, COARSE, LABEL_SPACES


def all_labels(entries: Iterable[Entry]) -> set[str]:
    """Every label of domains that are no published data set, as their folders or rows spell it."""
    return {label for entry in entries if entry.layout is None for label in entry.labels}


def choose_classes(entries: Sequence[Entry], asked: str | None) -> str | list[str]:
    """What `classes:` shall be: the name of a label space, or class names.

    Raises:
        UsageError: For classes that do not fit what the folders hold.
    """
    published = any(entry.layout for entry in entries)
    if asked is None:
        space = _fitting_space(entries) if published else None
        return space or sorted(all_labels(entries))
    if asked in LABEL_SPACES:
        _require_space(entries, asked)
        return asked
    wanted = [name.strip() for name in asked.split(",")]
    if not published:
        _require_listed(entries, wanted)
    return wanted


def labels_left_out(entry: Entry, classes: str | Sequence[str]) -> list[str]:
    """Labels of a domain that will have no class of the label space `classes`, sorted."""
    from wbcray.data.layouts.load import load_layout

    if not isinstance(classes, str):
        return []
    mapping = load_layout(entry.layout).mapping() if entry.layout else {}
    meanings = {label: mapping.get(label, label) for label in entry.labels}
    space = LABEL_SPACES[classes]
    return sorted(label for label, name in meanings.items() if name and not space.resolve(name))


def _fitting_space(entries: Sequence[Entry]) -> str:
    """The canonical classes, or the coarse ones where no published data set tells more."""
    from wbcray.data.layouts.load import load_layout

    layouts = [load_layout(entry.layout) for entry in entries if entry.layout]
    coarse_only = [
        any(target and not CANONICAL.resolve(target) for target in layout.mapping().values())
        for layout in layouts
    ]
    space = COARSE if all(coarse_only) else CANONICAL
    _require_space(entries, space.name)
    return space.name


def _require_space(entries: Sequence[Entry], space: str) -> None:
    known = LABEL_SPACES[space]
    for entry in entries:
        for label in sorted(entry.labels if entry.layout is None else ()):
            if not known.resolve(label) and not CANONICAL.resolve(label):
                raise UsageError(
                    f"class '{label}' of domain '{entry.name}' is not known to {space}",
                    where=str(entry.path),
                    fix=f"{did_you_mean(label, known.classes)}; rename it, list class names with "
                    "--classes, or leave this domain out",
                )


def _require_listed(entries: Sequence[Entry], wanted: list[str]) -> None:
    found = all_labels(entries)
    for name in wanted:
        if name not in found:
            raise unknown_name("class", name, found, where="--classes")
    unlisted = sorted(found - set(wanted))
    if unlisted:
        raise UsageError(
            f"class folder '{unlisted[0]}' is not in the list of classes",
            where="--classes",
            fix="list every class folder, or move away those that are not to be used",
        )
