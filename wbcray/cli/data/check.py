"""`wbcray data check`: what is wrong with the images."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say, warn
from wbcray.cli.data.permutation import leaks, permutation_json, run_permutations, show_permutation

if TYPE_CHECKING:
    from wbcray.core.project import Project
    from wbcray.core.sample import Catalog, Sample
    from wbcray.data.audit.auditing import Audit
    from wbcray.training.permutation import PermutationCheck

_BAD_DATA, _REFUSED = 3, 7
_UNUSABLE = {"unreadable", "folds"}
"""Kinds of findings that keep from training."""


def check(
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    sheet: Annotated[
        Path | None,
        typer.Option(help="HTML page with the images concerned side by side.", show_default=False),
    ] = None,
    write_ignore: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write lists into of images to leave out, for `ignore:` of a domain.",
            show_default=False,
        ),
    ] = None,
    permutation: Annotated[
        bool,
        typer.Option(
            "--permutation", help="Train on shuffled labels, too: validation must be at chance."
        ),
    ] = False,
    permutations: Annotated[
        int, typer.Option(min=1, max=1000, help="Trainings on shuffled labels.")
    ] = 3,
    json: opt.Json = False,
) -> int:
    """Read every image; report unreadable ones, copies, contradicting labels and leakage."""
    from wbcray.cli.progress import decoding
    from wbcray.core.project import load_project
    from wbcray.data.audit.auditing import audit_files

    described = load_project(project)
    with decoding() as on_progress:
        found = audit_files(described, on_progress=on_progress)
    written = {} if write_ignore is None else _write_ignore(described, found, write_ignore)
    if sheet is not None:
        _write_sheet(described, found, sheet)
    shuffled = _permutation(described, found, permutations) if permutation else None
    if json:
        print_json(
            {
                "images": len(found.catalog.samples),
                "unreadable": len(found.unreadable),
                "findings": [finding.as_json() for finding in found.findings],
                "ignore": {domain: str(path) for domain, path in written.items()},
                "sheet": None if sheet is None else str(sheet),
                "permutation": None if shuffled is None else permutation_json(shuffled),
            }
        )
    else:
        _print(found)
        for domain, path in written.items():
            entry = os.path.relpath(path, described.path.parent)
            say(f"in {described.path.name}, under `domains: {domain}:`, write `ignore: {entry}`")
        if sheet is not None:
            say(f"wrote {sheet}")
        if shuffled is not None:
            show_permutation(shuffled)
    code = _exit_code(found, described)
    return code or (_REFUSED if shuffled is not None and leaks(shuffled) else 0)


def _permutation(
    project: "Project", found: "Audit", permutations: int
) -> "PermutationCheck | None":
    """Train on shuffled labels, unless the images cannot be trained on at all."""
    if any(finding.severity == "error" and finding.kind in _UNUSABLE for finding in found.findings):
        warn("no training on shuffled labels: these images cannot be trained on")
        return None
    return run_permutations(project, found, permutations)


def remark_on_thin_classes(catalog: "Catalog", folds: int) -> None:
    """Warn of classes that some fold's validation part must miss."""
    from wbcray.data.folds import thin_classes

    for domain, label, images in thin_classes(catalog, folds):
        plural = "" if images == 1 else "s"
        warn(f"'{label}' has {images} image{plural} in '{domain}', fewer than {folds} folds")


def _print(found: "Audit") -> None:
    images = len(found.catalog.samples)
    if found.findings:
        rows = [(f.severity, f.what, f.fix) for f in found.findings]
        print_table(f"{images} images", ("severity", "finding", "what to do"), rows)
        for finding in found.findings:
            if finding.counts:
                counts = [(label, str(n), str(published)) for label, n, published in finding.counts]
                print_table(finding.what, ("label", "found", "published"), counts)
    else:
        say(f"{images} images, nothing found")


def _exit_code(found: "Audit", project: "Project") -> int:
    """What keeps from training decides: bad data first, then what is refused."""
    from wbcray.data.audit.guard import LEAKAGE

    errors = {finding.kind for finding in found.findings if finding.severity == "error"}
    if errors & _UNUSABLE:
        return _BAD_DATA
    return _REFUSED if found.leaks and LEAKAGE not in project.allow else 0


def _write_ignore(project: "Project", found: "Audit", folder: Path) -> dict[str, Path]:
    from wbcray.data.audit.leaving_out import to_leave_out, write_ignore_files

    reasons = to_leave_out(found.catalog, found.unreadable, found.links)
    return write_ignore_files(folder, project.domains, reasons)


def _write_sheet(project: "Project", found: "Audit", out: Path) -> None:
    from wbcray.data.audit import thumbnails
    from wbcray.data.audit.payload import audit_payload
    from wbcray.data.catalog import image_root
    from wbcray.explorer.reading.data_facts import AuditFacts
    from wbcray.explorer.report.data_sheet import write_sheet

    folders = project.folders

    def pictures(samples: "tuple[Sample, ...]") -> "dict[Sample, str]":
        files = {sample: image_root(folders[sample.domain]) / sample.path for sample in samples}
        shown = {sample: thumbnails.of_file(path, side=128) for sample, path in files.items()}
        return {sample: png for sample, png in shown.items() if png is not None}

    facts = AuditFacts.from_json(audit_payload(found, pictures, ids=None))
    write_sheet(facts, out, title=project.path.parent.name)
