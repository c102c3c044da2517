"""What each search was given, as a table that shows an unequal contest."""

from math import isnan

import pandas as pd

from wbcray.explorer.numbers.trials import studies
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.report.markup import frame_table
from wbcray.explorer.wording import MISSING

_MINUTE, _HOUR = 60, 3600


def budget_table(tables: RunTables) -> str:
    """One row per study: trials by state, epochs, time, and the best value."""
    return frame_table(told_in_time(studies(tables)))


def told_in_time(rows: pd.DataFrame) -> pd.DataFrame:
    """The frame with its `seconds` in hours and minutes, under the name `time`."""
    if "seconds" not in rows:
        return rows
    written = [duration(float(seconds)) for seconds in rows["seconds"]]
    return rows.assign(seconds=written).rename(columns={"seconds": "time"})


def duration(seconds: float) -> str:
    """`42 s`, `17 min` or `3 h 05 min`, rounded to what is shown; a dash for NaN."""
    if isnan(seconds):
        return MISSING
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE)
    if minutes < _HOUR / _MINUTE:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours:,} h {rest:02d} min"
