"""JAX as the engines use it: double precision for a while, and compiled programs kept on disk."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import jax
import platformdirs


@contextlib.contextmanager
def double_precision() -> Iterator[None]:
    """Run JAX in double precision inside, whatever the caller has set, and cache compilations.

    A compiled program is kept in the user's cache folder (or ``JAX_COMPILATION_CACHE_DIR``), so
    that the next process need not compile it again.
    """
    if jax.config.jax_compilation_cache_dir is None and not os.environ.get("BAYESSEL_NO_CACHE"):
        folder = Path(platformdirs.user_cache_dir("bayessel")) / "compiled"
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)
    with jax.enable_x64(True):
        yield
