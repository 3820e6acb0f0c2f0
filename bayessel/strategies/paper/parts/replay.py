"""Whole selections against recorded answers, compiled: what the strategy objects do, but faster.

``llm-selector`` and its rivals need no state for each step: a few arrays and a loop over the
budget give the same queries and the same recommendations. Ties are broken by the numbers that
``Generator.choice`` would draw. A strategy object that is given the same generators therefore
agrees step by step; a test compares the two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import MISSING
from bayessel.strategies.paper.parts.choice_entropy import PSEUDO
from bayessel.support.compiled import compiled
from bayessel.support.ties import TIE

POSTERIOR, BRADLEY_TERRY, ORDER, RANDOM = range(4)
"""Rules: lowest expected entropy of the posterior; lowest expected entropy of the Bradley-Terry
choice probabilities; a fixed order of the queries; random. ``ORDER`` and ``RANDOM`` recommend by
win rate."""


@compiled
def _below(n: int, stream: NDArray[np.uint32], at: int) -> tuple[int, int]:
    """A number below n, and the place in the stream after it: Lemire's method, as in numpy."""
    if n == 1:
        return 0, at
    wide = np.uint64(n)
    product = np.uint64(stream[at]) * wide
    at += 1
    low = product & np.uint64(0xFFFFFFFF)
    if low < wide:
        threshold = (np.uint64(0x100000000) - wide) % wide
        while low < threshold:
            product = np.uint64(stream[at]) * wide
            at += 1
            low = product & np.uint64(0xFFFFFFFF)
    return int(product >> np.uint64(32)), at


@compiled
def _pick_highest(
    value: NDArray[np.float64], available: NDArray[np.bool_], stream: NDArray[np.uint32], at: int
) -> tuple[int, int]:
    """Position of the highest available value, and the place in the stream; ties at random."""
    top = -np.inf
    for i in range(len(value)):
        if available[i] and value[i] > top:
            top = value[i]
    tied = 0
    for i in range(len(value)):
        tied += available[i] and value[i] >= top - TIE
    left, at = _below(tied, stream, at)
    for i in range(len(value)):
        if available[i] and value[i] >= top - TIE:
            if left == 0:
                return i, at
            left -= 1
    return -1, at


@compiled
def _row_entropy(
    votes: NDArray[np.int8], u: NDArray[np.float64], u_log_u: NDArray[np.float64]
) -> float:
    """Mean entropy over the weak judges for one query; votes [M, J], u and u log u [M, K]."""
    n_candidates, n_weak_judges = votes.shape
    total = np.zeros(n_weak_judges)
    weighted = np.zeros(n_weak_judges)
    for j in range(n_candidates):
        for z in range(n_weak_judges):
            k = votes[j, z] + 1
            total[z] += u[j, k]
            weighted[z] += u_log_u[j, k]
    entropy = 0.0
    for z in range(n_weak_judges):
        entropy += np.log(total[z]) - weighted[z] / total[z]
    return entropy / n_weak_judges


@compiled
def _score_queries(
    value: NDArray[np.float64],
    available: NDArray[np.bool_],
    rule: int,
    counts: NDArray[np.float64],
    p: NDArray[np.float64],
    eps: NDArray[np.float64],
    votes: NDArray[np.int8],
) -> None:
    """Write minus the expected entropy of each available query into ``value`` [N]."""
    m = len(counts)
    u = np.empty((m, 3))  # weight of a candidate after each vote
    u_log_u = np.empty((m, 3))
    for j in range(m):
        half = counts[j, 1] / 2
        for k in range(3):
            if rule == POSTERIOR:
                u[j, k] = p[j] * eps[k]
            else:
                loss = counts[j, 0] + half + PSEUDO + (2 - k) / 2
                u[j, k] = (counts[j, 2] + half + PSEUDO + k / 2) / loss
            u_log_u[j, k] = u[j, k] * np.log(u[j, k]) if u[j, k] > 0 else 0.0
    for q in range(len(value)):
        if available[q]:
            value[q] = -_row_entropy(votes[q], u, u_log_u)


@compiled
def _rate_candidates(
    rate: NDArray[np.float64],
    rule: int,
    counts: NDArray[np.float64],
    log_eps: NDArray[np.float64],
    queries: int,
) -> None:
    """Write how good each candidate looks into ``rate`` [M]; for ``POSTERIOR`` P(best).

    There a missing cell of the judged ``queries`` counts as the mean of the judged ones of its
    candidate.
    """
    for j in range(len(rate)):
        judged = counts[j].sum()
        points = counts[j, 2] + counts[j, 1] / 2
        if rule == POSTERIOR:
            rate[j] = 0.0
            for k in range(3):
                rate[j] += counts[j, k] * log_eps[k]
        elif rule == BRADLEY_TERRY:
            rate[j] = np.log((points + PSEUDO) / (judged - points + PSEUDO))
        else:
            rate[j] = points / judged if judged > 0 else -1.0
    if rule == POSTERIOR:
        for j in range(len(rate)):
            judged = counts[j].sum()
            if judged > 0:
                rate[j] += (queries - judged) * (rate[j] / judged)
        rate[:] = np.exp(rate - rate.max())
        rate /= rate.sum()


@compiled
def _tell(counts: NDArray[np.float64], answers: NDArray[np.int8]) -> None:
    """Add the answers [M] of a query to the counts [M, K]."""
    for j in range(len(answers)):
        if answers[j] != MISSING:
            counts[j, answers[j] + 1] += 1


@compiled
def replay(
    rule: int,
    answers: NDArray[np.int8],
    votes: NDArray[np.int8],
    score: NDArray[np.float64],
    eps: NDArray[np.float64],
    budget: int,
    ask_stream: NDArray[np.uint32],
    recommend_stream: NDArray[np.uint32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Run one selection.

    Parameters
    ----------
    rule
        One of the module's rules.
    answers
        [N, M] what the oracle says; queries without any answer are never asked.
    votes
        [N, M, J] weak judges' votes; read by the first two rules only.
    score
        [N] order of the queries, highest first; read by ``ORDER`` only.
    eps
        [K] probabilities of loss, draw and win; read by ``POSTERIOR`` only.
    budget
        T.
    ask_stream
        32-bit numbers that break ties between queries.
    recommend_stream
        [T, 2] 32-bit numbers that break ties between candidates, after each answer.

    Returns
    -------
    query
        [T] query asked at each step; -1 once none is left.
    best
        [T] candidate recommended after it.
    p_best
        [T] its posterior probability; NaN for all rules but ``POSTERIOR``.
    """
    n, m = answers.shape
    counts = np.zeros((m, 3))
    available = np.zeros(n, dtype=np.bool_)
    for q in range(n):
        available[q] = (answers[q] != MISSING).any()
    everyone = np.ones(m, dtype=np.bool_)
    value = score.copy() if rule == ORDER else np.zeros(n)
    rate = np.full(m, 1.0 / m)
    log_eps = np.log(eps * 3)
    query = np.full(budget, -1)
    best = np.zeros(budget, dtype=np.int64)
    p_best = np.full(budget, np.nan)
    at = judged = 0
    for t in range(budget):
        if available.any():
            if rule in (POSTERIOR, BRADLEY_TERRY):
                _score_queries(value, available, rule, counts, rate, eps, votes)
            query[t], at = _pick_highest(value, available, ask_stream, at)
            available[query[t]] = False
            judged += 1
            _tell(counts, answers[query[t]])
        _rate_candidates(rate, rule, counts, log_eps, judged)
        best[t], _ = _pick_highest(rate, everyone, recommend_stream[t], 0)
        if rule == POSTERIOR:
            p_best[t] = rate[best[t]]
    return query, best, p_best
