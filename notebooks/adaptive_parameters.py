# %% [markdown]
# # Adaptive parameters
#
# Does the best candidate lose as often on every query? This notebook writes a model in which eps
# depends on the query, fits it, and asks two questions: does it predict an unseen query better than
# `dual_parameter`, and would it ask for another query next?

# %%
import tempfile
from pathlib import Path

import arviz as az
import matplotlib.pyplot as plt
import pandas as pd

from bayessel import Selector, simulate_task
from bayessel.checks import compare_results
from bayessel.checks.advice import advice
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import fit
from bayessel.inference.load import load_model
from bayessel.weak_judges import score_weak_judges

task = simulate_task(n_queries=60, n_candidates=5, query_spread=1.5, seed=4)
task = task.with_weak_judges(*score_weak_judges(task.texts))
selector = Selector(task, "random", seed=0)
selector.run(budget=150)  # calls: 30 queries, all five candidates each
bought = selector.bought

# %% [markdown]
# ## The model
#
# eps depends on what the weak judges say of a query: the means of their scores over the candidates,
# standardised. All candidates move together, so a query may be easy or hard. The best candidate
# F is summed out. `docs/extending.md` says what each function is for.

# %%
TEXT = '''
"""dual_parameter with outcome rates that depend on the query's features z[q].

    Y[q,F] ~ Categorical(∝ eps · exp(slope · z[q] · s)),  s = (-1, 0, 1)
    Y[q,j] ~ Categorical(∝ rho_j · exp(slope · z[q] · s)) for the others, rho_j worse than eps
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist

from bayessel.models.dual_parameter import others
from bayessel.priors import Prior

PRIORS = {
    "eps": Prior("Dirichlet", {"concentration": (1.0, 1.0, 1.0)}),
    "worse_shape": Prior("LogNormal", {"loc": 1.0, "scale": 0.5}),
    "sd_slope": Prior("HalfNormal", {"scale": 0.5}),
}
DIMS = {"eps": ("outcome",), "rho": ("candidate", "outcome")}


class Data(NamedTuple):
    hit: Any  # [R, M, K] 1 at the outcome of a judged cell, 0 elsewhere
    row_z: Any  # [R, G] of the judged queries
    z: Any  # [N, G] of all queries


def prepare(evidence):
    hit = (evidence.row_outcome[..., None] == [-1, 0, 1]).astype(float)
    z = evidence.signals.query_features[:, :6]  # six of the means
    rows = evidence.rows.clip(max=len(z) - 1)  # a free slot has no hit: its z does not matter
    return Data(hit, z[rows], z)


def tilted(rates, slope, z):
    s = jnp.array([-1.0, 0.0, 1.0])
    weight = rates * jnp.exp((z @ slope)[:, None, None] * s)
    return weight / weight.sum(axis=-1, keepdims=True)


def cells(rates, slope, data):
    return (data.hit * jnp.log(tilted(rates, slope, data.row_z))).sum(axis=-1)


def numpyro_model(data, priors=PRIORS):
    n_candidates, n_features = data.hit.shape[1], data.z.shape[1]
    eps = priors["eps"].numpyro("eps")
    shape = priors["worse_shape"].numpyro("worse_shape")
    sd = priors["sd_slope"].numpyro("sd_slope")
    unit = numpyro.sample("slope_unit", dist.Normal().expand([n_features]).to_event(1))
    slope = numpyro.deterministic("slope", sd * unit)
    worse = numpyro.sample("worse", dist.Beta(shape, 1.0).expand([n_candidates]).to_event(1))
    drawing = numpyro.sample("drawing", dist.Beta(1.0, 1.0).expand([n_candidates]).to_event(1))
    rho = numpyro.deterministic("rho", others(jnp, eps, worse, drawing))
    log_other = cells(rho, slope, data).sum(axis=0)
    log_f = cells(eps, slope, data).sum(axis=0) - log_other
    numpyro.deterministic("eps_loss", eps[0])
    numpyro.deterministic("eps_draw", eps[1])
    numpyro.deterministic("p_f", jax.nn.softmax(log_f))
    numpyro.factor("outcome", jax.nn.logsumexp(log_f) - jnp.log(n_candidates) + log_other.sum())


def predict(key, draw, data):
    best = jax.random.categorical(key, jnp.log(draw["p_f"]))
    is_best = jnp.arange(len(draw["p_f"])) == best
    rates = jnp.where(is_best[:, None], draw["eps"], draw["rho"])
    return tilted(rates, draw["slope"], data.z)


def log_likelihood(draw, data):
    best = cells(draw["eps"], draw["slope"], data)
    other = cells(draw["rho"], draw["slope"], data)
    given_f = other.sum(axis=1, keepdims=True) + best - other
    return -jax.nn.logsumexp(jnp.log(draw["p_f"]) - given_f, axis=1)
'''
path = Path(tempfile.mkdtemp()) / "adaptive.py"
path.write_text(TEXT, encoding="utf-8")

# %% [markdown]
# ## Two fits to the same outcomes

# %%
settings = {"outcomes": bought, "seed": 0, "chains": 4, "draws": 200, "warmup": 200}
names = {"dual_parameter": "dual_parameter", "adaptive": path}
trees = {name: fit(selector.task, model, **settings) for name, model in names.items()}
az.summary(trees["adaptive"], var_names=["eps_loss", "eps_draw", "slope"])

# %% [markdown]
# ## Which predicts an unseen query better
#
# The outcomes of one query depend on each other, so a whole query is left out. The difference
# counts where it is several times its standard error `dse`.

# %%
comparison = compare_results(trees)  # az.compare, and whether it can be trusted
comparison.text

# %%
comparison.table

# %% [markdown]
# ## Which query comes next
#
# Each model asks for the query from which it expects the most information about the best candidate.

# %%
evidence = Evidence.of(selector.task, bought)
choices, gains = {}, {}
for name, model in names.items():
    choices[name], gains[name] = advice(trees[name], load_model(model), evidence)
pd.DataFrame(choices).loc[["best", "p_best", "next_query", "gain", "as_good"]]

# %%
figure, axes = plt.subplots(figsize=(5, 4.5), layout="constrained")
axes.scatter(gains["dual_parameter"], gains["adaptive"], s=12)
axes.set(
    xlabel="gain by dual_parameter (nats)",
    ylabel="gain by the adaptive model (nats)",
    title="Each unjudged query's worth under two models",
)
