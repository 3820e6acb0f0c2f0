"""What was found by a selection: numbers, sentences and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bayessel.inference.results import save_tree
from bayessel.reports.files import report_files, write_csv, write_json
from bayessel.reports.standing import (
    leader_lines,
    leader_numbers,
    money,
    percent,
    race_line,
    recorded_win_rates,
    standing_html,
)
from bayessel.selection.history import chances_table
from bayessel.selection.run import Run
from bayessel.selection.selector import Selector
from bayessel.selection.stopping import Stop
from bayessel.support.text import command, count
from bayessel.support.ties import TIE


@dataclass(frozen=True)
class SelectionReport:
    """A selection as people read it.

    Attributes
    ----------
    selector
        The selection.
    history
        One row a call: ``Selector.history`` or ``Run.history()``; needed for the files only.
    stop
        Its stopping rule, if any.
    more
        Further numbers by name, put beside those of the report.
    chances
        P(best) by call and candidate, see :func:`bayessel.selection.history.chances_table`; those
        of the selector's own steps where None.
    """

    selector: Selector
    history: pd.DataFrame | None = None
    stop: Stop | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    chances: pd.DataFrame | None = None

    @classmethod
    def of_run(
        cls,
        run: Run,
        more: Mapping[str, Any] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> SelectionReport:
        """The report of a run on disk, after every answer in it.

        Parameters
        ----------
        run
            The run.
        more
            Further numbers by name.
        progress
            Called with how many of how many answers were replayed, where they have to be.
        """
        selector, history = run.settled(progress)
        rule = run.ledger.meta.get("stop")
        chances = chances_table(run.ledger.steps, run.names.candidates)
        stop = None if rule is None else Stop(*rule)
        return cls(selector, history, stop, more or {}, chances)

    @cached_property
    def table(self) -> pd.DataFrame:
        """M rows by candidate, the recommended one first; see ``Selector.table``."""
        return self.selector.table

    @cached_property
    def recorded(self) -> pd.Series:
        """Win rates over all recorded judgments, the highest first."""
        return recorded_win_rates(self.selector.task)

    @property
    def _chances(self) -> pd.DataFrame:
        """P(best) by call and candidate."""
        if self.chances is not None:
            return self.chances
        return chances_table(self.selector.steps, self.selector.task.candidates)

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """What was found, as plain data for JSON."""
        selector = self.selector
        found: dict[str, Any] = {
            **leader_numbers(self.table),
            "in_race": list(selector.in_race),
            "calls": selector.n_calls,
            "calls_on_best": int(self.table["calls"].iloc[0]),
            "whole_queries": round(selector.n_calls / selector.task.n_candidates, 2),
            "cost": selector.spent,
            "queries_opened": selector.n_queries,
            "queries": selector.task.n_queries,
            "candidates": selector.task.n_candidates,
            "baseline": selector.task.baseline,
            "strategy": selector.strategy.name,
            "options": selector.strategy.options,
            "seed": selector.seed,
            "priors": {k: str(v) for k, v in selector.strategy.priors.items()},
            "table": [
                {"candidate": str(name), **{k: _plain(v) for k, v in row.items()}}
                for name, row in self.table.iterrows()
            ],
        }
        if len(self.recorded):
            first = self.recorded.iloc[0]
            found["recorded_best"] = str(self.recorded.index[0])
            found["recorded_win_rate"] = round(float(first), 6)
            found["recorded_tied"] = int((self.recorded >= first - TIE).sum())
        if self.stop is not None:
            found["stopped"] = self.stop.reached(selector.standing)
            found["stop_at"] = self.stop.level
            found["within"] = self.stop.within
        return {**found, **self.more}

    @property
    def text(self) -> str:
        """What was found, as lines."""
        return "\n".join(selection_lines(self.numbers, self.stop))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return standing_html(self.table, self.text.partition("\n")[0])

    def write(self, folder: Path) -> dict[str, Path]:
        """Write the posterior, tables, numbers and pictures into a folder.

        Returns
        -------
        dict
            Path by what it is: ``result`` (netCDF, opens with ``arviz.from_netcdf``), ``history``
            and ``standing`` (CSV), ``summary`` (JSON) and the pictures ``p_best``, ``win_rates``
            and, unless all is judged, ``eps`` (PNG; an SVG lies beside each).

        Raises
        ------
        RunError
            They cannot be written.
        """
        from bayessel.pictures import selection as pictures  # matplotlib is needed here only
        from bayessel.pictures.style import save_figure
        from bayessel.pictures.win_rates import plot_win_rates

        history = self.selector.history if self.history is None else self.history
        posterior = self.selector.posterior
        level = None if self.stop is None else self.stop.level
        figures = {
            "p_best": pictures.plot_p_best(history, level, len(self.table), self._chances),
            "win_rates": plot_win_rates(self.table, self.recorded if len(self.recorded) else None),
            "eps": pictures.plot_eps(posterior),
        }
        drawn = {name: figure for name, figure in figures.items() if figure is not None}
        kept = f"the answers are kept, '{command('status', folder)}' writes the results again"
        gone = [f"{name}.{end}" for name in figures.keys() - drawn.keys() for end in ("png", "svg")]
        with report_files(folder, kept, removed=gone) as staging:
            save_tree(posterior, staging / "result.nc")
            write_csv(staging / "history.csv", history, index=False)
            write_csv(staging / "standing.csv", self.table)
            write_json(staging / "summary.json", self.numbers)
            for name, figure in drawn.items():
                save_figure(figure, staging / name)
        names = {
            "result": "result.nc",
            "history": "history.csv",
            "standing": "standing.csv",
            "summary": "summary.json",
            **{name: f"{name}.png" for name in drawn},
        }
        return {what: folder / name for what, name in names.items()}


def _plain(value: Any) -> Any:
    """A value of the table as JSON has it."""
    if isinstance(value, str):
        return value
    return int(value) if isinstance(value, int | np.integer) else round(float(value), 6)


def selection_lines(found: Mapping[str, Any], stop: Stop | None) -> list[str]:
    """What was found, one sentence a line.

    Parameters
    ----------
    found
        :attr:`SelectionReport.numbers`.
    stop
        The stopping rule, if any.
    """
    calls, cells = found["calls"], found["queries"] * found["candidates"]
    lines = [] if calls else ["Nothing is judged yet: these are the prior's numbers."]
    lines += leader_lines(found)
    lines.append(race_line(found["in_race"], found["best"], found["candidates"]))
    options = found["options"]
    chosen = "whole_queries" in options and options.get("acquisition", "random") != "random"
    if chosen and 0 < found["queries_opened"] < found["queries"]:
        lines.append(
            "  note: what tells candidates apart was asked first, so the order of the candidates "
            "is surer than their win rates"
        )
    if calls and not found["calls_on_best"]:
        lines.append(f"  note: no call was spent on {found['best']}: its win rate is a guess")
    cost = "" if found["cost"] is None else f", cost {money(found['cost'])}"
    whole = f"{found['whole_queries']:.3g}"
    queries = "whole query takes" if whole == "1" else "whole queries take"
    as_many = f"; as many as {whole} {queries}, {percent(calls / cells)} of all cells"
    lines.append(
        f"  {count(calls, 'call')} on {found['queries_opened']} of "
        f"{count(found['queries'], 'query', 'queries')}{cost}{as_many if calls else ''}; "
        f"strategy {found['strategy']}{', whole queries' if options.get('whole_queries') else ''}"
    )
    if stop is not None:
        what = "P(best)" if stop.within is None else f"P(within {stop.within:g})"
        reached = "reached" if found["stopped"] else "not reached within the budget"
        lines.append(f"  stopping rule {what} >= {stop.level:g}: {reached}")
    if "recorded_best" in found:
        tied = found["recorded_tied"]
        what = f"{found['recorded_best']} is best"
        if tied > 1:
            what = f"{tied} candidates tie for best ({found['recorded_best']} is one)"
        lines.append(
            f"All recorded judgments together: {what}, win rate "
            f"{percent(found['recorded_win_rate'])}"
        )
    return lines


def files_text(folder: Path, files: Mapping[str, Path], *more: str) -> str:
    """Which files :meth:`SelectionReport.write` left in a folder, and more of them, as lines."""
    pictures = ", ".join(path.name for path in files.values() if path.suffix == ".png")
    return "\n".join(
        [
            f"Files in {folder}:",
            "  result.nc (opens with arviz.from_netcdf)",
            "  history.csv, standing.csv, summary.json",
            f"  pictures: {pictures} (and .svg)",
            *(f"  {line}" for line in more),
            f"a page to show: {command('report', folder)}",
        ]
    )
