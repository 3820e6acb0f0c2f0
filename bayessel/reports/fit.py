"""What was found by a fit: table, numbers, sentences and files."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.convergence import Sampling
from bayessel.inference.draws import p_within
from bayessel.inference.results import save_tree
from bayessel.reports.files import report_files, write_csv, write_json
from bayessel.reports.standing import (
    leader_lines,
    leader_numbers,
    recorded_win_rates,
    standing_html,
)
from bayessel.tasks.task import Task


@dataclass(frozen=True)
class FitReport:
    """A fit as people read it.

    Attributes
    ----------
    tree
        The result of :func:`bayessel.inference.fit.fit`.
    task
        The task that was fitted: its recorded win rates are drawn beside the posterior's.
    more
        Further numbers by name, put beside those of the report.

    Examples
    --------
    >>> from bayessel import fit, simulate_task
    >>> task = simulate_task(n_queries=20, n_candidates=3, seed=1)
    >>> report = FitReport(fit(task, chains=2, draws=50, warmup=50), task)
    >>> list(report.table.columns)
    ['p_best', 'win_rate', 'lower', 'upper', 'p_within_1pct']
    """

    tree: xr.DataTree
    task: Task | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def table(self) -> pd.DataFrame:
        """M rows by candidate, the highest expected win rate first.

        Columns ``p_best``, ``win_rate``, ``lower`` and ``upper`` (its 90 % interval),
        ``p_within_1pct`` and, where F is a parameter of the model, ``p_f``, its posterior.
        """
        posterior = self.tree["posterior"]
        names = [str(name) for name in posterior["candidate"].to_numpy()]
        rate, p_best = (
            posterior[v].transpose("chain", "draw", "candidate").to_numpy().reshape(-1, len(names))
            for v in ("win_rate", "p_best")
        )
        lower, upper = np.quantile(rate, [0.05, 0.95], axis=0)
        table = pd.DataFrame(
            {
                "p_best": p_best.mean(axis=0),
                "win_rate": rate.mean(axis=0),
                "lower": lower,
                "upper": upper,
                "p_within_1pct": p_within(rate, 0.01),
            },
            index=pd.Index(names, name="candidate"),
        )
        if "p_f" in posterior:
            table["p_f"] = posterior["p_f"].mean(("chain", "draw")).to_numpy()
        return table.sort_values(["win_rate", "p_best"], ascending=False)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """``arviz.summary`` of the posterior variables that vary; a known value has no r-hat."""
        import arviz as az

        posterior = self.tree["posterior"].to_dataset()
        varying = [
            str(name)
            for name, variable in posterior.data_vars.items()
            if float(np.ptp(variable.to_numpy())) > 0
        ]
        with warnings.catch_warnings():  # a candidate that is never best has no r-hat
            warnings.simplefilter("ignore", RuntimeWarning)
            return az.summary(posterior[varying], round_to="none")

    @cached_property
    def sampling(self) -> Sampling:
        """How well the posterior was sampled: r-hat, effective sample sizes, divergences."""
        return Sampling.of(self.tree)

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """What was found, as plain data for JSON."""
        posterior, attrs = self.tree["posterior"], self.tree.attrs
        return {
            **leader_numbers(self.table),
            "eps_loss": float(posterior["eps_loss"].mean()),
            "eps_draw": float(posterior["eps_draw"].mean()),
            "queries_opened": int(attrs["queries_opened"]),
            "cells": int(attrs["cells"]),
            "queries": int(self.tree["constant_data"]["n_queries"]),
            "candidates": len(self.table),
            "model": str(attrs["model"]),
            "engine": str(attrs["engine"]),
            "priors": json.loads(attrs["priors"]),
            "seed": int(attrs["seed"]),
            **self.sampling.to_dict(),
            **self.more,
        }

    @property
    def text(self) -> str:
        """What was found, as lines."""
        found = self.numbers
        seconds = f"; {found['seconds']:.1f} s" if "seconds" in found else ""
        return "\n".join(
            [
                *leader_lines(found),
                f"  the best candidate loses {found['eps_loss']:.3f} and draws "
                f"{found['eps_draw']:.3f} of the queries (posterior means of eps)",
                f"  {found['queries_opened']} of {found['queries']} queries opened "
                f"({found['cells']} cells), model {found['model']}",
                f"Sampled with {found['engine']}: {self.sampling.text}{seconds}",
            ]
        )

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return standing_html(
            self.table, f"{self.numbers['model']}: {leader_lines(self.numbers)[0]}"
        )

    def write(self, folder: Path) -> dict[str, Path]:
        """Write the result, tables, numbers and pictures into a folder.

        Returns
        -------
        dict
            Path by what it is: ``result`` (netCDF), ``summary`` (CSV), ``fit`` (JSON) and the
            pictures ``win_rates``, ``p_best`` and, unless all is judged, ``eps`` (PNG; an SVG lies
            beside each).

        Raises
        ------
        RunError
            They cannot be written.
        """
        from bayessel.pictures.fit import plot_eps_prior, plot_p_best
        from bayessel.pictures.style import save_figure
        from bayessel.pictures.win_rates import plot_win_rates

        recorded = None if self.task is None else recorded_win_rates(self.task)
        figures = {
            "win_rates": plot_win_rates(
                self.table, recorded if recorded is not None and len(recorded) else None
            ),
            "p_best": plot_p_best(self.table),
            "eps": plot_eps_prior(self.tree),
        }
        drawn = {name: figure for name, figure in figures.items() if figure is not None}
        standing = self.table.round(6).reset_index().to_dict(orient="records")
        with report_files(folder) as staging:
            save_tree(self.tree, staging / "result.nc")
            write_csv(staging / "summary.csv", self.summary, index_label="variable")
            write_json(staging / "fit.json", {**self.numbers, "standing": standing})
            for name, figure in drawn.items():
                save_figure(figure, staging / name)
        names = {"result": "result.nc", "summary": "summary.csv", "fit": "fit.json"}
        names |= {name: f"{name}.png" for name in drawn}
        return {what: folder / name for what, name in names.items()}
