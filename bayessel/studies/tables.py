"""Write the tables of a study: whole numbers as CSV, what one reads as Markdown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bayessel.studies import measures
from bayessel.studies.curves import CRITERIA
from bayessel.studies.rows import Runs
from bayessel.studies.settings import settings_frame
from bayessel.studies.varied import SHOWN, drawn, pictured, told, usual, varied


@dataclass(frozen=True)
class Tables:
    """Frames of :mod:`bayessel.studies.measures`, of one data set or of several."""

    by_budget: pd.DataFrame
    needed: pd.DataFrame
    differences: pd.DataFrame
    calibration: pd.DataFrame
    stopping: pd.DataFrame
    settings: pd.DataFrame

    @property
    def varied(self) -> pd.DataFrame:
        """See :func:`bayessel.studies.varied.varied`."""
        return varied(self.by_budget, self.needed, self.settings)

    @property
    def overall(self) -> pd.DataFrame:
        """See :func:`bayessel.studies.measures.overall`."""
        return measures.overall(self.needed)


def measure(data: Sequence[Runs], seed: int = 0) -> Tables:
    """All tables of one data set."""
    return Tables(
        measures.by_budget(data),
        measures.annotations_needed(data, seed),
        measures.differences(data),
        measures.calibration(data, SHOWN),
        measures.stopping(data),
        settings_frame([runs.strategy for runs in data], [runs.setting for runs in data]),
    )


def together(parts: Sequence[Tables]) -> Tables:
    """Tables of several data sets, one below the other."""
    names = Tables.__dataclass_fields__
    stacked = {n: pd.concat([getattr(p, n) for p in parts], ignore_index=True) for n in names}
    return Tables(**stacked)


def write_tables(tables: Tables, folder: Path) -> list[Path]:
    """Write ``tables/*.csv`` and ``tables.md``."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    written = []
    for name in (*Tables.__dataclass_fields__, "varied", "overall"):
        frame = getattr(tables, name)
        path = folder / "tables" / f"{name}.csv"
        written.append(_write(path, frame.to_csv(index=False, float_format="%.6g")))
    written.append(_write(folder / "tables.md", markdown(tables)))
    return written


def markdown(tables: Tables) -> str:
    """The tables that one reads, with standard errors after ±."""
    parts = ["# Benchmark\n"]
    for name, group in tables.by_budget.groupby("data", sort=False):
        parts.append(f"## {name}\n")
        steps = int(group["annotations"].max())
        budgets = told(steps)
        for column, title, digits in (
            ("identified", "Best candidate identified (probability)", 2),
            ("within 1 %", "Recommendation within 1 % of the best (probability)", 2),
            ("within 2.5 %", "Within 2.5 %", 2),
            ("within 5 %", "Within 5 %", 2),
            ("gap", "Mean gap to the best, points of win rate", 2),
            ("gap p95", "95th percentile of the gap, points", 1),
        ):
            parts.append(f"### {title}, after so many annotations\n")
            parts.append(_by_budget(group, column, budgets, digits))
        parts.append(_needed(tables.needed[tables.needed["data"] == name], steps))
        parts.append(_stopping(_of(tables.stopping, name)))
        parts.append(_calibration(_of(tables.calibration, name)))
        parts.append(_worse(_of(tables.differences, name)))
    parts += _varied(drawn(tables.varied, usual(tables.settings)))
    parts.append("## Mean over data sets\n")
    parts.append(
        "Annotations needed, as a share of those of `random` and of `llm-selector-grid`. Left out: "
        f"levels that `random` reaches in fewer than {measures.FEW} annotations or not at all. A "
        "strategy that does not reach a level counts with the whole budget: its share is a lower "
        "bound, marked ≥.\n"
    )
    parts.append(_overall(tables.overall))
    return "\n".join(parts)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column to the left, the others to the right."""
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
            ("less than best baseline", f"Reduction against the best baseline, %: {criterion}"),
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
                parts.append(grid(["strategy", *(f"{lv:g}" for lv in measures.LEVELS)], rows))
    return "\n".join(parts)


_FACTORS = {
    "kgrams": "number of weak judges z",
    "noise": "the oracle's error rate",
    "baseline": "baseline LLM",
    "eps": "eps_loss/eps_draw",
}


def _varied(frame: pd.DataFrame) -> list[str]:
    """Markdown of what varies: a table a measure, a column a value."""
    parts = []
    for (factor, data), group in frame.groupby(["factor", "data"], sort=False):
        parts.append(f"## {data}: by {_FACTORS[str(factor)]}\n")
        steps = int(group["budget"].max())
        asked = [
            ("identified", float(b), "Best candidate identified after") for b in pictured(steps)
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
    frame = frame[frame["level"] == measures.STOP]
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
        for measured in ("identified", "within 1 %", "gap"):
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


def _write(path: Path, text: str) -> Path:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return path
