"""Number pairs of integers: equal pairs get equal ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.support.compiled import compiled


class PairNumbers:
    """Numbers pairs; its tables are used again in the next call."""

    def __init__(self) -> None:
        self._keys = np.empty(16, np.int64)
        self._slots = np.empty(16, np.int32)

    def __call__(
        self, first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], int]:
        """Number pairs by first appearance.

        Parameters
        ----------
        first, second
            [P] non-negative integers.

        Returns
        -------
        numbers
            [P] int32; equal if and only if both members are equal. A pair is one 64-bit key.
        n
            How many different pairs there are.
        """
        size = 1 << max(4, (2 * first.size).bit_length())
        if size > self._keys.size:
            self._keys = np.empty(size, np.int64)
            self._slots = np.empty(size, np.int32)
        numbers = np.empty(first.size, np.int32)
        slots = self._slots[:size]
        slots.fill(-1)
        return numbers, _number_pairs(first, second, self._keys[:size], slots, numbers)


@compiled
def _number_pairs(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    keys: NDArray[np.int64],
    slots: NDArray[np.int32],
    numbers: NDArray[np.int32],
) -> int:
    """Open addressing in a table whose size is a power of two, at most half full."""
    mask = np.uint64(keys.size - 1)
    n = 0
    for i in range(first.size):
        key = (np.int64(first[i]) << np.int64(32)) | np.int64(second[i])
        hashed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
        slot = (hashed ^ (hashed >> np.uint64(32))) & mask
        while slots[slot] >= 0 and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            keys[slot] = key
            slots[slot] = n
            n += 1
        numbers[i] = slots[slot]
    return n
