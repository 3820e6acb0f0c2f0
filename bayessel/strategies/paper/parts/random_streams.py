"""The random numbers of one realization of a selection, for objects and for compiled code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STREAM = 0xB7E4C4
_ASK, _RECOMMEND, _NOISE = 0, 1, 3


def _bits(kind: int, seed: int, realization: int) -> np.random.PCG64:
    return np.random.PCG64(np.random.SeedSequence([_STREAM, kind, seed, realization]))


def ask_generator(seed: int, realization: int) -> np.random.Generator:
    """Consumed by all the choices of a query, one after the other."""
    return np.random.Generator(_bits(_ASK, seed, realization))


def recommend_generator(seed: int, realization: int, step: int) -> np.random.Generator:
    """For the recommendation after ``step + 1`` answers."""
    return np.random.Generator(_bits(_RECOMMEND, seed, realization).advance(step << 64))


def noise_generator(seed: int, realization: int) -> np.random.Generator:
    """For an oracle that errs."""
    return np.random.Generator(_bits(_NOISE, seed, realization))


def replay_streams(
    seed: int, realization: int, budget: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """32-bit numbers that :func:`ask_generator` and :func:`recommend_generator` would use.

    Returns
    -------
    ask
        [2 T + 64]; more than T are needed only when one is rejected, once in 10^7 times.
    recommend
        [T, 2] for the recommendation after 1 .. T answers.
    """
    ask = ask_generator(seed, realization).integers(0, 2**32, 2 * budget + 64, dtype=np.uint32)
    bits = _bits(_RECOMMEND, seed, realization)
    recommend = np.empty((budget, 2), dtype=np.uint32)
    for t in range(budget):
        if t:
            bits.advance((1 << 64) - 1)  # the number just drawn was one step of the way
        raw = int(bits.random_raw())
        recommend[t] = raw & 0xFFFFFFFF, raw >> 32
    return ask, recommend
