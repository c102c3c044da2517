"""Look at a Ray cluster before joining it: does it answer, does it ask for a token, does it fit."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import grpc  # type: ignore[import-untyped]
import ray
from ray._common.tls_utils import load_certs_from_env
from ray._common.utils import get_ray_address_file
from ray._private.services import find_node_ids
from ray.core.generated import gcs_pb2, gcs_service_pb2, gcs_service_pb2_grpc

from wbcray.cluster.ray_environment import own_token
from wbcray.core.errors import RefusedError, ResourceError, UsageError

ANSWER_S = 10.0
"""Seconds that a cluster has to answer."""
OPTION = "--address"

_METADATA = (b"cluster", b"CLUSTER_METADATA")
"""Where Ray's global control store says its versions: namespace and key."""
_LOCAL = "or use --address local to run on this machine"
_Credentials = Sequence[tuple[str, str]]


def announced() -> str | None:
    """The address of a running cluster, as the environment or Ray's own note says it.

    The note lies in a folder that everybody may write to; it counts only if this user or root
    wrote it, as the token would be sent there.
    """
    address = os.environ.get("RAY_ADDRESS", "")
    if address not in ("", "auto"):
        return address
    note = Path(get_ray_address_file(None))  # Ray's own place
    try:
        return note.read_text().strip() if note.stat().st_uid in (os.getuid(), 0) else None
    except OSError:
        return None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Joinable:
    """A cluster that may be joined.

    Attributes:
        protected: Whether it asks for a token.
        node: The address of its node on this machine, as other nodes know it.
    """

    protected: bool
    node: str


def check_cluster(address: str, *, insecure: bool) -> Joinable:
    """Look at the cluster at `address`: it answers, takes our token, fits, and has a node here.

    Args:
        address: `host:port` of the head node.
        insecure: Accept a cluster that asks for none.

    Raises:
        RefusedError: For a cluster without authentication, unless `insecure`.
        ResourceError: When it does not answer, does not take our token, runs other versions, or
            has no node on this machine.
        UsageError: For what is no address.
    """
    if "://" in address or not address.rpartition(":")[2].isdecimal():
        raise UsageError(
            f"'{address}' is not the address of a Ray cluster",
            where=OPTION,
            fix="give host:port of its head node, e.g. --address 10.0.0.5:6379; or local, or auto",
        )
    with _channel(address) as channel:
        versions = _versions(channel, address, ())
        protected = versions is None
        credentials = _credentials(address) if protected else ()
        if protected:
            versions = _versions(channel, address, credentials)
        elif not insecure:
            raise RefusedError(
                f"Ray cluster {address} has no authentication; anyone on the network can run code",
                where=OPTION,
                fix="start it with RAY_AUTH_MODE=token, see SECURITY.md; --insecure-cluster to go "
                f"on; {_LOCAL}",
            )
        if versions is None:
            raise _bad_token(address, "does not accept our token")
        _check_versions(address, versions)
        return Joinable(protected=protected, node=_own_node(channel, address, credentials))


def _channel(address: str) -> Any:
    options = [("grpc.enable_http_proxy", 0)]
    if os.environ.get("RAY_USE_TLS", "0").lower() not in ("1", "true"):
        return grpc.insecure_channel(address, options)
    try:
        chain, key, root = load_certs_from_env()
    except (RuntimeError, OSError) as error:
        raise ResourceError(
            f"RAY_USE_TLS is set, but the certificates cannot be read: {error}",
            where="RAY_TLS_SERVER_CERT, RAY_TLS_SERVER_KEY, RAY_TLS_CA_CERT",
            fix="name the three files that the cluster was started with",
        ) from error
    encryption = grpc.ssl_channel_credentials(root, key, chain)
    return grpc.secure_channel(address, encryption, options)


def _versions(channel: Any, address: str, credentials: _Credentials) -> dict[str, str] | None:
    """What the cluster runs; None where it does not answer to these credentials."""
    stub = gcs_service_pb2_grpc.InternalKVGcsServiceStub(channel)
    namespace, key = _METADATA
    request = gcs_service_pb2.InternalKVGetRequest(namespace=namespace, key=key)
    try:
        reply = stub.InternalKVGet(request, timeout=ANSWER_S, metadata=credentials)
        said = json.loads(reply.value)
        return {"Ray": str(said["ray_version"]), "Python": str(said["python_version"])}
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.UNAUTHENTICATED:
            return None
        raise _unreachable(address, f"{error.code().name} within {ANSWER_S:g} s") from None
    except (ValueError, KeyError, TypeError) as error:
        raise _unreachable(address, "it answers, but not as a head node does") from error


def _credentials(address: str) -> _Credentials:
    token = own_token()
    if token is None:
        raise _bad_token(address, "asks for a token, and there is none")
    return (("authorization", f"Bearer {token}"),)


def _check_versions(address: str, theirs: dict[str, str]) -> None:
    ours = {"Ray": ray.__version__, "Python": platform.python_version()}
    if ours != theirs:
        said = " and ".join(
            f"{name} {theirs[name]} (here {ours[name]})"
            for name in ours
            if ours[name] != theirs[name]
        )
        raise ResourceError(
            f"Ray cluster {address} runs {said}",
            where=OPTION,
            fix=f"install wbcray with the same versions on all machines; {_LOCAL}",
        )


def _own_node(channel: Any, address: str, credentials: _Credentials) -> str:
    """The address of the cluster's node on this machine."""
    stub = gcs_service_pb2_grpc.NodeInfoGcsServiceStub(channel)
    request = gcs_service_pb2.GetAllNodeInfoRequest()
    try:
        reply = stub.GetAllNodeInfo(request, timeout=ANSWER_S, metadata=credentials)
    except grpc.RpcError as error:
        raise _unreachable(address, error.code().name) from None
    ours = set(find_node_ids())
    alive = gcs_pb2.GcsNodeInfo.ALIVE
    for node in reply.node_info_list:
        if node.state == alive and node.node_id.hex() in ours:
            return str(node.node_manager_address)
    raise ResourceError(
        f"Ray cluster {address} has no node on this machine",
        where=OPTION,
        fix=f"run this on a machine of the cluster, or `ray start --address={address}` here; "
        f"{_LOCAL}",
    )


def _bad_token(address: str, what: str) -> ResourceError:
    return ResourceError(
        f"Ray cluster {address} {what}",
        where="RAY_AUTH_TOKEN_PATH, or ~/.ray/auth_token",
        fix="copy the cluster's token there (`ray get-auth-token` on its head node prints it) with "
        f"mode 0600; {_LOCAL}",
    )


def _unreachable(address: str, why: str) -> ResourceError:
    return ResourceError(
        f"cannot reach Ray at {address} ({why})",
        where=OPTION,
        fix=f"check it with `ray status --address={address}`, {_LOCAL}",
    )
