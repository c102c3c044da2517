"""New images with what was said of them, on one page: the strangest and most doubtful first."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from wbcray.explorer.report.markup import text
from wbcray.explorer.report.page_file import write_page
from wbcray.explorer.wording import many

MOST_SHOWN = 400
"""Images on a page: at about 9 kB each it stays below 4 MB."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_BARS_UM = (1, 2, 5, 10, 20, 50, 100)
_LONGEST_BAR = 0.4
"""Of the picture's side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedImage:
    """One image of the sheet.

    Attributes:
        name: The file.
        png: What the network saw, in base64; empty where the file cannot be read.
        side_um: Side of the picture in micrometres, 0 where unknown.
        said: Classes and their probabilities, the likeliest first; empty where unreadable.
        strangeness: Above 1 it is out of distribution; None where nobody can say.
        error: Why it cannot be read.
    """

    name: str
    png: str = ""
    side_um: float = 0.0
    said: tuple[tuple[str, float], ...] = ()
    strangeness: float | None = None
    error: str = ""

    @property
    def strange(self) -> bool:
        """Whether it is unlike the images the network was judged on."""
        return self.strangeness is not None and self.strangeness > 1


def by_doubt(images: Iterable[PredictedImage]) -> list[PredictedImage]:
    """Those out of distribution first, the strangest at the top; then the least sure."""
    return sorted(images, key=_place)


def _place(image: PredictedImage) -> tuple[bool, bool, float, str]:
    sure = image.said[0][1] if image.said else math.inf
    how_far = -(image.strangeness or 0.0) if image.strange else sure
    return bool(image.error), not image.strange, how_far, image.name


def write_prediction_sheet(
    images: Sequence[PredictedImage], out: Path, *, title: str, remarks: Sequence[str]
) -> None:
    """Write one HTML file that needs no network and no other file.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    assets = resources.files("wbcray.explorer.report") / "assets"
    style = "".join((assets / name).read_text("utf-8") for name in ("report.css", "sheet.css"))
    ordered = by_doubt(images)
    shown = ordered[:MOST_SHOWN]
    left = f"; the first {MOST_SHOWN} are shown" if len(ordered) > len(shown) else ""
    said = "".join(f"<li>{text(remark)}</li>" for remark in remarks)
    write_page(
        out,
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(title)}: wbcray predict</title><style>{style}</style></head>"
        f'<body><div class="frame single"><main><h1>{text(title)}</h1>'
        f'<section id="images"><p class="how">{text(many(len(images), "image"))}, the strangest '
        f"and most doubtful first{text(left)}.</p><ul>{said}</ul>"
        f'<div class="sheet">{"".join(map(_card, shown))}</div></section></main></div>'
        "</body></html>",
    )


def _card(image: PredictedImage) -> str:
    name = f'<p class="file" title="{text(image.name)}">{text(Path(image.name).name)}</p>'
    if image.error:
        return f'<article class="unread">{name}<p>cannot be read: {text(image.error)}</p></article>'
    (first, sure), *others = image.said
    second = f"<p>else {text(others[0][0])} {others[0][1]:.2f}</p>" if others else ""
    mark = '<p class="flag">out of distribution</p>' if image.strange else ""
    return (
        f"<article{' class=strange' if image.strange else ''}>{_picture(image)}"
        f"<p><b>{text(first)}</b> {sure:.2f}</p>{second}{mark}{name}</article>"
    )


def _picture(image: PredictedImage) -> str:
    picture = f'<img src="data:image/png;base64,{text(image.png)}" alt="{text(image.said[0][0])}">'
    bar = _bar(image.side_um)
    return f'<div class="picture">{picture}{bar}</div>'


def _bar(side_um: float) -> str:
    """A bar of a round number of micrometres, as long as it is in the picture."""
    fitting = [length for length in _BARS_UM if side_um and length <= _LONGEST_BAR * side_um]
    if not fitting:
        return ""
    length = fitting[-1]
    share = 100 * length / side_um
    return (
        f'<span class="bar" style="width:{share:.2f}%"></span><span class="um">{length} um</span>'
    )
