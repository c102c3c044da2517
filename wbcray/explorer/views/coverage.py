"""What ran, what failed, what is missing?"""

from wbcray.explorer.choice import Choice
from wbcray.explorer.coverage import coverage
from wbcray.explorer.figures import coverage_figure
from wbcray.explorer.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    grid = coverage(tables)
    variant = Variant(label="cells", draw=lambda: Drawn(figure=coverage_figure(grid), numbers=grid))
    return Panel(
        question="What ran, what failed, what is missing?",
        how_to_read="One square per method, held-out domain and fold; the text counts recorded "
        "over planned seeds. Comparisons use the folds that both methods have.",
        n=grid_size(tables),
        variants=() if grid.empty else (variant,),
        lacking="Nothing was run yet: `wbcray tune` or `wbcray compare` trains cells.",
    )


COVERAGE = View(anchor="coverage", short="Coverage", build=_panel)
