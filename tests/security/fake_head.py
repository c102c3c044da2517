"""A head node's control store that answers what joining asks, in this process and without Ray."""

import json
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
import ray
from ray.core.generated import gcs_pb2, gcs_service_pb2, gcs_service_pb2_grpc

VERSIONS = {"ray_version": ray.__version__, "python_version": platform.python_version()}


@dataclass(frozen=True)
class Asked:
    """What a head was asked: the credentials of every call, in order."""

    address: str
    credentials: list[str | None]


@contextmanager
def fake_head(*, token=None, versions=VERSIONS, nodes=()) -> Iterator[Asked]:
    """Serve on loopback; with `token`, only who bears it is answered."""
    credentials: list[str | None] = []

    def check(context):
        given = dict(context.invocation_metadata()).get("authorization")
        credentials.append(given)
        if token is not None and given != f"Bearer {token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "token")

    class Store(gcs_service_pb2_grpc.InternalKVGcsServiceServicer):
        def InternalKVGet(self, request, context):  # noqa: N802  # gRPC's own way
            check(context)
            return gcs_service_pb2.InternalKVGetReply(value=json.dumps(versions).encode())

    class Nodes(gcs_service_pb2_grpc.NodeInfoGcsServiceServicer):
        def GetAllNodeInfo(self, request, context):  # noqa: N802  # gRPC's own way
            check(context)
            found = [
                gcs_pb2.GcsNodeInfo(node_id=bytes.fromhex(node), node_manager_address="10.0.0.7")
                for node in nodes
            ]
            return gcs_service_pb2.GetAllNodeInfoReply(node_info_list=found)

    server = grpc.server(ThreadPoolExecutor(2))
    gcs_service_pb2_grpc.add_InternalKVGcsServiceServicer_to_server(Store(), server)
    gcs_service_pb2_grpc.add_NodeInfoGcsServiceServicer_to_server(Nodes(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield Asked(f"127.0.0.1:{port}", credentials)
    finally:
        server.stop(None)
