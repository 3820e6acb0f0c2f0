"""Sub-tasks on which a selection is repeated: the queries and candidates of a realization."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import did_you_mean

_STREAM = 0x5AB7A5C

Protocol = Callable[[np.random.Generator, int, int], tuple[NDArray[np.intp], NDArray[np.intp]]]
"""From N queries and M candidates to the positions of those drawn, each in ascending order."""


def _some(rng: np.random.Generator, n: int, size: int) -> NDArray[np.intp]:
    return np.sort(rng.choice(n, size, replace=False))


def panel(rng: np.random.Generator, n: int, m: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Half of the queries and min(20, max(4, M // 2)) candidates, all of them if M <= 8."""
    size = m if m <= 8 else min(20, max(4, m // 2))
    return _some(rng, n, max(n // 2, 1)), _some(rng, m, size)


def paper(rng: np.random.Generator, n: int, m: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """80 % of the queries and all candidates, as in arXiv 2510.09418."""
    return _some(rng, n, max(4 * n // 5, 1)), np.arange(m)


def whole(rng: np.random.Generator, n: int, m: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All queries and all candidates: only the random numbers of the strategies differ."""
    return np.arange(n), np.arange(m)


PROTOCOLS: Mapping[str, Protocol] = {"panel": panel, "paper": paper, "whole": whole}
"""Protocols by name."""


def find_protocol(name: str) -> Protocol:
    """Look a protocol up.

    Raises
    ------
    UnknownNameError
        There is no such protocol.
    """
    if name not in PROTOCOLS:
        raise did_you_mean(name, PROTOCOLS, "protocol")
    return PROTOCOLS[name]


def draw(
    protocol: Protocol, seed: int, realization: int, n: int, m: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw the queries and candidates of one realization; they are the same for every strategy.

    Parameters
    ----------
    protocol
        How they are drawn.
    seed, realization
        The same two give the same sub-task.
    n, m
        N and M of the whole.
    """
    return protocol(np.random.default_rng([_STREAM, seed, realization]), n, m)
