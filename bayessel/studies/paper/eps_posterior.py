"""Draws of (eps_loss, eps_draw) from ``dual_parameter``, cheap: no win rates are predicted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.engines import nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.tasks.task import Task

CHAINS, WARMUP, DRAWS = 2, 500, 1000


def eps_posterior(
    task: Task, judgments: NDArray[np.int8], seed: int = 0, *, slots: int | None = None
) -> tuple[NDArray[np.float64], str]:
    """Posterior of the best candidate's loss and draw rates, by NUTS.

    The paper's own likelihood, all others at 1/3, has a closed form, but with eps unknown it calls
    the worst candidate the best (it is the least like the others); here the others have rates of
    their own, below the best's.

    Parameters
    ----------
    task
        With weak judges' scores.
    judgments
        [N, M] annotations, ``MISSING`` elsewhere; with nothing judged the votes alone speak.
    seed
        The same seed gives the same draws.
    slots
        Rows that judged queries are laid out on, at least as many as there are. A second call
        with as many compiles nothing.

    Returns
    -------
    draws
        [S, 2] of (eps_loss, eps_draw).
    quality
        r-hat of both and the number of divergences, in words.
    """
    model = load_model("dual_parameter")
    data = model.prepare(replace(Evidence.of(task, judgments), slots=slots))
    samples, stats = nuts.sample(model, data, seed=seed, chains=CHAINS, draws=DRAWS, warmup=WARMUP)
    both = np.stack([samples["eps_loss"], samples["eps_draw"]], axis=-1)
    worst = max(_rhat(both[..., at]) for at in range(2))
    quality = f"r-hat {worst:.3f}, {int(stats['diverging'].sum())} divergence(s)"
    return both.reshape(-1, 2), quality


def _rhat(draws: NDArray[np.float64]) -> float:
    """Rank-normalised split r-hat of [chain, draw]."""
    import arviz as az

    return float(az.rhat(draws))
