r"""Verdicts of judges: what each says on average of a cell, position bias and noise, apart.

Source: an ordered probit with a draw band, as Bradley-Terry with ties (Davidson 1970) and an
advantage of the first place (Davidson and Beaver 1977), over cells in place of players; judges of
unknown reliability that are learned together (Dawid and Skene 1979). That LLM judges favour a place
is shown by Wang et al. (2023, arXiv 2305.17926) and Zheng et al. (2023, arXiv 2306.05685). Judge k
says verdict v of cell c, the candidate's response shown first (s = 1), second (s = -1), or in an
order that is not known (s = 0)::

    score_c    ~ Normal(0, 1)                                what the gold judge finds of a cell
    own_{c,k}  ~ Normal(0, 1)                                what judge k finds beside it
    swing_{c,k} ~ Normal(0, 1)                               how far the order sways it there
    opinion_{c,k} = level_k + signal_k (r_k score_c + √(1 - r_k²) own_{c,k})
    latent_v   ~ Normal(opinion_{c,k} + (position_k + sway_k swing_{c,k}) s_v, 1)
    verdict_v  = loss, draw or win: latent_v below, inside or above ±band_k

``position`` favours the first place where positive. The latent's noise, 1, is new in each verdict;
opinion and swing are not. So three reasons to contradict oneself are told apart: a liking for a
place (position), one that depends on the cell (sway), and chance. Chance and sway need cells that
were judged twice in the same order; without them repeatability stays as wide as the priors.

The gold judge has r = 1. For any other ``r_k = 2 reliability_k - 1``, of either sign: a judge that
is more often wrong than right has r < 0. The prior finds that unlikely and not impossible. Without
a gold judge the score is what the judges have in common; a judge alone has r = 1.

Opinions are of the cells that were judged. What is reported of a judge (position bias in points,
repeatability, agreement with the gold judge) is of a new cell like them, integrated over scores
and opinions: ``bayessel.inference.judges.measures``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bayessel.priors import Prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayessel.inference.judges.table import VerdictTable

PRIORS = {
    "level": Prior("Normal", {"loc": 0.0, "scale": 1.0}),
    "signal": Prior("LogNormal", {"loc": 0.5, "scale": 0.8}),
    "position": Prior("Normal", {"loc": 0.0, "scale": 0.5}),
    "sway": Prior("HalfNormal", {"scale": 1.0}),
    "band": Prior("HalfNormal", {"scale": 1.0}),
    "reliability": Prior("Beta", {"concentration1": 4.0, "concentration0": 2.0}),
}

OF_JUDGE = ("level", "signal", "position", "sway", "band")
"""Parameters of every judge."""

DIMS = {
    **dict.fromkeys((*OF_JUDGE, "correlation"), ("judge",)),
    "reliability": ("learned_judge",),
    "score": ("cell",),
    "own": ("opinion",),
    "swing": ("pair",),
}


class Data(NamedTuple):
    """What the programs read.

    Attributes
    ----------
    outcome
        [V] verdicts -1, 0, 1.
    side
        [V] 1 where the candidate was shown first, -1 where second, 0 where that is not known.
    judge, cell
        [V] positions of who said it, and of what.
    opinion
        [V] position in ``own``, of P pairs of a learned judge and a cell; P where r = 1.
    swing
        [V] position in ``swing``, of Q pairs of a judge and a cell; Q where the order is not known.
    learned
        [L] positions of the judges whose reliability is learned.
    judges, cells, opinions, swings
        [J], [C], [P] and [Q] zeros: how many there are.
    """

    outcome: Any
    side: Any
    judge: Any
    cell: Any
    opinion: Any
    swing: Any
    learned: Any
    judges: Any
    cells: Any
    opinions: Any
    swings: Any


def prepare(table: VerdictTable) -> Data:
    """Lay verdicts out for the programs."""
    count = len(table.judges)
    gold = table.judges.index(table.gold) if table.gold is not None else -1
    learned = np.array([k for k in range(count) if k != gold and count > 1], dtype=np.int64)
    pair = table.judge.astype(np.int64) * len(table.cells) + table.cell
    opinion, opinions = _places(pair, np.isin(table.judge, learned))
    swing, swings = _places(pair, table.side != 0)
    return Data(
        table.outcome.astype(np.int64),
        table.side.astype(float),
        table.judge.astype(np.int64),
        table.cell.astype(np.int64),
        opinion,
        swing,
        learned,
        np.zeros(count),
        np.zeros(len(table.cells)),
        np.zeros(opinions),
        np.zeros(swings),
    )


def _places(pair: NDArray[np.int64], among: NDArray[np.bool_]) -> tuple[NDArray[np.int64], int]:
    """[V] place of a pair among the different ones of ``among``, and how many these are."""
    pairs, place = np.unique(pair[among], return_inverse=True)
    found = np.full(len(pair), len(pairs), dtype=np.int64)
    found[among] = place
    return found, len(pairs)


def numpyro_model(data: Data, priors: dict[str, Prior] = PRIORS) -> None:
    """NumPyro program."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    from bayessel.models.distributions.ordered_probit import OrderedProbit

    def units(name: str, plate: str, count: int) -> Any:
        """[count + 1] standard normals, and a 0 for who has none."""
        if not count:  # a plate cannot be empty
            return jnp.zeros(1)
        with numpyro.plate(plate, count):
            return jnp.append(numpyro.sample(name, dist.Normal(0.0, 1.0)), 0.0)

    one = jnp.ones(len(data.judges))
    with numpyro.plate("judge", len(data.judges)):
        of_judge = [priors[name].numpyro(name) * one for name in OF_JUDGE]
    level, signal, position, sway, band = of_judge
    r, apart = one, jnp.zeros(len(data.judges))
    if len(data.learned):
        with numpyro.plate("learned_judge", len(data.learned)):
            of_learned = 2 * priors["reliability"].numpyro("reliability") - 1
        r = r.at[data.learned].set(of_learned)
        apart = apart.at[data.learned].set(jnp.sqrt(1 - of_learned**2))
    numpyro.deterministic("correlation", r)
    own = units("own", "opinion", len(data.opinions))
    swing = units("swing", "pair", len(data.swings))
    score = units("score", "cell", len(data.cells))
    k = data.judge
    found = r[k] * score[data.cell] + apart[k] * own[data.opinion]
    order = (position[k] + sway[k] * swing[data.swing]) * data.side
    with numpyro.plate("verdict", len(data.outcome)):
        predictor = level[k] + signal[k] * found + order
        numpyro.sample("outcome", OrderedProbit(predictor, band[k]), obs=data.outcome)


def pymc_model(data: Data, priors: dict[str, Prior] = PRIORS) -> Any:
    """PyMC twin of :func:`numpyro_model`; returns the ``pymc.Model``."""
    import pymc as pm
    import pytensor.tensor as pt

    def units(name: str, dim: str, count: int) -> Any:
        if not count:
            return pt.zeros(1)
        return pt.concatenate([pm.Normal(name, 0.0, 1.0, dims=dim), np.zeros(1)])

    count, learned = len(data.judges), data.learned
    coords = {
        "judge": range(count),
        "learned_judge": range(len(learned)),
        "cell": range(len(data.cells)),
        "opinion": range(len(data.opinions)),
        "pair": range(len(data.swings)),
        "verdict": range(len(data.outcome)),
    }
    with pm.Model(coords=coords) as model:
        of_judge = [priors[name].pymc(name, "judge") for name in OF_JUDGE]
        level, signal, position, sway, band = of_judge
        r, apart = pt.ones(count), pt.zeros(count)
        if len(learned):
            of_learned = 2 * priors["reliability"].pymc("reliability", "learned_judge") - 1
            r = pt.set_subtensor(r[learned], of_learned)
            apart = pt.set_subtensor(apart[learned], pt.sqrt(1 - of_learned**2))
        pm.Deterministic("correlation", r, dims="judge")
        own = units("own", "opinion", len(data.opinions))
        swing = units("swing", "pair", len(data.swings))
        score = units("score", "cell", len(data.cells))
        k = data.judge
        found = r[k] * score[data.cell] + apart[k] * own[data.opinion]
        order = (position[k] + sway[k] * swing[data.swing]) * data.side
        pm.OrderedProbit(
            "outcome",
            eta=level[k] + signal[k] * found + order,
            cutpoints=pt.stack([-band[k], band[k]], axis=-1),
            compute_p=False,
            observed=data.outcome + 1,
            dims="verdict",
        )
    return model
