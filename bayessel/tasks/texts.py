"""The texts that weak judges read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Texts:
    """Queries and responses of one task.

    Attributes
    ----------
    responses
        [N, M] object array of str: the candidates' responses; "" where there is none.
    baseline
        [N] object array of str: the baseline's responses.
    queries
        [N] object array of str: the queries; "" where the source has none.
    """

    responses: NDArray[np.object_]
    baseline: NDArray[np.object_]
    queries: NDArray[np.object_]
