"""What makes a dataset a task: the only place where these facts are checked."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.support.text import listing
from bayessel.tasks.given import validate_weak_judges

_UNFIT = re.compile("[\\x00\\ud800-\\udfff]")


def validate_dataset(data: xr.Dataset) -> None:
    """Refuse a dataset that is not a task; see :class:`bayessel.tasks.task.Task`.

    Raises
    ------
    DataError
        With the reason.
    """
    if "baseline" not in data.attrs or "recorded" not in data:
        raise DataError("a task needs a variable 'recorded' and an attribute 'baseline'")
    if "response" in data and "baseline_response" not in data:
        raise DataError("a task has 'response' without 'baseline_response': give both or none")
    queries, candidates = data["query"].values, data["candidate"].values
    if len(queries) == 0:
        raise DataError("the task has no queries: give at least one judged or answered query")
    if len(candidates) < 2:
        given = f"one candidate ({candidates[0]!r})" if len(candidates) else "no candidate"
        raise DataError(f"the task has {given}: at least two are needed to choose between")
    _require_names(queries, "query")
    _require_names(candidates, "candidate")
    if str(data.attrs["baseline"]) in set(map(str, candidates)):
        raise DataError(
            f"baseline {data.attrs['baseline']!r} is also a candidate: give it a name of its own"
        )
    recorded = data["recorded"].values
    if recorded.dtype != np.int8 or not np.isin(recorded, (-1, 0, 1, MISSING)).all():
        raise DataError("outcomes must be int8 and -1, 0, 1 or MISSING (-9)")
    if "cost" in data:
        cost = data["cost"].values
        if not (np.isfinite(cost).all() and cost.min() > 0):
            raise DataError("a cost is not a finite number above 0: give every cell such a cost")
    validate_weak_judges(data)


def _require_names(names: NDArray[Any], what: str) -> None:
    """Refuse names that are not unique, empty, or have spaces around them."""
    if len(set(map(str, names))) != len(names):
        raise DataError(f"duplicate {what} names: every {what} needs a name of its own")
    if any(not str(name).strip() for name in names):
        raise DataError(f"a {what} has an empty name: give every {what} a name")
    if unfit := [str(name) for name in names if _UNFIT.search(str(name))]:
        raise DataError(
            f"{what} names with a NUL, or with half of a character: {listing(unfit)}; no file can "
            "hold them, write them without"
        )
    spaced = [str(name) for name in names if str(name) != str(name).strip()]
    if spaced:
        raise DataError(
            f"{what} names that begin or end with a space: {listing(spaced)}; take it away"
        )
