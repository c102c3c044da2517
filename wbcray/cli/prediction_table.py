"""Predictions of new images as rows of a CSV file."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wbcray.core.spreadsheet import safe_cell

if TYPE_CHECKING:
    from wbcray.training.predicting import Prediction


def row_of(one: "Prediction", classes: Sequence[str]) -> dict[str, Any]:
    """Columns of one image, as values; of one that cannot be read only its name and why."""
    row: dict[str, Any] = {"image": str(one.image.path)}
    if one.error:
        return row | {"note": one.error}
    first, *others = one.ranking
    shares = one.probabilities
    row |= {"class": classes[first], "probability": round(shares[first], 6)}
    if others:
        second = others[0]
        row |= {"second_class": classes[second], "second_probability": round(shares[second], 6)}
    return row | {
        "out_of_distribution": one.out_of_distribution,
        "strangeness": None if one.strangeness is None else round(one.strangeness, 4),
        **{f"p_{name}": round(p, 6) for name, p in zip(classes, shares, strict=True)},
        "note": "",
    }


def write_table(out: Path, said: "Sequence[Prediction]", classes: Sequence[str]) -> None:
    """Write the CSV file of all images.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    from wbcray.explorer.report.page_file import write_page

    header = [
        *("image", "class", "probability", "second_class", "second_probability"),
        *("out_of_distribution", "strangeness", *(f"p_{name}" for name in classes), "note"),
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writerow({name: safe_cell(name) for name in header})
    for one in said:
        row = row_of(one, classes)
        writer.writerow({name: _cell(value) for name, value in row.items()})
    write_page(out, text.getvalue())


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else safe_cell(str(value))
