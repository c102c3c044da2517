"""Every crash point of an operation: each of its calls broken in turn, in each way.

The folder is prepared, what is acknowledged is noted, then the operation is done with its n-th call
broken. What lies in the folder is checked, the operation started again as a new process would, and
checked once more.

A kill is modelled: from that call on nothing that the process does reaches the disk, whatever its
handlers try. `do_in_child` is the real thing, a forked child that leaves by `os._exit`; the model
is tested against it.
"""

import functools
import os
import pickle
import traceback
from dataclasses import dataclass
from pathlib import Path

from check import accepted, all_whole, none_lost_or_changed, records
from power import DISKS, Disk
from system_calls import KILLED, Killed, die_by_exception, die_by_exit, recorded

from wbcray.core.errors import ResourceError, WbcrayError

ACKNOWLEDGED, REFUSED, DIED = "acknowledged", "refused", "died"


@dataclass(frozen=True, slots=True)
class Point:
    """The call of an operation that is broken, and how."""

    number: int
    name: str
    path: str
    mode: str

    def __str__(self):
        return f"{self.mode} at call {self.number}, {self.name} {self.path}"


@dataclass(frozen=True, slots=True)
class Ending:
    """What was acknowledged before, how the operation ended, the calls it made."""

    before: dict
    how: str
    calls: tuple = ()
    error: str = ""


def points_of(operation, folder):
    """Every way to break every call of `operation`, from one undisturbed run."""
    return [
        Point(number, call.name, call.paths[-1], mode)
        for number, call in enumerate(do(operation, folder).calls)
        for mode in call.modes
    ]


def exhaust(operations, folder):
    """All violations at all crash points of `operations`, and the number of points."""
    found, number = [], 0
    for operation in operations:
        place = Path(folder) / operation.name
        undisturbed = do(operation, place / "undisturbed")
        if undisturbed.how != ACKNOWLEDGED:
            found.append(f"{operation.name}: undisturbed: {undisturbed.error}")
        for point in points_of(operation, place / "calls"):
            found += violations(operation, place / str(number), point)
            number += 1
    return found, number


def violations(operation, folder, point):
    """What is wrong after `point`, and after the restart that follows it."""
    ending = do(operation, folder, nth=point.number, mode=point.mode)
    found = []
    if ending.how not in (ACKNOWLEDGED, REFUSED, DIED):
        found.append(f"I7 not refused as an error of the machine: {ending.error}")
    found += none_lost_or_changed(ending.before, folder) + all_whole(folder)
    if ending.how == ACKNOWLEDGED:
        found += _said(operation.missing, folder)
    found += _said(operation.wrong, folder)
    kept, counted = records(folder), accepted(folder)
    try:
        operation.resume(folder)
    except Exception:  # noqa: BLE001  # whatever it is, it is a violation
        return [*found, f"I1 the restart does not complete: {traceback.format_exc()}"]
    found += none_lost_or_changed(kept, folder) + all_whole(folder)
    found += _said(operation.missing, folder) + _said(operation.wrong, folder)
    now = accepted(folder)
    return found + [f"I2 another result counts: {c}" for c in counted if now.get(c) != counted[c]]


def _said(look, folder):
    """What an operation has to complain of; a record that cannot be read is one complaint."""
    try:
        return look(folder)
    except WbcrayError as error:
        return [f"I3 it cannot be read: {error.what}"]


def do(operation, folder, *, nth=-1, mode="", die=die_by_exception, say=lambda _: None):
    """Prepare, then do the operation, undisturbed or with one call broken."""
    folder.mkdir(parents=True, exist_ok=True)
    state = operation.prepare(folder)
    before, error = records(folder), ""
    say(before)
    with recorded(folder, nth=nth, mode=mode, die=die) as recorder:
        try:
            operation.act(folder, state)
            how = ACKNOWLEDGED
        except Killed:
            how = DIED
        except (ResourceError, OSError) as caught:  # the command line calls both the machine's
            how, error = REFUSED, str(caught)
        except WbcrayError as caught:
            how, error = "misnamed", repr(caught)
        except Exception:  # noqa: BLE001  # whatever it is, it is a violation
            how, error = "crashed", traceback.format_exc()
    return Ending(before, how, tuple(recorder.calls), error)


def do_in_child(operation, folder, **point):
    """As `do`, in a process that may die of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            say = functools.partial(_write, writing)
            do(operation, folder, **point, die=die_by_exit, say=say)
        finally:
            os._exit(99)  # nobody was killed
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        before = pickle.load(pipe)  # noqa: S301  # our own child's words
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Ending(before, DIED if code == KILLED else f"exit {code}", error="it was not killed")


def _write(pipe, what):
    with os.fdopen(pipe, "wb") as stream:
        pickle.dump(what, stream)


def power_violations(operation, folder):
    """What is wrong when the power fails after any call, and after the acknowledgement."""
    found = []
    folder.mkdir(exist_ok=True)
    state = operation.prepare(folder)
    before, disk = records(folder), Disk.holding(folder)
    with recorded(folder) as recorder:
        operation.act(folder, state)
    for number, call in enumerate((None, *recorder.calls)):  # before the first, and after each
        if number - 1 in recorder.done:
            disk.apply(call)
        acknowledged = number == len(recorder.calls)
        for kind in DISKS:
            left = folder.parent / f"{folder.name}-{number}-{DISKS.index(kind)}"
            left.mkdir()
            disk.after(kind, left)
            wrong = none_lost_or_changed(before, left) + all_whole(left)
            wrong += _said(operation.wrong, left)
            if acknowledged:
                wrong += _said(operation.missing, left)
            when = "the acknowledgement" if acknowledged else f"call {number}"
            found += [f"{operation.name}: power fails after {when}, {kind}: {w}" for w in wrong]
    return found
