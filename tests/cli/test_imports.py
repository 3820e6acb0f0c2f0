"""Which libraries a command waits for: importing all of them takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

MODELLING = {"jax", "numpyro", "pymc", "pytensor", "arviz", "arviz_base", "arviz_stats", "preliz"}
DRAWING = {"matplotlib"}
NUMBERS = {"pandas", "xarray", "numba", "scipy"}


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (("--help",), MODELLING | DRAWING | NUMBERS),
        (("tell", "run", "q1", "answer.csv", "--unasked"), MODELLING | DRAWING | NUMBERS),
        (("next", "run"), MODELLING | DRAWING),
        (("status", "run"), MODELLING),  # it draws the pictures
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_a_command_imports_only_what_it_needs(
    bayessel, bayessel_process, table, tmp_path: Path, monkeypatch, arguments, spared
):
    if arguments != ("--help",):
        assert bayessel("start", table, "--out", "run").returncode == 0
    (tmp_path / "answer.csv").write_text("model,outcome\na,win\n")
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    result = bayessel_process(*arguments)
    times = [line for line in result.stderr.splitlines() if line.startswith("import time:")]
    assert result.returncode == 0, result.stderr
    packages = {line.split("|")[-1].split(".")[0].strip() for line in times}
    assert "bayessel" in packages
    assert packages & spared == set()
