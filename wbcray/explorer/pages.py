"""Which views there are, on which page each stands, in reading order."""

from dataclasses import dataclass

from wbcray.explorer.view import View
from wbcray.explorer.views.classes import CLASSES
from wbcray.explorer.views.confusions import CONFUSIONS
from wbcray.explorer.views.coverage import COVERAGE
from wbcray.explorer.views.curves import CURVES
from wbcray.explorer.views.differences import DIFFERENCES
from wbcray.explorer.views.images import IMAGES
from wbcray.explorer.views.settings import SETTINGS
from wbcray.explorer.views.shift import SHIFT
from wbcray.explorer.views.together import TOGETHER


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
    Page(path="/methods", title="Methods", views=(DIFFERENCES, SHIFT, COVERAGE)),
    Page(path="/classes", title="Classes", views=(CLASSES, CONFUSIONS)),
    Page(path="/search", title="Search", views=(CURVES, SETTINGS, TOGETHER)),
    Page(path="/data", title="Data", views=(IMAGES,)),
)
"""The views of the dashboard and of the report, in reading order."""
