"""How results depend on one factor: the number of kgrams, the noise, the baseline, or eps.

The other tables hold all settings side by side; :func:`varied` reads each factor from them, and
nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from bayessel.studies.settings import data_label

FACTORS = ("kgrams", "noise", "baseline", "eps")
"""What may vary: number z of k-gram weak judges, the oracle's noise, baseline LLM, fixed eps."""

SHOWN = (1, 2, 3, 5, 7.5, 10, 15, 20, 30, 40, 60, 80, 100, 150)
"""Budgets that tables list, in whole-query equivalents."""

USUAL_KGRAMS = 10
USUAL_EPS = (0.2, 0.4)
_MEASURES = ("identified", "within 1 %", "gap")
_KEYS = ["data", "strategy"]


def listed_budgets(budgets: Iterable[float]) -> tuple[float, ...]:
    """Those of a study's budgets that tables list; the last one is always among them."""
    every = sorted(set(map(float, budgets)))
    return tuple(b for b in every if b in SHOWN or b == every[-1])


def drawn_budgets(budgets: Iterable[float]) -> tuple[float, ...]:
    """An early, a middle and a late one of :func:`listed_budgets`; all where they are few."""
    listed = listed_budgets(budgets)
    if len(listed) <= 3:
        return listed
    first = len(listed) // 4
    last = max(len(listed) - 2, first + 2)
    return listed[first], listed[(first + last + 1) // 2], listed[last]


def varied(by_budget: pd.DataFrame, needed: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """One row a factor that varies, group, value and measure.

    A factor varies where a group has at least two of its values. For ``kgrams`` a group is a data
    set and strategy; for ``noise`` and ``baseline`` it is a source and strategy. ``eps`` varies
    where ``llm-selector`` has at least two values of eps_loss and two of eps_draw on a data set.

    Parameters
    ----------
    by_budget, needed
        :func:`bayessel.studies.measures.by_budget.by_budget` and
        :func:`bayessel.studies.measures.needed.calls_needed` of all data sets.
    settings
        :func:`bayessel.studies.settings.settings_frame` of the same data sets.

    Returns
    -------
    DataFrame
        ``factor``; ``data`` and ``strategy``, labels without the factor; ``value``, a text (empty
        where the strategy does not depend on the factor); ``eps_loss``, ``eps_draw``; ``measure``:
        ``identified``, ``within 1 %`` or ``gap`` (points) with a budget in ``at``, or ``needed:
        CRITERION`` with a level in ``at``; ``estimate``, ``se`` and ``budget`` (the last). Budgets
        and what is needed are in whole-query equivalents. No rows where nothing varies.
    """
    long = _long(by_budget, needed)
    frames = []
    for factor in FACTORS:
        for (data, strategy), cells in _groups(factor, settings):
            part = cells.merge(long, on=_KEYS, how="left", suffixes=("", " label"))
            part = part.assign(factor=factor, data=data, strategy=strategy)
            frames.append(part)
    columns = ["factor", *_KEYS, "value", "eps_loss", "eps_draw", "measure", "at"]
    columns += ["estimate", "se", "budget"]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns]


def in_grid(settings: pd.DataFrame) -> pd.Series:
    """[rows] whether a strategy of ``settings`` is one of a grid over fixed eps on its data set."""
    fixed = settings["plain"].str.startswith("llm-selector:") & settings["eps_loss"].notna()
    fixed |= settings["plain"] == "llm-selector"
    found = pd.Series(False, settings.index)
    for _, rows in settings[fixed].groupby(["data", "kgrams"], sort=False).groups.items():
        pairs = settings.loc[rows]
        if min(pairs["eps_loss"].nunique(), pairs["eps_draw"].nunique()) >= 2:
            found[rows] = True
    return found


def usual(settings: pd.DataFrame) -> pd.DataFrame:
    """The settings that pictures of all strategies show.

    Of several numbers of weak judges it is the usual one, or the largest where that is absent. Of
    a grid over eps it is the usual pair only.
    """
    kept = []
    for _, group in settings.groupby(["data", "plain"], sort=False):
        numbers = sorted(group["kgrams"].unique())
        one = USUAL_KGRAMS if USUAL_KGRAMS in numbers else numbers[-1]
        kept.append(group[group["kgrams"] == one])
    few = pd.concat(kept).sort_index()
    other = (few["eps_loss"] != USUAL_EPS[0]) | (few["eps_draw"] != USUAL_EPS[1])
    return few[~(in_grid(settings).loc[few.index] & other)]


def drawn(frame: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`varied` that people read: all of eps, and the strategies of ``shown``.

    Parameters
    ----------
    frame
        What :func:`varied` returns.
    shown
        What :func:`usual` returns.
    """
    names = np.where(
        frame["factor"] == "kgrams",
        frame["strategy"].isin(shown["plain"]),
        frame["strategy"].isin(shown["strategy"]),
    )
    return frame[names | (frame["factor"] == "eps")]


def _long(by_budget: pd.DataFrame, needed: pd.DataFrame) -> pd.DataFrame:
    """[rows] measures at budgets and prices of levels, one below the other."""
    parts = []
    for _, part in by_budget.groupby("data", sort=False):
        budgets = part["calls / M"]
        kept = part[budgets.isin(listed_budgets(budgets))]
        parts.append(kept.assign(budget=budgets.max()))
    shown = pd.concat(parts)
    frames = [
        shown[[*_KEYS, "budget"]].assign(
            measure=measure,
            at=shown["calls / M"],
            estimate=shown[measure],
            se=shown[f"{measure} se"],
        )
        for measure in _MEASURES
    ]
    frames.append(
        needed[[*_KEYS, "budget"]].assign(
            measure="needed: " + needed["criterion"],
            at=needed["level"],
            estimate=needed["needed"],
            se=needed["needed se"],
        )
    )
    return pd.concat(frames, ignore_index=True)


def _groups(factor: str, settings: pd.DataFrame) -> Sequence[tuple[tuple[str, str], pd.DataFrame]]:
    """[(data, strategy without the factor)] settings with their ``value``, where it varies."""
    if factor == "eps":
        return _eps_groups(settings)
    held = {"kgrams": ["data"], "noise": ["source", "baseline"], "baseline": ["source", "noise"]}
    found = []
    for _, group in settings.groupby(held[factor], sort=False):
        values = group.loc[group["kgrams"] > 0, factor] if factor == "kgrams" else group[factor]
        if values.nunique() < 2:
            continue
        first = group.iloc[0]
        data = data_label(
            first["source"],
            "" if factor == "baseline" else first["baseline"],
            0.0 if factor == "noise" else first["noise"],
        )
        by = "plain" if factor == "kgrams" else "strategy"
        for strategy, cells in group.groupby(by, sort=False):
            found.append(((data, str(strategy)), _with_value(factor, cells)))
    return found


def _eps_groups(settings: pd.DataFrame) -> Sequence[tuple[tuple[str, str], pd.DataFrame]]:
    found = []
    grid = settings[in_grid(settings)]
    for (data, kgrams), cells in grid.groupby(["data", "kgrams"], sort=False):
        value = [f"{a:g}/{b:g}" for a, b in zip(cells["eps_loss"], cells["eps_draw"], strict=True)]
        name = "llm-selector" if kgrams == USUAL_KGRAMS else f"llm-selector z={kgrams}"
        found.append(((str(data), name), _selected(cells, value)))
    return found


def _with_value(factor: str, cells: pd.DataFrame) -> pd.DataFrame:
    ordered = cells if factor == "baseline" else cells.sort_values(factor, kind="stable")
    values = ordered[factor]
    if factor == "kgrams":
        text = ["" if z == 0 else f"{z}" for z in values]
    elif factor == "noise":
        text = [f"{rate:g}" for rate in values]
    else:
        text = [str(name) for name in values]
    return _selected(ordered, text)


def _selected(cells: pd.DataFrame, value: Sequence[str]) -> pd.DataFrame:
    return cells[[*_KEYS, "eps_loss", "eps_draw"]].assign(value=np.array(value, dtype=object))
