"""The index of a prepared folder: a row for each image, without labels, as Parquet.

Rows are written in pieces while a domain is decoded, and joined when it is complete.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known of one image.

    Attributes:
        path: Relative to the domain's folder.
        file_size: Of the file, bytes.
        mtime_ns: When the file was last written, nanoseconds since 1970.
        pixel_sha256: Of the decoded pixels, 64 hexadecimal digits.
        width: Of the picture in the file, pixels.
        height: Likewise.
        mean_r: Mean red of all that is opaque in the file, 0 .. 255.
        mean_g: Mean green, likewise.
        mean_b: Mean blue, likewise.
    """

    path: str
    file_size: int
    mtime_ns: int
    pixel_sha256: str
    width: int
    height: int
    mean_r: float
    mean_g: float
    mean_b: float


SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in get_type_hints(Row).items()])


def table_of(rows: Sequence[Row]) -> Any:
    """Rows as a `pyarrow.Table`."""
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=SCHEMA)


def write_table(path: Path, table: Any) -> None:
    """Keep a table of rows for good: once the file has its name, it is whole.

    Raises:
        OSError: When it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}")
    with unfinished.open("wb") as file:
        # hashes and times do not compress, and dictionaries of them cost half the time of reading
        pq.write_table(table, file, compression="none", use_dictionary=False)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read_table(path: Path) -> Any:
    """A table of rows.

    Raises:
        ValueError: For a file that holds none, or of other columns.
        OSError: When it cannot be read.
    """
    return parse_table(path.read_bytes())


def parse_table(content: bytes, columns: Sequence[str] | None = None) -> Any:
    """The rows in the bytes of a file; only these columns, where they are given.

    Raises:
        ValueError: For bytes that hold no rows, or rows of other columns.
    """
    file = pq.ParquetFile(pa.BufferReader(content))
    if not file.schema_arrow.equals(SCHEMA):
        raise ValueError(f"its columns are {', '.join(file.schema_arrow.names)}")
    return file.read(columns=columns, use_threads=False)
