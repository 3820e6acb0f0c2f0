"""From a belief to a prior: the least informative one that gives an interval its probability.

The package ``preliz`` finds the parameters of maximum entropy under the constraint that an interval
has a given probability (Icazatti et al. 2023, https://doi.org/10.21105/joss.05499);
``pip install 'bayessel[elicit]'`` installs it. The rates of loss and draw are elicited apart: the
Dirichlet has their two means. The two intervals ask for two concentrations, and the smaller one is
taken, which makes neither belief more certain.
"""

from __future__ import annotations

import warnings
from typing import Any

from bayessel.errors import BudgetError, DataError, did_you_mean
from bayessel.priors import Prior

RATES = ("eps",)
"""Priors over a best candidate's loss, draw and win rates."""


def elicit(
    name: str,
    *,
    loss: tuple[float, float],
    draw: tuple[float, float] | None = None,
    mass: float = 0.9,
) -> Prior:
    """A Dirichlet prior over outcome rates from intervals of the loss and draw rates.

    Parameters
    ----------
    name
        A name of :data:`RATES`.
    loss
        Interval of the best candidate's loss rate.
    draw
        Interval of its draw rate; where None, draws are on average half of what is not lost, as
        under a flat prior.
    mass
        Probability of each interval.

    Returns
    -------
    Prior
        Its text is what ``--prior eps=...`` takes.

    Raises
    ------
    UnknownNameError
        Nothing can be elicited about ``name``.
    BudgetError
        An interval or the mass is out of range, or the two intervals leave no room for wins.
    DataError
        The package preliz is not installed.

    Examples
    --------
    >>> elicit("eps", loss=(0.05, 0.40), draw=(0.05, 0.40))
    Dirichlet(concentration=(3.02, 3.02, 7.13))
    """
    if name not in RATES:
        raise did_you_mean(name, RATES, "prior that can be elicited")
    if not 0 < mass < 1:
        raise BudgetError(f"mass {mass}: expected a probability between 0 and 1")
    a, b = _beta(loss, mass, "loss")
    mean_loss, total = a / (a + b), a + b
    mean_draw = (1 - mean_loss) / 2
    if draw is not None:
        a, b = _beta(draw, mass, "draw")
        mean_draw, total = a / (a + b), min(total, a + b)
    if mean_loss + mean_draw >= 0.999:
        raise BudgetError(
            f"loss {loss} and draw {draw}: their means add up to {mean_loss + mean_draw:.2f}, "
            "which leaves no wins; give lower intervals"
        )
    means = (mean_loss, mean_draw, 1 - mean_loss - mean_draw)
    return Prior("Dirichlet", {"concentration": tuple(float(f"{total * m:.3g}") for m in means)})


def _beta(interval: tuple[float, float], mass: float, what: str) -> tuple[float, float]:
    """Parameters of the Beta of maximum entropy with this probability of an interval."""
    lower, upper = interval
    if not 0 <= lower < upper <= 1 or upper - lower >= 1:
        raise BudgetError(
            f"{what} {interval}: expected an interval inside 0 to 1, its lower end first"
        )
    preliz = _preliz()
    found = preliz.Beta()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        preliz.maxent(found, lower, upper, mass, plot=False)
    reached = found.cdf(upper) - found.cdf(lower)
    if abs(reached - mass) > 0.02:
        raise BudgetError(
            f"{what} {interval}: no Beta distribution gives it probability {mass} (closest "
            f"{reached:.2f}{'; ' + str(said[0].message) if said else ''}); give another interval"
        )
    return float(found.alpha), float(found.beta)


def _preliz() -> Any:
    """The package preliz."""
    try:
        with warnings.catch_warnings():  # its import warns
            warnings.simplefilter("ignore")
            import preliz
    except ImportError as error:
        raise DataError(
            "priors are elicited with the package preliz, which is not installed: "
            "pip install 'bayessel[elicit]', or write the prior's text yourself"
        ) from error
    return preliz
