"""The leading candidate and a challenger, drawn by how likely the challenger is the best.

Top-two sampling (Russo 2020; Jourdan et al. 2022): the challenger is drawn with chances
``P(best) / (1 - P(the leading one is best))``. It is judged on an opened query where the leading
candidate was judged and it was not, drawn with equal chances; where there is none, both are judged
on a new query. A second candidate on an opened query tells more of their difference than two
candidates on two queries: what makes a query hard drops out.

The strategy divides the chance of a question by the mean cost of its calls: a dear challenger is
drawn less often.
"""

from __future__ import annotations

import numpy as np

from bayessel.acquisition.base import Acquisition, CellOutlook, CellScores

FLOOR = 1e-4
"""P(best) that every challenger has at least: a few draws may not show it."""


def cells(outlook: CellOutlook) -> CellScores:
    """Chances of the questions."""
    judged, available, new = outlook.judged, outlook.available, outlook.new
    top = int(outlook.moments.mean.argmax())
    chance = np.maximum(outlook.p_best.mean(axis=0), FLOOR)
    single = np.zeros(available.shape)
    pair = np.zeros((*available.shape, available.shape[1]))
    for j in range(len(chance)):
        if j == top:
            continue
        behind = judged[:, top] & available[:, j]
        together = new & available[:, top] & available[:, j]
        alone = available[:, j] & ~behind
        if behind.any():
            single[behind, j] = chance[j] / behind.sum()
        elif together.any():
            pair[together, max(j, top), min(j, top)] = chance[j] / together.sum()
        elif alone.any():
            single[alone, j] = chance[j] / alone.sum()
    if not (single.any() or pair.any()):  # only cells of the leading candidate are left
        single = available.astype(float)
    return CellScores(single, pair, drawn=True)


ACQUISITION = Acquisition(
    "drawn, the leading candidate and a challenger by its P(best)", None, cells
)
