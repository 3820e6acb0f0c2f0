"""Part 5 of a report: does the model hold, and was its P(best) right on similar data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xarray as xr

from bayessel.checks import check
from bayessel.errors import RunError
from bayessel.reports.facts.parts import Calibration, CheckLine, Holds
from bayessel.support.text import count

_CALIBRATION = Path("tables") / "calibration.csv"


def holds_of(fitted: xr.DataTree, calibration: tuple[Calibration, ...] = ()) -> Holds:
    """Every check of a fit, those that fail first, and a sentence."""
    found = [CheckLine(one.name, one.verdict, one.text) for one in check(fitted)]
    order = {"fail": 0, "pass": 1, "not run": 2}
    lines = tuple(sorted(found, key=lambda line: order[line.verdict]))
    return Holds(_text(lines), lines, calibration)


def _text(lines: tuple[CheckLine, ...]) -> str:
    ran = [line for line in lines if line.verdict != "not run"]
    failed = [line for line in ran if line.verdict == "fail"]
    if not ran:
        return "No check could be run."
    if not failed:
        return f"Yes, as far as {count(len(ran), 'check')} can tell: all of them pass."
    names = ", ".join(line.name for line in failed)
    return f"Not in every respect: {len(failed)} of {count(len(ran), 'check')} fail ({names})."


def require_calibration(bench: Path) -> None:
    """Refuse a folder that holds no benchmark.

    Raises
    ------
    RunError
        It has no calibration.
    """
    if not (bench / _CALIBRATION).is_file():
        raise RunError(f"{bench} has no {_CALIBRATION}: give a folder of 'bayessel bench'")


def calibration_of(bench: Path, strategy: str, p_best: float) -> tuple[Calibration, ...]:
    """How often a P(best) like this one was right in a benchmark, one row a data set.

    Parameters
    ----------
    bench
        Folder of ``bayessel bench``.
    strategy
        Name of the strategy; one with other options counts where it alone is there.
    p_best
        What is reported.

    Raises
    ------
    RunError
        The folder holds no benchmark.
    """
    require_calibration(bench)
    table = pd.read_csv(bench / _CALIBRATION)
    own = table[(table["strategy"] == strategy) & (table["calls / M"] == 0)]
    inside = own[(own["from"] <= p_best) & ((p_best < own["to"]) | (own["to"] >= 1))]
    return tuple(
        Calibration(
            data=str(row["data"]),
            strategy=strategy,
            lowest=float(row["from"]),
            highest=float(row["to"]),
            cases=int(row["cases"]),
            reported=float(row["reported"]),
            right=float(row["right"]),
            lower=float(row["lower"]),
            upper=float(row["upper"]),
        )
        for _, row in inside.iterrows()
    )
