from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel import Task, simulate_task
from bayessel.errors import DataError, UnknownNameError
from bayessel.outcomes import MISSING
from bayessel.tasks.tables import Tables
from sample import rows


def frame(**kwargs) -> pd.DataFrame:
    return pd.DataFrame(rows(**kwargs))


def test_a_frame_becomes_a_task_and_the_baseline_is_inferred():
    task = Task.from_frame(frame())
    assert (task.n_queries, task.n_candidates, task.baseline) == (6, 3, "base")
    assert task.candidates == ("a", "b", "c")
    assert task.recorded.dtype == np.int8
    assert task.win_rate[0] == 1.0
    assert task.texts.responses[0, 1].startswith("answer 0 of b")
    assert task.texts.baseline[2].startswith("answer 2 of base")
    assert task.texts.queries.tolist() == [""] * 6


def test_missing_judgments_are_missing_and_not_draws():
    table = frame()
    table.loc[(table["query_id"] == "q1") & (table["model"] == "b"), "outcome"] = None
    task = Task.from_frame(table)
    assert task.recorded[1, 1] == MISSING
    assert (task.recorded != MISSING).sum() == 17


def test_words_are_outcomes_too():
    table = frame().replace({"outcome": {1: "Win", 0: "tie", -1: "loss"}})
    np.testing.assert_array_equal(
        Task.from_frame(table).recorded, Task.from_frame(frame()).recorded
    )


def test_without_texts_the_baseline_needs_no_name():
    table = frame().query("model != 'base'").drop(columns="text")
    task = Task.from_frame(table)
    assert task.baseline == "baseline"
    assert not task.has_texts
    with pytest.raises(DataError, match="no responses"):
        _ = task.texts
    assert Task.from_frame(table, baseline="gpt-x").baseline == "gpt-x"


def test_subsets_keep_the_order_given():
    task = Task.from_frame(frame())
    part = task.subset(["q4", "q1"], ["c", "a"])
    assert part.queries == ("q4", "q1")
    np.testing.assert_array_equal(part.recorded, task.recorded[np.ix_([4, 1], [2, 0])])
    assert part.texts.responses[0, 0] == task.texts.responses[4, 2]
    with pytest.raises(UnknownNameError, match="unknown query 'q44'"):
        task.subset(["q44"])
    with pytest.raises(DataError, match="one candidate"):
        task.subset(candidates=["a"])
    with pytest.raises(DataError, match="no queries"):
        task.subset(queries=[])


def test_the_fingerprint_is_of_the_texts_and_names_not_of_the_judgments():
    task = Task.from_frame(frame())
    assert task.without_recorded().fingerprint == task.fingerprint
    assert task.without_recorded().recorded_hash != task.recorded_hash
    assert (task.without_recorded().recorded == MISSING).all()
    other = frame()
    other.loc[3, "text"] = "something else"
    assert Task.from_frame(other).fingerprint != task.fingerprint
    renamed = frame().replace({"model": {"c": "d"}})
    assert Task.from_frame(renamed).fingerprint != task.fingerprint


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 5), st.booleans())
def test_tables_and_back(seed, n_queries, n_candidates, texts):
    rng = np.random.default_rng(seed)
    outcome = rng.choice([-1, 0, 1, MISSING], size=(n_queries, n_candidates))
    table = []
    for q in range(n_queries):
        for j in range(n_candidates + 1):
            judged = j < n_candidates and outcome[q, j] != MISSING
            row = {
                "query_id": f"q{q}",
                "model": f"m{j}",
                "outcome": outcome[q, j] if judged else "",
            }
            if texts:
                row["text"] = "" if rng.random() < 0.1 else f"{q} {j} \u4e2d\u6587 \U0001f600"
            table.append(row)
    whole = pd.DataFrame(table)
    task = Task.from_frame(whole, baseline=f"m{n_candidates}")
    assert (task.n_queries, task.n_candidates) == (n_queries, n_candidates)
    again = Task.from_tables(task.to_tables(), task.baseline)
    assert again.fingerprint == task.fingerprint
    np.testing.assert_array_equal(again.recorded, task.recorded)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="model"), "lacks column"),
        (lambda t: pd.concat([t, t.iloc[:2]]), "2 duplicate row"),
        (lambda t: t.assign(model=t["model"].where(t["model"] != "c")), "without a query_id or"),
        (lambda t: t[t["model"].isin(["a", "base"])], "one candidate"),
        (lambda t: t.replace({"model": {"c": " "}}), "empty name"),
        (lambda t: t.iloc[:0], "no queries"),
        (lambda t: t[~((t["model"] == "base") & (t["query_id"] == "q2"))], "baseline has no resp"),
    ],
)
def test_bad_frames_are_refused_with_a_reason(change, message):
    with pytest.raises(DataError, match=message):
        Task.from_frame(change(frame()))


def test_spaces_around_names_are_left_out_aloud():
    table = frame()
    table.loc[0, "model"] = " a"
    task = Task.from_frame(table)
    assert task.candidates == ("a", "b", "c")
    assert task.notes == ("left out the spaces around 1 name(s) in the column candidate: ' a'",)
    data = task.data.assign_coords(candidate=["a ", "b", "c"])
    with pytest.raises(DataError, match="candidate names that begin or end with a space: 'a '"):
        Task(data)


def test_what_is_missing_is_noted():
    assert Task.from_frame(frame()).notes == ()
    assert Task.from_frame(frame()).without_recorded().notes == ()
    table = frame(n_queries=20)
    of_b = table["model"] == "b"
    lacking = table[~(of_b & (table["query_id"] == "q3"))]
    assert Task.from_frame(lacking).notes == (
        "1 of 60 outcomes are missing on queries that were judged for others, and are never read "
        "as draws; most of 'b': 1 of 20",
        "1 of 60 responses are missing; most of 'b': 1 of 20",
    )
    table.loc[of_b & (table["query_id"] != "q0"), "outcome"] = ""
    few = Task.from_frame(table)
    assert few.notes[1:] == ("hardly judged, or spelled in two ways: 'b' (1 of 20)",)
    assert Task.from_tables(few.to_tables(), "base").notes == few.notes
    table.loc[table["query_id"].isin(["q1", "q2"]), "outcome"] = ""
    assert Task.from_frame(table).notes[0] == "2 of 20 queries have no outcome"
    table.loc[of_b, "outcome"] = ""  # a candidate that nobody judged is left out, not counted
    task = Task.from_frame(table, baseline="base")
    assert task.notes == ("2 of 20 queries have no outcome",)


def test_something_that_is_no_frame():
    with pytest.raises(DataError, match="given a list"):
        Task.from_frame([1, 2])


def test_the_baseline_column_names_it():
    table = frame().assign(baseline="base")
    assert Task.from_frame(table).baseline == "base"
    table.loc[0, "baseline"] = "other"
    with pytest.raises(DataError, match="expected one name"):
        Task.from_frame(table)


def test_absurd_sizes_are_refused_before_memory_is_taken():
    ids = pd.Series(range(8000)).astype(str)
    judged = pd.DataFrame({"query_id": "q" + ids, "candidate": "m" + ids, "outcome": 1})
    with pytest.raises(DataError, match="sample of the queries"):
        Task.from_tables(Tables(judged, None, None, None, "test"))


def test_broken_emoji_do_not_break_the_run_folder(tmp_path):
    table = frame().astype(object)
    table.loc[0, "text"] = "half a pair \ud83d"
    assert Task.from_frame(table).texts.responses[0, 0] == "half a pair ?"


def test_judge_scores_are_checked():
    task = Task.from_frame(frame())
    scored = task.with_weak_judges(np.ones((2, 6, 3)), ["x", "y"])
    assert scored.data["weak_score"].dims == ("weak_judge", "query", "candidate")
    assert scored.subset(candidates=["a", "c"]).data["weak_score"].shape == (2, 6, 2)
    with pytest.raises(DataError, match=r"expected \(1, 6, 3\)"):
        task.with_weak_judges(np.ones((2, 6, 3)), ["x"])
    with pytest.raises(DataError, match="finite"):
        task.with_weak_judges(np.full((1, 6, 3), np.nan), ["x"])


def test_the_simulator_is_what_it_says():
    task = simulate_task(n_queries=2000, n_candidates=5, spread=1.0, draw_band=0.2, seed=1)
    assert repr(task).startswith("Task(2000 queries x 5 candidates against 'baseline'; 10000 of")
    rates = np.sort(task.win_rate)
    assert rates[0] < 0.25
    assert rates[-1] > 0.75
    draws = (task.recorded == 0).mean()
    assert 0.05 < draws < 0.15
    same = simulate_task(n_queries=20, n_candidates=3, seed=7)
    assert same.fingerprint == simulate_task(n_queries=20, n_candidates=3, seed=7).fingerprint
    assert same.fingerprint != simulate_task(n_queries=20, n_candidates=3, seed=8).fingerprint
