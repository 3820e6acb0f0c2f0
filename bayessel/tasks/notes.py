"""Notes for the user on outcomes and responses that are missing from a task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.outcomes import MISSING

SCARCE = 0.1
"""A candidate with outcomes on a smaller share of the judged queries is pointed out."""


def with_notes(data: xr.Dataset) -> xr.Dataset:
    """A task's dataset with notes on what is missing behind those of its reader, each once."""
    candidates = [str(name) for name in data["candidate"].values]
    notes = [*data.attrs["notes"], *unjudged_notes(data["recorded"].values != MISSING, candidates)]
    if "response" in data:
        notes += unanswered_notes(pd.isna(data["response"].values), candidates)
    return data.assign_attrs(notes=list(dict.fromkeys(notes)))


def unjudged_notes(judged: NDArray[np.bool_], candidates: Sequence[str]) -> list[str]:
    """Notes on outcomes that are missing where others are there.

    Parameters
    ----------
    judged
        [N, M] whether a cell has an outcome.
    candidates
        [M] names.
    """
    rows, columns = judged.any(axis=1), judged.any(axis=0)
    notes = []
    if rows.any() and not rows.all():
        notes.append(f"{(~rows).sum()} of {len(rows)} queries have no outcome")
    missing = ~judged[np.ix_(rows, columns)]
    if not missing.any():
        return notes
    names = np.array(candidates, dtype=object)[columns]
    notes.append(
        f"{missing.sum()} of {missing.size} outcomes are missing on queries that were judged for "
        f"others, and are never read as draws; {_most(missing, names)}"
    )
    n, few = len(missing), (~missing).sum(axis=0)
    scarce = [f"{m!r} ({k} of {n})" for m, k in zip(names, few, strict=True) if k < SCARCE * n]
    if scarce:
        notes.append(
            f"hardly judged, or spelled in two ways: {', '.join(scarce[:5])}"
            + (f" and {len(scarce) - 5} more" if len(scarce) > 5 else "")
        )
    return notes


def unanswered_notes(missing: NDArray[np.bool_], candidates: Sequence[str]) -> list[str]:
    """Note on responses that are missing.

    Parameters
    ----------
    missing
        [N, M] whether a cell has no response.
    candidates
        [M] names.
    """
    if not missing.any():
        return []
    return [
        f"{missing.sum()} of {missing.size} responses are missing; "
        f"{_most(missing, np.array(candidates, dtype=object))}"
    ]


def _most(missing: NDArray[np.bool_], names: NDArray[np.object_]) -> str:
    """Which candidate misses most; ``missing`` is [N, M]."""
    each = missing.sum(axis=0)
    at = int(each.argmax())
    return f"most of {str(names[at])!r}: {each[at]} of {len(missing)}"
