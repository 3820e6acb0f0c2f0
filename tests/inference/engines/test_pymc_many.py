"""PyMC's NUTS compiled once: every data set gets its own density, and its own warm-up."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from bayessel.errors import DataError
from bayessel.inference.engines.pymc_lift import lift
from bayessel.inference.engines.pymc_many import sample_each
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.outcomes import MISSING
from known_weak_judges import base, noise, with_scores


def evidence(seed: int, n_rows: int = 5) -> Evidence:
    """Random rows of a task of its own, with a weak judge."""
    task, rng = base(n_queries=14, n_candidates=3, seed=seed), np.random.default_rng(seed)
    judged = np.full_like(task.recorded, MISSING)
    chosen = rng.permutation(14)[:n_rows]
    judged[chosen] = task.recorded[chosen]
    return Evidence.of(with_scores(task, x=noise(task, seed)), judged)


@pytest.mark.parametrize("name", ["dual_parameter", "item_response"])
def test_one_graph_has_the_density_of_each_twin(name):
    model = load_model(name)
    twins = [model.pymc(model.prepare(evidence(seed))) for seed in (3, 4, 5)]
    (density,), shared, values = lift([[twin.logp()] for twin in twins])
    of_all = twins[0].compile_fn(density, inputs=twins[0].value_vars, mode="FAST_COMPILE")
    at = {k: v + 0.3 for k, v in twins[0].initial_point().items()}
    found = []
    for twin, of_one in zip(twins, values, strict=True):
        for variable, value in zip(shared, of_one, strict=True):
            variable.set_value(value)
        found.append(float(of_all(at)))
        own = twin.compile_logp(mode="FAST_COMPILE")
        assert found[-1] == pytest.approx(float(own(at)), rel=1e-12)
    assert np.ptp(found) > 0.1  # the data sets differ


def test_graphs_of_other_shapes_are_refused():
    model = load_model("item_response")
    twins = [model.pymc(model.prepare(evidence(3, n_rows))) for n_rows in (5, 5, 4)]
    with pytest.raises(DataError, match="0 and 2 differ in more than values"):
        lift([[twin.logp()] for twin in twins])


def test_a_data_set_has_its_draws_whatever_came_before():
    """Nothing of the warm-up, the data or the randomness of one is left for the next."""
    model = load_model("dual_parameter:paper")
    data = [model.prepare(evidence(seed)) for seed in (3, 4)]
    size = {"chains": 2, "draws": 5, "warmup": 30, "apart": 2}
    there, back = (list(sample_each(model, data[::s], [1, 2][::s], **size)) for s in (1, -1))
    for one, again in zip(there, back[::-1], strict=True):
        assert one["eps"].shape == (2, 5, 3)
        assert set(one) == {"eps", "eps_loss", "eps_draw", "rho_shared", "rho", "p_f"}
        for name in one:
            np.testing.assert_array_equal(one[name], again[name])
    draws = [one["eps"][chain] for one, chain in product(there, range(2))]
    assert all((a != b).any() for i, a in enumerate(draws) for b in draws[:i])
