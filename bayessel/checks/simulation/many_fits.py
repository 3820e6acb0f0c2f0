"""Posterior draws of many simulations of one model at once, for calibration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.inference.carried import hamiltonian
from bayessel.inference.engines import exact, nuts, pymc_many
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.inference.population import describe, survey
from bayessel.inference.runtime import precision
from bayessel.inference.signals import Signals

ENGINES = ("exact", "carried", "numpyro", "pymc", "gibbs")
"""Closed forms; Hamiltonian chains of all simulations at once; NumPyro's NUTS and PyMC's, compiled
once; the sweeps of the regression (:mod:`bayessel.checks.simulation.normal_rows`)."""
_APART = 4
"""Steps of NUTS between draws, so that they are nearly independent."""
BASE = np.array([0.35, 0.25, 0.4])
"""[V] frequencies of simulated votes where nothing tilts them; known to inference."""


@dataclass(frozen=True)
class Design:
    """What is simulated.

    Attributes
    ----------
    n_queries, n_candidates, rows
        N, M, and how many of the queries are judged.
    weak_judges
        Weak judges. Their scores are random and exogenous, but for ``judge_channel``, which makes
        their votes. ``dual_parameter`` makes the majority vote whatever their number.
    adaptive
        Only half of the rows are random. Of the others are judged: those in which the difference
        of the two leaders varies most over draws, and of these the upper half of the candidates.
    simulations, draws
        Simulations, and draws of each posterior: ranks are taken among one half of them, P(best)
        and the leader come from the other.
    transitions
        Of the chains of ``carried`` and warm-up steps of ``numpyro``, ``pymc`` and ``gibbs``.
    """

    n_queries: int = 30
    n_candidates: int = 4
    rows: int = 8
    weak_judges: int = 0
    adaptive: bool = False
    simulations: int = 100
    draws: int = 100
    transitions: int = 300

    def __post_init__(self) -> None:
        if not 0 <= self.rows <= self.n_queries or self.n_candidates < 2:
            raise BudgetError(
                f"{self.rows} rows of {self.n_queries} queries x {self.n_candidates} candidates: "
                "expected no more rows than queries and at least 2 candidates"
            )
        if self.simulations < 10 or self.draws < 10:
            raise BudgetError("expected at least 10 simulations and 10 draws")


@dataclass(frozen=True)
class Truth:
    """One simulation: parameters by site, [N, M] outcomes, the best candidate, weak judges.

    ``vote`` [J, N, M] are votes that the model made of the outcomes, None where it makes none;
    ``score`` [J, N, M] are exogenous.
    """

    draw: dict[str, NDArray[Any]]
    outcome: NDArray[np.int8]
    vote: NDArray[np.int8] | None
    best: int
    score: NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """Posterior draws, H = S / 2 of them for ranks.

    ``rate`` [H, M, K] over the N queries, ``best`` [H] the best of each draw, ``eps`` [H, 2],
    ``joint`` [H] log likelihoods of the judged rows and ``true_joint`` that of the truth; from the
    other half ``chance`` [M], P(best); ``points`` [S, N, M] the expected points of each cell, where
    rows are chosen by them.
    """

    rate: NDArray[np.float64]
    chance: NDArray[np.float64]
    best: NDArray[np.intp]
    eps: NDArray[np.float64]
    points: NDArray[np.float64]
    joint: NDArray[np.float64]
    true_joint: float


def fit_all(
    rng: np.random.Generator,
    model: Model,
    engine: str,
    design: Design,
    truths: list[Truth],
    judged: list[NDArray[np.int8]],
) -> list[Fitted]:
    """Posterior draws of every simulation."""
    given = zip(judged, truths, strict=True)
    evidence = [evidence_of(seen, scores=truth.score) for seen, truth in given]
    data = [data_of(model, e, truth.vote) for e, truth in zip(evidence, truths, strict=True)]
    seeds = rng.integers(2**31, size=len(data))
    if engine == "carried":
        with precision(double=False):
            stacked = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *data)
            keys = jax.vmap(jax.random.key)(jnp.asarray(seeds, dtype=jnp.uint32))
            rounds = max(1, design.transitions // (10 * hamiltonian.KEPT))
            sites = _chains(nuts.Program(model), design.draws, rounds, keys, stacked)
            samples = [{k: np.asarray(v[i]) for k, v in sites.items()} for i in range(len(data))]
    elif engine == "pymc":
        size = {"chains": 2, "draws": (design.draws + 1) // 2, "warmup": design.transitions}
        each_fit = pymc_many.sample_each(model, data, seeds.tolist(), apart=_APART, **size)
        samples = [{k: _joined(v)[: design.draws] for k, v in sites.items()} for sites in each_fit]
    else:
        samples = [_one(model, engine, design, d, int(s)) for d, s in zip(data, seeds, strict=True)]
    each = zip(samples, data, evidence, truths, strict=True)
    return [_population(rng, model, *one, cells=design.adaptive) for one in each]


def _one(
    model: Model, engine: str, design: Design, data: Any, seed: int
) -> dict[str, NDArray[Any]]:
    """[S, ...] draws of one simulation by site."""
    if engine == "exact":
        sites, _ = exact.sample(model, data, seed=seed, chains=1, draws=design.draws)
    else:
        sites, _ = nuts.sample(
            model, data, seed=seed, chains=4, draws=design.draws, warmup=design.transitions
        )
        return {k: _joined(v)[::_APART] for k, v in sites.items()}
    return {k: v[0] for k, v in sites.items()}


def _joined(draws: NDArray[Any]) -> NDArray[Any]:
    """[chain · draw, ...] of [chain, draw, ...]."""
    return draws.reshape(-1, *draws.shape[2:])


def _chains(program: nuts.Program, chains: int, rounds: int, keys: Any, data: Any) -> Any:
    """[L, C, ...] sites where C chains of each of L simulations end.

    One program is compiled for all of them, and run as often as the chains are moved.
    """
    split = jax.vmap(lambda key: jax.random.split(key, chains))
    position = jax.vmap(lambda k, d: hamiltonian.from_prior(program, k, d))(split(keys), data)
    step = jnp.tile(jnp.asarray(hamiltonian.STEP_SIZES, jnp.float32), (len(keys), 1))
    draws: Any = None
    for i in range(10 * (rounds + 1)):
        keys = _next_keys(keys)
        rate = 0.3 if i < 10 * rounds else 0.0
        position, draws, step = _move_all(program, keys, position, step, data, rate)
    return {k: v[:, -chains:] for k, v in draws.items()}


@jax.jit
def _next_keys(keys: Any) -> Any:
    """[L] keys that follow."""
    return jax.vmap(lambda key: jax.random.fold_in(key, 1))(keys)


@partial(jax.jit, static_argnames="program")
def _move_all(
    program: nuts.Program, keys: Any, position: Any, step: Any, data: Any, rate: Any
) -> Any:
    """One move of the chains of every simulation."""

    def one(key: Any, position: Any, step: Any, data: Any) -> Any:
        return hamiltonian.move(program, key, position, step, data, rate)

    return jax.vmap(one)(keys, position, step, data)


def _population(
    rng: np.random.Generator,
    model: Model,
    sites: dict[str, Any],
    data: Any,
    evidence: Evidence,
    truth: Truth,
    *,
    cells: bool,
) -> Fitted:
    """What draws say of the N queries, by the functions that a fit and a selection use."""
    chance, size = None, len(next(iter(sites.values())))
    if "p_best" in sites:  # F is summed out: draw it
        chance = np.asarray(sites["p_best"], dtype=float)
        total = chance.cumsum(axis=1)
        drawn = (rng.random((size, 1)) * total[:, -1:] >= total).sum(axis=1)
        sites = {**sites, "p_best": np.eye(chance.shape[1])[drawn]}
    points = np.zeros((size, 0, 0))
    with precision(double=True):
        draws = {k: jnp.asarray(v, dtype=float) for k, v in sites.items()}
        data, outcome = jax.tree.map(jnp.asarray, data), jnp.asarray(evidence.outcome)
        if cells:
            key = jax.random.key(int(rng.integers(2**31)))
            seen = survey(model.predict, model.complete, 1, key, draws, data, outcome)
            points = np.asarray((1 + seen.win - seen.loss) / 2)

        def described(draws: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
            found = describe(
                model.predict,
                model.log_likelihood,
                model.complete,
                model.replicate,
                jax.random.key(int(rng.integers(2**31))),
                draws,
                data,
                outcome,
                jnp.asarray(evidence.judged),
                jnp.asarray(evidence.outcome[evidence.judged]),
            )
            return {k: np.asarray(v, dtype=float) for k, v in found.items()}

        found = described(draws)
        # fewer rows may be judged than were laid out; a row's own effects are integrated out
        cut = {k: tuple(slice(size) for size in v.shape[1:]) for k, v in sites.items()}
        true = described({k: jnp.asarray(truth.draw[k][cut[k]], dtype=float)[None] for k in sites})
    total = found["p_best"].cumsum(axis=1)
    best = (rng.random((size, 1)) * total[:, -1:] >= total).sum(axis=1)
    rate = found["outcome_rate"]
    eps = rate[np.arange(size), best, :2]
    if "eps_loss" in sites:
        eps = np.stack([found["eps_loss"], found["eps_draw"]], axis=1)
    joint = found.get("joint", np.zeros(size))
    # the leader and P(best) come from other draws than those that the truth is ranked among: draws
    # that chose the leader favour it
    half = size // 2
    chance = (found["p_best"] if chance is None else chance)[:half].mean(axis=0)
    true_joint = float(true["joint"][0]) if "joint" in true else 0.0
    return Fitted(rate[half:], chance, best[half:], eps[half:], points, joint[half:], true_joint)


def evidence_of(
    outcome: NDArray[np.int8], slots: int | None = None, scores: NDArray[np.float64] | None = None
) -> Evidence:
    """Evidence of [N, M] outcomes and of scores [J, N, M] of weak judges, each a family."""
    n, m = outcome.shape
    scores = np.zeros((0, n, m)) if scores is None else scores
    signals = Signals(scores, tuple(f"judge{z}" for z in range(len(scores))))
    names = tuple(f"q{q}" for q in range(n)), tuple(f"m{j}" for j in range(m))
    return Evidence(outcome, signals, *names, slots=slots)


def data_of(model: Model, evidence: Evidence, vote: NDArray[np.int8] | None) -> Any:
    """What the program reads, votes [J, N, M] included where the model makes them.

    How often weak judges cast each vote is known then, and not counted; a pattern of votes has its
    place on the axis of ``judge_channel`` whether it occurs or not, so that all data have one
    shape.
    """
    data = model.prepare(evidence)
    if vote is None:
        return data
    m, n_votes = evidence.n_candidates, len(BASE)
    level = np.zeros(evidence.outcome.shape, dtype=np.intp)
    for one in vote:
        level = level * n_votes + one + 1
    if "base" in data._fields:
        counts = evidence.counts(level, n_votes ** len(vote)).astype(float)
        return data._replace(counts=counts, base=BASE, level=level)
    code = np.arange(n_votes ** len(vote))
    digits = [code // n_votes ** (len(vote) - 1 - z) % n_votes - 1 for z in range(len(vote))]
    every = model.module.is_vote(np.stack(digits)).reshape(-1, len(code))
    layout = model.module.layout(vote)._replace(
        frequency=np.broadcast_to(BASE, (len(vote), n_votes)),
        share=np.asarray(1.0),
        pattern=every,
        place=np.broadcast_to(code, (m, len(code))),
        level=level,
    )
    return model.module.of_votes(evidence.outcome, vote, layout)


def categorical(rng: np.random.Generator, probs: NDArray[np.float64]) -> NDArray[np.int8]:
    """Outcomes in -1, 0, 1 from probabilities [..., K]."""
    u = rng.random((*probs.shape[:-1], 1))
    return ((u >= probs.cumsum(axis=-1)[..., :2]).sum(axis=-1) - 1).astype(np.int8)
