"""One line of the doctor's table."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, what was found, and the mend where it is not well."""

    name: str
    state: Literal["ok", "warn", "fail"]
    found: str
    fix: str = ""
