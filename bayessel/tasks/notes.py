"""Notes for the user on outcomes and responses that are missing from a task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.outcomes import MISSING
from bayessel.support.text import count, listing
from bayessel.tasks.readers.parts.conversation import ERROR, failed

SCARCE = 0.1
"""A candidate with outcomes on a smaller share of the judged queries is pointed out."""


def with_notes(data: xr.Dataset) -> xr.Dataset:
    """A task's dataset with notes on what is missing behind those of its reader, each once."""
    candidates = [str(name) for name in data["candidate"].values]
    notes = [*data.attrs["notes"], *unjudged_notes(data["recorded"].values != MISSING, candidates)]
    if "response" in data:
        response, theirs = data["response"].values, data["baseline_response"].values
        notes += unanswered_notes(pd.isna(response), candidates)
        notes += baseline_notes(pd.isna(theirs), str(data.attrs["baseline"]))
        every = np.column_stack([response, theirs])
        notes += failed_notes(every, [*candidates, str(data.attrs["baseline"])])
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
    """Notes on responses that are missing.

    Parameters
    ----------
    missing
        [N, M] whether a cell has no response.
    candidates
        [M] names.
    """
    if not missing.any():
        return []
    names = np.array(candidates, dtype=object)
    notes = [f"{missing.sum()} of {missing.size} responses are missing; {_most(missing, names)}"]
    silent = names[missing.all(axis=0)]
    if len(silent):
        notes.append(
            f"{count(len(silent), 'candidate has', 'candidates have')} no responses, so that "
            f"nothing can be asked of {'it' if len(silent) == 1 else 'them'}: {listing(silent)}"
        )
    nobody = int(missing.all(axis=1).sum())
    if nobody:
        notes.append(
            f"no candidate has a response to {nobody} of {len(missing)} queries, of which nothing "
            "can be asked"
        )
    return notes


def baseline_notes(missing: NDArray[np.bool_], baseline: str) -> list[str]:
    """Note on queries to which the baseline has no response.

    Parameters
    ----------
    missing
        [N] whether it has none.
    baseline
        Its name.
    """
    if not missing.any():
        return []
    return [
        f"the baseline {baseline!r} has no response to {missing.sum()} of {len(missing)} queries, "
        "of which nothing can be asked"
    ]


def failed_notes(texts: NDArray[np.object_], names: Sequence[str]) -> list[str]:
    """Note on responses that are empty, or the mark of one that failed; they are kept.

    Parameters
    ----------
    texts
        [N, L] responses, None where there is none.
    names
        [L] of the LLMs.
    """
    known = pd.notna(texts)
    bad = np.zeros(texts.shape, dtype=bool)
    bad[known] = [failed(str(text)) for text in texts[known]]
    if not bad.any():
        return []
    return [
        f"{bad.sum()} of {known.sum()} responses are empty or failed ({ERROR}), and are kept as "
        f"they are; {_most(bad, np.array(names, dtype=object))}"
    ]


def _most(missing: NDArray[np.bool_], names: NDArray[np.object_]) -> str:
    """Which candidate misses most; ``missing`` is [N, M]."""
    each = missing.sum(axis=0)
    at = int(each.argmax())
    return f"most of {str(names[at])!r}: {each[at]} of {len(missing)}"
