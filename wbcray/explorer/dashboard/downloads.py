"""The numbers of a view as a CSV file, at an address of their own."""

from urllib.parse import urlencode

import flask

from wbcray.explorer.choice import Choice
from wbcray.explorer.dashboard.numbers import as_csv
from wbcray.explorer.dashboard.pictures import VIEWS, Pictures
from wbcray.explorer.reading.live import LiveRun


def csv_address(anchor: str, choice: Choice, label: str) -> str:
    """Where the numbers of a variant are."""
    query = choice.as_query()
    variant = urlencode({"variant": label})
    return f"/numbers/{anchor}.csv?{query}{'&' if query else ''}{variant}"


def serve_numbers(server: flask.Flask, live: LiveRun, pictures: Pictures) -> None:
    """Answer the addresses that `csv_address` gives."""

    @server.get("/numbers/<anchor>.csv")
    def numbers(anchor: str) -> flask.Response:
        snapshot = live.snapshot()
        tables = snapshot.tables
        if anchor not in VIEWS or tables is None:
            return flask.Response("there are no such numbers\n", 404, mimetype="text/plain")
        choice = Choice.from_query(flask.request.query_string.decode(errors="replace"))
        label = flask.request.args.get("variant", "")
        try:
            picture = pictures.picture(
                tables, choice.within(tables), anchor, label, version=snapshot.version
            )
        except Exception:  # noqa: BLE001  # a view that fails is told of on its panel
            picture = None
        if picture is None:
            return flask.Response("there are no such numbers\n", 404, mimetype="text/plain")
        name = f"{anchor}.csv"
        return flask.Response(
            as_csv(picture.numbers),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
