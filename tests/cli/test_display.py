"""A selection as it is shown step by step: in a terminal one table, elsewhere a line an answer."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bayessel import Run, Selector
from bayessel.cli import display


@pytest.mark.parametrize("terminal", [True, False])
def test_calls_queries_money_and_the_race_are_shown(task, monkeypatch, terminal):
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal, width=200, color_system=None)
    monkeypatch.setattr(display, "_console", lambda stderr=False: console)
    selector = Selector(task, "random", seed=1, cost={task.candidates[0]: 0.5})
    with display.LiveDisplay(10) as live:
        selector.run(budget=10, on_step=live)
    said = shown.getvalue()
    if terminal:
        assert "10 of 10 calls on 2 queries, cost 9.00; " in said
        assert " of 5 candidates in the race" in said
        assert f"last asked: {selector.steps[-1].of.query}, 5 candidates" in said
        assert "out since" in said
    else:
        first, second = said.splitlines()
        assert first.startswith("    5/10 calls, 1 query, cost 4.50  q")
        assert second.startswith("   10/10 calls, 2 queries, cost 9.00  q")
        assert f"best {selector.best}, P(best) {selector.p_best:.3f}, win rate " in second
        assert "; in the race: " in second


def test_nothing_is_shown_where_it_is_quiet(task, monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(display, "_console", lambda stderr=False: Console(file=shown))
    with display.LiveDisplay(5, quiet=True) as live:
        Selector(task, "random").run(budget=5, on_step=live)
    assert shown.getvalue() == ""


def test_an_outcome_that_was_corrected_meanwhile_leaves_no_step_to_show(tmp_path, task):
    with Run.create(tmp_path / "run", task, "random") as run:
        question = run.next()
        run.tell(question, [1] * len(question))
        _ = run.selector
        run.tell(question, {question.candidates[0]: 0}, replace=True)
        assert run.selector.steps == ()
        with display.LiveDisplay(10) as live:
            live(run.selector)
