"""Simulated outcomes and votes in the form that a model's program reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.evidence import Evidence, Signals
from bayessel.inference.load import Model

BASE = np.array([0.35, 0.25, 0.4])
"""[V] frequencies of simulated votes where nothing tilts them; known to inference."""


def evidence_of(
    outcome: NDArray[np.int8], slots: int | None = None, scores: NDArray[np.float64] | None = None
) -> Evidence:
    """Evidence of [N, M] outcomes and of scores [J, N, M] of weak judges, each a family."""
    n, m = outcome.shape
    scores = np.zeros((0, n, m)) if scores is None else scores
    signals = Signals(scores, tuple(f"judge{z}" for z in range(len(scores))))
    names = tuple(f"q{q}" for q in range(n)), tuple(f"m{j}" for j in range(m))
    return Evidence(outcome, signals, *names, slots=slots)


def data_of(model: Model, evidence: Evidence, vote: NDArray[np.int8] | None) -> Any:
    """What the program reads, votes [J, N, M] included where the model makes them.

    How often weak judges cast each vote is known then, and not counted; a pattern of votes has its
    place on the axis of ``judge_channel`` whether it occurs or not, so that all data have one
    shape.
    """
    data = model.prepare(evidence)
    if vote is None:
        return data
    m, n_votes = evidence.n_candidates, len(BASE)
    level = np.zeros(evidence.outcome.shape, dtype=np.intp)
    for one in vote:
        level = level * n_votes + one + 1
    if "base" in data._fields:
        counts = evidence.counts(level, n_votes ** len(vote)).astype(float)
        return data._replace(counts=counts, base=BASE, level=level)
    code = np.arange(n_votes ** len(vote))
    digits = [code // n_votes ** (len(vote) - 1 - z) % n_votes - 1 for z in range(len(vote))]
    every = model.module.is_vote(np.stack(digits)).reshape(-1, len(code))
    layout = model.module.layout(vote)._replace(
        frequency=np.broadcast_to(BASE, (len(vote), n_votes)),
        share=np.asarray(1.0),
        pattern=every,
        place=np.broadcast_to(code, (m, len(code))),
        level=level,
    )
    return model.module.of_votes(evidence.outcome, vote, layout)
