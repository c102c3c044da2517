"""The rows of a CSV file that belong to one domain, checked against the images on disk."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from wbcray.core.domain import Domain
from wbcray.core.errors import DataError, did_you_mean
from wbcray.core.problems import SHOWN, show, together
from wbcray.data.folders import images_beside
from wbcray.data.ignore import Ignored
from wbcray.data.listed import Listed
from wbcray.data.table import TableRow, read_table
from wbcray.data.vocabulary import Vocabulary


def rows_of_domain(
    domain: Domain, ignored: Ignored, vocabulary: Vocabulary
) -> tuple[list[Listed], int]:
    """The images of a domain that is a CSV file, and how many others lie beside them unlisted.

    Raises:
        DataError: For a table that cannot be read; for rows that contradict each other, have no
            image or a label that means nothing, all of them together.
    """
    table = domain.path
    problems: list[DataError] = []
    everything = _rows(domain, problems)
    rows = [row for row in _of_domain(everything, domain) if row.image not in ignored]
    problems += _problems(rows, table, vocabulary)
    if problems:
        raise together(problems, str(table))
    beside = images_beside(table.parent, [row.image for row in rows])
    unlisted = {path for path in beside if path not in ignored} - {row.image for row in everything}
    listed = [
        Listed(
            path=row.image,
            label=row.label or None,
            patient=row.patient,
        )
        for row in rows
    ]
    return listed, len(unlisted)


def table_has_labels(domain: Domain) -> bool:
    """Whether any row of the domain has a label."""
    return any(row.label for row in _of_domain(_rows(domain), domain))


def _rows(domain: Domain, problems: list[DataError] | None = None) -> list[TableRow]:
    columns = domain.columns if domain.select is None else {"domain": "domain", **domain.columns}
    return read_table(domain.path, columns, problems)


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


def _problems(rows: Sequence[TableRow], table: Path, vocabulary: Vocabulary) -> Iterator[DataError]:
    """What keeps the rows from being used."""
    yield from _repeated_images(rows, table)
    yield from _missing_images(rows, table)
    yield from _missing_labels(rows, table)
    yield from _unknown_labels(rows, table, vocabulary)


def _repeated_images(rows: Sequence[TableRow], table: Path) -> Iterator[DataError]:
    """One for each image that has several rows, with their labels if they differ."""
    of_image: dict[str, list[TableRow]] = {}
    for row in rows:
        of_image.setdefault(row.image, []).append(row)
    for image, several in of_image.items():
        if len(several) == 1 or not image:  # a row without any image is a problem of its own
            continue
        if len({row.label for row in several}) == 1:
            times = "twice" if len(several) == 2 else f"{len(several)} times"  # noqa: PLR2004  # a pair
            said, which = f"is listed {times}, in {_named(several)}", ""
        else:
            labels = _together([f"'{row.label}' (row {row.line})" for row in several])
            said, which = f"has labels {labels}", ", the true one"
        yield DataError(
            f"image '{image}' {said}",
            where=f"{table}:{several[1].line}",
            fix=f"keep one row per image{which}",
        )


def _missing_images(rows: Sequence[TableRow], table: Path) -> Iterator[DataError]:
    """One for all rows that do not point to a file."""
    missing = [row for row in rows if not row.image or not (table.parent / row.image).is_file()]
    if not missing:
        return
    point = "1 row points" if len(missing) == 1 else f"{len(missing)} rows point"
    listed = _together([f"row {row.line} {show(row.image)}" for row in missing])
    slashes = " written with `/`," if "\\" in missing[0].image else ""
    yield DataError(
        f"{point} to missing images: {listed}",
        where=f"{table}:{missing[0].line}",
        fix=f"give paths{slashes} relative to the CSV file's folder; add the files, or remove "
        "the rows",
    )


def _missing_labels(rows: Sequence[TableRow], table: Path) -> Iterator[DataError]:
    """One for all rows without a label; a table without any is a domain without labels."""
    without = [row for row in rows if not row.label]
    if without and len(without) < len(rows):
        have = "1 row has" if len(without) == 1 else f"{len(without)} rows have"
        yield DataError(
            f"{have} no label: {_named(without)}",
            where=f"{table}:{without[0].line}",
            fix="fill them in, or remove the rows; a domain has labels for all images or none",
        )


def _unknown_labels(
    rows: Sequence[TableRow], table: Path, vocabulary: Vocabulary
) -> Iterator[DataError]:
    """One for each label that means nothing here."""
    of_label: dict[str, list[TableRow]] = {}
    for row in rows:
        if row.label:
            of_label.setdefault(row.label, []).append(row)
    for label, bearing in of_label.items():
        try:
            vocabulary.class_of(label)
        except LookupError:
            yield DataError(
                f"label '{label}' ({_named(bearing)}) is not among the classes",
                where=f"{table}:{bearing[0].line}",
                fix=vocabulary.advice(label),
            )


def _named(rows: Sequence[TableRow]) -> str:
    lines = [str(row.line) for row in rows]
    return f"row {lines[0]}" if len(lines) == 1 else f"rows {_together(lines)}"


def _together(texts: Sequence[str]) -> str:
    """`a, b and c`, at most 20 of them."""
    shown, more = list(texts[:SHOWN]), len(texts) - SHOWN
    if more > 0:
        shown.append(f"{more} more")
    *before, last = shown
    return f"{', '.join(before)} and {last}" if before else last
