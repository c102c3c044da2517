"""What a reader is told when something fails: a sentence; the rest goes to the log."""

import logging

from dash import html, no_update

from wbcray.core.errors import WbcrayError

LOG = logging.getLogger("wbcray.explorer")


def calm(error: Exception) -> object:
    """Note an error that no callback expected; the page stays as it was."""
    LOG.warning("not shown: %s: %s", type(error).__name__, error)
    LOG.debug("where it came from", exc_info=error)
    return no_update


def explained(error: Exception, *, what: str) -> html.Div:
    """An error as text: what, where and what to do; nothing of the program's insides."""
    LOG.warning("%s: %s: %s", what, type(error).__name__, error)
    LOG.debug("where it came from", exc_info=error)
    if isinstance(error, WbcrayError):
        return problem(error)
    return html.Div(
        f"{what} cannot be drawn from this run. The other views are not concerned; the terminal "
        "says more.",
        className="message problem",
    )


def problem(error: WbcrayError) -> html.Div:
    """A problem that a reader can act on."""
    parts: list[html.B | html.Span] = [html.B(error.what)]
    parts += [html.Span(f" {text}", className="n") for text in (error.where, error.fix) if text]
    return html.Div(parts, className="message problem", role="alert")
