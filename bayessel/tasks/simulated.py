r"""Simulated tasks with texts, for the demo, the tests and power studies.

Quality of response (q, j) against the baseline's, with draw band tau::

    u[q,j] = theta_j + d_q + e[q,j]       theta_j ~ N(0, spread²), d_q ~ N(0, 0.7²), e ~ N(0, 1)
    Y[q,j] = win if u > tau, loss if u < -tau, else draw

The thetas are the normal scores of the ranks 1..M in random order, so the best is ahead of the
second by a known margin. d_q makes a query easy or hard for all candidates. A response's text
depends on its quality with noise: better responses tend to be longer and to have more of the
query's topic words. So the weak judges are informative but often wrong.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from bayessel.errors import BudgetError
from bayessel.tasks.task import Task

_COMMON = (
    "the a and of to in is that it for on with as this are be from or by an at which has more can "
    "one two first then also because when where some each other most only into over such time way "
    "part case step point result example number value case line form kind side end"
).split()
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


def simulate_task(
    n_queries: int = 200,
    n_candidates: int = 12,
    *,
    spread: float = 0.6,
    draw_band: float = 0.3,
    query_spread: float = 0.7,
    weak_judge_noise: float = 1.0,
    seed: int = 0,
) -> Task:
    """Generate a fully judged task with texts.

    Parameters
    ----------
    n_queries, n_candidates
        N and M, at least 1 and 2.
    spread
        Standard deviation of the candidates' qualities theta.
    draw_band
        tau, in the unit of the noise e.
    query_spread
        Standard deviation of d_q.
    weak_judge_noise
        Standard deviation of the noise between a response's quality and its text.
    seed
        The same seed gives the same task.

    Returns
    -------
    Task
        With every cell judged; the baseline is ``baseline``.

    Raises
    ------
    BudgetError
        A size or scale out of range.
    """
    if n_queries < 1 or n_candidates < 2:
        raise BudgetError(
            f"{n_queries} queries x {n_candidates} candidates: at least 1 x 2 are needed"
        )
    if min(spread, draw_band, query_spread, weak_judge_noise) < 0:
        raise BudgetError(
            "spread, draw_band, query_spread and weak_judge_noise must not be negative"
        )
    rng = np.random.default_rng(seed)
    theta = spread * rng.permutation(ndtri((np.arange(n_candidates) + 0.5) / n_candidates))
    hardness = query_spread * rng.standard_normal((n_queries, 1))
    u = theta + hardness + rng.standard_normal((n_queries, n_candidates))
    outcome = np.where(np.abs(u) <= draw_band, 0, np.sign(u)).astype(int)
    seen = np.column_stack([u, np.zeros(n_queries)])
    seen = seen + weak_judge_noise * rng.standard_normal(seen.shape)

    width = len(str(n_candidates))
    names = [f"candidate-{j + 1:0{width}d}" for j in range(n_candidates)] + ["baseline"]
    rows = []
    for q in range(n_queries):
        topic = ["".join(rng.choice(_SYLLABLES, 3)) for _ in range(8)]
        query_id = f"q{q + 1:0{len(str(n_queries))}d}"
        query = "Explain " + ", ".join(topic[:3]) + " and their use."
        for j, name in enumerate(names):
            length = 12 + rng.poisson(25 * np.exp(0.25 * seen[q, j]))
            on_topic = rng.random(length) < 0.5 * expit(0.8 * seen[q, j] - 0.5)
            words = np.where(on_topic, rng.choice(topic, length), rng.choice(_COMMON, length))
            text = " ".join(words)
            judged = outcome[q, j] if j < n_candidates else None
            rows.append((query_id, name, judged, text, query))
    frame = pd.DataFrame(rows, columns=["query_id", "candidate", "outcome", "text", "query_text"])
    return Task.from_frame(frame, baseline="baseline")
