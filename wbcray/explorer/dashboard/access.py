"""Who may read: hosts by name, other machines by a token; and what a browser may do with a page."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

import flask
from werkzeug.urls import iri_to_uri

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_HOST = ("0.0.0.0", "::")  # noqa: S104  # recognised, not bound
MOST_BYTES = 1 << 20
"""Of a request; the longest one names a choice."""

# Plotly compiles its WebGL shaders, hence 'unsafe-eval'; Mantine writes styles into the page.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' {hashes}; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Under which names the server answers, and the secret that it asks for.

    Attributes:
        hosts: Values of the Host header, without the port, in lower case.
        token: Empty where none is needed: on loopback.
    """

    port: int
    hosts: frozenset[str]
    token: str = ""

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers share cookies between the ports of a host."""
        return f"wbcray-{self.port}"


def access_to(host: str, port: int, *, names: tuple[str, ...] = ()) -> Access:
    """The access to a server on `host`: a new token unless it is this machine's loopback.

    Args:
        host: The address that is bound.
        port: Where it listens.
        names: More names of this machine, for an address that stands for all of its own.
    """
    if host in LOOPBACK:
        return Access(port=port, hosts=frozenset(LOOPBACK))
    own = {*LOOPBACK, host.lower(), *(name.lower() for name in names)} - set(ANY_HOST)
    return Access(port=port, hosts=frozenset(own), token=secrets.token_urlsafe(32))


def guard(server: flask.Flask, access: Access, *, script_hashes: tuple[str, ...]) -> None:
    """Refuse what `access` does not allow, and send protective headers with every answer."""
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    policy = POLICY.format(hashes=" ".join(script_hashes))

    @server.before_request
    def check() -> flask.Response | None:
        return _refusal(access)

    @server.after_request
    def protect(response: flask.Response) -> flask.Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if response.mimetype in ("text/html", "application/json", "text/csv"):
            response.headers["Cache-Control"] = "no-store"
        return response


def _refusal(access: Access) -> flask.Response | None:
    """The answer to a request that may not be served; None for one that may."""
    request = flask.request
    if _name(request.host) not in access.hosts:
        return _plain(421, "this server does not answer under that name")
    origin = request.headers.get("Origin")
    if origin and origin.rpartition("//")[2] != request.host:
        return _plain(403, "another page may not ask this server")
    if not access.token:
        return None
    given = request.args.get("token")
    if given is not None and _same(given, access.token):
        return _admitted(access)
    if _same(request.cookies.get(access.cookie, ""), access.token):
        return None
    return _plain(403, "open the address that `wbcray explore` printed: its token is missing")


def _admitted(access: Access) -> flask.Response:
    """Put the token into a cookie and out of the address."""
    request = flask.request
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "token"]
    query = f"?{urlencode(kept)}" if kept else ""
    # one slash at the start: two would name another host
    place = "/" + request.path.lstrip("/\\")
    response = flask.Response(status=303)
    response.headers["Location"] = iri_to_uri(place + query)
    response.set_cookie(access.cookie, access.token, httponly=True, samesite="Strict")
    return response


def _plain(status: int, text: str) -> flask.Response:
    return flask.Response(f"{text}\n", status=status, mimetype="text/plain")


def _same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode(), token.encode())


def _name(host: str) -> str:
    """The Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
