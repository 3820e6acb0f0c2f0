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
    assert choose_baseline(tables, None) == "base"
    assert choose_baseline(tables, "base") == "base"


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
