"""Which LLM is the baseline."""

from __future__ import annotations

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.baseline import choose_baseline
from bayessel.tasks.frame import read_frame
from sample import rows


def frame(**kwargs) -> pd.DataFrame:
    return pd.DataFrame(rows(**kwargs))


def test_without_texts_the_baseline_needs_no_name():
    table = frame().query("model != 'base'").drop(columns="text")
    task = Task.from_frame(table)
    assert task.baseline == "baseline"
    assert not task.has_texts
    with pytest.raises(DataError, match="no responses"):
        _ = task.texts
    assert Task.from_frame(table, baseline="gpt-x").baseline == "gpt-x"


def test_the_only_llm_that_was_not_judged_is_the_baseline():
    tables = read_frame(frame())
    assert choose_baseline(tables, None).baseline == "base"
    assert choose_baseline(tables, "base").baseline == "base"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.assign(outcome=""), "nothing was judged yet"),
        (lambda t: t[t["model"] != "base"], "every LLM with responses was also judged"),
        (
            lambda t: t.assign(outcome=t["outcome"].where(t["model"] != "c", "")),
            r"2 LLMs have responses and no judgments \('base', 'c'\)",
        ),
    ],
)
def test_where_it_cannot_be_told_the_user_is_asked(change, message):
    with pytest.raises(DataError, match=rf"{message}.*--baseline"):
        Task.from_frame(change(frame()))


def test_a_name_that_does_not_fit_is_refused():
    tables = read_frame(frame())
    with pytest.raises(DataError, match="'a' has judgments of its own"):
        choose_baseline(tables, "a")
    with pytest.raises(UnknownNameError, match=r"did you mean 'base'.*needs its responses"):
        choose_baseline(tables, "bas")
    said = read_frame(frame().assign(baseline="base"))
    with pytest.raises(UnknownNameError, match="judged against 'base'"):
        choose_baseline(said, "c")


def test_a_candidate_called_baseline_is_not_lost():
    table = frame().query("model != 'base'").drop(columns="text")
    with pytest.raises(DataError, match="'baseline' has judgments of its own"):
        Task.from_frame(table.replace({"model": {"c": "baseline"}}))


def drawn(outcomes="000000", **change) -> pd.DataFrame:
    """The sample's table with outcomes of the baseline against itself."""
    table = frame()
    own = table["model"] == "base"
    table.loc[own, "outcome"] = [{"0": "draw", "1": "win"}[o] for o in outcomes]
    return table.assign(**change)


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize(
    ("change", "given"),
    [({}, "base"), ({"baseline": "base"}, None), ({"baseline": "base"}, "base")],
)
def test_the_baseline_against_itself_is_left_out_with_a_count(texts, change, given):
    table = drawn(**change)
    task = Task.from_frame(table if texts else table.drop(columns="text"), baseline=given)
    assert (task.candidates, task.baseline) == (("a", "b", "c"), "base")
    assert "left out 6 judgments of the baseline 'base' against itself" in task.notes
    assert task.recorded_hash == Task.from_frame(frame()).recorded_hash


def test_a_baseline_that_wins_against_itself_is_pointed_out():
    task = Task.from_frame(drawn("000110").drop(columns="text"), baseline="base")
    assert task.candidates == ("a", "b", "c")
    assert any("against itself; 2 of them are no draw: is it the" in n for n in task.notes)


def many(draws: int, *, texts: bool) -> pd.DataFrame:
    """Two candidates that win and lose, and ``base``, which draws."""
    said = {"a": ["win", "loss"] * draws, "b": ["loss", "win"] * draws, "base": ["draw"] * draws}
    table = [
        {"query_id": f"q{i}", "candidate": name, "outcome": outcome, "text": f"{name} {i}"}
        for name, outcomes in said.items()
        for i, outcome in enumerate(outcomes[:draws])
    ]
    return pd.DataFrame(table) if texts else pd.DataFrame(table).drop(columns="text")


@pytest.mark.parametrize("texts", [True, False])
def test_an_llm_that_only_draws_is_the_baseline(texts):
    task = Task.from_frame(many(20, texts=texts))
    assert (task.candidates, task.baseline) == (("a", "b"), "base")
    assert any("'base' draws in every one of its outcomes" in n for n in task.notes)
    assert any("left out 20 judgments of the baseline" in n for n in task.notes)


def test_a_few_draws_are_no_proof():
    assert Task.from_frame(many(19, texts=False)).candidates == ("a", "b", "base")
    with pytest.raises(DataError, match=r"every LLM with responses was also judged.*--baseline"):
        Task.from_frame(many(19, texts=True))


def test_the_name_of_another_baseline_keeps_a_candidate_that_only_draws():
    task = Task.from_frame(many(20, texts=False), baseline="other")
    assert (task.candidates, task.baseline) == (("a", "b", "base"), "other")
