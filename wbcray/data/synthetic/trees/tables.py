"""The tables that come with a data set: which image has which label, and whose it is."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import PurePosixPath

from wbcray.data.layouts.layout import TableRule
from wbcray.data.synthetic.trees.plan import PartPlan, PlannedImage, slide_number

Row = dict[str, str]


def patient_of(plan: PartPlan, image: PlannedImage, *, seed: int) -> str:
    """The patient whose slide an image is from; those of two parts are different people."""
    return f"{plan.part.name}-{slide_number(plan.style, image, seed=seed):03d}"


def table_rows(plan: PartPlan, rule: TableRule, *, seed: int) -> Iterator[Row]:
    """A row for every image of a part, in the order of paths."""
    for image in sorted(plan.images, key=lambda image: image.path):
        path = PurePosixPath(image.path)
        inside = path.is_relative_to(rule.folder)
        shown = path.relative_to(rule.folder) if inside else PurePosixPath(path.name)
        row = {rule.image: _cell(rule, str(shown))}
        row[rule.label] = image.code
        if rule.patient is not None:
            row[rule.patient] = patient_of(plan, image, seed=seed)
        yield row | dict(rule.rows)


def _cell(rule: TableRule, path: str) -> str:
    """What the table says for an image: the least of which its rule makes the path."""
    bare = path.rpartition(".")[0]
    for said in (bare.lstrip("0"), bare):
        if rule.name.format(image=said) == path:
            return said
    return path


def as_csv(rows: Sequence[Row]) -> str:
    """The rows as a CSV file; what a row does not say is empty."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
