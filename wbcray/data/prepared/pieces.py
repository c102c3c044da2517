"""What is finished of an unfinished folder: pixels and rows, kept in pieces, found again later."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from wbcray.data.prepared.folder import INDEX, PIXELS, hash_of
from wbcray.data.prepared.index import Row, read_table, table_of, write_table
from wbcray.data.prepared.pixel_file import Shape, write_header

IMAGES_A_PIECE = 512
"""What is lost at most when the process is killed."""


@final
class Pieces:
    """Images added in order, kept every few hundred.

    A piece is pixels first and then, once they are on the disk, their rows in a file of their own:
    a piece whose rows are there is whole.
    """

    def __init__(self, folder: Path, shape: Shape) -> None:
        """Go on after the last whole piece in `folder`.

        Raises:
            OSError: When the folder cannot be written.
        """
        path = folder / PIXELS
        self._folder = folder
        self._image_bytes = shape[1] * shape[2] * shape[3]
        self._file = path.open("r+b" if path.exists() else "w+b")
        write_header(self._file, shape)
        self._begin = self._file.tell()
        self._waiting: list[Row] = []
        self._tables: list[Any] = []
        self.images = 0
        with suppress(OSError, ValueError):  # what cannot be read is made again
            self._find_whole_pieces()
        end = self._begin + self.images * self._image_bytes
        self._file.seek(end)
        self._file.truncate(end)

    def __enter__(self) -> "Pieces":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, pixels: bytes, row: Row) -> None:
        """The next image.

        Raises:
            OSError: When the disk is full or refuses to write.
        """
        self._file.write(pixels)
        self._waiting.append(row)
        if len(self._waiting) == IMAGES_A_PIECE:
            self._keep()

    def finish(self) -> None:
        """Join the rows of all pieces to the index.

        Raises:
            OSError: When the disk is full or refuses to write.
        """
        self._flush()
        index = pa.concat_tables([*self._tables, table_of(self._waiting)])
        write_table(self._folder / INDEX, index)
        for number in range(len(self._tables)):
            self._rows_of(number).unlink()

    def _keep(self) -> None:
        self._flush()
        table = table_of(self._waiting)
        write_table(self._rows_of(len(self._tables)), table)
        self._tables.append(table)
        self.images += len(self._waiting)
        self._waiting = []

    def _flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def _find_whole_pieces(self) -> None:
        self._file.seek(self._begin)
        while (path := self._rows_of(len(self._tables))).exists():
            table = read_table(path)
            for expected in table["pixel_sha256"].to_pylist():
                if hash_of(self._file.read(self._image_bytes)) != expected:
                    return
            self._tables.append(table)
            self.images += table.num_rows

    def _rows_of(self, piece: int) -> Path:
        return self._folder / f"rows-{piece:05d}.parquet"
