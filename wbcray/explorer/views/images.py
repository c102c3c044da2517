"""How skewed are the data?"""

import pandas as pd

from wbcray.explorer.choice import Choice
from wbcray.explorer.classes import images_of_classes
from wbcray.explorer.figures_data import images_figure
from wbcray.explorer.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import many


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    images = images_of_classes(tables)
    number = images.sum().sum()
    return Panel(
        question="How skewed are the data?",
        how_to_read="Images of each class in each domain, read from the counts; darker is more, on "
        "a logarithmic scale. A question mark is a domain that nothing was measured on.",
        n=many(int(number), "image"),
        variants=(Variant(label="images", draw=lambda: _drawn(images)),) if number else (),
        lacking="No cell is recorded yet.",
    )


def _drawn(images: pd.DataFrame) -> Drawn:
    numbers = images.rename_axis(index="domain").reset_index()
    return Drawn(figure=images_figure(images), numbers=numbers)


IMAGES = View(anchor="data", short="Data", build=_panel)
