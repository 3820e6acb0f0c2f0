r"""Every weak judge is a channel: what it says given the truth is learned.

Source: Dawid and Skene (1979); the likelihood is raised to a power because weak judges depend on
each other, as in composite likelihoods, Varin, Reid and Firth (2011); down-weighted unlabelled
cells, Nigam et al. (2000). Here z is a family of weak judges that vote as one: k = 5 and k = 6 are
alike. Its votes v[z,q,j] are known for every cell, the outcomes Y[q,j] for those judged::

    rates_j      = softmax(log base + sd_candidate · unit_j)       loss, draw, win of candidate j
    information_z ~ HalfNormal(sd_judge)                           0: family z knows nothing
    confusion_z[k,:] = softmax(log f_z + information_z · unit_zk)  votes given outcome k
    leaning_jz   ~ Normal(0, sd_leaning)                           z likes the style of j
    Y[q,j]       ~ Categorical(rates_j)
    v[z,q,j] | Y = k ~ confusion_z[k, v] · exp(leaning_jz · s_v), normalised over v

with s = (-1, 0, 1), base ~ Dirichlet, all units standard normal; of the K of a softmax only their
contrasts matter and are sampled. Every row of a confusion matrix is centred on f_z, how often the
family casts each vote in this task: before a judgment it is as likely to be upside down as right,
and how much it knows is learned for each.

**Correlation.** Weak judges repeat one another. The joint likelihood of a cell's votes is raised
to the power ``(E / J) ** correlation``, with E the effective number of weak judges: the
participation ratio ``(Σλ)² / Σλ²`` of the eigenvalues of the correlations between their votes,
which needs no judgment. It is right for independent weak judges (E = J) and for copies of one (E =
1), and between the two on the careful side. ``correlation`` is to be known, not learned: 0 takes
all as independent.

**Unjudged cells.** They outnumber the judged ones a hundredfold. Summing their outcomes out finds
classes that explain the votes best, and nothing says that these are loss, draw and win, nor that
what the votes share is quality and not style. So together they weigh at most ``unjudged`` times as
much as all judged cells: before the first judgment the votes say nothing, the classes are named by
judgments, and a cell's own votes still predict its outcome. ``unjudged`` is to be known; with 0
only judged cells teach. As the unjudged cells weigh so little, a fixed random sample of SAMPLE
queries stands for all that are not judged. And leaning_jz lets a weak judge like a candidate
whatever its quality.

Cells are independent given all this; F is the argmax of the win rates over all N queries. A cell's
votes v have, up to a power, the log likelihood ::

    Σ_z log c_z[k, v_z] + l_jz · s(v_z) - log Σ_u c_z[k, u] · exp(l_jz · s(u))

so all that counts of the judged cells is how often a weak judge cast each vote given each outcome.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bayessel.errors import BudgetError
from bayessel.outcomes import MISSING, NAMES
from bayessel.priors import Prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayessel.inference.evidence import Evidence

PRIORS = {
    "base": Prior("Dirichlet", {"concentration": (1.0, 1.0, 1.0)}),
    "sd_candidate": Prior("HalfNormal", {"scale": 1.0}),
    "sd_judge": Prior("HalfNormal", {"scale": 1.0}),
    "sd_leaning": Prior("HalfNormal", {"scale": 0.5}),
    "correlation": Prior("Fixed", {"value": 1.0}),
    "unjudged": Prior("Fixed", {"value": 1.0}),
}

VARIANTS = {
    "independent": {"correlation": Prior("Fixed", {"value": 0.0})},
    "judged-only": {"unjudged": Prior("Fixed", {"value": 0.0})},
}
"""``judge_channel:independent``: every weak judge an independent witness, and overconfident where
they are not. ``judge_channel:judged-only``: votes on unjudged cells predict, and do not teach."""

DIMS = {
    "base": ("outcome",),
    "candidate_unit": ("candidate", "outcome"),
    "rates": ("candidate", "outcome"),
    "information": ("family",),
    "confusion": ("family", "outcome", "vote"),
    "confusion_contrast": ("family", "outcome", "contrast"),
    "leaning": ("candidate", "family"),
}

SCORES = np.array([-1.0, 0.0, 1.0])
"""Value s of the votes."""

K = len(SCORES)

CONTRASTS = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -2.0]]) / np.sqrt([[2.0], [6.0]])
"""Orthonormal: standard normals times it are K standard normals less their mean."""

KNOWING = 0.3
"""Above so much information a confusion matrix is better known than the information itself."""

SAMPLE = 64
"""U, queries that stand for all that are not judged; all of a smaller task."""


class Data(NamedTuple):
    """What the program reads; its shapes do not depend on what is judged.

    Attributes
    ----------
    outcomes
        [M, K] judged cells by candidate and outcome.
    agreed
        [J, K, K] judged cells by weak judge, outcome and vote.
    judged_votes, open_votes
        [M, J] sum of each weak judge's votes on the judged cells of a candidate, and on the open
        ones.
    open
        [U, M] 1 for the cells of the sampled queries that are not judged.
    cast
        [J * K, U * M] 1 where a weak judge casts that vote on a cell of the sampled queries.
    ratio
        Judged cells over open ones.
    frequency
        [J, K] how often each family casts each vote.
    share
        Effective number of weak judges over J.
    pattern
        [J * K, P] 1 where a weak judge casts that vote in one of the P distinct votes of all weak
        judges.
    place
        [M, W] patterns of each candidate's cells.
    level
        [N, M] position of each cell's pattern among those of its candidate.
    """

    outcomes: Any
    agreed: Any
    judged_votes: Any
    open_votes: Any
    open: Any
    cast: Any
    ratio: Any
    frequency: Any
    share: Any
    pattern: Any
    place: Any
    level: Any


class Layout(NamedTuple):
    """What depends on the votes alone; fields as in :class:`Data`, and the sampled queries."""

    sample: NDArray[np.intp]
    cast: NDArray[np.float64]
    frequency: NDArray[np.float64]
    share: NDArray[np.float64]
    pattern: NDArray[np.float64]
    place: NDArray[np.intp]
    level: NDArray[np.intp]


def prepare(evidence: Evidence) -> Data:
    """Count the judged cells by outcome and vote."""
    votes = np.zeros((0, *evidence.outcome.shape), dtype=np.int8)
    if len(evidence.signals.names):
        votes = evidence.signals.family_votes
    return of_votes(evidence.outcome, votes, of_task(votes.tobytes(), votes.shape))


def of_votes(outcome: NDArray[np.int8], votes: NDArray[np.int8], of: Layout) -> Data:
    """Data of judgments [N, M] and votes [J, N, M]."""
    is_open = outcome[of.sample] == MISSING
    judged = outcome != MISSING
    is_outcome = np.stack([outcome == k for k in SCORES]).astype(float)  # [K, N, M]
    return Data(
        outcomes=is_outcome.sum(axis=1).T,
        agreed=np.einsum("zvc,kc->zkv", is_vote(votes[:, judged]), is_outcome[:, judged]),
        judged_votes=np.where(judged, votes, 0).sum(axis=1).T.astype(float),
        open_votes=np.where(is_open, votes[:, of.sample], 0).sum(axis=1).T.astype(float),
        open=is_open.astype(float),
        cast=of.cast,
        ratio=np.asarray(judged.sum() / max(is_open.sum(), 1)),
        frequency=of.frequency,
        share=of.share,
        pattern=of.pattern,
        place=of.place,
        level=of.level,
    )


@lru_cache(maxsize=4)
def of_task(votes: bytes, shape: tuple[int, ...]) -> Layout:
    """The layout of votes, once a task."""
    return layout(np.frombuffer(votes, dtype=np.int8).reshape(shape))


def layout(votes: NDArray[np.int8]) -> Layout:
    """Layout of votes [J, N, M]."""
    pattern, place, level = _patterns(votes)
    frequency = is_vote(votes).sum(axis=(2, 3)) + 1.0
    sample = np.sort(np.random.default_rng(0).permutation(votes.shape[1])[:SAMPLE])
    return Layout(
        sample=sample,
        cast=is_vote(votes[:, sample]).reshape(len(votes) * K, len(sample) * votes.shape[2]),
        frequency=frequency / frequency.sum(axis=1, keepdims=True),
        share=np.asarray(effective_judges(votes) / max(len(votes), 1)),
        pattern=pattern,
        place=place,
        level=level,
    )


def is_vote(votes: NDArray[np.int8]) -> NDArray[np.float64]:
    """[J, K, ...] 1 where votes [J, ...] are loss, draw and win."""
    return np.stack([votes == s for s in SCORES], axis=1).astype(float)


def effective_judges(votes: NDArray[np.int8]) -> float:
    """Participation ratio of the eigenvalues of the correlations between weak judges.

    Parameters
    ----------
    votes
        [J, N, M].

    Returns
    -------
    float
        1 where all say the same (or its opposite), J where they are uncorrelated. Weak judges whose
        vote never varies are correlated with none.
    """
    x = votes.reshape(len(votes), int(np.prod(votes.shape[1:]))).astype(float)
    x = x - x.mean(axis=1, keepdims=True)
    norm = np.sqrt((x**2).sum(axis=1, keepdims=True))
    x = np.divide(x, norm, out=np.zeros_like(x), where=norm > 0)
    correlation = x @ x.T
    np.fill_diagonal(correlation, 1.0)
    return float(len(votes) ** 2 / max((correlation**2).sum(), 1.0))


def _patterns(
    votes: NDArray[np.int8],
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """The distinct votes on one cell, the place of each candidate's, and where its cells look."""
    n_weak_judges, n_queries, n_candidates = votes.shape
    cells = votes.reshape(n_weak_judges, n_queries * n_candidates).T
    distinct, code = np.unique(cells, axis=0, return_inverse=True)
    code = code.reshape(n_queries, n_candidates)
    found = [np.unique(code[:, j], return_inverse=True) for j in range(n_candidates)]
    place = np.zeros((n_candidates, max(len(own) for own, _ in found)), dtype=np.intp)
    for j, (own, _) in enumerate(found):
        place[j, : len(own)] = own
    pattern = is_vote(distinct.T).reshape(n_weak_judges * K, len(distinct))
    return pattern, place, np.stack([level for _, level in found], axis=1)


def numpyro_model(data: Data, priors: dict[str, Prior] = PRIORS) -> None:
    """NumPyro program, the unjudged outcomes summed out."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    n_weak_judges = len(data.frequency)
    candidates = numpyro.plate("candidate", len(data.outcomes))
    base = priors["base"].numpyro("base")
    sd_candidate = priors["sd_candidate"].numpyro("sd_candidate")
    with candidates:
        unit = numpyro.sample("candidate_unit", dist.ZeroSumNormal(1.0, (K,)))
    log_rates = jax.nn.log_softmax(jnp.log(base) + sd_candidate * unit)
    numpyro.deterministic("rates", jnp.exp(log_rates))
    power = data.share ** _known(priors, "correlation")
    log_confusion, leaning = jnp.zeros((0, K, K)), jnp.zeros((len(data.outcomes), 0))
    if n_weak_judges:
        families = numpyro.plate("family", n_weak_judges)
        sd_judge = priors["sd_judge"].numpyro("sd_judge")
        with families:
            information = sd_judge * numpyro.sample("information_unit", dist.HalfNormal(1.0))
        numpyro.deterministic("information", information)
        scale = centring(information)[:, None, None]
        shape = (n_weak_judges, K, K - 1)
        with families:
            contrast = dist.Normal(0.0, jnp.broadcast_to(scale, shape)).to_event(2)
            contrast = numpyro.sample("confusion_contrast", contrast)
        unit = contrast / scale @ CONTRASTS.astype(contrast.dtype)
        effect = information[:, None, None] * unit
        log_confusion = jax.nn.log_softmax(jnp.log(data.frequency)[:, None, :] + effect)
        numpyro.deterministic("confusion", jnp.exp(log_confusion))
        sd_leaning = priors["sd_leaning"].numpyro("sd_leaning")
        with candidates:
            unit = numpyro.sample(
                "leaning_unit", dist.Normal(0.0, 1.0).expand([n_weak_judges]).to_event(1)
            )
        leaning = numpyro.deterministic("leaning", sd_leaning * unit)
        if _known(priors, "correlation") != 1:  # else `predict` finds it in the data
            numpyro.deterministic("power", power)
    weight = jnp.minimum(1.0, _known(priors, "unjudged") * data.ratio)
    terms = tempered_log_likelihood(
        jax.nn.logsumexp, data, log_rates, log_confusion, leaning, power, weight
    )
    numpyro.factor("outcome", terms)


def pymc_model(data: Data, priors: dict[str, Prior] = PRIORS) -> Any:
    """PyMC twin of :func:`numpyro_model`; returns the ``pymc.Model``."""
    import pymc as pm
    import pytensor.tensor as pt

    n_weak_judges = len(data.frequency)
    # PyMC wants no dimension called as a variable, `outcome`
    coords = {
        "candidate": range(len(data.outcomes)),
        "family": range(n_weak_judges),
        "outcome_level": NAMES,
        "vote": NAMES,
        "contrast": range(K - 1),
    }
    with pm.Model(coords=coords) as model:
        base = priors["base"].pymc("base", dims="outcome_level")
        sd_candidate = priors["sd_candidate"].pymc("sd_candidate")
        unit = pm.ZeroSumNormal("candidate_unit", 1.0, dims=("candidate", "outcome_level"))
        log_rates = pm.math.log_softmax(pt.log(base) + sd_candidate * unit, axis=-1)
        pm.Deterministic("rates", pt.exp(log_rates), dims=("candidate", "outcome_level"))
        power = data.share ** _known(priors, "correlation")
        log_confusion, leaning = pt.zeros((0, K, K)), pt.zeros((len(data.outcomes), 0))
        if n_weak_judges:
            sd_judge = priors["sd_judge"].pymc("sd_judge")
            size = pm.HalfNormal("information_unit", 1.0, dims="family")
            information = pm.Deterministic("information", sd_judge * size, dims="family")
            scale = centring(information)[:, None, None]
            contrast = pm.Normal(
                "confusion_contrast", 0.0, scale, dims=("family", "outcome_level", "contrast")
            )
            effect = information[:, None, None] * (contrast / scale) @ CONTRASTS
            log_confusion = np.log(data.frequency)[:, None, :] + effect
            log_confusion = pm.math.log_softmax(log_confusion, axis=-1)
            dims = ("family", "outcome_level", "vote")
            pm.Deterministic("confusion", pt.exp(log_confusion), dims=dims)
            sd_leaning = priors["sd_leaning"].pymc("sd_leaning")
            unit = pm.Normal("leaning_unit", 0.0, 1.0, dims=("candidate", "family"))
            leaning = pm.Deterministic("leaning", sd_leaning * unit, dims=("candidate", "family"))
            if _known(priors, "correlation") != 1:
                pm.Deterministic("power", pt.as_tensor_variable(power))
        weight = np.minimum(1.0, _known(priors, "unjudged") * data.ratio)
        terms = tempered_log_likelihood(
            pt.logsumexp, data, log_rates, log_confusion, leaning, power, weight
        )
        # a Potential: a likelihood to a power is no distribution
        pm.Potential("outcome", terms)
    return model


def centring(information: Any) -> Any:
    """Scale in which the contrasts of confusion matrices are sampled, by weak judge.

    Where a weak judge knows something, the judged cells say what its matrix is, and the effects are
    sampled as they are; those of one that knows nothing in units of its information, or chains get
    stuck where that is close to 0 (Papaspiliopoulos, Roberts & Sköld 2007).
    """
    return (information**2 + KNOWING**2) ** 0.5


def tempered_log_likelihood(
    logsumexp: Any,
    data: Data,
    log_rates: Any,
    log_confusion: Any,
    leaning: Any,
    power: Any,
    weight: Any,
) -> Any:
    """Log likelihood of judged outcomes and their votes, and of the weighted votes on open cells.

    Parameters
    ----------
    logsumexp
        Of JAX or of ``pytensor.tensor``.
    data
        Counts and votes.
    log_rates
        [M, K] log outcome rates.
    log_confusion
        [J, K, K] log probabilities of each weak judge's votes (last) given the outcome.
    leaning
        [M, J] of the weak judges towards candidates.
    power, weight
        Of the votes on one cell, and of the open cells.
    """
    rates = log_rates.T - power * log_normaliser(logsumexp, log_confusion, leaning)  # [K, M]
    likes = power * leaning
    judged = (data.outcomes.T * rates).sum() + power * (data.agreed * log_confusion).sum()
    judged = judged + (data.judged_votes * likes).sum()
    votes = log_confusion.transpose((1, 0, 2)).reshape((K, len(data.cast))) @ data.cast
    joint = rates[:, None, :] + power * votes.reshape((K, *data.open.shape))
    unjudged = (data.open * logsumexp(joint, axis=0)).sum() + (data.open_votes * likes).sum()
    return judged + weight * unjudged


def log_normaliser(logsumexp: Any, log_confusion: Any, leaning: Any) -> Any:
    """[K, M] of all weak judges' votes on a candidate's cell, by its outcome.

    Parameters
    ----------
    logsumexp, log_confusion, leaning
        As in :func:`tempered_log_likelihood`.
    """
    scores = SCORES.astype(leaning.dtype)[:, None, None, None]
    votes = log_confusion.transpose((2, 0, 1))[..., None] + scores * leaning.T[:, None, :]
    return logsumexp(votes, axis=0).sum(axis=0)


def _known(priors: dict[str, Prior], name: str) -> float:
    if not priors[name].fixed or np.ndim(priors[name].value) or priors[name].value < 0:
        raise BudgetError(
            f"judge_channel: {name}={priors[name]}, expected a known number that is at least 0"
        )
    return float(priors[name].value)


def predict(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """[W, M, K] outcome probabilities of a cell by its pattern, given a posterior draw.

    That a weak judge likes a candidate says the same of all outcomes, but for what it is
    normalised by.
    """
    import jax
    import jax.numpy as jnp

    power = draw.get("power", data.share)
    rates = jnp.log(draw["rates"]).T
    if not len(data.frequency):
        return jnp.broadcast_to(draw["rates"], (data.place.shape[1], *draw["rates"].shape))
    # a probability that rounds to 0 in single precision, times no vote at all, is not a number
    log_confusion = jnp.log(jnp.maximum(draw["confusion"], 1e-30))
    rates = rates - power * log_normaliser(jax.nn.logsumexp, log_confusion, draw["leaning"])
    votes = log_confusion.transpose((1, 0, 2)).reshape(K, -1) @ data.pattern  # [K, P]
    joint = rates[:, None, :] + power * votes[:, data.place.T]
    return jnp.moveaxis(jax.nn.softmax(joint, axis=0), 0, -1)
