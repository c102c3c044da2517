"""Read a CSV file that says what images show: `image,label` and optionally `domain,patient`.

The file is UTF-8 with commas; a byte order mark and line breaks within quotes are read. What else
a spreadsheet may write is refused with its line, since guessing would mislabel images in silence.
"""

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.errors import DataError
from wbcray.core.problems import together

REQUIRED = ("image", "label")
OPTIONAL = ("domain", "patient")
_OTHER_NAMES = {
    "image": ("file", "filename", "file_name", "path", "filepath", "image_path"),
    "label": ("class", "class_name", "cell_type", "diagnosis"),
    "domain": ("dataset", "site", "center", "centre", "lab", "hospital"),
    "patient": ("patient_id", "patientid", "case", "case_id", "subject", "subject_id"),
}
_OTHER_SEPARATORS = {";": "';'", "\t": "a tab"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row.

    Attributes:
        line: Line of the file that the row begins in, from 1.
        image: Path of the image with `/`, relative to the table's folder.
        label: As it stands there; empty where the image has none.
        domain: None where the table has no such column.
        patient: None where there is no such column, or nothing in it.
    """

    line: int
    image: str
    label: str
    domain: str | None
    patient: str | None


def read_table(
    table: Path, columns: Mapping[str, str], problems: list[DataError] | None = None
) -> list[TableRow]:
    """The rows of the CSV file `table`, empty lines left out.

    Args:
        table: The file.
        columns: What it calls `image`, `label`, `domain` and `patient`, where not that.
        problems: Takes note of rows of another length, which are left out, so that they are
            reported with whatever else is wrong; without it they are refused here.

    Raises:
        DataError: For what is no CSV text, missing columns or rows of another length.
    """
    lines = _rows(table)
    _, header = next(lines, (1, []))
    places = _places([name.strip() for name in header], columns, table)
    rows, ragged = [], []
    for line, fields in lines:
        if len(fields) == len(header):
            rows.append(_row(line, fields, places))
        else:
            ragged.append(_ragged(fields, header, where=f"{table}:{line}"))
    if problems is not None:
        problems += ragged
    elif ragged:
        raise together(ragged, str(table))
    return rows


def guess_columns(table: Path) -> dict[str, str]:
    """What the file calls its columns, where it does not use our names but others that are common.

    Raises:
        DataError: For what is no CSV text.
    """
    _, header = next(_rows(table), (1, []))
    names = {name.strip().lower(): name.strip() for name in header}
    guessed = {}
    for field, others in _OTHER_NAMES.items():
        known = next((names[name] for name in (field, *others) if name in names), field)
        if known != field:
            guessed[field] = known
    return guessed


def _rows(table: Path) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, after the line it begins in."""
    # `newline=""`: line breaks within quotes are the reader's business
    reader = csv.reader(io.StringIO(_text(table), newline=""), strict=True)
    begins = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield begins, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _no_text(f"{error}, in the row that begins there", table, line=begins) from error


def _text(table: Path) -> str:
    try:
        content = table.read_bytes()
    except OSError as error:
        raise DataError(
            f"cannot read the table: {error.strerror}",
            where=str(table),
            fix="check the path and its permissions",
        ) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{content[error.start]:02X} is not UTF-8; is it Windows-1252 or UTF-16?"
        raise _no_text(reason, table, line=line) from error
    if "\0" in text:
        raise _no_text("it holds zero bytes", table, line=text.count("\n", 0, text.index("\0")) + 1)
    return text


def _no_text(reason: str, table: Path, *, line: int) -> DataError:
    return DataError(
        f"not CSV text: {reason}",
        where=f"{table}:{line}",
        fix="save it as CSV in UTF-8 (in Excel: 'CSV UTF-8'), or give a folder of class folders",
    )


def _places(header: Sequence[str], columns: Mapping[str, str], table: Path) -> dict[str, int]:
    """Where each field stands in a row."""
    wanted = {field: columns.get(field, field) for field in (*REQUIRED, *OPTIONAL)}
    problems = []
    for field, column in wanted.items():
        if column not in header and (field in REQUIRED or field in columns):
            problems.append(_missing(field, column, header, table))
        if header.count(column) > 1:
            problems.append(
                DataError(
                    f"column '{column}' stands {header.count(column)} times",
                    where=f"{table}:1",
                    fix="rename or remove all but one",
                )
            )
    if problems:
        # an empty file or another separator lacks every column, and one sentence says why
        one_reason = not header or _separator(header)
        raise problems[0] if one_reason else together(problems, str(table))
    return {field: header.index(name) for field, name in wanted.items() if name in header}


def _missing(field: str, column: str, header: Sequence[str], table: Path) -> DataError:
    what = f"missing column '{column}'; the file has: {', '.join(header) or 'none'}"
    other = _separator(header)
    if other:
        return DataError(
            f"{what}; its separator looks like {other}",
            where=f"{table}:1",
            fix="save it with commas between the fields",
        )
    free = [name for name in header if name and name not in (*REQUIRED, *OPTIONAL)]
    example = f"columns: {{{field}: {free[0] if free else 'NAME'}}}"
    return DataError(
        what,
        where=f"{table}:1",
        fix=f"name it so, or say in wbcray.yaml which column it is, e.g. `{example}`",
    )


def _ragged(fields: Sequence[str], header: Sequence[str], *, where: str) -> DataError:
    other = _separator(fields)
    hint = f"; its separator looks like {other}" if other else ""
    return DataError(
        f"{len(fields)} fields, expected {len(header)}{hint}",
        where=where,
        fix="quote a field that holds a comma, and fill up a row that is too short",
    )


def _separator(fields: Sequence[str]) -> str:
    """How a separator other than the comma would be called, where the fields hold one."""
    for separator, name in _OTHER_SEPARATORS.items():
        if any(separator in field for field in fields):
            return name
    return ""


def _row(line: int, fields: Sequence[str], places: Mapping[str, int]) -> TableRow:
    found = {name: fields[place].strip() for name, place in places.items()}
    image = found["image"]
    return TableRow(
        line=line,
        # `a.png` and `./a.png` are one image
        image=os.path.normpath(image).replace(os.sep, "/") if image else "",
        label=found["label"],
        domain=found.get("domain"),
        patient=found.get("patient") or None,
    )
