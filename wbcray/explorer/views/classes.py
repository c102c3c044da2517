"""Who helps the rare classes?"""

from functools import partial

from wbcray.explorer.choice import Choice
from wbcray.explorer.classes import per_class
from wbcray.explorer.figures_classes import class_figure
from wbcray.explorer.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, measured, place_name


def _panel(tables: RunTables, choice: Choice) -> Panel:
    return Panel(
        question="Who helps the rare classes?",
        how_to_read="F1 per class, the rarest class on top; n counts different images. Where a "
        "class has fewer than 5 images only n is shown, because its score is chance; absent "
        "classes have no score. Point at a square for the recall and its 95 % Wilson interval, "
        "which goes by images.",
        n="counts pooled over folds and seeds",
        variants=tuple(
            Variant(
                label=place_name(split, held_out),
                draw=partial(_drawn, tables, choice, split, held_out),
            )
            for split, held_out in measured(tables)
        ),
        lacking="No cell is recorded yet.",
    )


def _drawn(tables: RunTables, choice: Choice, split: str, held_out: str) -> Drawn:
    rows = per_class(tables, split, held_out=held_out)
    if choice.classes:
        rows = rows[rows["class"].isin(choice.classes)]
    return Drawn(figure=class_figure(rows, place=place_name(split, held_out)), numbers=rows)


CLASSES = View(anchor="classes", short="Classes", build=_panel)
