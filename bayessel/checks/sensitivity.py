r"""How far the decision depends on the priors.

Two ways, of which the object is the decision: who is best, with what probability, which query
comes next, and the best's rates eps.

- :func:`sensitivity` fits the model again under each of several priors, with the same seed. What
  moves less than its Monte Carlo error has not moved.
- :func:`~bayessel.checks.power.power_scaling` needs one fit: prior and likelihood are raised
  to powers near one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import arviz_stats as azs
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.acquisition.information_gain import jackknife_error, jackknifed_gain
from bayessel.checks.groups import candidates, flat, values
from bayessel.checks.power import posterior_of, power_scaling
from bayessel.errors import BudgetError
from bayessel.inference.engines.base import default_engine
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import fit, outcomes_of
from bayessel.inference.load import Model, load_model
from bayessel.inference.population import survey
from bayessel.inference.runtime import precision
from bayessel.models import DEFAULT
from bayessel.outcomes import MISSING
from bayessel.priors import Prior
from bayessel.tasks.task import Task

OWN = "as given"
"""Label of the model's own priors, the reference."""

_THINNED = 600  # draws that the gain of every query is computed from
_MONTE_CARLO = 3.0  # standard errors that a difference must exceed


@dataclass(frozen=True)
class Sensitivity:
    """Decisions under several priors.

    Attributes
    ----------
    table
        One row a set of priors, :data:`OWN` first: ``best``, ``p_best`` and its Monte Carlo error
        ``p_best_error``, ``p_best_reference`` (P(best) of the reference's best), ``next_query``
        (the highest information gain, in nats ``gain``), ``as_good`` (queries that cannot be told
        from it: within two standard errors of the difference), ``gain_reference`` (of the
        reference's next query, as a share of the highest), ``eps_loss``, ``eps_draw`` with their
        90 % intervals, and ``r_hat``, ``divergences``.
    p_best
        [priors, M] by label and candidate.
    power
        Of :func:`~bayessel.checks.power.power_scaling` under the reference; empty where it
        cannot be had.
    note
        Why it is empty.
    """

    table: pd.DataFrame
    p_best: pd.DataFrame
    power: pd.DataFrame
    note: str = ""

    @property
    def text(self) -> str:
        """The finding in one sentence."""
        own, others = self.table.iloc[0], self.table.iloc[1:]
        changed = others[others["best"] != own["best"]]
        error = np.hypot(others["p_best_error"], own["p_best_error"])
        moved = (others["p_best_reference"] - own["p_best"]).abs()
        sound = bool((moved > _MONTE_CARLO * error).any())
        low, high = self.table["p_best_reference"].min(), self.table["p_best_reference"].max()
        between = f"its P(best) lies between {low:.2f} and {high:.2f}"
        if not sound:
            between += ", no more than Monte Carlo error apart"
        if len(changed):
            named = "; ".join(f"{r['best']} under {i}" for i, r in changed.iterrows())
            return f"The priors decide: {own['best']} as given, but {named}; {between}."
        return f"{own['best']} is best under all {len(self.table)} priors; {between}."

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; what is not known is None."""

        def records(table: pd.DataFrame) -> list[dict[str, Any]]:
            raw = table.reset_index().astype(object)
            plain = raw.where(raw.notna(), None)
            return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]

        return {
            "text": self.text,
            "table": records(self.table),
            "p_best": self.p_best.T.to_dict(),
            "power_scaling": records(self.power),
            "note": self.note,
        }


def variations(
    alternatives: Mapping[str, Sequence[Prior | str]], *, grid: bool = False
) -> dict[str, dict[str, Prior]]:
    """Sets of priors by label, from alternatives by a prior's name.

    Parameters
    ----------
    alternatives
        Priors, or their texts, to try in place of each name's.
    grid
        Every combination, a name's own prior included; else one replaced at a time.

    Examples
    --------
    >>> list(variations({"reliability": ["0", "Normal(loc=1, scale=1)"]}))
    ['reliability=0', 'reliability=Normal(loc=1, scale=1)']
    """
    read: dict[str, dict[str, Prior]] = {}
    for name, given in alternatives.items():
        texts = {str(p).strip(): p for p in given}
        read[name] = {
            f"{name}={text}": Prior.parse(p) if isinstance(p, str) else p
            for text, p in texts.items()
        }
    single = {label: {n: p} for n, options in read.items() for label, p in options.items()}
    if not grid:
        return single
    axes = [[(name, None, None), *((name, k, p) for k, p in v.items())] for name, v in read.items()]
    found = {}
    for combination in itertools.product(*axes):
        chosen = {name: p for name, _, p in combination if p is not None}
        if chosen:
            found[", ".join(k for _, k, _ in combination if k is not None)] = chosen
    return found


def decision(
    tree: xr.DataTree, model: Model, evidence: Evidence, seed: int = 0
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """What a result says to do.

    Parameters
    ----------
    tree
        A fit of ``model`` to ``evidence``.
    model, evidence
        What was fitted.
    seed
        Of the difficulties of queries that are not judged, where the model has them.

    Returns
    -------
    row
        As a row of :attr:`Sensitivity.table`, without what needs a reference.
    gain
        [N] information about the best in each query, NaN where it is judged.
    """
    p_best = flat(posterior_of(tree, "p_best"))
    chance, names = p_best.mean(axis=0), candidates(tree)
    leader = int(np.argmax(chance))
    gain, without = _gain(tree, model, evidence, seed)
    eps = {name: flat(posterior_of(tree, name)) for name in ("eps_loss", "eps_draw")}
    row: dict[str, Any] = {
        "best": names[leader],
        "p_best": chance[leader],
        "p_best_error": _error(posterior_of(tree, "p_best").to_numpy()[..., leader]),
        "next_query": None,
        "gain": np.nan,
        "as_good": 0,
    }
    if np.isfinite(gain).any():
        top = int(np.nanargmax(gain))
        row["next_query"], row["gain"] = evidence.queries[top], gain[top]
        row["as_good"] = _as_good(gain, without, top)
    for name, drawn in eps.items():
        low, high = np.quantile(drawn, [0.05, 0.95])
        row |= {name: drawn.mean(), f"{name}_low": low, f"{name}_high": high}
    row["r_hat"] = max(_rhat(posterior_of(tree, n).to_numpy()) for n in eps)
    diverging = values(tree, "sample_stats", "diverging")
    row["divergences"] = 0 if diverging is None else int(diverging.sum())
    return row, gain


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

    Parameters
    ----------
    task
        The task, with its weak judges' scores where it has texts.
    priors
        Priors to replace by label; see :func:`variations`.
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
    """
    if not priors or OWN in priors:
        raise BudgetError(f"expected at least one set of other priors, none called {OWN!r}")
    base = load_model(model)
    outcome = outcomes_of(task, outcomes)
    evidence = Evidence.of(task, outcome)
    models = {
        OWN: base,
        **{label: load_model(base, given) for label, given in priors.items()},
    }
    engine = engine or engine_for_all(list(models.values()))
    rows, chances, gains = {}, {}, {}
    power, note = pd.DataFrame(), ""
    for label, one in models.items():
        if on_fit is not None:
            on_fit(label)
        tree = fit(task, one, engine, outcomes=outcome, seed=seed, **settings)
        rows[label], gains[label] = decision(tree, one, evidence, seed)
        chances[label] = flat(posterior_of(tree, "p_best")).mean(axis=0)
        if label == OWN:
            power, note = power_scaling(tree)
    names = list(evidence.candidates)
    own = rows[OWN]
    leader = names.index(own["best"])
    for label, row in rows.items():
        row["p_best_reference"] = chances[label][leader]
        row["gain_reference"] = np.nan
        if own["next_query"] is not None and row["gain"] > 0:
            at = evidence.queries.index(own["next_query"])
            row["gain_reference"] = max(0.0, gains[label][at]) / row["gain"]
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("priors")
    p_best = pd.DataFrame.from_dict(chances, orient="index", columns=names).rename_axis("priors")
    return Sensitivity(table, p_best, power, note)


def engine_for_all(models: Sequence[Model]) -> str:
    """The default engine where it is the same for all models, else ``numpyro``, which fits all."""
    needed = {default_engine(model) for model in models}
    return needed.pop() if len(needed) == 1 else "numpyro"


def _gain(
    tree: xr.DataTree, model: Model, evidence: Evidence, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[N] information gain, and [batches, N] without each batch of draws; NaN where judged.

    F of each draw is drawn from its ``p_best``: the share that a draw counts for, and the F that a
    model's ``predict`` may draw, are then the same.
    """
    posterior = tree["posterior"]
    size = posterior.sizes["chain"] * posterior.sizes["draw"]
    kept = np.linspace(0, size - 1, min(size, _THINNED)).astype(int)
    draws = {str(k): flat(posterior_of(tree, str(k)))[kept] for k in posterior.data_vars}
    share = draws["p_best"].cumsum(axis=1)
    u = share[:, -1:] * np.random.default_rng([seed, 13]).random((len(share), 1))
    draws["p_best"] = np.eye(share.shape[1])[(u >= share).sum(axis=1)]
    with precision(double=True):
        _, shares, loss, win = survey(
            model.predict,
            model.complete,
            1,
            jax.random.key(seed),
            {k: jnp.asarray(v) for k, v in draws.items()},
            jax.tree.map(jnp.asarray, model.prepare(evidence)),
            jnp.asarray(evidence.outcome),
        )
    gain, without = jackknifed_gain(np.asarray(shares), np.asarray(loss), np.asarray(win))
    judged = (evidence.outcome != MISSING).any(axis=1)
    return np.where(judged, np.nan, gain), np.where(judged, np.nan, without)


def _as_good(gain: NDArray[np.float64], without: NDArray[np.float64], top: int) -> int:
    """How many other queries lie within two standard errors of their difference to the top one."""
    error = jackknife_error(without[:, [top]] - without)
    return int((gain[top] - gain <= 2 * error + 1e-12).sum()) - 1


def _error(draws: NDArray[np.float64]) -> float:
    """Monte Carlo standard error of the mean of draws [chain, draw]."""
    return 0.0 if np.ptp(draws) == 0 else float(azs.mcse(draws))


def _rhat(draws: NDArray[np.float64]) -> float:
    """Of draws [chain, draw]; 1 where they are all the same."""
    return 1.0 if np.ptp(draws) == 0 else float(azs.rhat(draws))
