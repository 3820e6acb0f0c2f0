"""The benchmark's rows and its errors."""

from __future__ import annotations

import pandas as pd
import pytest

from bayessel import Selector
from bayessel.benchmark.compiled import RULES, run_compiled
from bayessel.errors import BudgetError, UnknownNameError


def test_the_same_seed_gives_the_same_rows_and_a_whole_sub_task_is_identified(task):
    scored = Selector(task, "llm-selector").task
    names = [name for name in RULES if name != "llm-selector-grid"]
    rows = run_compiled(scored, names, realizations=4, seed=1)
    again = run_compiled(scored, names, realizations=4, seed=1)
    pd.testing.assert_frame_equal(rows, again)
    last = rows[(rows["budget"] == 20) & ~rows["strategy"].str.startswith("llm")]
    assert last["correct"].all()
    assert not rows["correct"].all()
    assert ((rows["gap"] < 1e-12) == rows["correct"]).all()


def test_bad_input(task):
    with pytest.raises(UnknownNameError, match="did you mean 'panel'"):
        run_compiled(task, ["random"], protocol="pannel")
    with pytest.raises(UnknownNameError, match="compiled strategy"):
        run_compiled(task, ["randon"])
    with pytest.raises(BudgetError, match="at least 1"):
        run_compiled(task, ["random"], realizations=0)
