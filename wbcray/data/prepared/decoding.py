"""Decode many files on all cores, in order, with a bounded number of them in memory.

In threads: Pillow decodes and resizes, and the hash is computed, outside the interpreter lock.
"""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from wbcray.core.errors import DataError
from wbcray.core.machine import cores
from wbcray.data.images import decode_measured
from wbcray.data.prepared.folder import hash_of
from wbcray.data.prepared.index import Row
from wbcray.data.prepared.listing import Listing
from wbcray.data.prepared.sources import View

_AHEAD_OF_EACH_CORE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedFile:
    """The pixels of one image as bytes, and its row of the index."""

    pixels: bytes
    row: Row


Outcome = DecodedFile | DataError


def decode_files(files: Listing, view: View, *, first: int = 0) -> Generator[Outcome, None, None]:
    """Every file from number `first` on, in order; for one that cannot be used, the reason."""

    def decode_one(number: int) -> Outcome:
        try:
            return decode_file(files, number, view)
        except DataError as error:
            return error

    return in_order(decode_one, range(first, len(files)))


def decode_file(files: Listing, number: int, view: View) -> DecodedFile:
    """One file.

    Raises:
        DataError: When it cannot be decoded, or was written meanwhile.
    """
    path = files.root / files.paths[number]
    found = decode_measured(
        path, size=view.size, crop_um=view.field_of_view_um, um_per_px=files.um_per_px
    )
    if files.has_changed(number):
        raise DataError(
            "the image was written while it was being read",
            where=str(path),
            fix="run the command again when nothing writes there",
        )
    pixels = found.pixels.tobytes()
    red, green, blue = found.mean
    row = Row(
        path=files.paths[number],
        file_size=int(files.sizes[number]),
        mtime_ns=int(files.times[number]),
        pixel_sha256=hash_of(pixels),
        width=found.width,
        height=found.height,
        mean_r=red,
        mean_g=green,
        mean_b=blue,
    )
    return DecodedFile(pixels=pixels, row=row)


def in_order(
    decode_one: Callable[[int], Outcome], numbers: range
) -> Generator[Outcome, None, None]:
    """What `decode_one` says of each number, in order, a few numbers ahead on every core."""
    waiting: deque[Future[Outcome]] = deque()
    pool = ThreadPoolExecutor(cores())
    try:
        for number in numbers:
            waiting.append(pool.submit(decode_one, number))
            if len(waiting) > _AHEAD_OF_EACH_CORE * cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
