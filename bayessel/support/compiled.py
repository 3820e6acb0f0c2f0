"""Loops compiled by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile a function when it is first called, and keep the machine code on disk.

    If neither the package's folder nor the user's cache can be written to, nothing is kept, and
    each process compiles the function again. Other Python threads go on while it runs.

    Parameters
    ----------
    function
        What numba can compile.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder to write to
        return cast(F, numba.njit(nogil=True)(function))
