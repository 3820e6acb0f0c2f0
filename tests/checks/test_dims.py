"""Variables of a result have named dimensions, with real names on them."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import _prior
from bayessel.inference.load import load_model
from bayessel.inference.results import fit_tree
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING, NAMES
from known_weak_judges import base, noise, with_scores

UNNAMED = {"bartlett"}
"""What NUTS moves in place of a covariance."""


@pytest.mark.parametrize(
    "name", ["judge_channel", "item_response", "dual_parameter", "regression", "two_way"]
)
def test_every_dimension_is_named(name: str) -> None:
    task = base(n_queries=10, n_candidates=3)
    task = with_scores(task, one=noise(task, 1), two=noise(task, 2))
    evidence = Evidence.of(task, np.full_like(task.recorded, MISSING))
    model = load_model(name)
    with precision(double=True):
        samples, known = _prior(model, evidence, 0, draws=10)
    posterior = fit_tree(evidence, model, samples, {}, known, samples, known, {})["posterior"]
    without = {
        str(k)
        for k, v in posterior.data_vars.items()
        if any("_dim_" in str(d) for d in v.dims) and k not in UNNAMED
    }
    assert without == set()
    for dim in set(posterior.dims) - {"query"}:
        assert dim in posterior.coords or "_dim_" in str(dim), dim
    if name == "judge_channel":
        assert posterior["confusion"].dims[2:] == ("family", "outcome", "vote")
        assert posterior["vote"].to_numpy().tolist() == list(NAMES)
        assert posterior["leaning_unit"].dims == posterior["leaning"].dims
