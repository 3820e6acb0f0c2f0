# %% [markdown]
# # From grid search to a posterior
#
# LLM SELECTOR describes the best candidate by two numbers: how often it loses to the baseline
# (eps_loss) and how often it draws (eps_draw). It tries a grid of values, with the weak judges'
# ensemble in the place of the truth, and keeps the pair that finds the ensemble's best most often.
# `dual_parameter` gives both numbers a prior and learns them. This notebook shows both on a
# generated task.

# %%
import matplotlib.pyplot as plt
import numpy as np

from bayessel import Selector, simulate_task
from bayessel.inference.engines.exact import posterior_best
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import fit
from bayessel.outcomes import counts
from bayessel.strategies.paper.parts.expected_entropy import expected_entropy

task = simulate_task(n_queries=60, n_candidates=5, seed=4)
selector = Selector(task, "llm-selector", seed=0)
selector.run(budget=100)  # calls: 20 queries, all five candidates each
bought = selector.bought

# %% [markdown]
# ## The grid
#
# The weak judges' majority stands in for the outcomes. For each pair, the paper's rule asks for 12
# queries out of a pool of 40, and does so in three pools. The score is the share of the steps after
# which the candidate with the highest posterior is the ensemble's best in that pool.

# %%
evidence = Evidence.of(selector.task, bought)
ensemble, votes = evidence.signals.vote, evidence.signals.votes
grid = np.arange(0.05, 0.75, 0.1)
rng = np.random.default_rng(0)
pools = [rng.choice(task.n_queries, 40, replace=False) for _ in range(3)]


def found(eps: np.ndarray, pool: np.ndarray, budget: int = 12) -> float:
    """Share of the steps after which the ensemble's best is on top."""
    truth, seen = ensemble[pool], votes[:, pool]
    points = truth.mean(axis=0)
    asked, right = [], []
    p_best = np.full(task.n_candidates, 1 / task.n_candidates)
    for _ in range(budget):
        entropy = expected_entropy(p_best, seen, eps)
        entropy[asked] = np.inf
        asked.append(int(np.argmin(entropy)))
        p_best = posterior_best(counts(truth[asked]), eps)
        right.append(points[np.argmax(p_best)] == points.max())
    return float(np.mean(right))


score = np.full((len(grid), len(grid)), np.nan)
for i, loss in enumerate(grid):
    for k, draw in enumerate(grid):
        if loss + draw < 0.97:
            eps = np.array([loss, draw, 1 - loss - draw])
            score[i, k] = np.mean([found(eps, pool) for pool in pools])

best_cell = np.unravel_index(np.nanargmax(score), score.shape)
chosen = grid[best_cell[0]], grid[best_cell[1]]
{"eps_loss": round(chosen[0], 2), "eps_draw": round(chosen[1], 2), "score": np.nanmax(score)}

# %% [markdown]
# Many pairs are as good as the best one. The grid cannot say which of them to believe, because it
# never looks at a bought outcome.

# %%
int((score >= np.nanmax(score) - 0.05).sum()), int(np.isfinite(score).sum())

# %% [markdown]
# ## The posterior
#
# The same two numbers, given the outcomes of 20 queries that were bought and the votes on all
# cells.

# %%
tree = fit(
    selector.task, "dual_parameter", outcomes=bought, seed=0, chains=4, draws=200, warmup=200
)
posterior = tree["posterior"].dataset
posterior[["eps_loss", "eps_draw"]].quantile([0.05, 0.5, 0.95], ("chain", "draw")).to_dataframe()

# %%
figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
half = (grid[1] - grid[0]) / 2
edges = np.append(grid - half, grid[-1] + half)
image = axes.pcolormesh(edges, edges, score, cmap="Greys", vmin=0, vmax=1)
figure.colorbar(image, label="share of steps with the ensemble's best on top")
flat = posterior.stack(sample=("chain", "draw"))
axes.scatter(flat["eps_draw"], flat["eps_loss"], s=3, alpha=0.3, label="posterior draws")
axes.scatter(chosen[1], chosen[0], marker="x", s=80, color="tab:red", label="grid's choice")
rates = np.bincount(task.recorded[:, np.argmax(task.recorded.mean(axis=0))] + 1, minlength=3)
axes.scatter(
    *(rates[[1, 0]] / rates.sum()),
    marker="*",
    s=120,
    color="tab:orange",
    edgecolor="black",
    label="best candidate, all queries judged",
)
axes.set(xlabel="eps_draw", ylabel="eps_loss", title="The paper's grid and the posterior of eps")
axes.text(0.57, 0.4, "no such rates", ha="center", color="grey")
axes.legend()

# %% [markdown]
# ## What it does to the decision
#
# With a preset pair, P(best) is as sure as the pair says. With a posterior, P(best) is averaged
# over the values that eps may have, and over how much worse each of the other candidates is.

# %%
preset = posterior_best(counts(bought), np.array([*chosen, 1 - sum(chosen)]))
learned = posterior["p_best"].mean(("chain", "draw"))
truth = (task.recorded.mean(axis=0) + 1) / 2
frame = learned.to_dataframe("learned").assign(preset=preset, recorded_win_rate=truth)
frame.round(3)
