"""The compiled selections agree with the strategy objects, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import Selector, make_strategy
from bayessel.outcomes import MISSING
from bayessel.strategies.paper.parts import replay as compiled
from bayessel.strategies.paper.parts.random_streams import (
    ask_generator,
    recommend_generator,
    replay_streams,
)
from bayessel.weak_judges.votes import votes

RULES = {
    "llm-selector": compiled.POSTERIOR,
    "bradley-terry": compiled.BRADLEY_TERRY,
    "most-draws": compiled.ORDER,
    "uncertainty": compiled.ORDER,
    "confidence": compiled.ORDER,
    "random": compiled.RANDOM,
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("realization", range(3))
def test_the_same_queries_and_recommendations(task, name, realization):
    strategy = make_strategy(name, draws=100)
    scored = Selector(task, "llm-selector").task
    answers = scored.recorded.copy()
    answers[4] = MISSING  # never asked
    answers[7, 1] = MISSING  # judged in part
    answers[np.random.default_rng(realization).random(len(answers)) < 0.6, 2] = MISSING
    weak = votes(scored.data["weak_score"].values)
    budget = task.n_queries - 1
    score = (
        strategy.query_score(weak) if hasattr(strategy, "query_score") else np.zeros(len(answers))
    )
    query, best, p_best = compiled.replay(
        RULES[name],
        answers,
        np.ascontiguousarray(weak.transpose(1, 2, 0)),
        score,
        np.array([0.2, 0.4, 0.4]),
        budget,
        *replay_streams(5, realization, budget),
    )
    rng = np.random.default_rng(0)  # their states draw nothing
    state = strategy.init(rng, scored, np.full_like(answers, MISSING))
    free = answers != MISSING
    ask = ask_generator(5, realization)
    for t in range(budget):
        (chosen,) = strategy.ask(ask, state, free, np.ones(free.shape))
        q = chosen.query
        assert q == query[t]
        free[q] = False
        state = strategy.tell(rng, state, q, answers[q])
        standing = strategy.recommend(recommend_generator(5, realization, t), state)
        assert standing.best == best[t]
        if name == "llm-selector":
            assert standing.p_best[best[t]] == pytest.approx(p_best[t], abs=1e-12)
