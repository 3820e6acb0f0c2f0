r"""Simulation-based calibration: does inference recover what the model itself makes.

Talts et al. (2018, arXiv 1804.06788); quantities that depend on the data, Modrák et al. (2023,
https://doi.org/10.1214/23-BA1404). Parameters are drawn from the prior, and from them all outcomes
(and votes, where a model explains them). R rows are judged. Where inference is right, the rank of
the truth among posterior draws is uniform. Rows may be chosen by what is known so far: given the
outcomes seen, the choice says nothing more.

Quantities: ``eps_loss``, ``eps_draw``; ``win_rate`` of a fixed candidate; ``win_rate_leader``, of
the posterior's favourite; ``p_best``: the rank of the true best's P(best) among that of each draw's
best; ``log_likelihood`` of the judged rows given the parameters, which all of them move.

``judge_channel`` generates votes where its likelihood of them is not tempered: with
:data:`GENERATIVE` priors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.checks.simulation.design import ENGINES, Design
from bayessel.checks.simulation.many_fits import Fitted, fit_all
from bayessel.checks.simulation.normal_cells import fit_cells, simulate_cells
from bayessel.checks.simulation.normal_rows import fit_rows, simulate_rows
from bayessel.checks.simulation.truths import Truth, simulate
from bayessel.checks.simulation.uniformity import p_value, ranks
from bayessel.errors import DataError, did_you_mean
from bayessel.inference.draws import POINTS
from bayessel.inference.engines import gibbs
from bayessel.inference.load import Model, load_model
from bayessel.outcomes import MISSING
from bayessel.priors import Prior

QUANTITIES = ("eps_loss", "eps_draw", "win_rate", "win_rate_leader", "p_best", "log_likelihood")

GENERATIVE: dict[str, Prior | str] = {"correlation": "0.0", "unjudged": "1e9"}
"""``judge_channel`` with independent weak judges, whose votes on unjudged cells weigh in full."""


@dataclass(frozen=True)
class Calibration:
    """Ranks of the truth.

    Attributes
    ----------
    ranks
        [simulations, quantities] in (0, 1), uniform where inference is right.
    """

    ranks: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """p-value of uniformity and mean rank by quantity."""
        p = {str(q): p_value(self.ranks[q].to_numpy()) for q in self.ranks}
        return pd.DataFrame({"p_value": p, "mean_rank": self.ranks.mean()}).rename_axis("quantity")

    def passed(self, alpha: float = 0.01) -> bool:
        """Whether every quantity is calibrated; false alarms at most ``alpha`` (Bonferroni)."""
        return bool(self.table["p_value"].min() > alpha / self.ranks.shape[1])


def calibrate(
    model: str | Path | Model = "dual_parameter:paper",
    engine: str = "exact",
    design: Design | None = None,
    *,
    assumed: dict[str, Prior | str] | None = None,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Calibration:
    """Ranks of what a model makes among what inference finds.

    Parameters
    ----------
    model
        Whose prior and program make the data.
    engine
        One of :data:`~bayessel.checks.simulation.design.ENGINES`; ``gibbs`` is for ``two_way``
        and ``regression`` and has quantities of its own for each.
    design
        What is simulated.
    assumed
        Priors that inference wrongly assumes: to prove that it is noticed.
    seed
        The same seed gives the same ranks.
    progress
        Called with what is being done.

    Raises
    ------
    UnknownNameError
        No such engine.
    DataError
        The engine cannot fit the model, or the model's votes cannot be simulated.
    """
    if engine not in ENGINES:
        raise did_you_mean(engine, ENGINES, "engine of calibration")
    design = Design() if design is None else design
    found = load_model(model)
    inferring = load_model(found, assumed)
    reason = gibbs.refusal(inferring) if engine == "gibbs" else None
    if reason is not None:
        raise DataError(reason)
    rng = np.random.default_rng(seed)
    say = progress or (lambda _: None)
    if engine == "gibbs":
        return _calibrate_rows(rng, found, inferring, design)
    say("simulating")
    truths = simulate(rng, found, design)
    first = design.rows // 2 if design.adaptive else design.rows
    judged = []
    for truth in truths:
        seen = np.full_like(truth.outcome, MISSING)
        chosen = rng.permutation(design.n_queries)[:first]
        seen[chosen] = truth.outcome[chosen]
        judged.append(seen)
    say(f"fitting {design.simulations} x {first} rows")
    fits = fit_all(rng, inferring, engine, design, truths, judged)
    if design.adaptive:
        for i, (truth, seen, fitted) in enumerate(zip(truths, judged, fits, strict=True)):
            cells = choose(rng, fitted, seen, design.rows - first)
            judged[i] = np.where(cells, truth.outcome, seen)
        say(f"fitting {design.simulations} x {design.rows} rows")
        fits = fit_all(rng, inferring, engine, design, truths, judged)
    rows = [_ranked(rng, truth, fitted) for truth, fitted in zip(truths, fits, strict=True)]
    return Calibration(pd.DataFrame(rows, columns=list(QUANTITIES)))


def _calibrate_rows(
    rng: np.random.Generator, model: Model, inferring: Model, design: Design
) -> Calibration:
    """Ranks of the quantities of the two-way model or of the regression, by Gibbs steps."""
    found = []
    two_way = model.module.__name__ == "bayessel.models.two_way"
    simulated: Callable[..., Any] = simulate_cells if two_way else simulate_rows
    fit: Callable[..., Any] = fit_cells if two_way else fit_rows
    first = design.rows // 2 if design.adaptive else design.rows
    for rows in simulated(rng, model, design):
        judged = np.zeros(rows.y.shape, dtype=bool)
        judged[rng.permutation(design.n_queries)[:first]] = True
        fitted, of_truth = fit(rng, inferring, design, rows, judged)
        if design.adaptive:
            seen = np.where(judged, 0, MISSING).astype(np.int8)
            judged = judged | choose(rng, fitted, seen, design.rows - first)
            _, of_truth = fit(rng, inferring, design, rows, judged)
        found.append(of_truth)
    return Calibration(pd.DataFrame(found))


def choose(
    rng: np.random.Generator, fitted: Fitted, seen: NDArray[np.int8], rows: int
) -> NDArray[np.bool_]:
    """[N, M] cells to judge next: see :class:`Design`; ties broken at random."""
    order = np.argsort(-fitted.chance + 1e-9 * rng.random(len(fitted.chance)))
    difference = fitted.points[..., order[0]] - fitted.points[..., order[1]]
    score = difference.var(axis=0) * (1 + 1e-3 * rng.random(len(seen)))
    score[(seen != MISSING).any(axis=1)] = -1.0
    cells = np.zeros(seen.shape, dtype=bool)
    upper = order[: max(2, (len(order) + 1) // 2)]
    cells[np.ix_(np.argsort(-score)[:rows], upper)] = True
    return cells


def _ranked(rng: np.random.Generator, truth: Truth, fitted: Fitted) -> list[float]:
    """Rank of each of :data:`QUANTITIES`."""
    rates = np.stack([(truth.outcome == k).mean(axis=0) for k in (-1, 0, 1)], axis=-1)
    win_rate = rates @ POINTS
    if "eps_loss" in truth.draw:
        eps = np.array([truth.draw["eps_loss"], truth.draw["eps_draw"]])
    else:
        eps = rates[truth.best, :2]
    leader = int(np.argmax(fitted.chance))
    found = fitted.rate @ POINTS
    values = [
        (eps[0], fitted.eps[:, 0]),
        (eps[1], fitted.eps[:, 1]),
        (win_rate[0], found[:, 0]),
        (win_rate[leader], found[:, leader]),
        (fitted.chance[truth.best], fitted.chance[fitted.best]),
        (fitted.true_joint, fitted.joint),
    ]
    return [float(ranks(rng, np.asarray(t), d)) for t, d in values]
