"""Single verdicts of a task that are more than its outcomes say, for a model that can use them.

Between two candidates, or of several judges on one cell. They lie along the dim ``vote`` of a
task's dataset, by name: leaving out a query or a candidate leaves them as they are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from bayessel.errors import DataError
from bayessel.tasks.tables import VOTES

_OUTCOME = "vote_outcome"


def with_votes(data: xr.Dataset, votes: pd.DataFrame | None) -> xr.Dataset:
    """A task's dataset with single verdicts.

    Parameters
    ----------
    data
        See :class:`bayessel.tasks.task.Task`.
    votes
        Columns :data:`bayessel.tasks.tables.VOTES`, ``against`` empty for the baseline; None for
        none.
    """
    if votes is None or votes.empty:
        return data
    if missing := [name for name in VOTES if name not in votes]:
        raise DataError(f"the table of votes lacks {', '.join(missing)}: add what is missing")
    outcome = votes["outcome"].to_numpy(np.int8)
    if not np.isin(outcome, (-1, 0, 1)).all():
        raise DataError("votes have an outcome that is not -1, 0 or 1: mend the table of votes")
    texts = {name: votes[name].astype(object) for name in VOTES if name != "outcome"}
    texts["against"] = texts["against"].replace("", str(data.attrs["baseline"]))
    named = {f"vote_{name}": ("vote", said.to_numpy(object)) for name, said in texts.items()}
    return data.assign({**named, _OUTCOME: ("vote", outcome)})


def long_votes(data: xr.Dataset) -> pd.DataFrame | None:
    """The single verdicts of a task's dataset, with the columns of readers; None without any."""
    if _OUTCOME not in data:
        return None
    votes = {name: data[f"vote_{name}"].values for name in VOTES}
    return pd.DataFrame(votes)
