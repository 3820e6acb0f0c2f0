"""JAX as the engines use it: double precision for a while, and compiled programs kept on disk."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import jax
import platformdirs


@contextlib.contextmanager
def precision(double: bool) -> Iterator[None]:
    """Run JAX in double or single precision inside, whatever the caller has set.

    A compiled program is kept in the user's cache folder (or ``JAX_COMPILATION_CACHE_DIR``), so
    that the next process need not compile it again; not where ``BAYESSEL_NO_CACHE`` is set.
    """
    if jax.config.jax_compilation_cache_dir is None and not os.environ.get("BAYESSEL_NO_CACHE"):
        folder = Path(platformdirs.user_cache_dir("bayessel")) / "compiled"
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    with jax.enable_x64(double):
        yield
