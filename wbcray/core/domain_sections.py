"""The entries under `domains:` of `wbcray.yaml`, in the light of each other and of the classes."""

from pathlib import Path
from typing import TYPE_CHECKING

from wbcray.core.domain import Domain
from wbcray.core.errors import did_you_mean
from wbcray.core.examined_file import ExaminedFile
from wbcray.core.label_space import CANONICAL, LABEL_SPACES
from wbcray.core.problems import show

if TYPE_CHECKING:
    from wbcray.core.project_schema import DomainSection, ProjectFile

_OF_LAYOUTS = ("part", "mapping", "clean")
_OF_TABLES = ("columns", "select")


def domains_of(
    parsed: "ProjectFile", file: ExaminedFile, label_space: str | None
) -> tuple[Domain, ...]:
    """The domains; not to be used once a problem has been noted in `file`."""
    found = tuple(_domain(name, section, file) for name, section in parsed.domains.items())
    for domain in found:
        _check_company(parsed.domains[domain.name], domain, file)
        _check_label_map(domain, parsed.classes, label_space, file)
    file.refuse_repeats(
        "domains",
        "folder",
        {domain.name: domain.slice_of_path() for domain in found},
        fix="remove one, or say by `part` or `select` which images are whose",
    )
    return found


def _domain(name: str, section: "DomainSection", file: ExaminedFile) -> Domain:
    here = ("domains", name)
    return Domain(
        name=name,
        # a path that was refused is as good as none; its own name keeps it from repeating another
        path=file.path(section.path, *here, "path") or file.folder / name,
        um_per_px=section.um_per_px,
        layout=_layout(section.layout, file, name),
        part=section.part,
        mapping=section.mapping,
        clean=section.clean,
        columns=section.columns.model_dump(exclude_none=True),
        select=section.select,
        label_map=dict(section.label_map),
        ignore=_patterns(section.ignore, file, name),
        where=file.document.where(*here),
    )


def _layout(given: str | None, file: ExaminedFile, domain: str) -> str | None:
    """The layout's name, or the absolute path of its file where a file is meant."""
    if given is None or Path(given).suffix not in {".yaml", ".yml"}:
        return given
    path = file.path(given, "domains", domain, "layout")
    if path is not None and not path.is_file():
        file.note(
            f"domains.{domain}.layout: there is no file {path}",
            "domains",
            domain,
            "layout",
            fix="write the name of a published data set, or the path of a YAML file",
        )
    return str(path)


def _patterns(given: list[str] | str, file: ExaminedFile, domain: str) -> tuple[str, ...]:
    """The patterns of a list, or of a text file with one a line and remarks after `#`."""
    if isinstance(given, list):
        return tuple(given)
    path = file.path(given, "domains", domain, "ignore")
    if path is None:
        return ()
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        file.note(
            f"domains.{domain}.ignore: cannot read {path} ({reason})",
            "domains",
            domain,
            "ignore",
            fix='give a text file with one pattern a line, or a list: `ignore: ["*_old.png"]`',
        )
        return ()
    stripped = (line.strip() for line in lines)
    return tuple(line for line in stripped if line and not line.startswith("#"))


def _check_company(section: "DomainSection", domain: Domain, file: ExaminedFile) -> None:
    """Note keys that mean nothing beside the others."""
    given = section.model_fields_set
    if domain.layout is None:
        for key in _OF_LAYOUTS:
            if key in given:
                file.note(
                    f"domains.{domain.name}.{key} needs a `layout`",
                    "domains",
                    domain.name,
                    key,
                    fix="add the `layout` that it belongs to, or remove it",
                )
    if domain.layout is not None or not domain.is_table:
        for key in _OF_TABLES:
            if key in given:
                file.note(
                    f"domains.{domain.name}.{key} is for a CSV file, which "
                    f"{show(section.path)} is not",
                    "domains",
                    domain.name,
                    key,
                    fix="remove it, or give the path of a CSV file and no `layout`",
                )


def _check_label_map(
    domain: Domain, classes: list[str], label_space: str | None, file: ExaminedFile
) -> None:
    for label, target in domain.label_map.items():
        if target is None or _is_class(target, classes, label_space):
            continue
        file.note(
            f"domains.{domain.name}.label_map: {show(target)} is not among the classes",
            "domains",
            domain.name,
            "label_map",
            label,
            fix=f"{did_you_mean(target, classes)}; or null, to leave the images out",
        )


def _is_class(target: str, classes: list[str], label_space: str | None) -> bool:
    if label_space is None:
        return target in classes
    return (LABEL_SPACES[label_space].resolve(target) or CANONICAL.resolve(target)) is not None
