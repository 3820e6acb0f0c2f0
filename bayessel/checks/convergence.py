r"""Limits of convergence: strict for what the decision rests on, loose for nuisance parameters.

The decision rests on P(best), the win rates and eps: they are *decided on*. Every other scalar is a
nuisance parameter: nobody reads it, and it matters only through what is decided on.

- Strict: rank-normalised split r-hat of at most 1.01, bulk and tail effective sample sizes above
  100 a chain (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021,
  https://doi.org/10.1214/20-BA1221).
- Loose: r-hat of at most 1.1 and effective sample sizes above 10 a chain, the rule of Gelman et al.
  (Bayesian Data Analysis, 3rd edition 2013, section 11.5). The two ask for the same: r-hat² is
  about ``1 + C / ESS`` with C half chains (Vats and Knudson 2021,
  https://doi.org/10.1214/20-STS812), so that with four chains 1.1 is an effective sample size of
  38, and 1.01 one of 398. Chains that have not found one distribution are far above 1.1. Chains
  that have found it and move slowly in one direction are between the limits: means over them are
  right but noisy, and how noisy is measured where it matters, at what is decided on.

Effective draws are asked of at most four chains: of the many short chains of a selection 400 in
all, as of four long ones, for each has fewer than 100 draws.

With few draws and many variables even independent draws pass 1.01 somewhere. If the chains are
right, ``r-hat² = 1 + (F - 1) / n`` with F close to an F distribution of C - 1 and C (n - 1)
degrees of freedom, C half chains of n draws; the limit is raised, where it must, to the level that
the largest of all variables passes with probability 0.001. A variable that is constant in every
draw (P(best) of a candidate that is never best) is known without error, and has no r-hat.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import f as f_distribution

from bayessel.checks.draws import FEWEST, as_dataset, r_hat, values
from bayessel.checks.scalars import Scalars
from bayessel.support.text import count

RHAT = 1.01
ESS_PER_CHAIN = 100
NUISANCE_RHAT = 1.1
NUISANCE_ESS_PER_CHAIN = 10
MOST_CHAINS = 4
"""That effective draws are asked of."""
FALSE_ALARM = 0.001


def rhat_limit(chains: int, draws: int, n_parameters: int, least: float = RHAT) -> float:
    """Largest r-hat that is accepted: ``least``, or more where chance alone would pass it.

    Parameters
    ----------
    chains, draws
        Of the posterior.
    n_parameters
        P; each has two r-hats, of its values and of its distances from the median.
    least
        :data:`RHAT` or :data:`NUISANCE_RHAT`.
    """
    half = draws // 2
    level = 1 - FALSE_ALARM / (2 * max(n_parameters, 1))
    ratio = f_distribution.ppf(level, 2 * chains - 1, 2 * chains * (half - 1))
    return max(least, float(np.sqrt(1 + (ratio - 1) / half)))


def r_hat_table(scalars: Scalars) -> pd.DataFrame:
    """``r_hat`` and ``decided`` by parameter, the largest first."""
    table = pd.DataFrame(
        {"r_hat": r_hat(scalars.draws), "decided": scalars.decided}, index=_index(scalars)
    )
    return table.sort_values("r_hat", ascending=False, kind="stable")


def ess_table(scalars: Scalars) -> pd.DataFrame:
    """``bulk``, ``tail`` and ``decided`` by parameter, the smallest of bulk and tail first."""
    dataset = as_dataset(scalars.draws)
    sizes = {k: azs.ess(dataset, method=k)["scalar"].to_numpy() for k in ("bulk", "tail")}
    table = pd.DataFrame(sizes | {"decided": scalars.decided}, index=_index(scalars))
    least = table[["bulk", "tail"]].min(axis=1)
    return table.loc[least.sort_values(kind="stable").index]


def _index(scalars: Scalars) -> pd.Index:
    return pd.Index(scalars.names, name="parameter")


@dataclass(frozen=True)
class Sampling:
    """How well a posterior was sampled: the numbers that ``fit`` prints and ``check`` judges.

    Attributes
    ----------
    max_r_hat, min_ess
        The largest r-hat of all scalars, and their smallest effective sample size (the smaller of
        bulk and tail); None where nothing varies, or where the draws are too few to say.
    max_r_hat_decided, min_ess_decided
        Likewise, of what is decided on.
    divergences
        Transitions that diverged; None where the engine has no transitions.
    """

    max_r_hat: float | None
    min_ess: float | None
    max_r_hat_decided: float | None
    min_ess_decided: float | None
    divergences: int | None

    @classmethod
    def of(cls, tree: xr.DataTree) -> Sampling:
        """The numbers of a result."""
        scalars = Scalars.of(tree)
        diverging = values(tree, "sample_stats", "diverging")
        divergences = None if diverging is None else int(diverging.sum())
        if not scalars.names or scalars.draws.shape[1] < FEWEST:
            return cls(None, None, None, None, divergences)
        largest, smallest = r_hat_table(scalars), ess_table(scalars)
        rhats = [largest["r_hat"], largest.loc[largest["decided"], "r_hat"]]
        sizes = smallest[["bulk", "tail"]].min(axis=1)
        ess = [sizes, sizes[smallest["decided"]]]
        return cls(
            _finite(rhats[0].max()),
            _finite(ess[0].min()),
            _finite(rhats[1].max()),
            _finite(ess[1].min()),
            divergences,
        )

    @property
    def text(self) -> str:
        """One line, in the words of the checks."""
        if self.max_r_hat is None or self.min_ess is None:
            found = "nothing varies, or the draws are too few for r-hat"
        else:
            found = (
                f"largest r-hat {self.max_r_hat:.3f}, "
                f"smallest effective sample size {self.min_ess:.0f}"
            )
            if self.max_r_hat_decided is not None and self.min_ess_decided is not None:
                found += (
                    f" (of what is decided on {self.max_r_hat_decided:.3f} and "
                    f"{self.min_ess_decided:.0f})"
                )
        if self.divergences is None:
            return found
        return f"{found}, {count(self.divergences, 'divergence')}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
