"""Compiled functions, kept on disk where that is possible."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

MODULE = """
from bayessel.support.compiled import compiled

@compiled
def doubled(x: int) -> int:
    return 2 * x
"""

USE = "import loops; print(loops.doubled(21), sum(loops.doubled.stats.cache_hits.values()))"


@pytest.mark.parametrize("writable", [True, False])
def test_works_where_no_folder_can_be_written_to(tmp_path, writable):
    """The tests may run as root, who can write anywhere: a file stands where a folder must be."""
    (tmp_path / "loops.py").write_text(MODULE)
    taken = tmp_path / "taken"
    taken.touch()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_CACHE_DIR", None)
    if not writable:
        (tmp_path / "__pycache__").touch()
        homes = ("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
        environment |= {name: str(taken / "folder") for name in homes}
    printed = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", USE],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout.split())
    assert printed == ([["42", "0"], ["42", "1"]] if writable else [["42", "0"], ["42", "0"]])
