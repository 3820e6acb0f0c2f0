"""Checks of a result: the posterior's computation, the model's fit, the decision.

Every check is a function from a result (an ``xarray.DataTree``, see
:func:`bayessel.inference.fit.fit`) to a :class:`Check`, proven able to fail by a test that feeds it
a posterior that is wrong in the way it looks for.
"""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from bayessel.checks.base import Check
from bayessel.checks.convergence import check_decision_error, check_ess, check_rhat
from bayessel.checks.decision import check_decision
from bayessel.checks.lead import check_lead
from bayessel.checks.leave_one_out import check_calibration, check_leave_one_out, compare_results
from bayessel.checks.predictive import (
    check_candidates,
    check_differences,
    check_difficulty,
    check_queries,
)
from bayessel.checks.prior import check_prior
from bayessel.checks.sampler import check_divergences, check_energy
from bayessel.errors import DataError

CHECKS: tuple[Callable[[xr.DataTree], Check], ...] = (
    check_rhat,
    check_ess,
    check_divergences,
    check_energy,
    check_decision_error,
    check_prior,
    check_candidates,
    check_differences,
    check_lead,
    check_queries,
    check_difficulty,
    check_leave_one_out,
    check_calibration,
    check_decision,
)
"""Every check, in the order in which they are read."""

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
