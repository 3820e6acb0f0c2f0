"""What a calibration simulates: how much data, and by which engine it is fitted."""

from __future__ import annotations

from dataclasses import dataclass

from bayessel.errors import BudgetError

ENGINES = ("exact", "carried", "numpyro", "pymc", "gibbs")
"""Closed forms; Hamiltonian chains of all simulations at once; NumPyro's NUTS and PyMC's, compiled
once; the Gibbs steps of the two-way model (:mod:`bayessel.checks.simulation.normal_cells`) and of
the regression (:mod:`bayessel.checks.simulation.normal_rows`)."""


@dataclass(frozen=True)
class Design:
    """What is simulated.

    Attributes
    ----------
    n_queries, n_candidates, rows
        N, M, and how many of the queries are judged.
    weak_judges
        Weak judges. Their scores are random and exogenous, but for ``judge_channel``, which makes
        their votes. ``dual_parameter`` makes the majority vote whatever their number.
    adaptive
        Only half of the rows are random. Of the others are judged: those in which the difference
        of the two leaders varies most over draws, and of these the upper half of the candidates.
    simulations, draws
        Simulations, and draws of each posterior: ranks are taken among one half of them, P(best)
        and the leader come from the other.
    transitions
        Of the chains of ``carried`` and warm-up steps of ``numpyro``, ``pymc`` and ``gibbs``.
    """

    n_queries: int = 30
    n_candidates: int = 4
    rows: int = 8
    weak_judges: int = 0
    adaptive: bool = False
    simulations: int = 100
    draws: int = 100
    transitions: int = 300

    def __post_init__(self) -> None:
        if not 0 <= self.rows <= self.n_queries or self.n_candidates < 2:
            raise BudgetError(
                f"{self.rows} rows of {self.n_queries} queries x {self.n_candidates} candidates: "
                "expected no more rows than queries and at least 2 candidates"
            )
        if self.simulations < 10 or self.draws < 10:
            raise BudgetError("expected at least 10 simulations and 10 draws")
