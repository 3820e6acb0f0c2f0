r"""Every weak judge is a channel: what it says given the truth, learned judge by judge.

Source: Dawid and Skene (1979); a power of the likelihood against dependence as in composite
likelihoods, Varin, Reid and Firth (2011); down-weighted unlabelled cells, Nigam et al. (2000).
A judge z is a family of weak judges that vote together, so that k = 5 and k = 6 are one. Its votes
v[z,q,j] are known for every cell, the outcomes Y[q,j] for those judged::

    rates_j      = softmax(log base + sd_candidate · unit_j)       loss, draw, win of candidate j
    information_z ~ HalfNormal(sd_judge)                           0: judge z knows nothing
    confusion_z[k,:] = softmax(log f_z + information_z · unit_zk)  votes given outcome k
    leaning_jz   ~ Normal(0, sd_leaning)                           z likes the style of j
    Y[q,j]       ~ Categorical(rates_j)
    v[z,q,j] | Y = k ~ confusion_z[k, v] · exp(leaning_jz · s_v), normalised over v

with s = (-1, 0, 1), all units standard normal, base ~ Dirichlet. Every row of a confusion matrix is
centred on f_z, how often the judge casts each vote in this task: before a judgment it is as likely
to be upside down as right, and how much it knows is learned for each.

**Correlation.** Judges repeat one another. The joint likelihood of a cell's votes is raised to the
power ``(E / J) ** correlation``, with E the effective number of judges: the participation ratio
``(Σλ)² / Σλ²`` of the eigenvalues of the correlations between their votes, which needs no
judgment. It is right for independent judges (E = J) and for copies of one (E = 1), and between the
two on the careful side. ``correlation`` is to be known, not learned: 0 takes all as independent.

**Unjudged cells.** They outnumber the judged ones a hundredfold. Summing their outcomes out finds
classes that explain the votes best, and nothing says that these are loss, draw and win, nor that
what the votes share is quality and not style. So together they weigh at most ``unjudged`` times as
much as all judged cells: before the first judgment the votes say nothing, the classes are named by
judgments, and a cell's own votes still predict its outcome. ``unjudged`` is to be known; with 0
only judged cells teach. And leaning_jz lets a judge like a candidate whatever its quality.

Cells are independent given all this; F is the argmax of the win rates over all N queries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bayessel.errors import BudgetError
from bayessel.outcomes import NAMES
from bayessel.priors import Prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayessel.evidence import Evidence

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
"""``judge_channel:independent``: every judge an independent witness, and overconfident where they
are not. ``judge_channel:judged-only``: votes on unjudged cells predict, and do not teach."""

DIMS = {
    "base": ("outcome",),
    "candidate_unit": ("candidate", "outcome"),
    "rates": ("candidate", "outcome"),
    "information": ("family",),
    "confusion": ("family", "outcome", "vote"),
    "leaning": ("candidate", "family"),
}

SCORES = np.array([-1.0, 0.0, 1.0])
"""Value s of the votes."""

K = len(SCORES)


class Data(NamedTuple):
    """What the program reads; its shapes do not depend on what is judged.

    Attributes
    ----------
    counts
        [M, W, K + 1] cells by candidate, pattern and outcome; the last are not judged. Patterns
        are the distinct votes of all J judges on one cell, W the most that a candidate has.
    pattern
        [M, W, J * K] 1 where a pattern holds that vote of that judge.
    frequency
        [J, K] how often each judge casts each vote.
    share
        Effective number of judges over J.
    ratio
        Judged cells over unjudged ones.
    level
        [N, M] pattern of each cell among those of its candidate.
    """

    counts: Any
    pattern: Any
    frequency: Any
    share: Any
    ratio: Any
    level: Any


def prepare(evidence: Evidence) -> Data:
    """Count the cells by candidate and pattern of votes."""
    votes = np.zeros((0, *evidence.outcome.shape), dtype=np.int8)
    if len(evidence.signals.names):
        votes = evidence.signals.family_votes
    level, pattern, frequency, share = _layout(votes.tobytes(), votes.shape)
    counts = evidence.counts(level, pattern.shape[1]).astype(float)
    unjudged = counts[..., -1].sum()
    ratio = (counts.sum() - unjudged) / max(unjudged, 1.0)
    return Data(counts, pattern, frequency, share, np.asarray(ratio), level)


@lru_cache(maxsize=4)
def _layout(votes_: bytes, shape: tuple[int, ...]) -> tuple[Any, Any, Any, Any]:
    """What depends on the votes alone, once a task: level, pattern, frequency and share."""
    votes = np.frombuffer(votes_, dtype=np.int8).reshape(shape)
    level, found = _patterns(votes)
    pattern = np.zeros((len(found), max(len(p) for p in found), len(votes), K))
    for j, distinct in enumerate(found):
        pattern[j, : len(distinct)] = distinct[..., None] == SCORES
    frequency = (votes[..., None] == SCORES).sum(axis=(1, 2)) + 1.0
    frequency = frequency / frequency.sum(axis=1, keepdims=True)
    share = np.asarray(effective_judges(votes) / max(len(votes), 1))
    return level, pattern.reshape(*pattern.shape[:2], -1), frequency, share


def effective_judges(votes: NDArray[np.int8]) -> float:
    """Participation ratio of the eigenvalues of the correlations between judges.

    Parameters
    ----------
    votes
        [J, N, M].

    Returns
    -------
    float
        1 where all say the same (or its opposite), J where they are uncorrelated. Judges whose
        vote never varies are correlated with none.
    """
    x = votes.reshape(len(votes), int(np.prod(votes.shape[1:]))).astype(float)
    x = x - x.mean(axis=1, keepdims=True)
    norm = np.sqrt((x**2).sum(axis=1, keepdims=True))
    x = np.divide(x, norm, out=np.zeros_like(x), where=norm > 0)
    correlation = x @ x.T
    np.fill_diagonal(correlation, 1.0)
    return float(len(votes) ** 2 / max((correlation**2).sum(), 1.0))


def _patterns(votes: NDArray[np.int8]) -> tuple[NDArray[np.intp], list[NDArray[np.int8]]]:
    """[N, M] pattern of each cell, and the patterns [W_j, J] of each candidate."""
    code = np.zeros(votes.shape[1:], dtype=np.int64)
    for vote in votes:
        code = code * K + (vote + 1)
        if code.max(initial=0) > 2**60:  # many judges: number the patterns so far
            code = np.unique(code, return_inverse=True)[1].reshape(code.shape)
    level, found = np.zeros(code.shape, dtype=np.intp), []
    for j in range(code.shape[1]):
        _, first, level[:, j] = np.unique(code[:, j], return_index=True, return_inverse=True)
        found.append(votes[:, first, j].T)
    return level, found


def numpyro_model(data: Data, priors: dict[str, Prior] = PRIORS) -> None:
    """NumPyro program, the unjudged outcomes summed out; all effects are non-centred."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    def units(name: str, plate: Any, *shape: int) -> Any:
        with plate:
            return numpyro.sample(name, dist.Normal(0.0, 1.0).expand(shape).to_event(len(shape)))

    n_judges = len(data.frequency)
    candidates = numpyro.plate("candidate", len(data.counts))
    base = priors["base"].numpyro("base")
    sd_candidate = priors["sd_candidate"].numpyro("sd_candidate")
    logits = jnp.log(base) + sd_candidate * units("candidate_unit", candidates, K)
    log_joint = _log_softmax(jax.nn.logsumexp, logits)[:, None, :]
    numpyro.deterministic("rates", jnp.exp(log_joint[:, 0]))
    if n_judges:
        families = numpyro.plate("family", n_judges)
        sd_judge = priors["sd_judge"].numpyro("sd_judge")
        with families:
            information = sd_judge * numpyro.sample("information_unit", dist.HalfNormal(1.0))
        numpyro.deterministic("information", information)
        effect = information[:, None, None] * units("confusion_unit", families, K, K)
        confusion = jnp.log(data.frequency)[:, None, :] + effect
        confusion = jax.nn.softmax(confusion, axis=-1)
        numpyro.deterministic("confusion", confusion)
        sd_leaning = priors["sd_leaning"].numpyro("sd_leaning")
        leaning = sd_leaning * units("leaning_unit", candidates, n_judges)
        numpyro.deterministic("leaning", leaning)
        power = data.share ** _known(priors, "correlation")
        if _known(priors, "correlation") != 1:  # else `predict` finds it in the data
            numpyro.deterministic("power", power)
        log_joint = log_joint + power * log_votes(jax.nn.logsumexp, jnp, data, confusion, leaning)
    weight = jnp.minimum(1.0, _known(priors, "unjudged") * data.ratio)
    numpyro.factor("outcome", _log_likelihood(jax.nn.logsumexp, data.counts, log_joint, weight))


def pymc_model(data: Data, priors: dict[str, Prior] = PRIORS) -> Any:
    """PyMC twin of :func:`numpyro_model`; returns the ``pymc.Model``."""
    import pymc as pm
    import pytensor.tensor as pt

    n_judges = len(data.frequency)
    # PyMC wants no dimension called as a variable, `outcome`
    coords = {"candidate": range(len(data.counts)), "outcome_level": NAMES, "vote": NAMES}
    with pm.Model(coords=coords | {"family": range(n_judges)}) as model:
        base = priors["base"].pymc("base", dims="outcome_level")
        sd_candidate = priors["sd_candidate"].pymc("sd_candidate")
        unit = pm.Normal("candidate_unit", 0.0, 1.0, dims=("candidate", "outcome_level"))
        log_rates = _log_softmax(pt.logsumexp, pt.log(base) + sd_candidate * unit)
        pm.Deterministic("rates", pt.exp(log_rates), dims=("candidate", "outcome_level"))
        log_joint = log_rates[:, None, :]
        if n_judges:
            sd_judge = priors["sd_judge"].pymc("sd_judge")
            size = pm.HalfNormal("information_unit", 1.0, dims="family")
            information = pm.Deterministic("information", sd_judge * size, dims="family")
            unit = pm.Normal("confusion_unit", 0.0, 1.0, dims=("family", "outcome_level", "vote"))
            effect = information[:, None, None] * unit
            confusion = pm.math.softmax(np.log(data.frequency)[:, None, :] + effect, axis=-1)
            pm.Deterministic("confusion", confusion, dims=("family", "outcome_level", "vote"))
            sd_leaning = priors["sd_leaning"].pymc("sd_leaning")
            unit = pm.Normal("leaning_unit", 0.0, 1.0, dims=("candidate", "family"))
            leaning = pm.Deterministic("leaning", sd_leaning * unit, dims=("candidate", "family"))
            power = data.share ** _known(priors, "correlation")
            if _known(priors, "correlation") != 1:
                pm.Deterministic("power", pt.as_tensor_variable(power))
            log_joint = log_joint + power * log_votes(pt.logsumexp, pt, data, confusion, leaning)
        else:
            log_joint = log_joint + np.zeros(data.counts.shape[:2])[..., None]
        weight = np.minimum(1.0, _known(priors, "unjudged") * data.ratio)
        # a Potential: a likelihood to a power is no distribution
        pm.Potential("outcome", _log_likelihood(pt.logsumexp, data.counts, log_joint, weight))
    return model


def log_votes(logsumexp: Any, xp: Any, data: Data, confusion: Any, leaning: Any) -> Any:
    """[M, W, K] log likelihood of the votes of a pattern given the outcome, judges independent.

    Parameters
    ----------
    logsumexp, xp
        Of JAX, with ``jax.numpy``, or of ``pytensor.tensor``.
    data
        Patterns.
    confusion
        [J, K, K] probabilities of each judge's votes (last) given the outcome.
    leaning
        [M, J] of the judges towards candidates.
    """
    tilt = leaning[:, :, None, None] * SCORES.astype(leaning.dtype)
    channel = _log_softmax(logsumexp, xp.log(confusion)[None] + tilt)  # [M, J, K, vote]
    n_models, n_judges = data.counts.shape[0], data.frequency.shape[0]
    by_vote = channel.transpose((0, 1, 3, 2)).reshape((n_models, n_judges * K, K))
    return xp.matmul(data.pattern, by_vote)


def _known(priors: dict[str, Prior], name: str) -> float:
    if not priors[name].fixed or np.ndim(priors[name].value) or priors[name].value < 0:
        raise BudgetError(
            f"judge_channel: {name}={priors[name]}, expected a known number that is at least 0"
        )
    return float(priors[name].value)


def _log_softmax(logsumexp: Any, logits: Any) -> Any:
    return logits - logsumexp(logits, axis=-1, keepdims=True)


def _log_likelihood(logsumexp: Any, counts: Any, log_joint: Any, weight: Any) -> Any:
    """Log likelihood of judged outcomes and votes, and of the weighted votes on the others."""
    unjudged = (counts[..., -1] * logsumexp(log_joint, axis=-1)).sum()
    return (counts[..., :-1] * log_joint).sum() + weight * unjudged


def predict(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """[W, M, K] outcome probabilities of a cell by its pattern, given a posterior draw."""
    import jax
    import jax.numpy as jnp

    log_joint = jnp.broadcast_to(jnp.log(draw["rates"])[:, None, :], (*data.counts.shape[:2], K))
    if len(data.frequency):
        vote = log_votes(jax.nn.logsumexp, jnp, data, draw["confusion"], draw["leaning"])
        log_joint = log_joint + draw.get("power", data.share) * vote
    return jnp.moveaxis(jax.nn.softmax(log_joint, axis=-1), 1, 0)
