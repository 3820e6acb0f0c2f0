# %% [markdown]
# # A first selection
#
# Twelve candidates have answered 200 queries. Which of them beats the baseline most often, and how
# many calls does it take to know it? A call is one verdict: one candidate's response to one query,
# against the baseline's. The task is generated, so the truth is known.

# %%
import arviz as az

from bayessel import Selector, Stop, simulate_task

task = simulate_task(seed=4)
task

# %% [markdown]
# Ask and tell, one question at a time: a query, and the candidates to judge on it. `tell` takes
# outcomes of all of them or of some, in any order.

# %%
selector = Selector(task, seed=0)
question = selector.ask()
first, second, *others = question.candidates
selector.tell(question, {first: "win", second: "draw"})
selector.table.head()

# %% [markdown]
# Let the recorded outcomes answer until the best candidate is known to within five points.

# %%
selector.run(budget=720, stop=Stop(0.9, within=0.05))
selector.best, selector.p_best, selector.n_calls, selector.n_queries

# %% [markdown]
# The whole table: what is known of each candidate, the calls spent on it, and what dropped it.

# %%
selector.table

# %% [markdown]
# The history has one row for each call, with the chance with which its question was drawn.

# %%
selector.history.tail()

# %% [markdown]
# The posterior is an `xarray.DataTree`, which ArviZ takes as it is.

# %%
az.summary(selector.posterior, var_names=["eps_loss", "eps_draw"])

# %%
az.plot_forest(selector.posterior, var_names=["win_rate"], combined=True)
