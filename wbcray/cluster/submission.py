"""Hand a command to a cluster's job server: it runs there, whatever becomes of this machine."""

import asyncio
import ipaddress
import shlex
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, final
from urllib.parse import urlsplit

import ray
import requests
from ray.job_submission import JobStatus, JobSubmissionClient

from wbcray.cluster.ray_environment import own_token
from wbcray.core.errors import RefusedError, ResourceError, UsageError

OPTION = "--address"
DEFAULT_SERVER = "http://127.0.0.1:8265"
"""Where a head node's job server listens, and where a tunnel to it ends."""
ANSWER_S = 10.0
"""Seconds that the server has to answer."""
_TRIES, _PAUSE_S = 4, 3.0
"""A head node that has just come up answers before the process that takes commands is there."""
_STOPPED = 143
_UNAUTHORISED = (401, 403)
_TUNNEL = "open a tunnel, `ssh -L 8265:127.0.0.1:8265 HEAD`, and leave --address out"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A command that a job server has taken.

    Attributes:
        job: Its id there.
        server: The server's address.
        entrypoint: What its shell runs.
    """

    job: str
    server: str
    entrypoint: str


@final
class JobServer:
    """The job server of a cluster, looked at before it is given anything.

    Args:
        address: `http://HOST:PORT`, or `https://...`.
        insecure: Use a server that asks for no token, and send ours over a network in clear.

    Raises:
        RefusedError: For a server without authentication and for one that our token would reach
            in clear, unless `insecure`.
        ResourceError: When it does not answer, does not take our token, or runs another Ray.
        UsageError: For what is no address.
    """

    def __init__(self, address: str, *, insecure: bool) -> None:
        self.address = address.rstrip("/")
        _check_address(self.address, insecure=insecure)
        self._headers = _credentials(self.address, insecure=insecure)
        self._client: Any = JobSubmissionClient(self.address, headers=dict(self._headers))

    def submit(self, command: Sequence[str], *, folder: str) -> Submission:
        """Run `wbcray` with the words of `command` in `folder` of the head node.

        Raises:
            ResourceError: When the server does not take it.
        """
        job = f"wbcray-{uuid.uuid4().hex[:12]}"
        entrypoint = f"cd {shlex.quote(folder)} && exec {shlex.join(['wbcray', *command])}"
        for left in reversed(range(_TRIES)):
            try:
                # the driver only waits: its trials hold the CPUs
                self._client.submit_job(
                    entrypoint=entrypoint, submission_id=job, entrypoint_num_cpus=0
                )
                break
            except (RuntimeError, OSError) as error:
                if self._has(job):  # it was the answer that got lost
                    break
                if not left:
                    raise ResourceError(
                        f"the job server did not take the command: {_first_line(error)}",
                        where=self.address,
                        fix="`ray job list` shows what it has; `ray status` whether the cluster "
                        "is well",
                    ) from error
                time.sleep(_PAUSE_S)
        return Submission(job=job, server=self.address, entrypoint=entrypoint)

    def _has(self, job: str) -> bool:
        try:
            self._client.get_job_info(job)
        except (RuntimeError, OSError):
            return False
        return True

    def follow(self, job: str, say: Callable[[str], None]) -> int:
        """Pass on what the command writes until it has ended; its exit code.

        Raises:
            ResourceError: When the server cannot be reached any more; the command goes on.
        """
        try:
            asyncio.run(self._pass_on(job, say))
            found = self._client.get_job_info(job)
        except (RuntimeError, OSError) as error:
            raise ResourceError(
                f"lost sight of {job}: {_first_line(error)}",
                where=self.address,
                fix=f"it goes on without us; `ray job logs {job} --follow` looks again",
            ) from error
        if found.status == JobStatus.STOPPED:
            return _STOPPED
        if found.driver_exit_code is None:
            return int(found.status != JobStatus.SUCCEEDED)
        code = int(found.driver_exit_code)
        return code if code >= 0 else 128 - code  # ended by a signal, as shells count

    async def _pass_on(self, job: str, say: Callable[[str], None]) -> None:
        async for text in self._client.tail_job_logs(job):
            say(text)


def on_the_cluster(command: Sequence[str], folder: str) -> tuple[str, ...]:
    """`command` as it is to run there: on the cluster whose head it runs on.

    Raises:
        UsageError: For a folder that is no absolute path.
    """
    if not PurePosixPath(folder).is_absolute():
        raise UsageError(
            f"'{folder}' is no absolute path",
            where="--folder",
            fix="say where the project lies on the cluster, e.g. --folder /shared/lab",
        )
    named = any(word == OPTION or word.startswith(f"{OPTION}=") for word in command)
    return tuple(command) if named else (*command, OPTION, "auto")


def _check_address(address: str, *, insecure: bool) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"'{address}' is not the address of a job server",
            where=OPTION,
            fix=f"it begins with http, e.g. {DEFAULT_SERVER}; port 6379 is another door of Ray",
        )
    if parts.scheme == "http" and not _loopback(parts.hostname) and not insecure:
        raise RefusedError(
            f"the token would go to {parts.hostname} in clear",
            where=OPTION,
            fix=f"{_TUNNEL}; --insecure-cluster to go on",
        )


def _credentials(address: str, *, insecure: bool) -> dict[str, str]:
    """What to send with each request, once the server has shown that it asks for it."""
    if _status(address, {}) not in _UNAUTHORISED:
        if insecure:
            return {}
        raise RefusedError(
            f"the job server {address} has no authentication; anyone who reaches it can run code",
            where=OPTION,
            fix="start the cluster with RAY_AUTH_MODE=token, see SECURITY.md; --insecure-cluster "
            "to go on",
        )
    token = own_token()
    headers = {"Authorization": f"Bearer {token}"}
    if token is None or _status(address, headers) in _UNAUTHORISED:
        raise ResourceError(
            f"the job server {address} "
            + ("asks for a token, and there is none" if token is None else "refuses our token"),
            where="RAY_AUTH_TOKEN_PATH, or ~/.ray/auth_token",
            fix="copy the cluster's token there (`ray get-auth-token` on its head node prints it) "
            "with mode 0600",
        )
    return headers


def _status(address: str, headers: dict[str, str]) -> int:
    """The status of an answer; a good one has to come from the same Ray."""
    try:
        answer = requests.get(
            f"{address}/api/version", headers=headers, timeout=ANSWER_S, allow_redirects=False
        )
        if answer.status_code in _UNAUTHORISED:
            return int(answer.status_code)
        theirs = str(answer.json()["ray_version"])
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise ResourceError(
            f"no job server of Ray answers at {address} ({type(error).__name__})",
            where=OPTION,
            fix=f"the head node's dashboard has to run; from outside, {_TUNNEL}",
        ) from None
    if theirs != ray.__version__:
        raise ResourceError(
            f"the cluster runs Ray {theirs} (here {ray.__version__})",
            where=address,
            fix="install wbcray with the same versions on all machines",
        )
    return int(answer.status_code)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
