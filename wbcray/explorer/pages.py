"""Which views there are, on which page each stands, in reading order."""

from dataclasses import dataclass

from wbcray.explorer.view import View
from wbcray.explorer.views.budget import BUDGET
from wbcray.explorer.views.calibration import CALIBRATION
from wbcray.explorer.views.changes import CHANGES
from wbcray.explorer.views.classes import CLASSES
from wbcray.explorer.views.confusions import CONFUSIONS
from wbcray.explorer.views.cost import COST
from wbcray.explorer.views.coverage import COVERAGE
from wbcray.explorer.views.critical import CRITICAL
from wbcray.explorer.views.curves import CURVES
from wbcray.explorer.views.differences import DIFFERENCES
from wbcray.explorer.views.differential import DIFFERENTIAL
from wbcray.explorer.views.effort import EFFORT
from wbcray.explorer.views.embedding import EMBEDDING
from wbcray.explorer.views.folds import FOLDS
from wbcray.explorer.views.gallery import GALLERY
from wbcray.explorer.views.images import IMAGES
from wbcray.explorer.views.importance import IMPORTANCE
from wbcray.explorer.views.lineage import LINEAGE
from wbcray.explorer.views.operating_points import OPERATING_POINTS
from wbcray.explorer.views.pairs import PAIRS
from wbcray.explorer.views.pruning import PRUNING
from wbcray.explorer.views.published import PUBLISHED
from wbcray.explorer.views.ranks import RANKS
from wbcray.explorer.views.selection import SELECTION
from wbcray.explorer.views.settings import SETTINGS
from wbcray.explorer.views.shift import SHIFT
from wbcray.explorer.views.together import TOGETHER
from wbcray.explorer.views.tradeoff import TRADEOFF
from wbcray.explorer.views.transferability import TRANSFERABILITY


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """Views that belong together.

    Attributes:
        path: Its address in the dashboard; stable.
        title: Its name in the navigation.
    """

    path: str
    title: str
    views: tuple[View, ...]


PAGES: tuple[Page, ...] = (
    Page(
        path="/methods",
        title="Methods",
        views=(*(DIFFERENCES, SHIFT, FOLDS, TRADEOFF, SELECTION), *(RANKS, PUBLISHED, COVERAGE)),
    ),
    Page(path="/classes", title="Classes", views=(CLASSES, CONFUSIONS, DIFFERENTIAL)),
    Page(
        path="/hematology",
        title="Hematology",
        views=(CRITICAL, OPERATING_POINTS, LINEAGE, GALLERY),
    ),
    Page(
        path="/search",
        title="Search",
        views=(
            *(BUDGET, EFFORT, PRUNING, CURVES, SETTINGS, TOGETHER),
            *(PAIRS, IMPORTANCE, COST, CHANGES),
        ),
    ),
    Page(path="/data", title="Images", views=(IMAGES, CALIBRATION, TRANSFERABILITY, EMBEDDING)),
)
"""The views of the dashboard and of the report, in reading order."""
