"""Checks of a result: the posterior's computation, the model's fit, the decision.

A check is one file with one function from a result (an ``xarray.DataTree``, see
:func:`bayessel.inference.fit.fit`) to a :class:`Check`: numbers and a text. It is listed in
:data:`CHECKS`, and its picture in ``bayessel/pictures/checks/``. A test proves that it can fail: it
feeds the check a posterior that is wrong in the way that the check looks for.
"""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from bayessel.checks.base import Check
from bayessel.checks.candidates import check_candidates
from bayessel.checks.comparison import compare_results
from bayessel.checks.decision import check_decision
from bayessel.checks.differences import check_differences
from bayessel.checks.difficulty import check_difficulty
from bayessel.checks.divergences import check_divergences
from bayessel.checks.effective_sample_size import check_effective_sample_size
from bayessel.checks.energy import check_energy
from bayessel.checks.lead import check_lead
from bayessel.checks.leave_one_out import check_leave_one_out
from bayessel.checks.leave_one_out_calibration import check_leave_one_out_calibration
from bayessel.checks.monte_carlo_error import check_monte_carlo_error
from bayessel.checks.prior_predictive import check_prior_predictive
from bayessel.checks.queries import check_queries
from bayessel.checks.r_hat import check_r_hat
from bayessel.errors import DataError

CHECKS: tuple[Callable[[xr.DataTree], Check], ...] = (
    # were the draws computed well
    check_r_hat,
    check_effective_sample_size,
    check_divergences,
    check_energy,
    check_monte_carlo_error,
    # does the model fit
    check_prior_predictive,
    check_candidates,
    check_differences,
    check_lead,
    check_queries,
    check_difficulty,
    check_leave_one_out,
    check_leave_one_out_calibration,
    # is the decision sound
    check_decision,
)
"""Every check, in the order in which they are read; a new one is added here."""

__all__ = ["CHECKS", "Check", "check", "compare_results"]


def check(tree: xr.DataTree) -> list[Check]:
    """Run every check.

    Parameters
    ----------
    tree
        A result; a check whose groups it lacks says so (``passed`` is None).

    Raises
    ------
    DataError
        It has no posterior.
    """
    if "posterior" not in tree.children or not {"chain", "draw"} <= set(tree["posterior"].sizes):
        raise DataError(
            "the result has no posterior draws (chain, draw): give a result of bayessel"
        )
    return [one(tree) for one in CHECKS]
