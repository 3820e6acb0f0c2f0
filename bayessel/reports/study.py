"""What people read of a study: ``tables.md``, the tables as CSV, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bayessel.pictures.study import write_figures
from bayessel.studies import Study
from bayessel.studies.measures.differences import MEASURES
from bayessel.studies.measures.estimates import CRITERIA
from bayessel.studies.measures.needed import FEW, LEVELS
from bayessel.studies.measures.stopping import STOP
from bayessel.studies.tables import Tables
from bayessel.studies.varied import drawn, drawn_budgets, listed_budgets, usual
from bayessel.support.files import write_text

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
        write_text(
            folder / "tables" / f"{name}.csv", frame.to_csv(index=False, float_format="%.6g")
        )
        for name, frame in tables.frames.items()
    ]
    return [*written, write_text(folder / "tables.md", markdown(tables))]


def markdown(tables: Tables) -> str:
    """The tables that people read, as Markdown; standard errors are after ±."""
    parts = ["# Benchmark\n"]
    for name, group in tables.by_budget.groupby("data", sort=False):
        parts.append(f"## {name}\n")
        steps = int(group["annotations"].max())
        budgets = listed_budgets(steps)
        for column, title, digits in _COLUMNS:
            parts.append(f"### {title}, by number of annotations\n")
            parts.append(_by_budget(group, column, budgets, digits))
        parts.append(_needed(tables.needed[tables.needed["data"] == name], steps))
        parts.append(_stopping(_of(tables.stopping, name)))
        parts.append(_calibration(_of(tables.calibration, name)))
        parts.append(_worse(_of(tables.differences, name)))
    parts += _varied(drawn(tables.varied, usual(tables.settings)))
    parts.append("## Mean over data sets\n")
    parts.append(
        "Annotations needed, as a share of those of `random` and of `llm-selector-grid`. Levels "
        f"that `random` reaches in fewer than {FEW} annotations, or not at all, are left out. A "
        "strategy that does not reach a level counts with the whole budget: its share is then a "
        "lower bound, marked ≥.\n"
    )
    parts.append(_overall(tables.overall))
    return "\n".join(parts)


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


def _by_budget(group: pd.DataFrame, column: str, budgets: Sequence[int], digits: int) -> str:
    rows = []
    for strategy, part in group.groupby("strategy", sort=False):
        at = part.set_index("annotations")
        pairs = at[[column, f"{column} se"]].loc[list(budgets)].to_numpy()
        rows.append([str(strategy), *(number(value, error, digits) for value, error in pairs)])
    return grid(["strategy", *map(str, budgets)], rows)


def _needed(group: pd.DataFrame, steps: int) -> str:
    parts = []
    for criterion in CRITERIA:
        part = group[group["criterion"] == criterion]
        for what, title in (
            ("needed", f"Annotations needed: {criterion} with probability"),
            ("less than random", f"Reduction against random, %: {criterion}"),
            ("less than best rival", f"Reduction against the best rival, %: {criterion}"),
            ("less than llm-selector-grid", f"Reduction against llm-selector-grid, %: {criterion}"),
        ):
            price = what == "needed"
            scale, digits = (1, 0) if price else (100, 0)
            rows = []
            for strategy, own in part.groupby("strategy", sort=False):
                values = zip(own[what] * scale, own[f"{what} se"] * scale, strict=True)
                cells = [number(value, error, digits) for value, error in values]
                rows.append(
                    [str(strategy), *(f"> {steps}" if price and c == "-" else c for c in cells)]
                )
            if part[what].notna().any():
                parts.append(f"### {title}\n")
                parts.append(grid(["strategy", *(f"{lv:g}" for lv in LEVELS)], rows))
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
        steps = int(group["budget"].max())
        asked = [
            ("identified", float(b), "Best candidate identified after")
            for b in drawn_budgets(steps)
        ]
        asked += [
            ("needed: identified", 0.7, "Annotations needed: identified with probability"),
            ("needed: within 1 %", 0.8, "Annotations needed: within 1 % with probability"),
        ]
        for measure, at, title in asked:
            part = group[(group["measure"] == measure) & (group["at"] == at)]
            price = measure.startswith("needed")
            unit = "" if price else " annotations"
            parts.append(f"### {title} {at:g}{unit}\n")
            parts.append(_by_value(part, price, steps))
    return parts


def _by_value(part: pd.DataFrame, price: bool, steps: int) -> str:
    values = list(dict.fromkeys(v for v in part["value"] if v))
    rows = []
    for strategy, own in part.groupby("strategy", sort=False):
        cells = {}
        for _, r in own.iterrows():
            text = number(r["estimate"], r["se"], 0 if price else 2)
            cells[r["value"]] = f"> {steps}" if price and text == "-" else text
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
            number(r["right"], r["right se"]),
            number(r["annotations"], r["annotations se"], 1),
            number(r["cells"], digits=0),
        ]
        for _, r in frame.iterrows()
    ]
    head = ["strategy and rule", "stopped", "right when stopped", "annotations", "cells"]
    return "### Stopping rules\n\n" + grid(head, rows)


def _calibration(frame: pd.DataFrame) -> str:
    if frame.empty:
        return ""
    pooled = frame[frame["annotations"] == 0]
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
    return "### Calibration of P(best), all budgets together\n\n" + grid(head, rows)


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
            cells.append(f"{int(own['worse'].sum())} of {len(own)}")
        rows.append([f"{strategy} against {against}", *cells])
    if not rows:
        return ""
    head = ["worse by more than two standard errors", "identified", "within 1 %", "gap"]
    return "### Budgets from 5 on at which a strategy is worse\n\n" + grid(head, rows)


def _overall(frame: pd.DataFrame) -> str:
    rows = []
    for _, r in frame.iterrows():
        if r["data sets"]:
            what = f"{r['strategy']}, {r['criterion']} at {r['level']:g}"
            shares = (number(r[f"share of {n}'s"]) for n in ("random", "llm-selector-grid"))
            bound = "≥ " if r["not reached"] else ""
            rows.append(
                [what, f"{r['data sets']}", *(s if s == "-" else bound + s for s in shares)]
            )
    head = ["strategy and level", "data sets", "share of random's", "share of llm-selector-grid's"]
    return grid(head, rows)
