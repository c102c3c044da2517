"""Answers of costly functions of a run's tables, kept for the views that ask the same again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import signature
from typing import ParamSpec

import pandas as pd

P = ParamSpec("P")

KEPT = 8
"""Answers of each function; two splits with two scores and two references, say."""


def remembered(make: Callable[P, pd.DataFrame]) -> Callable[P, pd.DataFrame]:
    """`make` with its last answers kept by its arguments, which must be hashable.

    Tables are told apart by identity, and never change. Every caller gets a frame of its own: it
    shares its data with the kept one until somebody writes into it (copy-on-write of pandas 3).
    """
    kept = lru_cache(maxsize=KEPT)(make)
    form = signature(make)

    @wraps(make)
    def ask(*args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        given = form.bind(*args, **kwargs)
        given.apply_defaults()  # so that a default is the same answer, named or not
        return kept(*given.args, **given.kwargs).copy(deep=False)

    return ask
