"""Serve a run's dashboard until somebody stops it."""

import errno
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import psutil
from werkzeug.serving import BaseWSGIServer, make_server

from wbcray.core.errors import ResourceError, UsageError, WbcrayError
from wbcray.explorer.dashboard.access import ANY_HOST, Access, access_to
from wbcray.explorer.dashboard.app import make_app
from wbcray.explorer.dashboard.pictures import Pictures
from wbcray.explorer.dashboard.searches import Searches
from wbcray.explorer.dashboard.warming import warm
from wbcray.explorer.optuna_link import OptunaLink
from wbcray.explorer.reading.live import LiveRun
from wbcray.explorer.reading.tables import RunTables
from wbcray.store.run import identity_of

PATIENCE_SECONDS = 2.0
"""A run that takes longer to read is read while the page is open already, which says so."""
WARM_SECONDS = 1.5
"""For the first page to be drawn before its address is given."""

Beside = Callable[[RunTables], OptunaLink]


def serve(
    run: Path,
    *,
    host: str,
    port: int,
    ready: Callable[[str, OptunaLink | None], None],
    beside: Beside | None = None,
) -> None:
    """Serve `run` until KeyboardInterrupt.

    Args:
        run: The run's folder.
        host: The address to listen on; any but loopback asks for a token.
        port: 0 takes a free one.
        ready: Told the address, with its token, and what was started beside it.
        beside: Starts optuna-dashboard for the run's tables, which are waited for.

    Raises:
        StoreError: For a folder that is no run, or one that cannot be read.
        ResourceError: When the port is taken or may not be used, or `beside` says so.
        UsageError: For a host that this machine does not have.
    """
    identity_of(run)
    listening = _listen(host, port)
    port = int(listening.getsockname()[1])
    access = access_to(host, port, names=_own_names() if host in ANY_HOST else ())
    live = LiveRun(run)
    live.watch()
    pictures, searches = Pictures(), Searches()
    server = make_running(live, access, pictures, host=host, listening=listening, searches=searches)
    try:
        tables = live.wait(None if beside else PATIENCE_SECONDS)
        problem = live.snapshot().problem
        if problem is not None:
            raise problem
        if tables is not None and beside is not None:
            searches.link = beside(tables)
        warm(live, pictures).join(WARM_SECONDS)
        ready(address(access, host), searches.link)
        server.serve_forever()
        raise KeyboardInterrupt  # which the server takes for its own
    finally:
        server.server_close()
        if searches.link is not None:
            searches.link.close()


def make_running(
    live: LiveRun,
    access: Access,
    pictures: Pictures,
    *,
    host: str,
    listening: socket.socket,
    searches: Searches,
) -> BaseWSGIServer:
    """A server on a socket that listens already, a thread for each request; quiet."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = make_app(live, access, pictures, searches)
    server = make_server(host, access.port, app.server, threaded=True, fd=listening.fileno())
    listening.detach()
    return server


def address(access: Access, host: str) -> str:
    """What to open in a browser; it holds the token where there is one."""
    name = "127.0.0.1" if host in ("127.0.0.1", "localhost") else _shown(host)
    query = f"?{urlencode({'token': access.token})}" if access.token else ""
    return f"http://{name}:{access.port}/{query}"


def _shown(host: str) -> str:
    if host in ANY_HOST:
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise _cannot_listen(error, host, port) from error
    return listening


def _cannot_listen(error: OSError, host: str, port: int) -> WbcrayError:
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return ResourceError(
            f"port {port} is in use",
            where=where,
            fix=f"give another one, e.g. --port {port + 1}, or --port 0 for any that is free",
        )
    if error.errno == errno.EACCES:
        return ResourceError(
            f"port {port} may not be used by this user", where=where, fix="give one above 1023"
        )
    return UsageError(
        f"cannot listen on '{host}': {error.strerror or error}",
        where="--host",
        fix="give an address of this machine; 127.0.0.1 is for this machine only, 0.0.0.0 for all",
    )


def _own_names() -> tuple[str, ...]:
    """Names and addresses under which this machine may be called."""
    found = {socket.gethostname(), socket.getfqdn()}
    for addresses in psutil.net_if_addrs().values():
        found |= {one.address.partition("%")[0] for one in addresses}
    return tuple(sorted(found))
