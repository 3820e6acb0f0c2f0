r"""Generated fields of candidates, each hard in a way of its own, to measure strategies on.

With draw band tau a cell is a win if ``u > tau``, a loss if ``u < -tau``, else a draw::

    u[q,j] = a_q theta_j + d_q + e[q,j]       d_q ~ N(0, query_spread²), e ~ N(0, 1)

``a_q`` is 1, or 0 on queries that separate nobody. Each field has 400 queries and 40 candidates
without texts; the thetas are the same for every seed, in another order.

========  =====================================================================================
close     thetas within 0.3 of each other: the win rates of the best are points apart
hard      three queries in four separate nobody, and whole queries are won or lost (d_q is wide)
spread    thetas from -1.5 to 1.5: most candidates cannot win, a few are near the top
draws     a wide draw band: about three cells in four are draws
twins     ten families of four candidates each, whose thetas lie within 0.02
========  =====================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import BudgetError, did_you_mean
from bayessel.tasks.task import Task

PREFIX = "simulated:"
"""How a generated field is named where a path is expected: ``simulated:NAME``, ``:SEED`` behind."""


@dataclass(frozen=True)
class Field:
    """How a field is generated.

    Attributes
    ----------
    theta
        [M] qualities.
    query_spread
        Standard deviation of d_q.
    draw_band
        tau.
    separating
        Share of the queries on which qualities count.
    """

    theta: NDArray[np.float64]
    query_spread: float = 0.7
    draw_band: float = 0.3
    separating: float = 1.0


_EVEN = np.linspace(-1, 1, 40)

FIELDS = {
    "close": Field(0.15 * _EVEN),
    "hard": Field(0.8 * _EVEN, query_spread=1.5, separating=0.25),
    "spread": Field(1.5 * _EVEN),
    "draws": Field(0.5 * _EVEN, draw_band=1.4),
    "twins": Field(
        (0.8 * np.linspace(-1, 1, 10)[:, None] + 0.01 * np.array([-1, -0.3, 0.3, 1])).ravel()
    ),
}
"""Fields by name."""


def simulate_field(name: str, n_queries: int = 400, *, seed: int = 0) -> Task:
    """Generate a field, every cell judged.

    Parameters
    ----------
    name
        One of :data:`FIELDS`.
    n_queries
        N, at least 1.
    seed
        The same seed gives the same field.

    Raises
    ------
    UnknownNameError
        There is no such field.
    BudgetError
        No query.
    """
    if name not in FIELDS:
        raise did_you_mean(name, FIELDS, "simulated field")
    if n_queries < 1:
        raise BudgetError(f"n_queries {n_queries}: expected at least 1")
    field = FIELDS[name]
    rng = np.random.default_rng(seed)
    m = len(field.theta)
    theta = rng.permutation(field.theta)
    counts = rng.random((n_queries, 1)) < field.separating
    u = theta * counts + field.query_spread * rng.standard_normal((n_queries, 1))
    u = u + rng.standard_normal((n_queries, m))
    outcome = np.where(np.abs(u) <= field.draw_band, 0, np.sign(u)).astype(int)
    q, j = np.indices(u.shape)
    frame = pd.DataFrame(
        {
            "query_id": [f"q{i + 1:0{len(str(n_queries))}d}" for i in q.ravel()],
            "candidate": [f"candidate-{i + 1:02d}" for i in j.ravel()],
            "outcome": outcome.ravel(),
        }
    )
    return Task.from_frame(frame, baseline="baseline")


def field_of(path: str) -> Task:
    """The field that ``simulated:NAME`` or ``simulated:NAME:SEED`` names.

    Raises
    ------
    UnknownNameError
        There is no such field.
    BudgetError
        The seed is not a whole number.
    """
    name, _, seed = path.removeprefix(PREFIX).partition(":")
    if seed and not seed.isdecimal():
        raise BudgetError(f"{path}: expected simulated:NAME or simulated:NAME:SEED, such as ...:3")
    return simulate_field(name, seed=int(seed or 0))
