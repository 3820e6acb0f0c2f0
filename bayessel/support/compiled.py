"""Loops compiled by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile a function; the machine code is kept on disk where a folder can be written to.

    Other Python threads go on while it runs. Works from a read-only installation too: there the
    function is compiled anew in each process.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # neither the package's folder nor the user's cache is writable
        return cast(F, numba.njit(nogil=True)(function))
