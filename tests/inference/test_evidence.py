"""Cells counted by candidate, level and outcome."""

from __future__ import annotations

import numpy as np

from bayessel.inference.evidence import Evidence
from bayessel.inference.signals import Signals
from bayessel.outcomes import MISSING


def test_counts_of_cells_judged_or_not():
    rng = np.random.default_rng(0)
    outcome = np.full((30, 4), MISSING, dtype=np.int8)
    outcome[:9] = rng.integers(-1, 2, size=(9, 4))
    outcome[3, 1] = outcome[5] = MISSING  # a cell and a row that are not judged
    level = rng.integers(0, 5, size=(30, 4))
    names = tuple(map(str, range(30)))
    signals = Signals(np.zeros((0, 30, 4)), ())
    evidence = Evidence(outcome, signals, names, names[:4])
    found = evidence.counts(level, 6)
    assert found.shape == (4, 6, 4)
    np.testing.assert_array_equal(evidence.counts(level, 6, found.sum(axis=-1)), found)
    states = (-1, 0, 1, MISSING)
    for j, v, k in np.ndindex(found.shape):
        assert found[j, v, k] == ((level[:, j] == v) & (outcome[:, j] == states[k])).sum()
