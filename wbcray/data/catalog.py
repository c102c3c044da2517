"""Read folders of images into a catalog: what is there, under which label, from which domain.

A domain is a folder of class folders (`tecom/basophil/x.png`) or a CSV file with the columns
`image`, `label` and optionally `patient`, image paths being relative to the CSV's folder.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from wbcray.core.errors import DataError, did_you_mean
from wbcray.core.sample import Catalog, Sample

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
_REQUIRED_COLUMNS = ("image", "label")


def read_catalog(domains: Mapping[str, Path], classes: Sequence[str]) -> Catalog:
    """The catalog of `domains` (name -> folder or CSV file), sorted by domain and path.

    Raises:
        DataError: For a missing root, fewer than two domains, an unknown or empty class folder.
    """
    if len(domains) < 2:  # noqa: PLR2004  # one to learn from, one to hold out
        raise DataError(
            f"found {len(domains)} domain ({', '.join(domains) or 'none'}); "
            "holding one out needs at least 2",
            where="wbcray.yaml, `domains:`",
            fix="add a folder under `domains:`; expected layout: domain/class/image.png",
        )
    samples: list[Sample] = []
    for name in sorted(domains):
        samples += read_domain(name, domains[name], classes)
    _refuse_classes_without_images(samples, classes)
    return Catalog(samples=tuple(samples), classes=tuple(classes), domains=tuple(sorted(domains)))


def read_domain(name: str, root: Path, classes: Sequence[str]) -> list[Sample]:
    """The samples of one domain, sorted by path."""
    if not root.exists():
        raise DataError(
            f"the folder of domain '{name}' does not exist",
            where=str(root),
            fix="correct `path` in wbcray.yaml, or mount the data",
        )
    read = _read_csv if root.is_file() else _read_folders
    samples = read(name, root, classes)
    if not samples:
        raise DataError(
            f"domain '{name}' has no images",
            where=str(root),
            fix=f"expected class folders with {', '.join(IMAGE_SUFFIXES)} files",
        )
    _refuse_unprintable_names(samples, root)
    return sorted(samples, key=lambda sample: sample.path)


def class_folders(root: Path) -> dict[str, list[Path]]:
    """The images of every folder directly under `root`, hidden and system folders left out."""
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not _hidden(path))
    return {folder.name: images_in(folder) for folder in folders}


def images_in(folder: Path) -> list[Path]:
    """The image files directly in `folder`, sorted."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and not _hidden(path) and path.is_file()
    )


def image_root(root: Path) -> Path:
    """The folder that sample paths of a domain are relative to."""
    return root.parent if root.is_file() else root


def _hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name == "__MACOSX"


def _read_folders(name: str, root: Path, classes: Sequence[str]) -> list[Sample]:
    samples = []
    for folder, images in class_folders(root).items():
        _check_label(folder, classes, where=str(root / folder))
        if not images:
            raise DataError(
                f"class folder '{folder}' of domain '{name}' has no readable image",
                where=str(root / folder),
                fix="remove the empty folder, or put the images back",
            )
        samples += [
            Sample(path=path.relative_to(root).as_posix(), label=folder, domain=name)
            for path in images
        ]
    return samples


def _read_csv(name: str, table: Path, classes: Sequence[str]) -> list[Sample]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines, restval="")
            _check_columns(rows.fieldnames or (), table)
            samples = [
                _read_row(row, name, table, classes, where=f"{table}:{rows.line_num}")
                for row in rows
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"the table of domain '{name}' is not CSV text: {error}",
            where=str(table),
            fix="save it as CSV in UTF-8, or give a folder of class folders",
        ) from error
    _refuse_repeated_rows(samples, table)
    return samples


def _read_row(
    row: Mapping[str, str], name: str, table: Path, classes: Sequence[str], *, where: str
) -> Sample:
    _check_label(row["label"], classes, where=where)
    if not (table.parent / row["image"]).is_file():
        raise DataError(
            f"image '{row['image']}' does not exist",
            where=where,
            fix="paths are relative to the CSV's folder; remove the row or add the file",
        )
    patient = row.get("patient") or None
    return Sample(path=row["image"], label=row["label"], domain=name, patient=patient)


def _check_columns(columns: Sequence[str], table: Path) -> None:
    missing = [column for column in _REQUIRED_COLUMNS if column not in columns]
    if missing:
        raise DataError(
            f"missing column '{missing[0]}'; the file has: {', '.join(columns) or 'none'}",
            where=f"{table}:1",
            fix="the first line must name the columns image,label and optionally patient",
        )


def _check_label(label: str, classes: Sequence[str], *, where: str) -> None:
    if label not in classes:
        raise DataError(
            f"label '{label}' is not among the classes",
            where=where,
            fix=f"{did_you_mean(label, classes)}; rename it, or add it to `classes:`",
        )


def _refuse_repeated_rows(samples: Sequence[Sample], table: Path) -> None:
    repeated = [path for path, n in Counter(sample.path for sample in samples).items() if n > 1]
    if repeated:
        raise DataError(
            f"image '{repeated[0]}' is listed more than once",
            where=str(table),
            fix="keep one row per image",
        )


def _refuse_unprintable_names(samples: Sequence[Sample], root: Path) -> None:
    """A path must fit into records, which are UTF-8; a file system may hold other bytes."""
    for sample in samples:
        try:
            sample.path.encode()
        except UnicodeEncodeError:
            raise DataError(
                f"the file name {sample.path!r} is not UTF-8 text",
                where=str(root).encode(errors="replace").decode(),
                fix="rename the file",
            ) from None


def _refuse_classes_without_images(samples: Sequence[Sample], classes: Sequence[str]) -> None:
    found = {sample.label for sample in samples}
    for name in classes:
        if name not in found:
            raise DataError(
                f"class '{name}' has no image in any domain",
                where="wbcray.yaml, `classes:`",
                fix=f"{did_you_mean(name, found)}; remove it from `classes:`, or add its images",
            )
