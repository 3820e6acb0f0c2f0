"""The picture of each check, made from its numbers and found by its name."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from bayessel.checks import (
    candidates,
    comparison,
    decision,
    differences,
    difficulty,
    divergences,
    effective_sample_size,
    energy,
    lead,
    leave_one_out,
    leave_one_out_calibration,
    monte_carlo_error,
    prior_predictive,
    queries,
    r_hat,
    simulated,
)
from bayessel.checks.base import Check
from bayessel.pictures.checks import convergence, fit_of_model, left_out, recommendation, sampler

PICTURES: dict[str, Callable[[Check], Figure | None]] = {
    r_hat.NAME: convergence.plot_r_hat,
    effective_sample_size.NAME: convergence.plot_effective_sample_size,
    monte_carlo_error.NAME: convergence.plot_monte_carlo_error,
    divergences.NAME: sampler.plot_divergences,
    energy.NAME: sampler.plot_energy,
    prior_predictive.NAME: fit_of_model.plot_prior_predictive,
    candidates.NAME: fit_of_model.plot_candidates,
    queries.NAME: fit_of_model.plot_queries,
    differences.NAME: fit_of_model.plot_differences,
    difficulty.NAME: fit_of_model.plot_difficulty,
    leave_one_out.NAME: left_out.plot_leave_one_out,
    leave_one_out_calibration.NAME: left_out.plot_leave_one_out_calibration,
    comparison.NAME: left_out.plot_comparison,
    lead.NAME: recommendation.plot_lead,
    decision.NAME: recommendation.plot_decision,
    simulated.NAME: recommendation.plot_simulated,
}
"""By a check's name; a new check's picture is added here."""


def picture_of(check: Check) -> Figure | None:
    """The picture of a check; None where it has none, or where there is nothing to draw."""
    draw = PICTURES.get(check.name)
    return draw(check) if draw is not None and check.numbers else None
