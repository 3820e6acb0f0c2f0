"""Chains carried row by row against a NUTS refit at the same judgments.

Means of win rates and of P(best), and standard deviations of win rates, five standard errors apart
at most. A chain counts as one draw, whatever it visited last; NUTS as 600 of its 2,400 draws. A
false alarm in 2e6 comparisons, of which there are 144. Seen to fail: chains that are moved by a
single leapfrog step after each row, and a kinetic energy that counts half in what is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bayessel import Task
from bayessel.inference.carried.chains import CHAINS, begin, carry, slots_for
from bayessel.inference.carried.hamiltonian import gathered
from bayessel.inference.engines import nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import described
from bayessel.inference.load import Model, load_model
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING
from bayessel.weak_judges import score_weak_judges
from known_weak_judges import base, noise, with_scores

PATHS = 8
"""Chains are carried so many times: by as many as a selection has, not by more at once."""
REFIT = 600
TOLERANCE = 0.002
"""A candidate that is never the best among 512 chains may be among 2,400 draws."""


def carried(
    task: Task, model: Model, order: np.ndarray, budgets: Iterable[int], paths: int = PATHS
) -> dict[int, dict[str, np.ndarray]]:
    """Win rates and P(best) [S, M] by the number of rows judged, in this order."""
    found: dict[int, list[dict[str, np.ndarray]]] = {budget: [] for budget in budgets}
    for path in range(paths):
        rng = np.random.default_rng(path)
        outcome = np.full_like(task.recorded, MISSING)
        state = begin(rng, model, Evidence.of(task, outcome))
        for rows, query in enumerate(order[: max(found)], start=1):
            outcome = outcome.copy()
            outcome[query] = task.recorded[query]
            state = carry(rng, state, outcome)
            if rows in found:
                samples = {k: np.asarray(v)[None] for k, v in state.draws.items()}
                found[rows].append(population(model, state.evidence, samples))
    return {
        budget: {k: np.concatenate([one[k] for one in runs]) for k in runs[0]}
        for budget, runs in found.items()
    }


def refitted(task: Task, model: Model, order: np.ndarray, budget: int) -> dict[str, np.ndarray]:
    """The same by NUTS at once."""
    outcome = np.full_like(task.recorded, MISSING)
    outcome[order[:budget]] = task.recorded[order[:budget]]
    evidence = replace(Evidence.of(task, outcome), slots=slots_for(max(budget, 25)))
    with precision(double=True):
        data = jax.tree.map(jnp.asarray, model.prepare(evidence))
    samples, stats = nuts.sample(model, data, seed=budget, draws=600, warmup=300)
    assert stats["diverging"].mean() < 0.1
    return population(model, evidence, samples)


def population(model: Model, evidence: Evidence, samples: dict) -> dict[str, np.ndarray]:
    nothing = replace(evidence, outcome=np.full_like(evidence.outcome, MISSING))
    with precision(double=True):
        samples = {k: np.asarray(v, dtype=float) for k, v in samples.items()}
        data = model.prepare(evidence)
        known = described(model, evidence, data, samples, seed=1, rows=nothing)
    return {k: known[k].reshape(-1, evidence.n_candidates) for k in ("win_rate", "p_best")}


def deviations(
    ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray], size: int
) -> dict[str, np.ndarray]:
    """[M] differences in standard errors, those of means beyond the tolerance."""
    found = {}
    for k in ours:
        spread = (ours[k].var(axis=0) + theirs[k].var(axis=0)) / 2
        error = np.sqrt(spread * (1 / size + 1 / REFIT))
        difference = np.abs(ours[k].mean(axis=0) - theirs[k].mean(axis=0)) - TOLERANCE
        found[k] = np.maximum(difference, 0.0) / np.maximum(error, 1e-9)
    ratio = np.log(ours["win_rate"].std(axis=0) / theirs["win_rate"].std(axis=0))
    found["spread"] = np.abs(ratio) / np.sqrt(0.5 / size + 0.5 / REFIT)
    return found


def agree(task: Task, name: str, budgets: tuple[int, ...], seed: int) -> None:
    model = load_model(name)
    order = np.random.default_rng(seed).permutation(task.n_queries)
    ours = carried(task, model, order, budgets)
    for budget in budgets:
        theirs = refitted(task, model, order, budget)
        for k, apart in deviations(ours[budget], theirs, CHAINS * PATHS).items():
            assert np.all(apart < 5), f"{k} after {budget} rows: {apart.round(1)}"


@pytest.fixture(scope="module")
def judged(data) -> Task:
    task = Task.read(data / "fasteval_mtbench")
    part = task.subset(queries=task.queries[:60], candidates=task.candidates[:6])
    return part.with_weak_judges(*score_weak_judges(part.texts, ("length", "lexical-variety")))


@pytest.fixture(scope="module")
def generated() -> Task:
    """One weak judge that sees something, and one that does not."""
    task = base(n_queries=60, n_candidates=6, seed=5)
    return with_scores(task, x=task.recorded + noise(task, 1), y=noise(task, 2))


@pytest.mark.slow
def test_on_a_generated_task(generated):
    agree(generated, "item_response", (5, 25), seed=0)


def test_chains_astray_start_anew_where_others_stand():
    energy = jnp.linspace(10, 12, 20).at[3].set(1e4).at[7].set(jnp.nan).at[8].set(jnp.inf)
    source, its = (np.asarray(x) for x in gathered(jax.random.key(0), energy))
    astray = np.isin(np.arange(20), (3, 7, 8))
    np.testing.assert_array_equal(source[~astray], np.arange(20)[~astray])
    assert not np.isin(source[astray], (3, 7, 8)).any()
    np.testing.assert_array_equal(its, np.asarray(energy)[source])


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "budgets"),
    [
        ("dual_parameter", (5, 25)),
        pytest.param("item_response", (12,), marks=pytest.mark.slow),
        pytest.param("judge_channel", (5, 25), marks=pytest.mark.slow),
    ],
)
def test_on_judged_data(judged, name, budgets):
    agree(judged, name, budgets, seed=2)
