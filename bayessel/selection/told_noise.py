"""A strategy that is told how noisy the judges are."""

from __future__ import annotations

from bayessel.inference.load import MOST_NOISE, VERDICT_NOISE
from bayessel.strategies.base import Strategy


def told_noise(strategy: Strategy, verdict_noise: float) -> Strategy:
    """The same strategy for judges whose verdicts are noisy.

    Its win rates are then of what the judges are expected to say. A strategy whose model takes
    verdicts as they are is returned as it is.

    Parameters
    ----------
    strategy
        Any.
    verdict_noise
        Variance of half an outcome when a cell is judged again; more than
        :data:`~bayessel.inference.load.MOST_NOISE` counts as that.
    """
    from bayessel.strategies.bayessel import Bayessel

    if not isinstance(strategy, Bayessel) or VERDICT_NOISE not in strategy.priors:
        return strategy
    return strategy.noisy(min(max(verdict_noise, 0.0), MOST_NOISE))
