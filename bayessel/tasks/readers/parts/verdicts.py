"""What is said more than once: by several judges, or in rows that repeat each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.outcomes import K
from bayessel.support.text import count


def any_twice(keys: NDArray[np.int64]) -> bool:
    """Whether a key stands twice."""
    ordered = np.sort(keys)
    return bool((ordered[1:] == ordered[:-1]).any())


def once(
    keys: NDArray[np.int64], codes: NDArray[np.int32], refuse: Callable[[int, int], DataError]
) -> NDArray[np.bool_]:
    """[R] the first row of each key that says something, if the others say the same.

    Parameters
    ----------
    keys
        [R] what a row is about.
    codes
        [R] what it says, -1 for nothing.
    refuse
        Builds the error from how many rows contradict an earlier one, and the first of them.
    """
    frame = pd.DataFrame({"key": keys, "code": codes})[codes >= 0]
    single = frame.drop_duplicates()
    twice = single["key"].duplicated()
    if twice.any():
        raise refuse(int(twice.sum()), int(single.index[twice][0]))
    kept = np.zeros(len(keys), dtype=bool)
    kept[single.index.to_numpy()] = True
    return kept


def majority(
    keys: NDArray[np.int64], outcomes: NDArray[np.int8]
) -> tuple[NDArray[np.intp], NDArray[np.int8], NDArray[np.int64], NDArray[np.bool_]]:
    """The outcome that most verdicts on a cell have; a draw where no outcome has most.

    Parameters
    ----------
    keys
        [V] the cell of each verdict.
    outcomes
        [V] -1, 0 or 1.

    Returns
    -------
    first, outcome, verdicts, disagreement
        For each cell: the position of its first verdict, its outcome, how many verdicts it has,
        and whether they differ.
    """
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    told = np.bincount(which * K + outcomes + 1, minlength=K * len(first)).reshape(-1, K)
    most = told.max(axis=1, keepdims=True)
    tied = (told == most).sum(axis=1) > 1
    outcome = np.where(tied, 0, told.argmax(axis=1) - 1).astype(np.int8)
    order = np.argsort(first)
    disagree = (told > 0).sum(axis=1) > 1
    return first[order], outcome[order], told.sum(axis=1)[order], disagree[order]


def majority_note(verdicts: NDArray[np.int64], disagreement: NDArray[np.bool_]) -> list[str]:
    """Note on cells that have several verdicts."""
    several = int((verdicts > 1).sum())
    if not several:
        return []
    return [
        f"{count(several, 'cell has', 'cells have')} several verdicts: most of them decide, and it "
        f"is a draw where no outcome has most; on {int(disagreement.sum())} they disagree"
    ]
