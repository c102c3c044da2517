"""Where the searches of the run stand in optuna-dashboard, if it is served beside."""

from dataclasses import dataclass
from typing import final

from dash import html

from wbcray.explorer.dashboard.panels import named
from wbcray.explorer.optuna_link import OptunaLink

PATH = "/search"
"""The page that names them."""


@final
@dataclass(slots=True, kw_only=True)
class Searches:
    """The optuna-dashboard beside this one; None until it was started, or for good."""

    link: OptunaLink | None = None

    def shown(self) -> html.Details | None:
        """Links to its studies; they can be opened on this machine only."""
        if self.link is None:
            return None
        links = [
            html.Li(html.A(name, href=url, target="_blank", rel="noreferrer"))
            for name, url in self.link.studies.items()
        ]
        return html.Details(
            [
                html.Summary("Every search in optuna-dashboard"),
                html.P(
                    "A copy as the run was when this server started, to read only. It can be "
                    "opened on the machine that serves this page.",
                    className="how",
                ),
                html.Ul(links, className="studies"),
            ],
            className="searches",
            **named("Searches in optuna-dashboard"),
        )
