"""Real fits, and results that are exact by conjugacy."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import bayessel
from bayessel.inference.fit import fit
from bayessel.outcomes import MISSING
from bayessel.priors import Prior
from checks.synthetic import draw_outcome, draw_rates, tree

NOT_FLAT = {"eps": Prior("Dirichlet", {"concentration": (1.0, 2.0, 4.0)})}
FITS = [
    # ArviZ cannot scale the power of a flat prior, so the paper's version has another one here.
    ("dual_parameter:paper", "exact", NOT_FLAT),
    ("dual_parameter", "numpyro", None),
    ("item_response", "numpyro", None),
]


@pytest.fixture(scope="session")
def judged_task():
    """A task and [N, M] judgments: 16 rows, one of them in part."""
    task = bayessel.simulate_task(n_queries=50, n_candidates=5, seed=3)
    outcome = np.full((50, 5), MISSING, dtype=np.int8)
    outcome[:16] = task.recorded[:16]
    outcome[3, 2] = MISSING
    return task, outcome


@pytest.fixture(scope="session", params=FITS, ids=lambda f: f"{f[0]}-{f[1]}")
def fitted(request, judged_task) -> xr.DataTree:
    """A real fit, small."""
    task, outcome = judged_task
    model, engine, priors = request.param
    return fit(task, model, engine, outcomes=outcome, priors=priors, seed=1, draws=250, warmup=250)


@pytest.fixture(scope="session")
def right() -> xr.DataTree:
    """A right result: the exact posterior of the model that made the data; one cell missing."""
    rng = np.random.default_rng(5)
    outcome = draw_outcome(rng, draw_rates(rng, 6), 24)
    outcome[3, 2] = MISSING
    return tree(outcome)
