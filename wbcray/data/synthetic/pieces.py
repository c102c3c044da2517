"""The writing of a data set in pieces that processes can share."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no type hints

from wbcray.data.synthetic.render import render
from wbcray.data.synthetic.style import DomainStyle

FIELD_OF_VIEW_UM = 25.0
"""Micrometres along an edge: what published work crops real images to."""

CHUNK = 32
"""Images that a process makes at a time."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Images `start` to `stop` of one class, to be written into `folder`."""

    style: DomainStyle
    label: str
    folder: Path
    start: int
    stop: int
    seed: int
    size: int


def pieces_of(
    style: DomainStyle, out_dir: Path, counts: Mapping[str, int], *, seed: int, size: int
) -> Iterator[Piece]:
    """The work of one domain in pieces."""
    for label, count in counts.items():
        for start in range(0, count, CHUNK):
            yield Piece(
                style=style,
                label=label,
                folder=out_dir / label,
                start=start,
                stop=min(start + CHUNK, count),
                seed=seed,
                size=size,
            )


def write_pieces(
    pieces: Sequence[Piece], *, workers: int, on_image: Callable[[int, int], None] | None
) -> None:
    """Write all pieces, in this process or in `workers` fresh ones."""
    total = sum(piece.stop - piece.start for piece in pieces)
    share_out(write_piece, pieces, total=total, workers=workers, on_image=on_image)


def share_out(
    write: Callable[[T], int],
    pieces: Sequence[T],
    *,
    total: int,
    workers: int,
    on_image: Callable[[int, int], None] | None,
) -> None:
    """Call `write` on all pieces, in this process or in `workers` fresh ones.

    Args:
        write: Writes a piece and says how many images that were; a function of a module.
        pieces: The work.
        total: Images in all pieces.
        workers: Processes to share the work.
        on_image: Called with the number of images done and their total, now and then.
    """
    done, workers = 0, min(workers, len(pieces))
    for written in map(write, pieces) if workers <= 1 else _in_processes(write, pieces, workers):
        done += written
        if on_image is not None:
            on_image(done, total)


def _in_processes(write: Callable[[T], int], pieces: Sequence[T], workers: int) -> Iterator[int]:
    # a forked process would inherit the locks of threads that it does not have
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
        futures = [pool.submit(write, piece) for piece in pieces]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def write_piece(piece: Piece) -> int:
    """Render and write the images of `piece`; how many there were."""
    piece.folder.mkdir(parents=True, exist_ok=True)
    # the matrices are small: threads would wait for each other for most of the time
    with threadpool_limits(limits=1, user_api="blas"):
        for index in range(piece.start, piece.stop):
            _write_image(piece, index)
    return piece.stop - piece.start


def _write_image(piece: Piece, index: int) -> None:
    pixels = render(
        piece.style,
        piece.label,
        seed=piece.seed,
        index=index,
        size=piece.size,
        field_of_view_um=FIELD_OF_VIEW_UM,
    )
    path = piece.folder / f"{piece.label}_{index:05d}.png"
    partial = path.with_suffix(".partial")
    Image.fromarray(pixels).save(partial, format="PNG", compress_level=1)
    partial.replace(path)
