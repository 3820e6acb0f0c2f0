"""Whether a model file of a user does what docs/extending.md asks for, before it is sampled."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bayessel.errors import DataError
from bayessel.inference.engines import nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import VERDICT_NOISE, F, Model
from bayessel.inference.runtime import precision
from bayessel.outcomes import NAMES

_ROUNDING = 1e-3
_SAID = "see docs/extending.md, 'What a file defines'"


def validate_model_file(model: Model, evidence: Evidence) -> None:
    """Try a file's functions on one draw from its prior.

    Parameters
    ----------
    model
        The model; only a file that was given by its path is tried.
    evidence
        What it is to be fitted to.

    Raises
    ------
    DataError
        A prior is not a site, a result has the wrong shape, or outcome probabilities do not sum
        to 1.
    """
    if not model.name.endswith(".py"):
        return
    data = model.prepare(evidence)
    found = {k: v[0] for k, v in nuts.prior_samples(model, data, 0, 1).items()}
    if "p_best" in found:
        raise DataError(
            f"the program of {model.name} records p_best, which is derived from the win rates over "
            f"the N queries: record the posterior of F as p_f; {_SAID}"
        )
    absent = [name for name in model.priors if name not in found and name not in (F, VERDICT_NOISE)]
    if absent:
        raise DataError(
            f"the program of {model.name} has no site for the prior(s) {', '.join(absent)} of "
            f"PRIORS: sample them under these names, or take them out; {_SAID}"
        )
    for name, dims in model.dims.items():
        if name in found and np.ndim(found[name]) != len(dims):
            raise DataError(
                f"{model.name}: DIMS gives {name} the dimensions {dims}, and the program's {name} "
                f"has shape {np.shape(found[name])}"
            )
    with precision(double=True):
        draw = {k: jnp.asarray(v) for k, v in found.items()}
        given = jax.tree.map(jnp.asarray, data)
        probs = np.asarray(model.predict(jax.random.key(0), draw, given))
        log_p = None if model.log_likelihood is None else model.log_likelihood(draw, given)
    _validate_probs(model, probs, data, evidence)
    if log_p is not None and np.shape(log_p) != np.shape(evidence.rows):
        raise DataError(
            f"log_likelihood of {model.name} returns shape {np.shape(log_p)}, expected "
            f"{np.shape(evidence.rows)}: one for each judged row; {_SAID}"
        )


def _validate_probs(model: Model, probs: Any, data: Any, evidence: Evidence) -> None:
    level = getattr(data, "level", None)
    first = evidence.n_queries if level is None else int(np.max(level)) + 1
    expected = (first, evidence.n_candidates, len(NAMES))
    fits = probs.ndim == 3 and probs.shape[1:] == expected[1:]
    if not fits or (probs.shape[0] != first if level is None else probs.shape[0] < first):
        raise DataError(
            f"predict of {model.name} returns shape {probs.shape}, expected {expected}: "
            f"{'queries' if level is None else 'levels'} x candidates x outcomes; {_SAID}"
        )
    inside = (probs >= -_ROUNDING).all() and (np.abs(probs.sum(axis=-1) - 1) <= _ROUNDING).all()
    if np.isfinite(probs).all() and not inside:
        raise DataError(
            f"predict of {model.name} returns values from {probs.min():.3g} to {probs.max():.3g}, "
            "expected probabilities of loss, draw and win that sum to 1 (not their logarithms)"
        )
