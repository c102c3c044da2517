"""Read the table of a published data set: which image bears which raw label."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.errors import DataError, did_you_mean
from wbcray.data.layouts.layout import TableRule

SHOWN = 3
"""How many of several bad rows an error names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row of the part.

    Attributes:
        line: Line in the file, from 1.
        image: What the row calls the image.
        code: Raw label.
        patient: Who the image is from, None where that is not said.
    """

    line: int
    image: str
    code: str
    patient: str | None


def read_rows(table: Path, rule: TableRule) -> list[TableRow]:
    """The rows of `table` that `rule` selects, in the order of the file.

    Raises:
        DataError: For a file that is no CSV, a missing column, a row without image or label, or
            an image that is named twice.
    """
    try:
        # Excel writes a byte order mark before the first column's name
        with table.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines, restval="")
            _require_columns(rows.fieldnames or (), rule, table)
            found = [
                _row(row, rule, table=table, line=rows.line_num)
                for row in rows
                if all(row[column] == value for column, value in rule.rows.items())
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"cannot read the table: {error}", where=str(table), fix="save it as CSV in UTF-8"
        ) from error
    _refuse_repetitions(found, table)
    return found


def _row(row: Mapping[str, str], rule: TableRule, *, table: Path, line: int) -> TableRow:
    image, code = row[rule.image].strip(), row[rule.label].strip()
    for column, value in ((rule.image, image), (rule.label, code)):
        if not value:
            raise DataError(
                f"column '{column}' is empty",
                where=f"{table}:{line}",
                fix="fill it in, or remove the row",
            )
    patient = "" if rule.patient is None else row.get(rule.patient, "").strip()
    name = rule.name.format(image=image)
    return TableRow(line=line, image=name, code=code, patient=patient or None)


def _require_columns(columns: Sequence[str], rule: TableRule, table: Path) -> None:
    # the patient's column is a gift: copies of a table without it can still be read
    for column in (rule.image, rule.label, *rule.rows):
        if column not in columns:
            raise DataError(
                f"missing column '{column}'; the file has: {', '.join(columns) or 'none'}",
                where=f"{table}:1",
                fix=did_you_mean(column, columns),
            )


def _refuse_repetitions(rows: Sequence[TableRow], table: Path) -> None:
    first: dict[str, TableRow] = {}
    for row in rows:
        before = first.setdefault(row.image, row)
        if before is not row:
            labels = f"'{before.code}' (line {before.line}) and '{row.code}' (line {row.line})"
            raise DataError(
                f"image '{row.image}' is listed twice, as {labels}",
                where=f"{table}:{row.line}",
                fix="keep one row per image",
            )
