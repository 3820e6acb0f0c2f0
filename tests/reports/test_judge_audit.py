"""What is said of judges, from a ledger of verdicts on disk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import Selector, simulate_task
from bayessel.errors import BudgetError
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request, State, Verdict
from bayessel.outcomes import Outcome
from bayessel.reports.judge_audit import judge_report
from bayessel.strategies.bayessel import Bayessel


def filled(folder) -> VerdictLedger:
    """Sixty cells; every sixth in both orders, where the first place always wins; two failures."""
    ledger = VerdictLedger.in_folder(folder)

    def ask(query, first, verdict, oracle="gpt-x", repeat=0):
        number = ledger.begin(Request(oracle, query, "a", first, repeat))
        if verdict is not None:
            ledger.finish(number, verdict)

    for i in range(60):
        first = i % 2 == 0
        ask(f"q{i}", first, Verdict(State.VERDICT, Outcome.LOSS if first else Outcome.WIN))
        if i % 6 == 0:
            ask(f"q{i}", not first, Verdict(State.VERDICT, Outcome.WIN if first else Outcome.LOSS))
        if i % 10 == 0:
            ask(f"q{i}", first, Verdict(State.VERDICT, Outcome.LOSS), repeat=1)
    ask("q98", True, Verdict(State.REFUSED))
    ask("q99", True, None)
    ask("q99", True, Verdict(State.ERROR, detail="no answer"), oracle="silent")
    return ledger


def test_a_judge_that_always_takes_the_first(tmp_path):
    with filled(tmp_path) as ledger:
        report = judge_report(ledger.all, {("q0", "a"): Outcome.LOSS, ("q1", "a"): -1})
    (judge,) = report.judges
    assert judge.flips.value == judge.reversals.value == 1
    assert judge.first_place.value > 0.98
    assert judge.repeatability.value == 1
    assert judge.position_bias.value > 0.85
    assert judge.agreement.value == 0.5
    text = str(report).splitlines()
    assert text[0] == "gpt-x: 76 verdicts on 60 cells (1 refused, 1 in flight)"
    assert text[2] == (
        "  flips           100 % (90 %: 79 to 100) of 10 cells in both orders; 100 % from win "
        "to loss"
    )
    assert text[-1] == "silent: no verdict (1 error)"
    assert any(line.startswith("  position bias   +9") for line in text)


def test_one_order_alone_says_so_and_nothing_breaks(tmp_path):
    with VerdictLedger.in_folder(tmp_path) as ledger:
        assert str(judge_report(ledger.all)) == ""
        number = ledger.begin(Request("gpt-x", "q", "a", True))
        ledger.finish(number, Verdict(State.VERDICT, Outcome.WIN))
        report = judge_report(ledger.all)
    assert "not known: no cell in both orders" in str(report)


def test_a_selection_that_is_told_of_noise_is_less_sure_and_asks_on():
    task = simulate_task(n_candidates=4, n_queries=30, seed=1)
    selector = Selector(task, seed=0).run(budget=120)
    assert selector.p_best == 1.0
    assert selector.know_noise(0.06)
    assert selector.p_best < 1.0
    assert selector.strategy.options["prior"] == {"verdict_noise": "Fixed(value=0.06)"}
    other = Selector(task, seed=0, prior={"verdict_noise": "0.06"}).run(budget=120)
    same = [table.drop(columns="last") for table in (selector.table, other.table)]
    pd.testing.assert_frame_equal(*same)
    back = selector.table["p_best"] > 0.01
    assert (selector.table["last"] == "")[back].all()  # who may be the best again is in the race
    assert not Selector(task, "random").know_noise(0.06)
    assert selector.know_noise(0.0)
    assert selector.p_best == 1.0


@pytest.mark.parametrize("value", ["-0.01", "0.3", "HalfNormal(0.1)", "(0.1, 0.1)"])
def test_a_noise_that_is_none_is_refused(value):
    with pytest.raises(BudgetError, match=r"number from 0 to 0\.25") as refused:
        Bayessel(prior={"verdict_noise": value})
    assert "\n" not in str(refused.value)


def test_the_model_and_its_engines_know_of_noise_alike():
    """NumPyro's program completes the population of gibbs's draws; six standard errors."""
    from bayessel.inference.fit import fit

    task = simulate_task(n_candidates=3, n_queries=24, seed=2)
    outcome = np.where(np.random.default_rng(0).random((24, 3)) < 0.7, task.recorded, -9)
    prior = {"verdict_noise": "0.05"}
    tree = fit(task, "two_way", "gibbs", outcomes=outcome, priors=prior, draws=500, chains=2)
    selector = Selector(task, bought=outcome.astype(np.int8), prior=prior, draws=4000)
    ours = tree["posterior"]["win_rate"].values.reshape(-1, 3)
    theirs = selector.standing.draws.win_rate
    error = ours.std(axis=0) * np.sqrt(1 / 300 + 1 / 250)
    assert np.all(np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 6 * error)
    np.testing.assert_allclose(ours.std(axis=0), theirs.std(axis=0), rtol=0.25)
