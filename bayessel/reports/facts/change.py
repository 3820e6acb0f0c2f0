"""Part 4 of a report: other priors, more calls, weak categories, length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bayessel.checks.draws import flat, posterior_of
from bayessel.inference.draws import tied_shares
from bayessel.priors import Prior
from bayessel.reports.facts.categories import categories_of
from bayessel.reports.facts.length import length_of
from bayessel.reports.facts.parts import Change, MoreCalls, OtherPrior
from bayessel.reports.facts.source import Source
from bayessel.reports.facts.standing import SURE, short_p

if TYPE_CHECKING:
    import xarray as xr

MORE = (50, 200)
_FACTORS = (0.5, 2.0)
_SCALES = {"HalfNormal": "scale", "HalfCauchy": "scale", "Normal": "scale", "StudentT": "scale"}
_RATES = {"Exponential": "rate", "Gamma": "rate"}
_FEWEST = 100  # effective draws below which reweighted numbers mean nothing
_OUTER, _INNER = 400, 2000  # simulated truths, and draws that are reweighted


def change_of(source: Source) -> Change:
    """What would change the result."""
    priors = other_priors(source)
    categories, text = categories_of(source)
    return Change(
        priors=priors,
        priors_text=_priors_text(source, priors),
        more=tuple(found for calls in MORE if (found := more_calls(source, calls)) is not None),
        categories=categories,
        categories_text=text,
        length=length_of(source),
    )


# ------------------------------------------------------------------ other priors
def other_priors(source: Source) -> tuple[OtherPrior, ...]:
    """The decision with each prior half and twice as wide, by importance weights of one fit."""
    tree, model = source.fitted, source.model
    if tree is None or model is None or "log_prior" not in tree.children:
        return ()
    rate, chance = (flat(posterior_of(tree, name)) for name in ("win_rate", "p_best"))
    found = [_decision(source, "", "as given", rate, chance, np.full(len(rate), 1 / len(rate)))]
    for name, own in model.priors.items():
        if name not in tree["log_prior"].data_vars:
            continue
        values = posterior_of(tree, name)
        each = model.prior_of_each(name, values.shape[-1])
        for factor in _FACTORS:
            shown, other = scaled(own, factor), scaled(each, factor)
            if shown is None or other is None:
                continue
            log_weight = _log_density(other, values) - _log_density(each, values)
            weight = np.exp(log_weight - log_weight.max())
            weight /= weight.sum()
            found.append(_decision(source, name, str(shown), rate, chance, weight))
    return tuple(found)


def _decision(
    source: Source,
    name: str,
    prior: str,
    rate: NDArray[np.float64],
    chance: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> OtherPrior:
    """Who is named with weighted draws [S] of win rates and shares of the best [S, M]."""
    p_best, expected = weight @ chance, weight @ rate
    best, effective = int(np.argmax(expected)), 1 / float((weight**2).sum())
    return OtherPrior(
        name=name,
        prior=prior,
        best=source.candidates[best],
        p_best=float(p_best[best]),
        win_rate=float(expected[best]),
        effective=effective / len(weight),
        sound=effective >= _FEWEST,
    )


def scaled(prior: Prior, factor: float) -> Prior | None:
    """A prior ``factor`` times as wide; None where its family has no scale to change."""
    for names, power in ((_SCALES, 1), (_RATES, -1)):
        parameter = names.get(prior.family)
        if parameter is not None:
            value = float(f"{prior.parameters[parameter] * factor**power:.6g}")
            return Prior(prior.family, {**prior.parameters, parameter: value})
    return None


def _log_density(prior: Prior, values: xr.DataArray) -> NDArray[np.float64]:
    """[S] log densities of a site's draws, summed over its elements."""
    density = np.asarray(prior.log_prob(values.to_numpy()))
    return density.reshape(density.shape[0] * density.shape[1], -1).sum(axis=1)


def _priors_text(source: Source, priors: tuple[OtherPrior, ...]) -> str:
    sound = [prior for prior in priors if prior.sound]
    if len(sound) < 2:
        return ""
    others = sorted({prior.best for prior in sound} - {source.best})
    low, high = min(p.p_best for p in sound), max(p.p_best for p in sound)
    between = f"the P(best) of whoever is named lies between {short_p(low)} and {short_p(high)}"
    if others:
        return f"Priors matter: some of them name {', '.join(others)}; {between}."
    return (
        f"{source.best} is best with each prior half and twice as wide; {between}."
        if high - low > 0.005
        else f"{source.best} is best with each prior half and twice as wide, as surely."
    )


# ------------------------------------------------------------------ more calls
def more_calls(source: Source, calls: int) -> MoreCalls | None:
    """What ``calls`` more are expected to bring, if they go to whom the last ones went to.

    A draw of the posterior is the truth; the calls' outcomes are drawn from its rates, and all
    draws are reweighted by their likelihood. Each call counts as one on a query of its own: calls
    that share a query tell more of a difference, so this is rather too low.
    """
    tree = source.fitted
    left = source.n_queries * len(source.candidates) - source.calls
    if tree is None or not source.calls or left < calls:
        return None
    rates, win_rate = (flat(posterior_of(tree, name)) for name in ("outcome_rate", "win_rate"))
    kept = np.linspace(0, len(rates) - 1, min(len(rates), _INNER)).astype(int)
    rates, share = rates[kept], tied_shares(win_rate[kept])
    spread = _spread_like_the_last(source, calls)
    rng = np.random.default_rng(source.facts.get("seed", 0))
    truths = rng.integers(len(rates), size=_OUTER)
    p = rates[truths] / rates[truths].sum(axis=-1, keepdims=True)
    outcomes = rng.multinomial(np.broadcast_to(spread, p.shape[:2]), p)  # [O, M, K]
    smooth = (rates * source.n_queries + 0.5) / (source.n_queries + 1.5)
    flat_counts = outcomes.reshape(len(outcomes), -1).astype(float)
    log_weight = flat_counts @ np.log(smooth).reshape(len(rates), -1).T
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    after = (weight / weight.sum(axis=1, keepdims=True)) @ share  # [O, M] P(best)
    highest = after.max(axis=1)
    lower, upper = np.quantile(highest, [0.1, 0.9])
    leader = int(np.argmax(share.mean(axis=0)))
    cost, seconds = _price(source, calls)
    return MoreCalls(
        calls=calls,
        cost=cost,
        seconds=seconds,
        p_best=float(highest.mean()),
        lower=float(lower),
        upper=float(upper),
        reaches=float((highest >= SURE).mean()),
        changes=float((after.argmax(axis=1) != leader).mean()),
    )


def _spread_like_the_last(source: Source, calls: int) -> NDArray[np.int64]:
    """[M] calls by candidate, in the proportions of the last 50; of P(best) where unknown."""
    if source.history is not None and len(source.history):
        recent = source.history["candidate"].iloc[-MORE[0] :]
        share = np.array([(recent == name).mean() for name in source.candidates])
    else:
        p_best = source.table["p_best"].reindex(list(source.candidates)).to_numpy(dtype=float)
        share = np.sqrt(p_best)
    wanted = calls * share / share.sum()
    spread = np.floor(wanted).astype(np.int64)
    for j in np.argsort(spread - wanted, kind="stable")[: calls - int(spread.sum())]:
        spread[j] += 1
    return spread


def _price(source: Source, calls: int) -> tuple[float | None, float | None]:
    """Cost and seconds of more calls like the last 50."""
    history = source.history
    if history is None or history.empty:
        return None, None
    recent = history.iloc[-MORE[0] :]
    known = source.facts.get("cost") is not None
    cost = float(recent["cost"].mean() * calls) if known else None
    if not known and source.facts.get("judging") is not None:
        cost = source.facts["judging"] / source.calls * calls
    questions = recent.drop_duplicates("question")
    return cost, float(questions["seconds"].median() * calls * len(questions) / len(recent))
