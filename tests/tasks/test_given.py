"""Weak judges whose scores or verdicts are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.outcomes import MISSING
from bayessel.tasks.readers import read_tables
from sample import rows


def bare() -> Task:
    """Queries q0 to q5, candidates a, b, c, the baseline base."""
    return Task.from_frame(pd.DataFrame(rows()))


def said(*cells: tuple[str, str, object], column: str = "score") -> pd.DataFrame:
    return pd.DataFrame(cells, columns=["query_id", "model", column])


def score_of(task: Task, name: str) -> np.ndarray:
    return task.data["weak_score"].sel(weak_judge=name).values


def test_scores_of_some_cells_come_in_by_name_and_the_others_are_missing():
    task = bare().with_weak_judge("rm", said(("q1", "b", 0.5), ("q0", "a", -2), ("q3", "c", None)))
    expected = np.full((6, 3), np.nan)
    expected[1, 1], expected[0, 0] = 0.5, -2.0
    np.testing.assert_array_equal(score_of(task, "rm"), expected)
    assert task.data["weak_kind"].values.tolist() == ["score"]
    assert any("'rm' says nothing of 16 of 18 cells" in note for note in task.notes)


def test_verdicts_are_kept_apart_from_scores():
    verdicts = said(("q1", "b", "win"), ("q0", "a", "loss"), ("q2", "c", 0), column="outcome")
    task = bare().with_weak_judge("cheap", verdicts).with_weak_judge("rm", said(("q0", "a", 3.5)))
    assert dict(
        zip(task.data["weak_judge"].values, task.data["weak_kind"].values, strict=True)
    ) == {"cheap": "verdict", "rm": "score"}
    assert [score_of(task, "cheap")[cell] for cell in ((1, 1), (0, 0), (2, 2))] == [1, -1, 0]
    scores, names = task.weak_scores("verdict")
    assert names == ("cheap",)
    assert scores.shape == (1, 6, 3)


def test_the_baselines_scores_are_taken_off():
    cells = [("q0", "a", 7), ("q0", "base", 4), ("q1", "a", 5), ("q1", "base", 5), ("q2", "a", 9)]
    task = bare().with_weak_judge("marks", said(*cells))
    assert score_of(task, "marks")[:2, 0].tolist() == [3, 0]
    assert np.isnan(score_of(task, "marks")[2, 0])
    assert any("left out 1 score on queries where the baseline" in note for note in task.notes)
    compared = bare().with_weak_judge("marks", said(*cells), kind="verdict")
    assert score_of(compared, "marks")[:2, 0].tolist() == [1, 0]
    with pytest.raises(DataError, match="which has none: add them, or give kind='score'"):
        bare().with_weak_judge("marks", said(("q0", "a", 7)), kind="verdict")


def test_arrays_say_their_kind():
    task, score = bare(), np.arange(18.0).reshape(6, 3)
    score[2, 1] = np.nan
    np.testing.assert_array_equal(score_of(task.with_weak_judge("x", score, "score"), "x"), score)
    outcome = task.recorded.copy()
    outcome[0] = MISSING
    verdicts = score_of(task.with_weak_judge("x", outcome, "verdict"), "x")
    assert np.isnan(verdicts[0]).all()
    np.testing.assert_array_equal(verdicts[1:], task.recorded[1:])
    for given, kind, why in (
        (score, None, "give kind='verdict'"),
        (score[:, :2], "score", r"shape \(6, 2\), expected \(6, 3\)"),
        (score, "verdict", "has the verdict 2: verdicts are -1, 0 or 1"),
        (np.where(score == 3, np.inf, score), "score", "infinite scores"),
        (np.full((6, 3), np.nan), "score", "says nothing of any cell"),
        ("x", "score", "no known format|ends in"),
        ([["a"]], "score", "expected an array of numbers"),
    ):
        with pytest.raises(DataError, match=why):
            task.with_weak_judge("x", given, kind)
    with pytest.raises(UnknownNameError, match="did you mean 'verdict'"):
        task.with_weak_judge("x", score, "verdicts")


@pytest.mark.parametrize(
    ("frame", "error", "why"),
    [
        (said(("q0", "A", 1), ("q0", "b", 1)), UnknownNameError, "did you mean 'a'"),
        (said(("q99", "a", 1)), UnknownNameError, "weak judge 'x': unknown query 'q99'"),
        (said(("q0", "elsewhere", 1)), UnknownNameError, "unknown candidate 'elsewhere'"),
        (said(("q0", "a", 1), ("q0", "a", 2)), DataError, r"query 'q0', candidate 'a' \(1 and 2\)"),
        (said(("q0", "a", "high")), DataError, "row 1: score is 'high'; write a finite number"),
        (said(("q0", "a", np.inf)), DataError, "row 1: score is inf"),
        (said(("q0", "a", "won"), column="outcome"), DataError, "unknown outcome 'won'"),
        (said(("q0", "a", None)), DataError, "says nothing of any cell"),
        (said(("q0", "a", 1), column="points"), DataError, "lacks score"),
        (said(("q0", "a", 1)).assign(outcome=1), DataError, "both 'outcome' and 'score'"),
        (said((None, "a", 1)), DataError, "row 1: query_id is empty"),
    ],
)
def test_what_makes_no_weak_judge_is_refused(frame, error, why):
    with pytest.raises(error, match=why):
        bare().with_weak_judge("x", frame)


def test_names_are_not_given_twice_nor_empty():
    task = bare().with_weak_judge("x", said(("q0", "a", 1)))
    with pytest.raises(DataError, match="has a weak judge 'x' already"):
        task.with_weak_judge(" x", said(("q0", "a", 1)))
    with pytest.raises(DataError, match="give it a name of its own"):
        task.with_weak_judge(" ", said(("q0", "a", 1)))
    assert "weak_score" not in task.without_weak_judges().data


def test_what_could_surprise_is_noted():
    cells = [("q0", "a", 1), ("q0", "a", 1), ("q1", "b", 1), ("q77", "b", 1), ("q1", "zz", 1)]
    notes = bare().with_weak_judge("x", said(*cells)).notes
    for part in (
        "dropped 1 row that repeat",
        "1 query that the task does not have",
        "1 candidate that the task does not have, which were left out: 'zz'",
        "says the same of every cell",
    ):
        assert sum(part in note for note in notes) == 1, (part, notes)


def test_given_weak_judges_survive_subsets_text_scores_and_tables(tmp_path):
    task = bare().with_weak_judge("x", said(("q0", "a", 0.1), ("q4", "c", 1 / 3)))
    both = task.with_weak_judges(np.ones((2, 6, 3)), ["t", "u"])
    assert both.data["weak_kind"].values.tolist() == ["text", "text", "score"]
    again = both.with_weak_judges(np.zeros((1, 6, 3)), ["v"])
    assert again.data["weak_judge"].values.tolist() == ["v", "x"]
    part = both.subset(["q4", "q0"], ["c", "a"])
    assert score_of(part, "x")[0, 0] == 1 / 3
    back = Task.from_tables(both.to_tables())
    np.testing.assert_array_equal(score_of(back, "x"), score_of(task, "x"))
    assert back.data["weak_judge"].values.tolist() == ["x"]  # the others are computed again
    assert back.fingerprint == both.fingerprint == task.fingerprint
    without = Task(both.data.drop_vars(["response", "baseline_response"]))
    kept = Task.from_tables(without.to_tables())  # nothing to compute them from
    assert kept.data["weak_kind"].values.tolist() == ["text", "text", "score"]
    np.testing.assert_array_equal(score_of(kept, "u"), 1)


def test_the_fingerprint_changes_with_what_weak_judges_are_given():
    task = bare()
    one = task.with_weak_judge("x", said(("q0", "a", 1)))
    assert one.fingerprint != task.fingerprint
    assert one.fingerprint != task.with_weak_judge("x", said(("q0", "a", 2))).fingerprint
    assert one.fingerprint != task.with_weak_judge("y", said(("q0", "a", 1))).fingerprint
    assert task.with_weak_judges(np.ones((1, 6, 3)), ["t"]).fingerprint == task.fingerprint


def test_columns_of_a_table(tmp_path):
    frame = pd.DataFrame(rows())
    frame["weak:cheap"] = ["win", "loss", None, None] * 6
    frame["weak:marks"] = [7, 5, "", 4] * 6  # the baseline's last
    frame["weak:coded"] = [1, -1, 0, None] * 6
    frame["weak:passed"] = [1, 0, 0, None] * 6
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    for task in (Task.read(path, baseline="base"), Task.from_frame(frame, baseline="base")):
        kinds = dict(
            zip(task.data["weak_judge"].values, task.data["weak_kind"].values, strict=True)
        )
        assert kinds == {
            "cheap": "verdict",
            "marks": "score",
            "coded": "verdict",
            "passed": "score",
        }
        np.testing.assert_array_equal(score_of(task, "marks")[3], [3, 1, np.nan])
        np.testing.assert_array_equal(score_of(task, "cheap")[3], [1, -1, np.nan])
        assert not any("not used" in note for note in task.notes)


@pytest.mark.parametrize(
    ("column", "why"),
    [({"weak:": 1}, "has no name; write weak:NAME"), ({"weak:x": "maybe"}, "weak:x is 'maybe'")],
)
def test_columns_that_say_nothing_are_refused(column, why):
    with pytest.raises(DataError, match=why):
        Task.from_frame(pd.DataFrame(rows()).assign(**column), baseline="base")


def test_a_folder_has_them_in_a_table_of_their_own(tmp_path):
    task = bare().with_weak_judge("x", said(("q0", "a", 0.5)))
    tables = task.to_tables()
    for name in ("judgments", "responses", "queries", "weak_judges"):
        getattr(tables, name).to_parquet(tmp_path / f"{name}.parquet")
    back = Task.read(tmp_path, baseline="base")
    np.testing.assert_array_equal(score_of(back, "x"), score_of(task, "x"))
    for change, why in (
        ({"kind": "guess"}, "unknown kind of the weak judge 'x'"),
        ({"score": float("inf")}, "row 1: score is inf"),
        ({"weak_judge": ""}, "weak_judge is empty"),
    ):
        tables.weak_judges.assign(**change).to_parquet(tmp_path / "weak_judges.parquet")
        with pytest.raises((DataError, UnknownNameError), match=why):
            read_tables(tmp_path)


@pytest.mark.real_data
def test_another_judges_scores_of_a_real_set(data):
    table = pd.read_parquet(data / "shaberi_elyza100" / "scores_all_judges.parquet")
    other = "gpt-5.1-2025-11-13"  # the recorded outcomes are another judge's
    task = Task.read(data / "shaberi_elyza100")
    theirs = table[table["judge"] == other]
    judged = task.with_weak_judge(other, theirs)
    verdicts = task.with_weak_judge(other, theirs, kind="verdict")
    scores, sign = score_of(judged, other), score_of(verdicts, other)
    known = ~np.isnan(scores)
    assert known.any(axis=0).sum() == 43
    assert any("that the task does not have" in note for note in judged.notes)
    np.testing.assert_array_equal(np.sign(scores[known]), sign[known])
    decided = known & (task.recorded != 0) & (task.recorded != MISSING) & (sign != 0)
    assert (sign == task.recorded)[decided].mean() > 0.8  # a weak judge worth listening to


def test_outcomes_of_0_and_1_are_noted_or_read_as_the_user_says():
    told = said(("q0", "a", 0), ("q1", "b", 1), column="outcome")
    task = bare().with_weak_judge("cheap", told)
    assert score_of(task, "cheap")[0, 0] == 0
    assert any("every outcome is 0 or 1, which was read as a draw" in note for note in task.notes)
    shares = said(("q0", "a", 0), ("q1", "b", 1), ("q2", "c", 0.5), column="outcome")
    task = bare().with_weak_judge("cheap", shares, outcomes="0-1")
    assert [score_of(task, "cheap")[cell] for cell in ((0, 0), (1, 1), (2, 2))] == [-1, 1, 0]
    assert not any("0 or 1" in note for note in task.notes)
    words = said(("q0", "a", "draw"), ("q1", "b", "win"), column="outcome")
    assert not any("0 or 1" in n for n in bare().with_weak_judge("cheap", words).notes)
    with pytest.raises(UnknownNameError, match="unknown way to write outcomes '0-2'"):
        bare().with_weak_judge("cheap", told, outcomes="0-2")
