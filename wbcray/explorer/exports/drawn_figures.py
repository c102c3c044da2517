"""Figures as SVG and PDF: one Chrome, driven by Kaleido, draws what a browser would show."""

import re
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wbcray.core.errors import ResourceError
from wbcray.explorer.exports.folder import ExportFolder
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.report.drawing import AskedView, in_rounds

FORMATS = ("svg", "pdf")
WIDTH = 1000
"""Of a figure in pixels; its height is its own."""
_PLACE = "figures"


def write_figures(
    folder: ExportFolder, views: tuple[AskedView, ...], tables: RunTables, formats: tuple[str, ...]
) -> tuple[str, ...]:
    """Write the first figures of every view; sentences about those that could not be drawn.

    Raises:
        ResourceError: Without Kaleido or a Chrome, or if the files cannot be written.
    """
    if find_spec("kaleido") is None:
        raise ResourceError(
            "figures need Kaleido, which is not installed",
            where="--figures",
            fix='pip install "wbcray[paper]", or --figures none',
        )
    import kaleido  # type: ignore[import-untyped]  # it has no types
    from kaleido.errors import (  # type: ignore[import-untyped]  # likewise
        BrowserClosedError,
        BrowserFailedError,
        ChromeNotFoundError,
    )

    folder.path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.path, prefix=".figures.") as name:
        place = Path(name)
        try:
            # without `mathjax=False` the page would ask the network for it
            kaleido.write_fig_from_object_sync(
                _specified(views, tables, formats, place), kopts={"n": 1, "mathjax": False}
            )
        except (ChromeNotFoundError, BrowserClosedError, BrowserFailedError) as error:
            raise ResourceError(
                f"figures need a Chrome or Chromium that starts ({type(error).__name__})",
                where="--figures",
                fix="install chromium, or name it in BROWSER_PATH; or --figures none",
            ) from error
        return _moved(place, folder)


def _specified(
    views: tuple[AskedView, ...], tables: RunTables, formats: tuple[str, ...], place: Path
) -> Iterator[dict[str, Any]]:
    """What Kaleido asks for, figure by figure, so that not all of them are held at once."""
    numbers: dict[str, int] = {}
    for one, label, drawn in in_rounds(views, tables):
        anchor = one.view.anchor
        number = numbers[anchor] = numbers.get(anchor, 0) + 1
        drawn.figure.update_layout(paper_bgcolor="white")
        for form in formats:
            yield {
                "fig": drawn.figure,
                "path": place / f"{anchor}-{number:02d}-{_file_part(label)}.{form}",
                "opts": {"format": form, "width": WIDTH, "height": drawn.figure.layout.height},
            }


def _file_part(label: str) -> str:
    """A label as part of a file's name, whatever it holds."""
    return re.sub("[^a-z0-9]+", "-", label.lower()).strip("-")[:40].strip("-") or "figure"


def _moved(place: Path, folder: ExportFolder) -> tuple[str, ...]:
    (folder.path / _PLACE).mkdir(exist_ok=True)
    failed = []
    for file in sorted(place.iterdir()):
        if file.stat().st_size == 0:  # Kaleido makes the file before it draws
            failed.append(f"{file.name} could not be drawn")
            continue
        file.replace(folder.path / _PLACE / file.name)
        folder.written(f"{_PLACE}/{file.name}")
    return tuple(failed)
