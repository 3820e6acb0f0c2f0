"""Closed forms of the two-way model against one big normal law of all cells, written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayessel.inference.two_way.known import Known
from bayessel.inference.two_way.rows import laid_out, prior_table
from bayessel.models.two_way import KINDS, PRIORS, Data
from bayessel.outcomes import MISSING

N, M, P = 5, 3, 2
VARIANCE = np.array([0.12, 0.05, 0.2])
SCALES = np.array([0.15, 0.25, 0.1])


NOISE = {"exact": 0.0, "noisy": 0.04, "nothing but noise": 0.25}
"""Variance of a verdict given the cell: none, a third of the mean of VARIANCE, more than it."""


def case(seed: int, noise: float = 0.0) -> tuple[Data, np.ndarray]:
    """A small table judged in part, and its outcomes."""
    rng = np.random.default_rng(seed)
    outcome = np.where(rng.random((N, M)) < 0.45, rng.integers(-1, 2, (N, M)), MISSING)
    outcome[0, 0], outcome[-1] = 1, MISSING
    rows = np.flatnonzero((outcome != MISSING).any(axis=1))
    within = rng.normal(size=(N, M, P))
    between = rng.normal(size=(M, P))
    data = Data(
        outcome[rows].astype(np.int8),
        rows,
        by_kind(within),
        by_kind(between),
        1,
        2,
        noise,
    )
    return data, outcome


def by_kind(x: np.ndarray) -> dict[str, np.ndarray]:
    """No text statistic, one score, and what is left are verdicts."""
    return {"text": x[..., :0], "score": x[..., :1], "verdict": x[..., 1:]}


def features_of(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """[N, M, P] within and [M, P] between, the score first."""
    return tuple(
        np.concatenate([x[k] for k in KINDS], axis=-1) for x in (data.within, data.between)
    )


def known(data: Data) -> Known:
    return Known(laid_out(data), prior_table(data, PRIORS), VARIANCE, SCALES)


def written_out(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Prior mean [2 N M] and covariance of all cells: every part of the model added up.

    First what the judge is expected to say of the cells, then what it says once.
    """
    normal = {k: (v.parameters["loc"], v.parameters["scale"]) for k, v in PRIORS.items() if "loc" in
              v.parameters}  # fmt: skip
    q, j = (part.ravel() for part in np.indices((N, M)))
    mean = np.full(N * M, float(normal["level"][0]))
    covariance = np.full((N * M, N * M), normal["level"][1] ** 2)
    names = (("score_between", "score_within"), ("verdict_between", "verdict_within"))
    for p, (between, within) in enumerate(names):
        for name, x in (
            (between, features_of(data)[1][j, p]),
            (within, features_of(data)[0][q, j, p]),
        ):
            mean += normal[name][0] * x
            covariance += normal[name][1] ** 2 * np.outer(x, x)
    covariance += SCALES[0] ** 2 * (j[:, None] == j) + SCALES[1] ** 2 * (q[:, None] == q)
    noise = np.diag(VARIANCE[j]) * min(data.verdict_noise / VARIANCE.mean(), 1)
    expected = covariance + np.diag(VARIANCE[j]) - noise
    both = np.block([[expected, expected], [expected, expected + noise]])
    return np.tile(mean, 2), both


def conditioned(mean, covariance, at, values):
    """Mean and covariance of all cells, what was said of those at ``at`` known."""
    at = at + N * M
    gain = covariance[:, at] @ np.linalg.inv(covariance[np.ix_(at, at)])
    return mean + gain @ (values - mean[at]), covariance - gain @ covariance[at]


def compare(found: Known, data: Data, mean: np.ndarray, covariance: np.ndarray, judged) -> None:
    """All moments, of all cells that are not judged, with those of one normal law."""
    of_rate = np.concatenate([np.tile(np.eye(M), (N, 1)) / N, np.zeros((N * M, M))])  # [2 N M, M]
    np.testing.assert_allclose(found.win_rate, 0.5 + mean @ of_rate, atol=1e-9)
    queries, candidates = np.arange(N), np.arange(M)
    rate, cov, cross, within, _ = found.moments(queries, candidates, features_of(data)[0])
    np.testing.assert_allclose(rate, found.win_rate)
    np.testing.assert_allclose(cov, of_rate.T @ covariance @ of_rate, atol=1e-9)
    with_cells = (of_rate.T @ covariance[:, N * M :]).reshape(M, N, M).transpose(1, 0, 2)
    said = covariance[N * M :, N * M :]
    by_query = np.einsum("qaqb->qab", said.reshape(N, M, N, M))
    free = ~judged
    for q in range(N):
        np.testing.assert_allclose(cross[q][:, free[q]], with_cells[q][:, free[q]], atol=1e-9)
        both = np.ix_(free[q], free[q])
        np.testing.assert_allclose(within[q][both], by_query[q][both], atol=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from(sorted(NOISE)))
def test_moments_are_those_of_the_normal_law_of_all_cells(seed, noise):
    data, outcome = case(seed, NOISE[noise])
    judged = outcome != MISSING
    at = np.flatnonzero(judged.ravel())
    compare(
        known(data),
        data,
        *conditioned(*written_out(data), at, outcome.ravel()[at] / 2),
        judged,
    )


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("seed", range(4))
def test_cells_have_in_common_what_those_of_two_such_queries_have(seed, noise):
    """Queries 0 and 1 are judged on the same candidate and have the same features; so 3 and 4."""
    data, outcome = case(seed, NOISE[noise])
    outcome[:] = MISSING
    outcome[[0, 1], 0], outcome[2, 1:] = 1, -1
    features = features_of(data)[0]
    features[1], features[4] = features[0], features[3]
    rows = np.arange(3)
    data = data._replace(outcome=outcome[rows].astype(np.int8), row=rows, within=by_kind(features))
    at = np.flatnonzero((outcome != MISSING).ravel())
    _, covariance = conditioned(*written_out(data), at, outcome.ravel()[at] / 2)
    said = covariance[N * M :, N * M :].reshape(N, M, N, M)
    common = known(data).moments(np.arange(N), np.arange(M), features)[4]
    np.testing.assert_allclose(common[0][1:, 1:], said[0, 1:, 1, 1:], atol=1e-9)
    np.testing.assert_allclose(common[3], said[3, :, 4], atol=1e-9)


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("seed", range(4))
def test_cells_as_if_judged_change_covariances_and_no_mean(seed, noise):
    data, outcome = case(seed, NOISE[noise])
    judged = outcome != MISSING
    before = known(data)
    at = np.flatnonzero(judged.ravel())
    mean, covariance = conditioned(*written_out(data), at, outcome.ravel()[at] / 2)
    found = before
    for q in (N - 1, int(data.row[0])):
        new = np.flatnonzero(~judged[q])
        if not len(new):
            continue
        found = found.with_cells(q, new, features_of(data)[0][q, new])
        judged[q, new] = True
        more = q * M + new
        mean, covariance = conditioned(mean, covariance, more, mean[more + N * M])
    np.testing.assert_allclose(found.win_rate, before.win_rate, atol=1e-9)
    compare(found, data, mean, covariance, judged)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_moments_of_some_candidates_are_a_part_of_those_of_all(seed):
    """Cells of the others are judged, and are taken as judged, all the same."""
    data, outcome = case(seed)
    judged = outcome != MISSING
    found = known(data)
    q = int(data.row[0])
    others = np.flatnonzero(~judged[q])[:1]
    if len(others):
        found = found.with_cells(q, others, features_of(data)[0][q, others])
        judged[q, others] = True
    features = features_of(data)[0]
    rate, cov, cross, within, _ = found.moments(np.arange(N), np.arange(M), features)
    for some in ([0], [1, 2], [0, 2]):
        at = np.array(some)
        few = found.moments(np.arange(N), at, features[:, at])
        np.testing.assert_allclose(few[0], rate[at])
        np.testing.assert_allclose(few[1], cov[np.ix_(at, at)], atol=1e-12)
        for n in range(N):
            free = ~judged[n, at]
            kept = at[free]
            whole = cross[n][np.ix_(at, kept)]
            np.testing.assert_allclose(few[2][n][:, free], whole, atol=1e-12)
            both = few[3][n][np.ix_(free, free)]
            np.testing.assert_allclose(both, within[n][np.ix_(kept, kept)], atol=1e-12)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_the_leading_are_those_closest_in_standard_deviations(seed):
    """From the normal law of all cells: means and deviations of the differences of win rates."""
    data, outcome = case(seed)
    at = np.flatnonzero((outcome != MISSING).ravel())
    mean, covariance = conditioned(*written_out(data), at, outcome.ravel()[at] / 2)
    of_rate = np.concatenate([np.tile(np.eye(M), (N, 1)) / N, np.zeros((N * M, M))])
    rate, spread = mean @ of_rate, of_rate.T @ covariance @ of_rate
    top = int(rate.argmax())
    behind = {
        j: (rate[top] - rate[j]) / np.sqrt(spread[top, top] + spread[j, j] - 2 * spread[top, j])
        for j in range(M)
        if j != top
    }
    order = [top, *sorted(behind, key=behind.__getitem__)]
    found = known(data)
    for most in (1, 2, 3, 9):
        assert found.leading(most).tolist() == sorted(order[:most])


def test_one_far_behind_and_unknown_leads_before_one_close_and_known():
    """In points the third is the closest; in standard deviations it is the second."""
    rng = np.random.default_rng(0)
    n = 60
    outcome = np.full((n, M), MISSING, dtype=np.int8)
    outcome[:, 0] = rng.permutation([1] * 45 + [-1] * 15)
    outcome[:, 2] = rng.permutation([1] * 33 + [-1] * 27)
    outcome[:2, 1] = -1
    nothing = {kind: np.zeros((n, M, 0)) for kind in KINDS}
    of_all = {kind: np.zeros((M, 0)) for kind in KINDS}
    data = Data(outcome, np.arange(n), nothing, of_all, 0, 0)
    scales = np.array([0.15, 0.01, 0.1])
    found = Known(laid_out(data), prior_table(data, PRIORS), np.full(M, 0.2), scales)
    rate = found.win_rate
    assert rate[0] > rate[2] > rate[1]
    assert found.leading(2).tolist() == [0, 1]
