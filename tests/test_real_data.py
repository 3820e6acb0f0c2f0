"""The judged data sets, end to end."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import Selector, Task

pytestmark = pytest.mark.real_data

SETS = {
    "alpacaeval": ("text_davinci_003", 805, 53),
    "arenahard_gpt4o": ("gpt-4-0314", 500, 42),
    "fasteval_mtbench": ("gpt-3.5-turbo-0301", 160, 33),
    "shaberi_elyza100": ("meta-llama__Llama-3.3-70B-Instruct", 100, 166),
    "zeroeval_crux": ("gpt-3.5-turbo-0125", 800, 50),
}


@pytest.mark.parametrize("name", SETS)
def test_sizes_and_the_baseline_are_read(data, name):
    task = Task.read(data / name)
    assert (task.baseline, task.n_queries, task.n_candidates) == SETS[name]


def test_alpacaeval_has_the_papers_win_rates(data):
    task = Task.read(data / "alpacaeval")
    rates = dict(zip(task.candidates, 100 * task.win_rate, strict=True))
    assert min(rates, key=rates.get) == "text_davinci_001"
    assert max(rates, key=rates.get) == "gpt4_1106_preview"
    assert rates["text_davinci_001"] == pytest.approx(15.22, abs=0.005)
    assert rates["gpt4_1106_preview"] == pytest.approx(97.64, abs=0.005)


@pytest.mark.parametrize("strategy", ["bayessel", "llm-selector", "random"])
def test_every_strategy_runs_on_judgments_with_gaps(data, strategy):
    task = Task.read(data / "arenahard_gpt4o")
    gaps = (task.recorded == -9).sum()
    assert gaps == 8
    part = task.subset(queries=task.queries[:60], candidates=task.candidates[:6])
    selector = Selector(part, strategy, seed=0).run(budget=20 * part.n_candidates)
    assert selector.standing.p_best.sum() == pytest.approx(1)
    assert np.isfinite(selector.table["win_rate"]).all()
