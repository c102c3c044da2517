"""The run's searches in optuna-dashboard: a copy in memory, on loopback, read-only."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import make_server

from wbcray.core.errors import ResourceError
from wbcray.explorer.dashboard.access import LOOPBACK
from wbcray.explorer.numbers.optuna_study import optuna_study
from wbcray.explorer.reading.tables import RunTables

READING = ("GET", "HEAD")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""A web application, PEP 3333."""


def serve_optuna(tables: RunTables) -> str:
    """Serve the searches as they are now, in a thread; the address to open.

    Raises:
        ResourceError: When optuna-dashboard is not installed.
    """
    try:
        from optuna_dashboard import wsgi  # type: ignore[import-untyped]  # ships no types
    except ImportError as error:
        raise ResourceError(
            "optuna-dashboard is not installed", where="--optuna", fix="install wbcray[optuna-ui]"
        ) from error
    server = make_server("127.0.0.1", 0, read_only(wsgi(_copy(tables))), threaded=True)
    threading.Thread(target=server.serve_forever, name="wbcray-optuna", daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/dashboard/"


def read_only(app: Wsgi) -> Wsgi:
    """The app for reading requests that name this machine; optuna-dashboard asks nobody who he is.

    Its copy of the studies is in memory, so that nothing of the run could be lost through it.
    """

    def guarded(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).rpartition(":")[0].strip("[]").lower()
        if host not in LOOPBACK:
            return _refuse(start, "421 Misdirected Request")
        if environ["REQUEST_METHOD"] not in READING:
            return _refuse(start, "405 Method Not Allowed")
        # it fails where a client says nothing of compression
        environ.setdefault("HTTP_ACCEPT_ENCODING", "identity")
        return app(environ, start)

    return guarded


def _refuse(start: Callable[..., Any], status: str) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain")])
    return [f"{status}\n".encode()]


def _copy(tables: RunTables) -> Any:
    import optuna

    storage = optuna.storages.InMemoryStorage()
    for (method, held_out), trials in tables.trials.groupby(["method", "held_out"]):
        optuna_study(tables, trials, method=str(method), held_out=str(held_out), storage=storage)
    return storage
