r"""How far the decision depends on the priors.

The decision is who is best, with what probability, which query comes next, and the best's rates
eps. Two ways to see how it moves:

- :func:`sensitivity` fits the model again under each of several priors, with the same seed. What
  moves less than its Monte Carlo error has not moved.
- :func:`~bayessel.checks.power_scaling.power_scaling` needs one fit: prior and likelihood are
  raised to powers near one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.checks.advice import advice
from bayessel.checks.draws import flat, posterior_of
from bayessel.checks.power_scaling import power_scaling
from bayessel.errors import BudgetError
from bayessel.inference.engines.base import default_engine
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import fit, outcomes_of
from bayessel.inference.load import Model, load_model
from bayessel.models import DEFAULT
from bayessel.priors import Prior
from bayessel.support.text import count, one_line
from bayessel.tasks.task import Task

OWN = "as given"
"""Label of the model's own priors, the reference."""

_MONTE_CARLO = 3.0  # standard errors that a difference must exceed


@dataclass(frozen=True)
class Sensitivity:
    """Decisions under several priors.

    Attributes
    ----------
    table
        One row a set of priors, :data:`OWN` first: as :func:`~bayessel.checks.advice.advice` says,
        and ``p_best_reference`` (P(best) of the reference's best), ``gain_reference`` (the gain of
        the reference's next query, as a share of the highest) and ``failed``: empty, or why the
        model could not be fitted under these priors. Such a row holds nothing else.
    p_best
        [priors, M] by label and candidate; NaN where the fit failed.
    power
        Of :func:`~bayessel.checks.power_scaling.power_scaling` under the reference; empty where it
        cannot be computed.
    note
        Why it is empty.
    """

    table: pd.DataFrame
    p_best: pd.DataFrame
    power: pd.DataFrame
    note: str = ""

    @property
    def text(self) -> str:
        """The finding in a sentence or two."""
        fitted = self.table[self.table["failed"] == ""]
        without = len(self.table) - len(fitted)
        failed = f" {count(without, 'fit')} failed." if without else ""
        own, others = fitted.iloc[0], fitted.iloc[1:]
        if len(others) == 0:
            return f"{own['best']} is best as given, and nothing can be compared with it.{failed}"
        changed = others[others["best"] != own["best"]]
        error = np.hypot(others["p_best_error"], own["p_best_error"])
        moved = (others["p_best_reference"] - own["p_best"]).abs()
        sound = bool((moved > _MONTE_CARLO * error).any())
        lowest, highest = fitted["p_best_reference"].min(), fitted["p_best_reference"].max()
        between = f"its P(best) lies between {lowest:.2f} and {highest:.2f}"
        if not sound:
            between += ", no more than Monte Carlo error apart"
        if len(changed):
            named = "; ".join(f"{r['best']} under {i}" for i, r in changed.iterrows())
            return f"The priors decide: {own['best']} as given, but {named}; {between}.{failed}"
        return f"{own['best']} is best under all {len(fitted)} priors; {between}.{failed}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; what is not known is None."""

        def records(table: pd.DataFrame) -> list[dict[str, Any]]:
            raw = table.reset_index().astype(object)
            plain = raw.where(raw.notna(), None)
            return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]

        chances = self.p_best.astype(object).where(self.p_best.notna(), None)
        return {
            "text": self.text,
            "table": records(self.table),
            "p_best": chances.T.to_dict(),
            "power_scaling": records(self.power),
            "note": self.note,
        }


def sensitivity(
    task: Task,
    priors: Mapping[str, Mapping[str, Prior | str]],
    model: str | Path | Model = DEFAULT,
    engine: str | None = None,
    *,
    outcomes: NDArray[np.int8] | pd.DataFrame | None = None,
    seed: int = 0,
    on_fit: Callable[[str], None] | None = None,
    **settings: Any,
) -> Sensitivity:
    """Decisions of a model under its own priors and under others.

    A fit that fails under other priors is a row that says why; the fits before it are kept.

    Parameters
    ----------
    task
        The task, with its weak judges' scores where it has texts.
    priors
        Priors to replace by label; see :func:`~bayessel.checks.variations.variations`.
    model, outcomes, seed, settings
        As :func:`bayessel.inference.fit.fit`.
    engine
        Likewise; where None, the default engine of these models, or ``numpyro`` where they differ.
    on_fit
        Called with each label as its fit begins.

    Raises
    ------
    BudgetError
        No priors to compare with, a label twice, or a prior outside its own's support.
    Exception
        Whatever the fit under the model's own priors raises: nothing was computed before it.
    """
    if not priors or OWN in priors:
        raise BudgetError(f"expected at least one set of other priors, none called {OWN!r}")
    base = load_model(model)
    outcome = outcomes_of(task, outcomes)
    evidence = Evidence.of(task, outcome, apart=base.reads_given)
    models = {OWN: base, **{label: load_model(base, given) for label, given in priors.items()}}
    engine = engine or engine_for_all(list(models.values()))
    names = list(evidence.candidates)
    rows: dict[str, dict[str, Any]] = {}
    chances: dict[str, NDArray[np.float64]] = {}
    gains: dict[str, NDArray[np.float64]] = {}
    power, note = pd.DataFrame(), ""
    for label, one in models.items():
        if on_fit is not None:
            on_fit(label)
        try:
            tree = fit(task, one, engine, outcomes=outcome, seed=seed, **settings)
            row, gains[label] = advice(tree, one, evidence, seed)
            chances[label] = flat(posterior_of(tree, "p_best")).mean(axis=0)
            rows[label] = {**row, "failed": ""}
        except Exception as error:  # any engine's: what was fitted before is not lost
            if label == OWN:
                raise
            rows[label] = {"failed": one_line(f"{type(error).__name__}: {error}")}
            chances[label] = np.full(len(names), np.nan)
            continue
        if label == OWN:
            power, note = _power_scaling(tree)
    _compare_with_reference(rows, chances, gains, evidence)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("priors")
    p_best = pd.DataFrame.from_dict(chances, orient="index", columns=names).rename_axis("priors")
    return Sensitivity(table, p_best, power, note)


def engine_for_all(models: Sequence[Model]) -> str:
    """The default engine where it is the same for all models, else ``numpyro``, which fits all."""
    needed = {default_engine(model) for model in models}
    return needed.pop() if len(needed) == 1 else "numpyro"


def _power_scaling(tree: Any) -> tuple[pd.DataFrame, str]:
    """Power-scaling of the reference, or a note where it fails: the fits are not lost."""
    try:
        return power_scaling(tree)
    except Exception as error:
        return pd.DataFrame(), one_line(f"power-scaling: {type(error).__name__}: {error}")


def _compare_with_reference(
    rows: dict[str, dict[str, Any]],
    chances: Mapping[str, NDArray[np.float64]],
    gains: Mapping[str, NDArray[np.float64]],
    evidence: Evidence,
) -> None:
    """Add to each row what its priors say of the reference's best and of its next query."""
    own = rows[OWN]
    leader = list(evidence.candidates).index(own["best"])
    for label, row in rows.items():
        if row["failed"]:
            continue
        row["p_best_reference"] = chances[label][leader]
        row["gain_reference"] = np.nan
        if own["next_query"] is not None and row["gain"] > 0:
            at = evidence.queries.index(own["next_query"])
            row["gain_reference"] = max(0.0, gains[label][at]) / row["gain"]
