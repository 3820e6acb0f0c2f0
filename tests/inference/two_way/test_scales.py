"""Densities that the moves of the scales use, against normal laws written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma, invgamma, multivariate_normal

from bayessel.inference.two_way.rows import laid_out, prior_table
from bayessel.inference.two_way.scales import (
    OfNoise,
    OfSdQuality,
    OfSdQuery,
    OfSpread,
    joined,
    log_density,
    sliced,
)
from bayessel.inference.two_way.step import first_state, gaussian
from bayessel.models.two_way import FLOOR, KINDS, PRIORS, SHAPE, Data
from bayessel.outcomes import MISSING

VARIANCE = np.array([0.12, 0.05, 0.2])


@pytest.fixture(scope="module")
def table():
    """A table judged in part, with a score and a verdict judge."""
    rng = np.random.default_rng(3)
    n, m = 6, 3
    outcome = np.where(rng.random((n, m)) < 0.6, rng.integers(-1, 2, (n, m)), MISSING)
    outcome[:, 0] = 1
    within, between = rng.normal(size=(n, m, 2)), rng.normal(size=(m, 2))

    def by_kind(x):
        return {"text": x[..., :0], "score": x[..., :1], "verdict": x[..., 1:]}

    data = Data(outcome.astype(np.int8), np.arange(n), by_kind(within), by_kind(between), 1, 2)
    return data, laid_out(data), prior_table(data, PRIORS)


def written_out(data: Data, sd_quality: float, sd_query: float, variance: np.ndarray) -> float:
    """Log density of the judged cells; φ, expected abilities and query effects integrated out."""
    q, j = np.nonzero(data.outcome != MISSING)
    level = PRIORS["level"].parameters
    mean = np.full(len(q), level["loc"])
    covariance = np.full((len(q), len(q)), level["scale"] ** 2)
    for kind in KINDS:
        for slope, x in (("between", data.between[kind][j]), ("within", data.within[kind][q, j])):
            prior = PRIORS[f"{kind}_{slope}"].parameters
            mean = mean + prior["loc"] * x.sum(axis=1)
            covariance = covariance + prior["scale"] ** 2 * x @ x.T
    covariance += sd_quality**2 * (j[:, None] == j) + sd_query**2 * (q[:, None] == q)
    covariance += np.diag(variance[j])
    return float(multivariate_normal(mean, covariance).logpdf(data.outcome[q, j] / 2))


def likelihood(rows, prior, sd_query):
    """That of the cells at these variances."""
    state = first_state(rows, prior)
    state.variance[:], state.scales[:] = VARIANCE, (0.1, sd_query, 0.1)
    gaussian(rows, prior, state)
    return state


def test_the_density_of_the_cells_is_that_of_one_normal_law(table):
    data, rows, prior = table
    state = likelihood(rows, prior, 0.25)
    points = [(sd, spread) for sd in (0.01, 0.1, 0.6) for spread in (0.3, 1.0, 4.0)]
    ours = [joined(rows, prior, state.likelihood, *at).log_density for at in points]
    theirs = [
        written_out(data, sd, 0.25 * np.sqrt(spread), spread * VARIANCE) for sd, spread in points
    ]
    np.testing.assert_allclose(np.diff(ours), np.diff(theirs), atol=1e-8)


def test_densities_of_scales_are_those_of_the_model(table):
    """Each but for a constant: prior, Jacobian of the logarithm, and what is integrated out."""
    data, rows, prior = table
    state = likelihood(rows, prior, 0.25)
    at = np.log([0.05, 0.2, 0.7])
    quality = OfSdQuality(rows, prior, state.likelihood)
    expected = [
        written_out(data, sd, 0.25, VARIANCE) - (sd / 0.2) ** 2 / 2 + np.log(sd)
        for sd in np.exp(at)
    ]
    found = [log_density(a, quality) for a in at]
    np.testing.assert_allclose(np.diff(found), np.diff(expected), atol=1e-8)

    spread = OfSpread(rows, prior, state.likelihood, state.scales)
    noise_prior = PRIORS["noise"].parameters
    expected = []
    for s in np.exp(at + 1.6):
        noise, sd_query = s * (0.1 + FLOOR) - FLOOR, 0.25 * np.sqrt(s)
        log_p = written_out(data, 0.1, sd_query, s * VARIANCE) - (sd_query / 0.3) ** 2 / 2
        log_p += gamma(noise_prior["concentration"], scale=1 / noise_prior["rate"]).logpdf(noise)
        scale = (SHAPE - 1) * (noise + FLOOR)
        log_p += invgamma(SHAPE, scale=scale).logpdf(s * VARIANCE).sum()
        expected.append(log_p + (len(VARIANCE) + 1.5) * np.log(s))  # v, noise, sd_query and log s
    found = [log_density(a + 1.6, spread) for a in at]
    np.testing.assert_allclose(np.diff(found), np.diff(expected), atol=1e-8)

    rng = np.random.default_rng(0)
    variance = rng.gamma(5, 0.02, (4, 3))  # four queries with three cells each
    residual = rng.normal(size=(4, 3)) * 0.4
    query = OfSdQuery((1 / variance).sum(axis=1), (residual / variance).sum(axis=1), 0.3)
    expected = [
        sum(
            multivariate_normal(np.zeros(3), np.diag(v) + sd**2).logpdf(e)
            for v, e in zip(variance, residual, strict=True)
        )
        - (sd / 0.3) ** 2 / 2
        + np.log(sd)
        for sd in np.exp(at)
    ]
    found = [log_density(a, query) for a in at]
    np.testing.assert_allclose(np.diff(found), np.diff(expected), atol=1e-8)


def test_a_slice_draws_from_the_density():
    """Means of log noise of 20,000 moves and by numerical integration, six standard errors."""
    of = OfNoise(np.array([0.4, 0.9]), np.array([5.0, 9.0]), np.array([4.0, 32.0]))
    grid = np.linspace(-7, 1, 4001)
    p = np.array([log_density(a, of) for a in grid])
    p = np.exp(p - p.max())
    mean = (grid * p).sum() / p.sum()
    sd = np.sqrt(((grid - mean) ** 2 * p).sum() / p.sum())
    rng, at, drawn = np.random.default_rng(1), -2.0, []
    for _ in range(20_000):
        at = sliced(rng, at, of)
        drawn.append(at)
    assert abs(np.mean(drawn) - mean) < 6 * sd / np.sqrt(5_000)  # a quarter as many are independent
    assert np.std(drawn) == pytest.approx(sd, rel=0.05)
