"""optuna-dashboard beside the explorer: on loopback, on a copy of the searches, to read only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any, final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from wbcray.core.errors import ResourceError
from wbcray.explorer.numbers.optuna_study import optuna_study
from wbcray.explorer.reading.tables import RunTables

LOOPBACK = "127.0.0.1"
READING = ("GET", "HEAD")
Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptunaLink:
    """A running optuna-dashboard.

    Attributes:
        url: Its first page.
        studies: The page of each study, by `<method>--<held-out>`.
    """

    url: str
    studies: dict[str, str]
    _server: WSGIServer

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()


def start_optuna_dashboard(tables: RunTables, *, port: int = 0) -> OptunaLink:
    """Serve the searches of a run by optuna-dashboard, from a thread of this process.

    It is given a copy in memory as the tables are now: what is asked later is not in it. By itself
    it lets anybody who reaches it delete a study, so only requests that read are passed on, and
    only those that name this machine as their host (a page of another site could send others by
    a name that points here).

    Args:
        tables: All tables of the run, with no filter.
        port: Of 127.0.0.1; 0 for any that is free.

    Raises:
        ResourceError: If optuna-dashboard is not installed, or the port is taken.
    """
    try:
        from optuna_dashboard import wsgi  # type: ignore[import-untyped]  # it has no stubs
    except ImportError as error:
        raise ResourceError(
            f"optuna-dashboard cannot be loaded: {error}", fix="pip install wbcray[optuna-ui]"
        ) from error
    storage, numbers = _copied(tables)
    try:
        server = make_server(LOOPBACK, port, _unbound, server_class=_Server, handler_class=_Quiet)
    except OSError as error:
        raise ResourceError(
            f"port {port} of {LOOPBACK} cannot be used: {error.strerror}",
            fix="leave the port out, so that a free one is taken",
        ) from error
    at = f"{LOOPBACK}:{server.server_port}"
    server.set_app(read_only(wsgi(storage), hosts=(at, f"localhost:{server.server_port}")))
    Thread(target=server.serve_forever, name="optuna-dashboard", daemon=True).start()
    return OptunaLink(
        url=f"http://{at}/dashboard/",
        studies={name: f"http://{at}/dashboard/studies/{n}" for name, n in numbers.items()},
        _server=server,
    )


def read_only(app: App, *, hosts: tuple[str, ...]) -> App:
    """`app`, for requests that read and that name one of `hosts`; others never reach it."""

    def guarded(environ: Environ, start: Start) -> Iterable[bytes]:
        if environ.get("HTTP_HOST") not in hosts:
            return _refusal(start, "403 Forbidden", "this page is for the machine it runs on")
        if environ["REQUEST_METHOD"] not in READING:
            allow = ("Allow", ", ".join(READING))
            return _refusal(start, "405 Method Not Allowed", "this is a copy, to read only", allow)
        # optuna-dashboard fails where a client does not say what it can unpack.
        return app({"HTTP_ACCEPT_ENCODING": "identity", **environ}, start)

    return guarded


def _copied(tables: RunTables) -> tuple[Any, dict[str, int]]:
    """The run's searches in a storage in memory, and the number of each study there."""
    from optuna.storages import InMemoryStorage

    storage = InMemoryStorage()
    numbers = {}
    for (method, held_out), trials in tables.trials.groupby(["method", "held_out"]):
        study = optuna_study(
            tables, trials, method=str(method), held_out=str(held_out), storage=storage
        )
        numbers[f"{method}--{held_out}"] = int(study._study_id)  # noqa: SLF001  # as in its pages
    return storage, numbers


def _refusal(start: Start, status: str, text: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return [text.encode()]


def _unbound(environ: Environ, start: Start) -> Iterable[bytes]:
    del environ
    return _refusal(start, "503 Service Unavailable", "not ready")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Say nothing: the terminal belongs to the explorer."""
