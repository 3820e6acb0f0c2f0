"""What makes a dataset a task."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError
from sample import rows


@pytest.fixture(scope="module")
def data():
    return Task.from_frame(pd.DataFrame(rows())).data


def without(data, name, **at):
    """The dataset with a text missing."""
    changed = data.copy(deep=True)
    changed[name][at] = None
    return changed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop_vars("recorded"), "a variable 'recorded'"),
        (lambda d: d.drop_attrs(deep=False), "an attribute 'baseline'"),
        (lambda d: d.isel(query=[]), "no queries"),
        (lambda d: d.isel(candidate=[0]), r"one candidate \('a'\)"),
        (lambda d: d.isel(candidate=[]), "no candidate"),
        (lambda d: d.assign_coords(candidate=["a", "b", "a"]), "duplicate candidate names"),
        (lambda d: d.isel(query=[0, 0]), "duplicate query names"),
        (lambda d: d.assign_coords(candidate=["a", "b", " "]), "a candidate has an empty name"),
        (lambda d: d.assign_coords(candidate=["a ", "b", "c"]), "end with a space: 'a '"),
        (lambda d: d.assign_attrs(baseline="c"), "baseline 'c' is also a candidate"),
        (lambda d: d.assign(recorded=d["recorded"].astype(float)), "outcomes must be int8"),
        (lambda d: d.assign(recorded=d["recorded"] * np.int8(2)), "outcomes must be int8"),
        (lambda d: d.drop_vars("baseline_response"), "without 'baseline_response'"),
    ],
)
def test_what_is_not_a_task_is_refused_with_the_reason(data, change, message):
    with pytest.raises(DataError, match=message):
        Task(change(data))


def test_a_response_may_be_missing(data):
    task = Task(without(data, "response", query=2, candidate=1))
    assert task.responses_to("q2")["b"] is None
    assert task.texts.responses[2, 1] == ""


@pytest.mark.parametrize(
    ("name", "at", "cells"),
    [
        ("response", {"candidate": 1}, [(q, 1) for q in range(6)]),
        ("response", {"query": 2}, [(2, j) for j in range(3)]),
        ("baseline_response", {"query": 2}, [(2, j) for j in range(3)]),
    ],
)
def test_what_has_no_response_cannot_be_asked(data, name, at, cells):
    task = Task(without(data, name, **at))
    assert [tuple(cell) for cell in np.argwhere(~task.answered)] == cells
    assert task.texts.baseline.shape == (6,)
