# %% [markdown]
# # A first selection
#
# Twelve candidates have answered 200 queries. Which of them beats the baseline most often, and how
# many queries must be judged to know it? The task is generated, so the truth is known.

# %%
import arviz as az

from bayessel import Selector, Stop, simulate_task

task = simulate_task(seed=4)
task

# %% [markdown]
# Ask and tell, one query at a time. `tell` takes the outcomes of all candidates or of some.

# %%
selector = Selector(task, seed=0)
query = selector.ask()
selector.tell(query, {"candidate-01": "win", "candidate-02": "draw"})
selector.table.head()

# %% [markdown]
# Let the recorded outcomes answer until the best candidate is known to within five points.

# %%
selector.run(budget=60, stop=Stop(0.9, within=0.05))
selector.best, selector.p_best, selector.n_annotations

# %%
selector.history.tail()

# %% [markdown]
# The posterior is an `xarray.DataTree`, which ArviZ takes as it is.

# %%
az.summary(selector.posterior, var_names=["eps_loss", "eps_draw"])

# %%
az.plot_forest(selector.posterior, var_names=["win_rate"], combined=True)
