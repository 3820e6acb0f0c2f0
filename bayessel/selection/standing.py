"""What is known of the candidates: the table of candidates, and the posterior for ArviZ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.inference.results import posterior_tree
from bayessel.outcomes import MISSING
from bayessel.selection.costs import Costs
from bayessel.selection.race import Race
from bayessel.strategies.base import Standing, Strategy
from bayessel.tasks.task import Task


def candidate_table(
    standing: Standing,
    candidates: Sequence[str],
    outcome: NDArray[np.int8],
    race: Race,
    costs: Costs,
) -> pd.DataFrame:
    """One row for each candidate: the recommended one, then by expected win rate.

    Parameters
    ----------
    standing
        What is known.
    candidates
        [M] names of the candidates.
    outcome
        [N, M] outcomes bought, ``MISSING`` elsewhere.
    race
        Since when candidates have been out of the race.
    costs
        What calls cost.

    Returns
    -------
    pandas.DataFrame
        M rows by ``candidate``. Columns ``p_best``, ``win_rate`` (posterior mean), ``lower`` and
        ``upper`` (90 % interval), ``p_within_1pct``, ``p_f`` (the posterior of F, where it is a
        parameter of the model), ``calls`` (spent on it), ``cost`` (of these
        calls, where costs are known), ``last`` (what dropped it; empty while it is in the race).
    """
    interval = standing.interval()
    judged = outcome != MISSING
    spent = {"cost": (judged * costs.cell).sum(axis=0)} if costs.known else {}
    frame = pd.DataFrame(
        {
            "p_best": standing.p_best,
            "win_rate": standing.win_rate,
            "lower": interval[:, 0],
            "upper": interval[:, 1],
            "p_within_1pct": standing.p_within(0.01),
            **({} if standing.p_f is None else {"p_f": standing.p_f}),
            "calls": judged.sum(axis=0),
            **spent,
            "last": list(race.words),
        },
        index=pd.Index(candidates, name="candidate"),
    )
    recommended = np.arange(len(frame)) == standing.best
    order = np.lexsort((-frame["p_best"], -frame["win_rate"], ~recommended))
    return frame.iloc[order]


def standing_posterior(
    standing: Standing, task: Task, strategy: Strategy, seed: int, outcome: NDArray[np.int8]
) -> xr.DataTree:
    """The posterior, for ArviZ; see :func:`bayessel.inference.results.posterior_tree`.

    A step has few draws, which may be correlated; then more draws of the same posterior are used.

    Parameters
    ----------
    standing
        What is known.
    task
        The task.
    strategy, seed
        How the queries were chosen, for the record.
    outcome
        [N, M] outcomes bought, ``MISSING`` elsewhere.
    """
    draws, p_best = standing.draws, standing.p_best
    if standing.more_draws is not None:
        draws = standing.more_draws()
        p_best = draws.p_best.mean(axis=0)
    judged = outcome != MISSING
    return posterior_tree(
        draws,
        p_best,
        outcome,
        task.queries,
        task.candidates,
        standing.fixed,
        {
            "strategy": strategy.name,
            "seed": seed,
            "options": strategy.options,
            "priors": {k: v.to_dict() for k, v in strategy.priors.items()},
            "baseline": task.baseline,
            "data_hash": task.fingerprint,
            "queries_opened": int(judged.any(axis=1).sum()),
            "cells": int(judged.sum()),
        },
        standing.p_f,
    )
