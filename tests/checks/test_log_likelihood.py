"""The likelihood of a judged row, by quadrature, by the program itself and by refits."""

from __future__ import annotations

import warnings
from typing import Any

import arviz_stats as azs
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import handlers
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

import bayessel
from bayessel.inference.engines import gibbs, nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import fit
from bayessel.inference.load import load_model
from bayessel.inference.population import cell_probs
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING, counts
from known_weak_judges import base, noise, rows, with_scores

SCORED = with_scores(base(seed=2), one=noise(base(seed=2), 1), two=noise(base(seed=2), 2))


def test_effects_of_a_row_are_integrated_out() -> None:
    """item_response against a fine grid over difficulty and band, some cells not judged."""
    model, outcome = load_model("item_response"), rows(SCORED, 6)
    outcome[np.flatnonzero((outcome != MISSING).any(axis=1))[0], 1:] = MISSING
    evidence = Evidence.of(SCORED, outcome)
    data = model.prepare(evidence)
    unit = np.linspace(-7, 7, 281)
    with precision(double=True):
        sites = nuts.prior_samples(model, data, 3, 5)
        for s in range(5):
            draw = {k: v[s] for k, v in sites.items()}
            given = jax.tree.map(jnp.asarray, (draw, data))
            assert model.log_likelihood is not None
            found = np.asarray(model.log_likelihood(*given))
            for r, q in enumerate(evidence.judged):
                ease = draw["level"] + data.z[q] @ draw["query_coefficient"]
                ability = draw["quality"] + data.between @ draw["between"]
                ability = ability + data.within[q] @ draw["within"]
                at = ease + draw["sd_difficulty"] * unit[:, None]
                at = at + np.exp(draw["discrimination"] * data.spread[q]) * ability  # [u, M]
                half = draw["band"] * np.exp(draw["sd_band"] * unit)
                log_p = np.zeros((len(unit), len(unit)))
                for j, y in enumerate(outcome[q]):
                    upper, lower = (c - at[:, None, j] for c in (half, -half))
                    loss, win = norm.cdf(lower), norm.sf(upper)
                    p = {-1: loss, 0: norm.cdf(upper) - loss, 1: win, int(MISSING): 1.0}[int(y)]
                    log_p += np.log(np.maximum(p, 1e-300))
                log_prior = norm.logpdf(unit)[:, None] + norm.logpdf(unit)
                expected = logsumexp(log_p + log_prior) + 2 * np.log(unit[1] - unit[0])
                assert found[r] == pytest.approx(expected, abs=0.02)


def test_the_density_of_the_regression_is_the_programs() -> None:
    """Whole rows and rows in part: the rows' densities add up to the program's factor."""
    model, outcome = load_model("regression"), rows(SCORED, 6)
    outcome[1, 0] = outcome[2, 1:] = MISSING
    with precision(double=True):
        data = jax.tree.map(jnp.asarray, model.prepare(Evidence.of(SCORED, outcome)))
        ours, theirs = [], []
        for seed in range(4):
            seeded = handlers.seed(model.numpyro, jax.random.key(seed))
            trace = handlers.trace(seeded).get_trace(data)
            draw = {k: v["value"] for k, v in trace.items() if k != "outcome"}
            theirs.append(float(trace["outcome"]["fn"].log_factor))
            assert model.log_density is not None
            ours.append(float(model.log_density(draw, data).sum()))
    assert np.ptp(theirs) > 1
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_the_density_of_the_two_way_model_is_that_of_normal_rows() -> None:
    """Query effects are integrated out: the cells of a query have one covariance more."""
    model, outcome = load_model("two_way"), rows(SCORED, 6)
    outcome[1, 0] = outcome[2, 1:] = MISSING
    evidence = Evidence.of(SCORED, outcome)
    data = model.prepare(evidence)
    sites, _ = gibbs.sample(model, data, seed=0, chains=1, draws=3, warmup=5)
    with precision(double=True):
        for s in range(3):
            draw = {k: jnp.asarray(v[0, s]) for k, v in sites.items()}
            assert model.log_density is not None
            found = np.asarray(model.log_density(draw, jax.tree.map(jnp.asarray, data)))
            for r, q in enumerate(evidence.judged):
                at = np.flatnonzero(outcome[q] != MISSING)
                mean = np.asarray(draw["ability"]) + data.within["text"][q] @ draw["text_within"]
                covariance = np.diag(draw["variance"]) + float(draw["sd_query"]) ** 2
                law = multivariate_normal(mean[at], covariance[np.ix_(at, at)])
                expected = law.logpdf(outcome[q, at] / 2) + len(at) * np.log(2 * np.pi) / 2
                assert found[r] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["dual_parameter", "dual_parameter:paper"])
def test_the_best_is_summed_out_as_leaving_a_row_out_asks(name: str) -> None:
    """log p(Y_q | the other rows, votes) is what the program's log likelihood loses without q."""
    model, outcome = load_model(name), rows(SCORED, 6)
    evidence = Evidence.of(SCORED, outcome)
    with precision(double=True):
        data = jax.tree.map(jnp.asarray, model.prepare(evidence))
        seeded = handlers.seed(model.numpyro, jax.random.key(1))
        trace = handlers.trace(seeded).get_trace(data)
        latent = {k: v["value"] for k, v in trace.items() if v["type"] == "sample"}
        latent.pop("outcome")
        draw = {k: v["value"] for k, v in trace.items() if k != "outcome"}

        def told(seen: np.ndarray) -> float:
            data = jax.tree.map(jnp.asarray, model.prepare(Evidence.of(SCORED, seen)))
            program: Any = handlers.substitute(model.numpyro, data=latent)
            sites = handlers.trace(handlers.seed(program, jax.random.key(0))).get_trace(data)
            return float(sites["outcome"]["fn"].log_factor)

        assert model.log_likelihood is not None
        found = np.asarray(model.log_likelihood(draw, data))
        for r, q in enumerate(evidence.judged):
            without = outcome.copy()
            without[q] = MISSING
            assert found[r] == pytest.approx(told(outcome) - told(without), abs=1e-6)


def test_leave_one_out_is_what_refits_find() -> None:
    """dual_parameter:paper, whose refits are closed forms; importance sampling errs by 0.02."""
    task = bayessel.simulate_task(n_queries=50, n_candidates=5, seed=3)
    outcome = np.full((50, 5), MISSING, dtype=np.int8)
    outcome[:16] = task.recorded[:16]
    tree = fit(task, "dual_parameter:paper", "exact", outcomes=outcome, draws=2000)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")
        found = azs.loo(tree, pointwise=True)
    trusted = np.flatnonzero(found.pareto_k.to_numpy() < found.good_k)
    assert len(trusted) >= 10
    for q in trusted:
        without = outcome.copy()
        without[q] = MISSING
        refit = _evidence(outcome) - _evidence(without)
        assert float(found.elpd_i[q]) == pytest.approx(refit, abs=0.05)


@pytest.mark.slow
def test_leave_one_out_of_judge_channel_is_what_refits_find() -> None:
    """The outcomes of a row are left out, its votes stay. Five standard errors of both, ESS 400."""
    task = base(seed=2)
    task = with_scores(task, one=task.recorded + noise(task, 1), two=noise(task, 2))
    outcome, model = rows(task, 12), load_model("judge_channel")
    size = {"chains": 2, "draws": 600, "warmup": 400}
    tree = fit(task, model, "numpyro", outcomes=outcome, seed=0, **size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")
        found = azs.loo(tree, pointwise=True)
    trusted = np.flatnonzero(found.pareto_k.to_numpy() < found.good_k)
    assert len(trusted) >= 8
    for q in trusted[[1, -1]]:
        without = outcome.copy()
        without[q] = MISSING
        data = model.prepare(Evidence.of(task, without))
        samples, _ = nuts.sample(model, data, seed=1, **size)
        likelihood = _likelihood(model, samples, data, outcome[q], q)
        error = likelihood.std() / likelihood.mean() / np.sqrt(400)
        refit = np.log(likelihood.mean())
        assert float(found.elpd_i[q]) == pytest.approx(refit, abs=5 * np.sqrt(2) * error)


def _likelihood(model: Any, samples: Any, data: Any, outcome: np.ndarray, q: int) -> np.ndarray:
    """[S] of the outcomes [M] of query q, its cells independent given a draw."""
    draws = {k: v.reshape(-1, *v.shape[2:]) for k, v in samples.items()}

    def row(draw: Any) -> Any:
        return cell_probs(model.predict, None, draw, data, data.level)[q]

    with precision(double=True):
        probs = np.asarray(jax.jit(jax.vmap(row))(draws))
    return probs[:, np.arange(len(outcome)), outcome + 1].prod(axis=1)


def _evidence(outcome: np.ndarray) -> float:
    """log p(Y): F uniform, its rates Dirichlet(1, 1, 1), the others' 1/3 each."""
    from scipy.special import gammaln

    n = counts(outcome)
    of_best = gammaln(1 + n).sum(axis=1) - gammaln(3 + n.sum(axis=1)) + gammaln(3)
    others = -np.log(3) * (n.sum() - n.sum(axis=1))
    return float(logsumexp(of_best + others) - np.log(len(n)))
