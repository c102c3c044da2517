"""The rows of a CSV file that belong to one domain, checked against the images on disk."""

from collections.abc import Sequence
from pathlib import Path

from wbcray.core.domain import Domain
from wbcray.core.errors import DataError, did_you_mean
from wbcray.core.problems import show
from wbcray.data.folders import images_beside
from wbcray.data.ignore import Ignored
from wbcray.data.listed import Listed
from wbcray.data.table import TableRow, read_table


def rows_of_domain(domain: Domain, ignored: Ignored) -> tuple[list[Listed], int]:
    """The images of a domain that is a CSV file, and how many others lie beside them unlisted.

    Raises:
        DataError: For a table that cannot be read or contradicts itself, and for rows without
            an image.
    """
    table = domain.path
    everything = _rows(domain)
    rows = [row for row in _of_domain(everything, domain) if row.image not in ignored]
    _refuse_repeated_images(rows, table)
    _refuse_missing_images(rows, table)
    labelled = _has_labels(rows, table)
    beside = images_beside(table.parent, [row.image for row in rows])
    unlisted = {path for path in beside if path not in ignored} - {row.image for row in everything}
    listed = [
        Listed(
            path=row.image,
            label=row.label if labelled else None,
            patient=row.patient,
            row=row.line,
        )
        for row in rows
    ]
    return listed, len(unlisted)


def table_has_labels(domain: Domain) -> bool:
    """Whether any row of the domain has a label."""
    return any(row.label for row in _of_domain(_rows(domain), domain))


def _rows(domain: Domain) -> list[TableRow]:
    columns = domain.columns if domain.select is None else {"domain": "domain", **domain.columns}
    return read_table(domain.path, columns)


def _of_domain(rows: Sequence[TableRow], domain: Domain) -> list[TableRow]:
    wanted = domain.select or domain.name
    chosen = [row for row in rows if row.domain in (None, wanted)]
    if rows and not chosen:
        there = sorted({row.domain for row in rows if row.domain})
        raise DataError(
            f"no row of the table belongs to domain '{wanted}'",
            where=str(domain.path),
            fix=f"{did_you_mean(wanted, there)}; say with `select: VALUE` which rows are its own",
        )
    return chosen


def _has_labels(rows: Sequence[TableRow], table: Path) -> bool:
    """Whether the images have labels; a table without any is a domain without labels."""
    without = [row for row in rows if not row.label]
    if without and len(without) < len(rows):
        have = "1 row has" if len(without) == 1 else f"{len(without)} rows have"
        raise DataError(
            f"{have} no label (first: row {without[0].line})",
            where=f"{table}:{without[0].line}",
            fix="fill them in, or remove the rows; a domain has labels for all images or none",
        )
    return not without


def _refuse_repeated_images(rows: Sequence[TableRow], table: Path) -> None:
    """Do nothing where every image has one row.

    Raises:
        DataError: Naming two rows of one image, and their labels if they differ.
    """
    first: dict[str, TableRow] = {}
    for row in rows:
        before = first.setdefault(row.image, row)
        if before is row:
            continue
        labels = f"'{before.label}' (row {before.line}) and '{row.label}' (row {row.line})"
        alike = f"is listed twice, in rows {before.line} and {row.line}"
        raise DataError(
            f"image '{row.image}' "
            + (alike if before.label == row.label else f"has labels {labels}"),
            where=f"{table}:{row.line}",
            fix="keep one row per image" + ("" if before.label == row.label else ", the true one"),
        )


def _refuse_missing_images(rows: Sequence[TableRow], table: Path) -> None:
    """Do nothing where every row points to a file.

    Raises:
        DataError: With how many rows do not, and the first of them.
    """
    missing = [row for row in rows if not row.image or not (table.parent / row.image).is_file()]
    if not missing:
        return
    first = missing[0]
    rows_point = "1 row points" if len(missing) == 1 else f"{len(missing)} rows point"
    slashes = " written with `/`," if "\\" in first.image else ""
    raise DataError(
        f"{rows_point} to missing images (first: row {first.line} {show(first.image)})",
        where=f"{table}:{first.line}",
        fix=f"give paths{slashes} relative to the CSV file's folder; add the files, or remove "
        "the rows",
    )
