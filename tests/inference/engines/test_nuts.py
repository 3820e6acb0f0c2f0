"""NUTS of any model."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bayessel.inference.engines import nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.inference.runtime import precision
from known_weak_judges import base, noise, rows, with_scores


@pytest.mark.slow
def test_free_slots_are_read_from_numpy_as_from_jax() -> None:
    """A free slot points behind the last query, where NumPy refuses to look."""
    task = base(n_queries=12, n_candidates=3)
    evidence = Evidence.of(with_scores(task, x=noise(task, 1)), rows(task, 3))
    model = load_model("item_response")
    data = model.prepare(replace(evidence, slots=5))
    assert isinstance(data.row, np.ndarray)
    assert data.row[-1] == task.n_queries
    size = {"seed": 0, "chains": 2, "draws": 5, "warmup": 10}
    found, _ = nuts.sample(model, data, **size)
    with precision(double=True):
        on_device = jax.tree.map(jnp.asarray, data)
    same, _ = nuts.sample(model, on_device, **size)
    for site in found:
        np.testing.assert_array_equal(found[site], same[site])


def test_a_second_fit_compiles_nothing() -> None:
    """Each compilation takes memory maps, of which a process has few: forty fits crashed one."""
    task = base(n_queries=12, n_candidates=3)
    model = load_model("dual_parameter:paper")
    size = {"chains": 2, "draws": 5, "warmup": 10}
    compiled = []

    def happened(event: str, *_: object, **__: object) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            compiled.append(event)

    jax.monitoring.register_event_duration_secs_listener(happened)
    try:
        for seed in range(2):
            compiled.clear()
            nuts.sample(model, model.prepare(Evidence.of(task, rows(task, 3))), seed=seed, **size)
            assert bool(compiled) == (seed == 0)
    finally:
        jax.monitoring.unregister_event_duration_listener(happened)


@pytest.mark.slow
def test_few_judged_rows_do_not_diverge() -> None:
    """With the rows' ease centred, as suits many candidates, 4 % of the transitions did."""
    task = base(n_queries=60, n_candidates=4)
    task = with_scores(task, x=task.recorded + noise(task, 1))
    model = load_model("item_response")
    data = model.prepare(Evidence.of(task, rows(task, 8)))
    _, stats = nuts.sample(model, data, seed=1, chains=2, draws=300, warmup=300)
    assert stats["diverging"].mean() < 0.01
