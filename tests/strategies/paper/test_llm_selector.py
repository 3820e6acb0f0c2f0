"""The reference method against an independent implementation of the paper's equations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy

from bayessel import LLMSelector, Selector, Task
from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.weak_judges.votes import votes


def written_out(outcome, weak, eps, asked):
    """Posterior and expected entropies, cell by cell, from the equations."""
    n_weak_judges, n_queries, n_candidates = weak.shape
    log_p = np.zeros(n_candidates)
    for q in asked:
        for j in range(n_candidates):
            log_p[j] += np.log(eps[int(outcome[q, j]) + 1])
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    expected = np.zeros(n_queries)
    for q in range(n_queries):
        for z in range(n_weak_judges):
            after = np.array([p[j] * eps[int(weak[z, q, j]) + 1] for j in range(n_candidates)])
            expected[q] += entropy(after / after.sum()) / n_weak_judges
    return p, expected


@pytest.mark.parametrize("eps", [(0.2, 0.4), (0.1, 0.3), (0.35, 0.15)])
def test_every_choice_is_a_minimiser_of_the_papers_criterion(task, eps):
    selector = Selector(task, LLMSelector(*eps), seed=1)
    weak = votes(selector.task.data["weak_score"].values)
    probabilities = np.array([*eps, 1 - sum(eps)])
    asked: list[int] = []
    for _ in range(15):
        p, expected = written_out(task.recorded, weak, probabilities, asked)
        np.testing.assert_allclose(selector.standing.p_best, p, atol=1e-10)
        free = np.setdiff1d(np.arange(task.n_queries), asked)
        query = selector.ask().query
        q = task.query_index(query)
        assert q in free
        assert expected[q] <= expected[free].min() + 1e-10
        assert p[selector.standing.best] == pytest.approx(p.max())
        selector.tell(query, task.recorded[q])
        asked.append(q)


def test_ties_are_broken_at_random_by_the_seed(task):
    alike = np.zeros((1, task.n_queries, task.n_candidates))
    tied = task.with_weak_judges(alike, ["none"])
    first = {Selector(tied, "llm-selector", seed=s).ask().query for s in range(30)}
    assert len(first) > 10
    named = {Selector(tied, "llm-selector", seed=s).best for s in range(30)}
    assert len(named) > 2  # nothing is judged: every candidate is as likely


def test_a_task_without_texts_takes_scores_instead():
    rng = np.random.default_rng(0)
    import pandas as pd

    frame = pd.DataFrame(
        [(f"q{q}", m, int(rng.integers(-1, 2))) for q in range(9) for m in "abc"],
        columns=["query_id", "model", "outcome"],
    )
    bare = Task.from_frame(frame)
    with pytest.raises(DataError, match="needs weak judges"):
        Selector(bare, "llm-selector")
    scored = bare.with_weak_judges(rng.normal(size=(2, 9, 3)), ["x", "y"])
    assert Selector(scored, "llm-selector").run(budget=12).n_queries == 4
    assert (Selector(scored, "llm-selector").bought == MISSING).all()
