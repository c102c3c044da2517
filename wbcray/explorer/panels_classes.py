"""Panels about classes: how rare they are, who gets them right, what they are mistaken for."""

import pandas as pd

from wbcray.explorer.classes import ConfusionPair, confusion_pair, images_of_classes, per_class
from wbcray.explorer.figures_classes import class_figure, confusion_figure
from wbcray.explorer.figures_data import images_figure
from wbcray.explorer.leaderboard import ORACLE, REFERENCE
from wbcray.explorer.panel import Panel, Variant, measured, place_name
from wbcray.explorer.tables import RunTables
from wbcray.explorer.wording import many


def images_panel(tables: RunTables) -> Panel:
    """Images per domain and class."""
    images = images_of_classes(tables)
    variant = Variant(
        label="images",
        figure=images_figure(images),
        numbers=images.rename_axis(index="domain").reset_index(),
    )
    return Panel(
        anchor="data",
        short="Data",
        question="How skewed are the data?",
        how_to_read="Images of each class in each domain, read from the counts; darker is more, on "
        "a logarithmic scale. A question mark is a domain that nothing was measured on.",
        n=many(int(images.sum().sum()), "image"),
        variants=(variant,),
    )


def classes_panel(tables: RunTables) -> Panel:
    """F1 per class and method, by place."""
    variants = []
    for split, held_out in measured(tables):
        rows = per_class(tables, split, held_out=held_out)
        if rows.empty:
            continue
        place = place_name(split, held_out)
        figure = class_figure(rows, place=place)
        variants.append(Variant(label=place, figure=figure, numbers=rows))
    return Panel(
        anchor="classes",
        short="Classes",
        question="Who helps the rare classes?",
        how_to_read="F1 per class, the rarest class on top; n counts different images. Where a "
        "class has fewer than 5 images only n is shown, because its score is chance; absent "
        "classes have no score. Point at a square for the recall and its 95 % Wilson interval, "
        "which goes by images.",
        n="counts pooled over folds and seeds",
        variants=tuple(variants),
    )


def confusions_panel(
    tables: RunTables, boards: dict[str, pd.DataFrame], *, reference: str
) -> Panel:
    """The confusions of the reference and of the best other method, by place."""
    variants = []
    for split, held_out in measured(tables):
        board = boards[split]
        block = board[board["held_out"] == held_out]
        rivals = block["method"][~block["verdict"].isin((REFERENCE, ORACLE))]
        if rivals.empty or REFERENCE not in set(block["verdict"]):
            continue
        pair = confusion_pair(
            tables, split, held_out=held_out, first=reference, second=rivals.iloc[0]
        )
        place = place_name(split, held_out)
        figure = confusion_figure(pair, place=place)
        variants.append(Variant(label=place, figure=figure, numbers=_confusion_numbers(pair)))
    return Panel(
        anchor="confusions",
        short="Confusions",
        question=f"What does the best method trade against {reference}?",
        how_to_read="Left and middle: of the images of a true class (row), the percentage given "
        "each predicted class (column); shares under 0.5 % are left blank. Right: the difference "
        "in percentage points, orange for more and violet for less. On the diagonal more is "
        "better, off it less is.",
        n="counts pooled over folds and seeds",
        variants=tuple(variants),
    )


def _confusion_numbers(pair: ConfusionPair) -> pd.DataFrame:
    names = pd.MultiIndex.from_product([pair.classes, pair.classes], names=["true", "predicted"])
    frame = pd.DataFrame(
        {
            f"{pair.first_name}: images": pair.counts_first.ravel(),
            f"{pair.first_name}: share": pair.first.ravel(),
            f"{pair.second_name}: images": pair.counts_second.ravel(),
            f"{pair.second_name}: share": pair.second.ravel(),
            "difference": pair.difference.ravel(),
        },
        index=names,
    )
    return frame.reset_index()
