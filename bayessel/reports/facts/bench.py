"""What a benchmark says, as plain data: who needs how many calls, on which data."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bayessel.errors import RunError
from bayessel.pictures.strategy_colours import main_of
from bayessel.studies.measures.stopping import STOP

_POINTS = 120  # of a curve
LEVEL = 0.8
"""Probability of naming the best whose price the verdict speaks of."""


@dataclass(frozen=True)
class Curve:
    """How often one strategy names the best, by budget (calls / M), with standard errors."""

    strategy: str
    main: bool
    budgets: tuple[float, ...]
    right: tuple[float, ...]
    error: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """The curves of one data set."""

    data: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Price:
    """Calls / M that a strategy needs for a level, and its share of Random's; None: not reached."""

    data: str
    strategy: str
    criterion: str
    level: float
    budget: float
    needed: float | None
    error: float | None
    queries: float | None
    of_random: float | None
    of_random_error: float | None


@dataclass(frozen=True)
class Tenth:
    """P(best) of one tenth: reported, and how often it was right; all budgets together."""

    data: str
    strategy: str
    lowest: float
    highest: float
    cases: int
    reported: float
    right: float
    error: float
    off: bool


@dataclass(frozen=True)
class Stopped:
    """What stopping at a probability gives; see :mod:`bayessel.studies.measures.stopping`."""

    data: str
    strategy: str
    rule: str
    stopped: float
    reported: float | None
    right: float | None
    calls: float


@dataclass(frozen=True)
class Worse:
    """At how many budgets a strategy is worse than another by more than two standard errors."""

    data: str
    strategy: str
    against: str
    budgets: int
    worse: int
    furthest: float
    at: float


@dataclass(frozen=True)
class BenchFacts:
    """A report on a benchmark."""

    name: str
    sentence: str
    data: tuple[str, ...]
    strategies: tuple[str, ...]
    panels: tuple[Panel, ...]
    prices: tuple[Price, ...]
    tenths: tuple[Tenth, ...]
    stopped: tuple[Stopped, ...]
    worse: tuple[Worse, ...]


def is_bench(folder: Path) -> bool:
    """Whether a folder holds a benchmark."""
    return (folder / "tables" / "needed.csv").is_file()


def bench_facts(folder: Path) -> BenchFacts:
    """The report on the benchmark in a folder.

    Raises
    ------
    RunError
        A table is missing, or of an older version.
    """
    curves, needed = (_table(folder, name) for name in ("by_budget", "needed"))
    if "calls / M" not in curves or "share of random" not in needed:
        raise RunError(f"{folder} was made by an older version: run 'bayessel bench' again")
    strategies = tuple(map(str, curves["strategy"].unique()))
    prices = tuple(_price(row) for row in needed.to_dict("records"))
    return BenchFacts(
        name=folder.resolve().name,
        sentence=_sentence(prices),
        data=tuple(map(str, curves["data"].unique())),
        strategies=strategies,
        panels=_panels(curves, main_of(strategies)),
        prices=prices,
        tenths=_tenths(_table(folder, "calibration")),
        stopped=_stopped(_table(folder, "stopping")),
        worse=_worse(_table(folder, "differences")),
    )


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / "tables" / f"{name}.csv"
    try:
        return pd.read_csv(path)
    except pd.errors.EmptyDataError:  # nothing of this kind was measured
        return pd.DataFrame()
    except (OSError, ValueError) as error:
        raise RunError(f"cannot read {path} ({error}): run 'bayessel bench' again") from error


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _panels(table: pd.DataFrame, main: Sequence[str]) -> tuple[Panel, ...]:
    panels = []
    for data, group in table.groupby("data", sort=False):
        curves = []
        for name, part in group.groupby("strategy", sort=False):
            step = -(-len(part) // _POINTS)
            kept = part.iloc[sorted({*range(0, len(part), step), len(part) - 1})]
            curves.append(
                Curve(
                    strategy=str(name),
                    main=str(name) in main,
                    budgets=tuple(map(float, kept["calls / M"])),
                    right=tuple(map(float, kept["identified"])),
                    error=tuple(map(float, kept["identified se"].fillna(0))),
                )
            )
        panels.append(Panel(str(data), tuple(curves)))
    return tuple(panels)


def _price(row: Mapping[Hashable, Any]) -> Price:
    return Price(
        data=str(row["data"]),
        strategy=str(row["strategy"]),
        criterion=str(row["criterion"]),
        level=float(row["level"]),
        budget=float(row["budget"]),
        needed=_known(row["needed"]),
        error=_known(row["needed se"]),
        queries=_known(row["queries"]),
        of_random=_known(row["share of random"]),
        of_random_error=_known(row["share of random se"]),
    )


def _sentence(prices: Sequence[Price]) -> str:
    """Who needs the fewest calls for :data:`LEVEL`, and on how many data sets."""
    at = [p for p in prices if p.criterion == "identified" and p.level == LEVEL]
    data = list(dict.fromkeys(p.data for p in at))
    first: dict[str, int] = {}
    for name in data:
        known = [p for p in at if p.data == name and p.needed is not None]
        if known:
            winner = min(known, key=lambda p: p.needed or 0.0)
            first[winner.strategy] = first.get(winner.strategy, 0) + 1
    if not first:
        return f"Nobody names the best with probability {LEVEL:g} within the budget."
    who = max(first, key=lambda name: first[name])
    shares = [p.of_random for p in at if p.strategy == who and p.of_random is not None]
    text = (
        f"To name the best with probability {LEVEL:g}, {who} needs the fewest calls on "
        f"{first[who]} of {len(data)} data sets"
    )
    if who != "random" and shares:
        where = "in the mean"
        if len(shares) < len(data):
            where = f"on the {len(shares)} where Random gets there too"
        text += f"; {np.mean(shares):.2f} of Random's {where}"
    others = [f"{name} on {n}" for name, n in first.items() if name != who]
    return text + (f" ({', '.join(others)})" if others else "") + "."


def _tenths(table: pd.DataFrame) -> tuple[Tenth, ...]:
    if table.empty:
        return ()
    return tuple(
        Tenth(
            str(row["data"]),
            str(row["strategy"]),
            float(row["from"]),
            float(row["to"]),
            int(row["cases"]),
            float(row["reported"]),
            float(row["right"]),
            float(row["error"]),
            bool(row["off"]),
        )
        for row in table[table["calls / M"] == 0].to_dict("records")
    )


def _stopped(table: pd.DataFrame) -> tuple[Stopped, ...]:
    if table.empty:
        return ()
    return tuple(
        Stopped(
            str(row["data"]),
            str(row["strategy"]),
            str(row["rule"]),
            float(row["stopped"]),
            _known(row["reported"]),
            _known(row["right"]),
            float(row["calls / M"]),
        )
        for row in table[table["level"] == STOP].to_dict("records")
    )


def _worse(table: pd.DataFrame) -> tuple[Worse, ...]:
    if table.empty:
        return ()
    own = table[(table["measure"] == "identified") & (table["strategy"] != table["against"])]
    found = []
    for (data, strategy, against), part in own.groupby(["data", "strategy", "against"], sort=False):
        most = part.sort_values("difference", kind="stable").iloc[0]
        found.append(
            Worse(
                str(data),
                str(strategy),
                str(against),
                len(part),
                int(part["worse"].sum()),
                float(most["difference"]),
                float(most["calls / M"]),
            )
        )
    return tuple(found)
