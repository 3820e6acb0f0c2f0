"""Cases whose posterior is known: the models must meet it.

Chance enters through NUTS and the draws of a population. A comparison of two means allows five
standard errors, over four candidates a false alarm in 4e5 runs; the tolerances of
the limits are several posterior standard deviations. Seeds are fixed, so a pass stays a pass.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import handlers

from bayessel import Task
from bayessel.inference.engines import exact, nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import described, fit
from bayessel.inference.load import load_model
from bayessel.inference.population import cell_probs
from bayessel.inference.runtime import precision
from bayessel.models import judge_channel
from bayessel.outcomes import MISSING, K, counts
from bayessel.priors import Prior
from known_weak_judges import base, cells, noise, rows, with_scores

SIGMAS = 5.0


def posterior(
    name: str,
    task: Task,
    judged: np.ndarray,
    priors: dict[str, str] | None = None,
    draws: int = 300,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """[S, ...] of a short NUTS run: the model's sites and the population's."""
    model, evidence = load_model(name, priors), Evidence.of(task, judged)
    data = model.prepare(evidence)
    samples, stats = nuts.sample(model, data, seed=seed, draws=draws, warmup=300)
    assert stats["diverging"].mean() < 0.01
    with precision(double=True):
        found = samples | described(model, evidence, data, samples, seed)
    return {k: v.reshape(-1, *v.shape[2:]) for k, v in found.items()}


# ------------------------------------------------------------------ dual_parameter
@pytest.mark.parametrize("eps", [(0.2, 0.4, 0.4), (0.05, 0.15, 0.8)])
@pytest.mark.parametrize("part", [False, True])
def test_known_rates_give_the_papers_posterior(eps: tuple[float, ...], part: bool) -> None:
    task = base()
    judged = cells(task, 3) if part else rows(task, 12)
    model = load_model("dual_parameter:paper", {"eps": Prior("Fixed", {"value": eps})})
    data = model.prepare(Evidence.of(task, judged))
    samples, _ = exact.sample(model, data, seed=0, chains=1, draws=10)
    n = counts(judged)
    expected = exact.posterior_best(n, np.array(eps))
    by_hand = np.prod((3 * np.array(eps)) ** n, axis=1)  # the others' 1/3 each
    np.testing.assert_allclose(expected, by_hand / by_hand.sum(), rtol=1e-10)
    np.testing.assert_allclose(samples["p_f"][0, 0], expected, rtol=0, atol=1e-10)
    with precision(double=True):
        trace = nuts.prior_samples(model, data, 0, 2)
    np.testing.assert_allclose(trace["p_f"][0], expected, rtol=0, atol=1e-10)


def test_the_prior_of_f_multiplies_the_papers_posterior() -> None:
    task, eps = base(), (0.2, 0.4, 0.4)
    judged = cells(task, 3)
    weights = np.array([1.0, 5.0, 1.0, 0.5])
    named = dict(zip(task.candidates[1:4:2], weights[1:4:2].tolist(), strict=True))
    priors = {"eps": Prior("Fixed", {"value": eps}), "F": f"Categorical({named})"}
    expected = weights * exact.posterior_best(counts(judged), np.array(eps))
    expected /= expected.sum()
    model = load_model("dual_parameter:paper", priors)
    data = model.prepare(Evidence.of(task, judged))
    samples, _ = exact.sample(model, data, seed=0, chains=1, draws=10)
    np.testing.assert_allclose(samples["p_f"][0, 0], expected, rtol=0, atol=1e-10)
    with precision(double=True):
        trace = nuts.prior_samples(model, data, 0, 2)
    np.testing.assert_allclose(trace["p_f"][0], expected, rtol=0, atol=1e-10)
    tree = fit(task, model, "exact", outcomes=judged, draws=250)
    np.testing.assert_allclose(tree["prior"]["p_f"][0, 0], weights / weights.sum())
    free = load_model("dual_parameter:paper", {"F": priors["F"]})
    drawn, _ = exact.sample(free, data, seed=1, draws=4000)
    mixture = exact.mixture_best(counts(judged), free.priors["eps"], log_prior=np.log(weights))
    np.testing.assert_allclose(drawn["p_f"].mean(axis=(0, 1)), mixture, atol=0.02)


def test_p_best_is_of_the_highest_win_rate_and_p_f_stands_beside_it() -> None:
    task = base()
    tree = fit(task, "dual_parameter:paper", "exact", draws=250)  # every cell is judged
    posterior = tree["posterior"]
    best = task.win_rate == task.win_rate.max()
    np.testing.assert_allclose(posterior["p_best"].mean(("chain", "draw")), best / best.sum())
    p_f = posterior["p_f"].mean(("chain", "draw")).to_numpy()
    assert 0 < p_f.max() < 1


def test_without_judges_the_paper_is_the_closed_form_by_every_engine() -> None:
    task = base()
    judged = cells(task, 3)
    model = load_model("dual_parameter:paper")
    expected = exact.mixture_best(counts(judged), model.priors["eps"])
    data = model.prepare(Evidence.of(task, judged))
    independent, _ = exact.sample(model, data, seed=1, draws=4000)
    drawn = independent["p_f"].reshape(-1, len(expected))
    error = drawn.std(0) / np.sqrt(len(drawn)) + 1e-9
    assert np.all(np.abs(drawn.mean(0) - expected) < SIGMAS * error)
    sampled = posterior("dual_parameter:paper", task, judged)["p_f"]
    error = sampled.std(0) / np.sqrt(300) + 1e-9
    assert np.all(np.abs(sampled.mean(0) - expected) < SIGMAS * error)


@pytest.mark.slow
def test_one_rate_shared_by_all_others_names_the_worst_candidate() -> None:
    """The known failure: 'best' is whoever is least like the others."""
    rng = np.random.default_rng(0)
    win = np.array([0.05, 0.55, 0.60, 0.60, 0.65, 0.62])
    u = rng.random((60, len(win)))
    outcome = np.where(u < win, 1, np.where(u < win + 0.1, 0, -1)).astype(np.int8)
    task = base(60, len(win))
    task = Task(task.data.assign(recorded=(("query", "candidate"), outcome)))
    shared = posterior("dual_parameter:shared-rate", task, outcome)
    assert shared["p_f"].mean(0).argmax() == outcome.mean(0).argmin() == 0
    assert shared["p_f"].mean(0)[0] > 0.95
    own = posterior("dual_parameter", task, outcome)
    assert own["p_f"].mean(0)[0] < 0.01


# ------------------------------------------------------------------ weak judges of known worth
JUDGED = 10
TOLERANCE = {"judge_channel": 0.04, "item_response": 0.06}
PRIORS = {
    "judge_channel": None,
    # such a weak judge explains the difficulties too, and their scale goes to 0: it is held
    "item_response": {
        "sd_difficulty": "0.5",
        "sd_between": "3",
        "sd_within": "3",
        "sd_query_coefficient": "1",
    },
}


@pytest.mark.parametrize("sign", [1, pytest.param(-1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name", ["judge_channel", pytest.param("item_response", marks=pytest.mark.slow)]
)
def test_a_perfect_judge_gives_the_recorded_win_rates_and_so_does_its_opposite(
    name: str, sign: int
) -> None:
    """Ten of 40 rows judged: without a weak judge the win rates are known to 0.1."""
    task = base(seed=2)
    recorded = (task.recorded + 1).mean(axis=0) / 2
    seen = with_scores(task, judge=sign * task.recorded.astype(float))
    found = posterior(name, seen, rows(task, JUDGED), PRIORS[name])
    assert np.abs(found["win_rate"].mean(0) - recorded).max() < TOLERANCE[name]
    if name == "judge_channel":
        confusion = found["confusion"].mean(0)[0]  # [outcome, vote]
        assert (confusion.argmax(axis=1) == np.arange(K)[::sign]).all()
    else:
        assert (sign * found["within"] > 0).mean() > 0.99


@pytest.mark.parametrize(
    "name", ["judge_channel", pytest.param("item_response", marks=pytest.mark.slow)]
)
def test_a_useless_judge_changes_nothing(name: str) -> None:
    task = base(seed=2)
    judged = rows(task, JUDGED)
    priors = {"sd_difficulty": "0.5"} if name == "item_response" else None
    without = posterior(name, with_scores(task), judged, priors)["win_rate"]
    useless = posterior(name, with_scores(task, judge=noise(task, 5)), judged, priors)["win_rate"]
    # five standard errors of a difference at 300 effective draws
    assert np.abs(without.mean(0) - useless.mean(0)).max() < 0.4 * without.std(0).max()
    np.testing.assert_allclose(useless.std(0), without.std(0), rtol=0.2)


# ------------------------------------------------------------------ judge_channel's own
def test_copies_of_a_judge_count_as_one() -> None:
    votes = np.random.default_rng(0).integers(-1, 2, (1, 400, 5)).astype(np.int8)
    independent = np.random.default_rng(1).integers(-1, 2, (4, 400, 5)).astype(np.int8)
    assert judge_channel.effective_judges(votes.repeat(6, axis=0)) == pytest.approx(1)
    assert judge_channel.effective_judges(independent) == pytest.approx(4, rel=0.02)
    assert judge_channel.effective_judges(np.zeros((3, 10, 2), np.int8)) == pytest.approx(3)
    assert judge_channel.effective_judges(np.concatenate([votes, -votes])) == pytest.approx(1)


def test_copies_predict_as_the_judge_itself_and_independent_witnesses_too_surely() -> None:
    task = base(seed=4)
    x = task.recorded + noise(task, 6)
    confusion = np.array([[[0.6, 0.2, 0.2], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7]]])
    predictions = {}
    for copies in (1, 5):
        seen = with_scores(task, **{f"judge {i}": x for i in range(copies)})
        data = judge_channel.prepare(Evidence.of(seen, rows(task, 5)))
        draw = {
            "rates": np.full((task.n_candidates, K), 1 / K),
            "confusion": confusion.repeat(copies, axis=0),
            "leaning": np.zeros((task.n_candidates, copies)),
        }
        with precision(double=True):
            for power in (None, 1.0):
                known = draw if power is None else {**draw, "power": power}
                p = judge_channel.predict(None, jax.tree.map(jnp.asarray, known), data)
                predictions[copies, power] = np.asarray(p)[data.level, np.arange(task.n_candidates)]
    np.testing.assert_allclose(predictions[5, None], predictions[1, None], atol=1e-9)
    assert predictions[5, 1.0].max() > predictions[1, None].max() + 0.1


def cell_by_cell(
    evidence: Evidence, data: judge_channel.Data, draw: dict[str, np.ndarray]
) -> np.ndarray:
    """[N, M, K] log rate times the tempered probability of the cell's votes, as the file says."""
    votes = evidence.signals.family_votes
    joint = np.broadcast_to(np.log(draw["rates"]), (*evidence.outcome.shape, K)).copy()
    for z, q, j in np.ndindex(votes.shape):
        for k in range(K):
            law = draw["confusion"][z, k] * np.exp(draw["leaning"][j, z] * np.array([-1, 0, 1]))
            joint[q, j, k] += data.share * np.log(law[votes[z, q, j] + 1] / law.sum())
    return joint


@pytest.mark.parametrize("size", [64, 5])
def test_the_likelihood_and_predictions_are_those_of_the_cells_one_by_one(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged cells, and open ones of the sampled queries, all of them where there are few."""
    monkeypatch.setattr(judge_channel, "SAMPLE", size)
    judge_channel.of_task.cache_clear()
    task = base(n_queries=14, n_candidates=4, seed=5)
    seen = with_scores(task, a=noise(task, 1), b=noise(task, 2), c=noise(task, 3))
    evidence = Evidence.of(seen, cells(task, 1))
    model = load_model("judge_channel")
    data = model.prepare(evidence)
    sampled = judge_channel.layout(evidence.signals.family_votes).sample
    assert len(set(sampled.tolist())) == min(size, 14)
    judged = evidence.outcome != MISSING
    is_open = np.zeros_like(judged)
    is_open[sampled] = ~judged[sampled]
    weight = min(1.0, judged.sum() / is_open.sum())
    with precision(double=True):
        draws = nuts.prior_samples(model, data, 0, 3)
        for s in range(3):
            draw = {k: v[s] for k, v in draws.items()}
            joint = cell_by_cell(evidence, data, draw)
            of_cell = np.log(np.exp(joint).sum(axis=-1))
            chosen = np.take_along_axis(joint, np.clip(evidence.outcome, -1, 1)[..., None] + 1, -1)
            expected = chosen[..., 0][judged].sum() + weight * of_cell[is_open].sum()
            sites = handlers.trace(handlers.substitute(model.numpyro, data=draw)).get_trace(data)
            outcome = sites["outcome"]
            found = outcome["fn"].log_prob(outcome["value"])
            assert float(found) == pytest.approx(expected, rel=1e-9)
            probs = cell_probs(model.predict, None, draw, data, evidence.outcome)
            np.testing.assert_allclose(probs, np.exp(joint - of_cell[..., None]), atol=1e-9)
    nothing = Evidence.of(seen, np.full_like(task.recorded, MISSING))
    assert [np.shape(x) for x in model.prepare(nothing)] == [np.shape(x) for x in data]
    judge_channel.of_task.cache_clear()


# ------------------------------------------------------------------ predictions
@pytest.mark.parametrize("judged", ["rows", "cells", "none"])
@pytest.mark.parametrize("weak_judges", [0, 2])
@pytest.mark.parametrize(
    "name",
    [
        "dual_parameter",
        "dual_parameter:paper",
        "judge_channel",
        "judge_channel:independent",
        "item_response",
        "item_response:plain",
    ],
)
def test_predicted_probabilities_sum_to_one(name: str, weak_judges: int, judged: str) -> None:
    task = base(n_queries=12, n_candidates=3)
    seen = with_scores(task, **{f"j{i}": noise(task, i) for i in range(weak_judges)})
    none = np.full_like(task.recorded, MISSING)
    outcome = {"rows": rows(task, 4), "cells": cells(task, 1), "none": none}[judged]
    model = load_model(name)
    with precision(double=True):
        data = jax.tree.map(jnp.asarray, model.prepare(Evidence.of(seen, outcome)))
        draws = nuts.prior_samples(model, data, 0, 3)
        for s in range(3):
            draw = {k: jnp.asarray(v[s]) for k, v in draws.items()}
            probs = np.asarray(model.predict(jax.random.key(s), draw, data))
            assert probs.shape[-2:] == (task.n_candidates, K)
            assert probs.min() >= 0
            np.testing.assert_allclose(probs.sum(axis=-1), 1, atol=1e-9)
