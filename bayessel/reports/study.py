"""What people read of a study: ``tables.md``, the tables as CSV, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bayessel.pictures.study import write_figures
from bayessel.studies import Study
from bayessel.studies.measures.calibration import APART, CASES
from bayessel.studies.measures.differences import FIRST, MEASURES
from bayessel.studies.measures.needed import FEW, LEVELS, REFERENCES
from bayessel.studies.measures.stopping import STOP
from bayessel.studies.tables import Tables
from bayessel.studies.varied import drawn, drawn_budgets, listed_budgets, usual
from bayessel.support.files import write_text
from bayessel.support.tables import csv_text

_COLUMNS = (
    ("identified", "Best candidate identified (probability)", 2),
    ("within 1 %", "Named candidate within 1 % of the best (probability)", 2),
    ("within 2.5 %", "Within 2.5 %", 2),
    ("within 5 %", "Within 5 %", 2),
    ("gap", "Mean gap to the best, points of win rate", 2),
    ("gap p95", "95th percentile of the gap, points", 1),
)
"""Column of ``by_budget``, title, digits."""


def write_study(study: Study) -> list[Path]:
    """Write tables and figures into the study's folder.

    Returns
    -------
    list of Path
        ``tables/*.csv``, ``tables.md`` and ``figures/*``.
    """
    return write_tables(study.tables, study.folder) + write_figures(study.tables, study.folder)


def write_tables(tables: Tables, folder: Path) -> list[Path]:
    """Write ``tables/*.csv`` and ``tables.md`` into a folder."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    written = [
        write_text(folder / "tables" / f"{name}.csv", csv_text(frame, index=False))
        for name, frame in tables.frames.items()
    ]
    return [*written, write_text(folder / "tables.md", markdown(tables))]


def markdown(tables: Tables) -> str:
    """The tables that people read, as Markdown; standard errors are after ±."""
    parts = ["# Benchmark\n", _UNITS]
    for name, group in tables.by_budget.groupby("data", sort=False):
        last = group.iloc[-1]
        budgets = listed_budgets(group["calls / M"])
        parts.append(f"## {name}\n")
        parts.append(
            f"{round(last['calls'] / last['calls / M'])} calls are one whole-query equivalent.\n"
        )
        for column, title, digits in _COLUMNS:
            parts.append(f"### {title}, by calls / M\n")
            parts.append(_by_budget(group, column, budgets, digits))
        parts.append("### Queries opened (mean), by calls / M\n")
        parts.append(_by_budget(group, "queries", budgets, 0))
        parts.append(_needed(tables.needed[tables.needed["data"] == name]))
        parts.append(_stopping(_of(tables.stopping, name)))
        parts.append(_reported(group, budgets))
        parts.append(_calibration(_of(tables.calibration, name)))
        parts.append(_worse(_of(tables.differences, name)))
    parts += _varied(drawn(tables.varied, usual(tables.settings)))
    parts.append("## Mean over data sets\n")
    parts.append(
        "Calls needed, as a share of those of others. Levels that the other reaches with fewer "
        f"than {FEW} whole-query equivalents are left out. Who does not reach a level counts with "
        "the whole budget: if it is the strategy its share is a lower bound, marked ≥; if it is "
        "the other, an upper bound, marked ≤; where both occur in a mean it is marked ~. If "
        "neither does, the level is left out. In brackets: how many data sets and levels count.\n"
    )
    parts.append(_overall(tables.overall))
    return "\n".join(part for part in parts if part)


_UNITS = (
    "Budgets are in whole-query equivalents, calls / M: the calls divided by the number M of "
    "candidates. Queries opened are those with at least one judged cell. Standard errors are "
    "after ±.\n"
)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is aligned to the left, the others to the right."""
    lines = [list(head), ["---", *["---:"] * (len(head) - 1)], *map(list, rows)]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in escaped) + "\n"


def number(value: float, error: float = float("nan"), digits: int = 2) -> str:
    """A number and its standard error; a dash where there is none."""
    if not np.isfinite(value):
        return "-"
    text = f"{value:.{digits}f}"
    return f"{text} ± {error:.{digits}f}" if np.isfinite(error) else text


def _of(frame: pd.DataFrame, name: object) -> pd.DataFrame:
    return frame[frame["data"] == name] if len(frame) else frame


def _by_budget(group: pd.DataFrame, column: str, budgets: Sequence[float], digits: int) -> str:
    rows = []
    for strategy, part in group.groupby("strategy", sort=False):
        at = part.set_index("calls / M").loc[list(budgets)]
        errors = at[f"{column} se"] if f"{column} se" in at else [float("nan")] * len(at)
        pairs = zip(at[column], errors, strict=True)
        rows.append([str(strategy), *(number(value, error, digits) for value, error in pairs)])
    return grid(["strategy", *(f"{budget:g}" for budget in budgets)], rows)


def _reported(group: pd.DataFrame, budgets: Sequence[float]) -> str:
    """Mean reported P(best) beside how often it is right, by budget."""
    rows = []
    for strategy, part in group.groupby("strategy", sort=False):
        at = part.set_index("calls / M").loc[list(budgets)]
        if at["P(best)"].isna().all():
            continue
        pairs = zip(at["P(best)"], at["identified"], strict=True)
        rows.append([str(strategy), *(f"{number(p)} / {number(right)}" for p, right in pairs)])
    if not rows:
        return ""
    head = ["strategy", *(f"{budget:g}" for budget in budgets)]
    return "### Mean reported P(best) / share that is right, by calls / M\n\n" + grid(head, rows)


_PRICED = ("identified", "within 1 %")
"""Criteria whose prices people read; the CSV has all."""


def _needed(group: pd.DataFrame) -> str:
    parts = []
    for criterion in _PRICED:
        part = group[group["criterion"] == criterion]
        head = ["strategy", *(f"{level:g}" for level in LEVELS)]
        parts.append(f"### Calls / M needed (queries opened by then): {criterion}\n")
        rows = []
        for strategy, own in part.groupby("strategy", sort=False):
            cells = []
            for _, r in own.iterrows():
                price = number(r["needed"], r["needed se"], 1)
                lacking = f"> {r['budget']:g}"
                cells.append(lacking if price == "-" else f"{price} ({r['queries']:.0f})")
            rows.append([str(strategy), *cells])
        parts.append(grid(head, rows))
        for other in REFERENCES:
            column = f"share of {other}"
            if part[column].isna().all():
                continue
            rows = []
            for strategy, own in part.groupby("strategy", sort=False):
                values = zip(own[column], own[f"{column} se"], strict=True)
                rows.append([str(strategy), *(number(value, error) for value, error in values)])
            parts.append(f"### Share of the calls of {other}: {criterion}\n")
            parts.append(grid(head, rows))
    return "\n".join(parts)


_FACTORS = {
    "kgrams": "number z of k-gram weak judges",
    "noise": "the oracle's error rate",
    "baseline": "baseline LLM",
    "eps": "eps_loss/eps_draw",
}


def _varied(frame: pd.DataFrame) -> list[str]:
    """Markdown of each factor that varies: one table a measure, one column a value."""
    parts = []
    for (factor, data), group in frame.groupby(["factor", "data"], sort=False):
        parts.append(f"## {data}: by {_FACTORS[str(factor)]}\n")
        last = float(group["budget"].max())
        budgets = drawn_budgets(group.loc[group["measure"] == "identified", "at"])
        asked = [("identified", b, "Best candidate identified after calls / M =") for b in budgets]
        asked += [
            ("needed: identified", 0.7, "Calls / M needed: identified with probability"),
            ("needed: within 1 %", 0.8, "Calls / M needed: within 1 % with probability"),
        ]
        for measure, at, title in asked:
            part = group[(group["measure"] == measure) & (group["at"] == at)]
            price = measure.startswith("needed")
            parts.append(f"### {title} {at:g}\n")
            parts.append(_by_value(part, price, last))
    return parts


def _by_value(part: pd.DataFrame, price: bool, last: float) -> str:
    values = list(dict.fromkeys(v for v in part["value"] if v))
    rows = []
    for strategy, own in part.groupby("strategy", sort=False):
        cells = {}
        for _, r in own.iterrows():
            text = number(r["estimate"], r["se"], 1 if price else 2)
            cells[r["value"]] = f"> {last:g}" if price and text == "-" else text
        every = cells.get("", "-")  # the strategy does not depend on it
        rows.append([str(strategy), *(cells.get(value, every) for value in values)])
    return grid(["strategy", *values], rows)


def _stopping(frame: pd.DataFrame) -> str:
    if frame.empty:
        return ""
    frame = frame[frame["level"] == STOP]
    rows = [
        [
            f"{r['strategy']}, {r['rule']}",
            number(r["stopped"]),
            number(r["reported"], digits=3),
            number(r["right"], r["right se"], 3),
            number(r["calls / M"], r["calls / M se"], 1),
            number(r["queries"], digits=0),
        ]
        for _, r in frame.iterrows()
    ]
    head = ["strategy and rule", "stopped", "reported then", "right then", "calls / M", "queries"]
    return "### Stopping rules\n\n" + grid(head, rows)


def _calibration(frame: pd.DataFrame) -> str:
    if frame.empty:
        return ""
    pooled = frame[frame["calls / M"] == 0]
    rows = [
        [
            f"{r['strategy']}, {r['from']:.1f} to {r['to']:.1f}",
            f"{r['cases']}",
            number(r["reported"]),
            number(r["right"], r["error"]),
        ]
        for _, r in pooled.iterrows()
    ]
    head = ["strategy and reported P(best)", "cases", "mean reported", "right"]
    text = "### Calibration of P(best), all budgets together\n\n" + grid(head, rows)
    alone = frame[(frame["calls / M"] > 0) & (frame["cases"] >= CASES)]
    if alone.empty:
        return text
    rows = []
    for strategy, part in alone.groupby("strategy", sort=False):
        off = part[part["off"]]
        sure = (off["reported"] > off["right"]).sum()
        cells = [f"{len(off)} of {len(part)}", f"{sure}", ", ".join(map(_tenth, off.itertuples()))]
        rows.append([str(strategy), *cells])
    head = ["strategy", "off", "too sure", "calls / M: reported, right"]
    return (
        f"{text}\n### Tenths of P(best) at single budgets, of those with {CASES} cases, that are "
        f"off by more than {APART:g} and two standard errors\n\n" + grid(head, rows)
    )


def _tenth(row: Any) -> str:
    """Budget, reported and right of a tenth of :func:`~.calibration.calibration`."""
    return f"{row[3]:g}: {number(row.reported)}, {number(row.right)}"


def _worse(frame: pd.DataFrame) -> str:
    if frame.empty:
        return ""
    rows = []
    for (strategy, against), part in frame.groupby(["strategy", "against"], sort=False):
        if strategy == against:
            continue
        cells = []
        for measured in MEASURES:
            own = part[part["measure"] == measured]
            most = own.sort_values("difference", kind="stable").iloc[0]
            text = f"{int(own['worse'].sum())} of {len(own)}"
            if most["difference"] < 0:
                text += f"; {number(most['difference'], most['se'])} at {most['calls / M']:g}"
            cells.append(text)
        rows.append([f"{strategy} against {against}", *cells])
    if not rows:
        return ""
    head = ["worse by more than two standard errors", "identified", "within 1 %", "gap"]
    return (
        f"### Budgets from calls / M = {FIRST:g} on at which a strategy is worse, and where it is "
        "furthest behind\n\n" + grid(head, rows)
    )


def _overall(frame: pd.DataFrame) -> str:
    rows = []
    of_interest = frame[frame["criterion"].isin(_PRICED)]
    others = [name for name in REFERENCES if name in set(of_interest["against"])]
    for (strategy, criterion, level), part in of_interest.groupby(
        ["strategy", "criterion", "level"], sort=False
    ):
        by = {row["against"]: row for _, row in part.iterrows()}
        at = f"at {level:g}" if level else "mean over levels"
        cells = [_bounded(by[other]) if other in by else "-" for other in others]
        rows.append([f"{strategy}, {criterion} {at}", *cells])
    return grid(["strategy and level", *(f"share of {other}'s" for other in others)], rows)


def _bounded(row: pd.Series) -> str:
    """A mean share, marked where it is a bound, and the number of its cases."""
    text = number(row["share"])
    if text == "-":
        return text
    mark = {(True, False): "≥ ", (False, True): "≤ ", (True, True): "~ "}
    bounds = (bool(row["lower bounds"]), bool(row["upper bounds"]))
    return f"{mark.get(bounds, '')}{text} ({int(row['cases'])})"
