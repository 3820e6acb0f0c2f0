"""Whole selections against recorded answers, compiled: what the objects do, without the objects.

For ``llm-selector`` and the baselines there is no need of a state per step: a few arrays and a loop
over the budget give the same queries and the same recommendations. Ties are broken by the numbers
that ``Generator.choice`` would draw, so a strategy object that is given the same generators agrees
step by step; a test holds the two together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import TIE
from bayessel.outcomes import MISSING
from bayessel.strategies.paper.parts.choice_entropy import PSEUDO
from bayessel.support.compiled import compiled

POSTERIOR, BRADLEY_TERRY, ORDER, RANDOM = range(4)
"""Rules: lowest expected entropy of the posterior, or of the Bradley-Terry choice probabilities;
a fixed order of the queries; none. All but the first recommend by win rate."""


@compiled
def _pick(n: int, stream: NDArray[np.uint32], at: int) -> tuple[int, int]:
    """A number below n, and where the stream goes on: Lemire's method, as numpy draws it."""
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
        [N, M] what the oracle says; rows without any answer are never asked.
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
        [T, 2] those that break ties between candidates after each answer.

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
        for j in range(m):
            if answers[q, j] != MISSING:
                available[q] = True
    value = score.copy()
    p = np.full(m, 1.0 / m)
    log_eps = np.log(eps * 3)
    u = np.empty((m, 3))
    u_log_u = np.empty((m, 3))
    rate = np.empty(m)
    query = np.full(budget, -1)
    best = np.zeros(budget, dtype=np.int64)
    p_best = np.full(budget, np.nan)
    at = 0
    for t in range(budget):
        if available.any():
            # ask
            if rule in (POSTERIOR, BRADLEY_TERRY):
                for j in range(m):
                    half = counts[j, 1] / 2
                    for k in range(3):
                        if rule == POSTERIOR:
                            u[j, k] = p[j] * eps[k]
                        else:
                            loss = counts[j, 0] + half + PSEUDO + (2 - k) / 2
                            u[j, k] = (counts[j, 2] + half + PSEUDO + k / 2) / loss
                        u_log_u[j, k] = u[j, k] * np.log(u[j, k]) if u[j, k] > 0 else 0.0
                for q in range(n):
                    if available[q]:
                        value[q] = -_row_entropy(votes[q], u, u_log_u)
            top = -np.inf
            for q in range(n):
                if available[q] and value[q] > top:
                    top = value[q]
            tied = 0
            for q in range(n):
                if available[q] and (rule == RANDOM or value[q] >= top - TIE):
                    tied += 1
            chosen, at = _pick(tied, ask_stream, at)
            for q in range(n):
                if available[q] and (rule == RANDOM or value[q] >= top - TIE):
                    if chosen == 0:
                        query[t] = q
                        break
                    chosen -= 1
            # tell
            available[query[t]] = False
            for j in range(m):
                if answers[query[t], j] != MISSING:
                    counts[j, answers[query[t], j] + 1] += 1
        # recommend
        if rule == POSTERIOR:
            for j in range(m):
                rate[j] = 0.0
                for k in range(3):
                    rate[j] += counts[j, k] * log_eps[k]
            p = np.exp(rate - rate.max())
            p /= p.sum()
            rate[:] = p
        else:
            for j in range(m):
                judged = counts[j].sum()
                points = counts[j, 2] + counts[j, 1] / 2
                if rule == BRADLEY_TERRY:
                    rate[j] = np.log((points + PSEUDO) / (judged - points + PSEUDO))
                else:
                    rate[j] = points / judged if judged > 0 else -1.0
        highest = rate.max()
        tied = 0
        for j in range(m):
            tied += rate[j] >= highest - TIE
        chosen, _ = _pick(tied, recommend_stream[t], 0)
        for j in range(m):
            if rate[j] >= highest - TIE:
                if chosen == 0:
                    best[t] = j
                    break
                chosen -= 1
        if rule == POSTERIOR:
            p_best[t] = p[best[t]]
    return query, best, p_best
