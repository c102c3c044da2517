"""Every file of a data set that is no image: tables, annotations, and what should not be there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from wbcray.data.layouts.layout import Layout
from wbcray.data.synthetic.trees import challenge
from wbcray.data.synthetic.trees.annotations import abbreviation_lines, annotation_lines
from wbcray.data.synthetic.trees.litter import litter_of
from wbcray.data.synthetic.trees.looks import oddities_of
from wbcray.data.synthetic.trees.plan import PartPlan
from wbcray.data.synthetic.trees.tables import Row, as_csv, table_rows


def sidecars_of(
    layout: Layout, plans: Sequence[PartPlan], root: Path, *, seed: int
) -> dict[str, bytes]:
    """Path, relative to `root` -> content; the images have to be there already."""
    found: dict[str, bytes] = {}
    for plan in plans:
        if layout.reannotations:
            found |= _annotations(layout, plan, seed=seed)
        if oddities_of(layout).litter:
            found |= litter_of(plan)
    if layout.name == challenge.LAYOUT:
        rows = challenge.metadata_rows(plans, root)
        found[challenge.FILE_NAME] = as_csv(rows).encode()
    return found | _tables(plans, seed=seed)


def _annotations(layout: Layout, plan: PartPlan, *, seed: int) -> dict[str, bytes]:
    """Beside the folder that holds the class folders."""
    above = PurePosixPath(plan.images[0].path).parent.parent.parent
    usual, *others = layout.reannotations
    # the copy whose folders are called `data` has its annotations under the second name
    name = others[0] if others and above.name == "data" else usual
    return {
        str(above / name): _text(annotation_lines(layout, plan, seed=seed)),
        str(above / "abbreviations.txt"): _text(abbreviation_lines(layout)),
    }


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _tables(plans: Sequence[PartPlan], *, seed: int) -> dict[str, bytes]:
    """Several parts may share a table."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for plan in plans:
        if plan.part.table is not None:
            rows[plan.part.table.file] += table_rows(plan, plan.part.table, seed=seed)
    return {file: as_csv(lines).encode() for file, lines in rows.items()}
