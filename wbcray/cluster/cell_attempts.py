"""What the attempts at a task's cells say: not to be trained again, or given up by the driver."""

from wbcray.cluster.failures import tells_of_memory
from wbcray.cluster.task import Task
from wbcray.core.errors import InfeasibleError
from wbcray.store.attempts import Ending
from wbcray.store.cell import CellKey
from wbcray.store.cells import CellStore
from wbcray.store.place import place_of

MEMORY_LIMIT = 2
"""Times that memory may run out in one cell; the machine may have been busy once, not twice."""


def refuse_infeasible(task: Task, *, write: bool) -> None:
    """Refuse a task of which a cell cannot be trained, as earlier attempts at it say.

    `write`: Record the verdict where memory ran out twice and nobody has said so yet.

    Raises:
        InfeasibleError: With the reason that was recorded.
    """
    cells = CellStore(place_of(task.run))
    for key in task.cells:
        reason = infeasible(cells, key)
        if reason:
            raise InfeasibleError(reason)
        short = [one.reason for one in cells.attempts(key) if tells_of_memory(one.reason)]
        if len(short) >= MEMORY_LIMIT and cells.find(key) is None:
            reason = f"out of memory twice ({short[-1]})"
            if write:
                cells.begin(key).end("INFEASIBLE", reason)
            raise InfeasibleError(
                reason, fix="a smaller batch or network; the configuration is not retried"
            )


def infeasible(cells: CellStore, key: CellKey) -> str:
    """Why a cell cannot be trained; empty where nothing says so, or it was trained after all."""
    reasons = [one.reason for one in cells.attempts(key) if one.state == "INFEASIBLE"]
    return reasons[-1] if reasons and cells.find(key) is None else ""


def end_open(task: Task, state: Ending, reason: str) -> bool:
    """Close the attempts at a task's cells that are still open; False if none was.

    Whose attempt it was finds it decided, should he come back: his result does not count.
    """
    cells = CellStore(place_of(task.run))
    closed = [cells.end_open(key, state, reason) for key in task.cells]
    return any(closed)
