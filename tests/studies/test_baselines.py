"""One judged data set against several baselines, where scores or games allow it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayessel.errors import BudgetError, DataError, UnknownNameError
from bayessel.studies.baselines import read_against

SCORES = {"a": [5, 3, 2, 4], "b": [4, 4, 2, 1], "c": [1, 3, 3, 5], "base": [3, 3, 3, 3]}


def folder(path: Path, **columns) -> Path:
    """A Parquet folder judged against ``base``, with the scores behind the outcomes."""
    judged = [
        {
            "query_id": f"q{q}",
            "model": model,
            "outcome": int(np.sign(score - SCORES["base"][q])),
            "score": float(score),
            "baseline_score": float(SCORES["base"][q]),
        }
        for model, scores in SCORES.items()
        if model != "base"
        for q, score in enumerate(scores)
    ]
    texts = [
        {"query_id": f"q{q}", "model": model, "text": f"{model} says {q}"}
        for model in SCORES
        for q in range(4)
    ]
    path.mkdir()
    pd.DataFrame(judged).assign(**columns).to_parquet(path / "judgments.parquet")
    pd.DataFrame(texts).to_parquet(path / "responses.parquet")
    return path


def against(name: str, tolerance: float = 0) -> np.ndarray:
    """[4, 3] outcomes of the others, by name."""
    others = sorted(set(SCORES) - {name})
    difference = np.array([np.subtract(SCORES[m], SCORES[name]) for m in others]).T
    return np.where(np.abs(difference) <= tolerance, 0, np.sign(difference))


@pytest.mark.parametrize("name", ["a", "b", "c", "base"])
def test_scores_beside_outcomes_are_compared_anew(tmp_path, name):
    task = read_against(folder(tmp_path / "set"), name)
    assert task.baseline == name
    assert list(task.candidates) == sorted(set(SCORES) - {name})
    np.testing.assert_array_equal(task.recorded, against(name))
    assert task.data["baseline_response"].values[0] == f"{name} says 0"


def test_a_tolerance_makes_draws(tmp_path):
    path = folder(tmp_path / "set")
    np.testing.assert_array_equal(read_against(path, "a", tolerance=1).recorded, against("a", 1))
    np.testing.assert_array_equal(
        read_against(path, "base", tolerance=1).recorded, against("base", 1)
    )


def test_a_tolerance_out_of_range(tmp_path):
    with pytest.raises(BudgetError, match="tolerance is -1"):
        read_against(folder(tmp_path / "set"), "a", tolerance=-1)


def test_a_table_of_scores(tmp_path):
    rows = [
        {"query_id": f"q{q}", "model": m, "score": s}
        for m, scores in SCORES.items()
        for q, s in enumerate(scores)
    ]
    path = tmp_path / "scores.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    for name in SCORES:
        np.testing.assert_array_equal(read_against(path, name).recorded, against(name))
    np.testing.assert_array_equal(read_against(path, "b", tolerance=1).recorded, against("b", 1))


def test_games_against_two_baselines(tmp_path):
    path = tmp_path / "games"
    judge = path / "model_judgment" / "strong"
    judge.mkdir(parents=True)
    for model, verdicts in {"x": ("A>B", "A=B"), "y": ("B>A", "A>B")}.items():
        lines = [
            {
                "question_id": "q0",
                "model": model,
                "baseline": baseline,
                "games": [{"score": verdict}, {"score": "A=B"}],
            }
            for baseline, verdict in zip(("one", "two"), verdicts, strict=True)
        ]
        (judge / f"{model}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    np.testing.assert_array_equal(read_against(path, "one").recorded, [[-1, 1]])
    np.testing.assert_array_equal(read_against(path, "two").recorded, [[0, -1]])
    with pytest.raises(UnknownNameError, match="did you mean 'one'"):
        read_against(path, "onee")


def test_outcomes_against_one_baseline_only(tmp_path):
    path = folder(tmp_path / "set")
    judged = pd.read_parquet(path / "judgments.parquet").drop(columns=["score", "baseline_score"])
    judged.to_parquet(path / "judgments.parquet")
    with pytest.raises(DataError, match=r"only outcomes against 'base'.*give scores"):
        read_against(path, "a")
    assert read_against(path, "base").baseline == "base"


def test_what_cannot_be_compared(tmp_path):
    path = folder(tmp_path / "set")
    with pytest.raises(UnknownNameError, match="did you mean 'base'"):
        read_against(path, "bases")
    judged = pd.read_parquet(path / "judgments.parquet")
    lacking = judged[(judged["model"] != "a") | (judged["query_id"] != "q2")]
    lacking.to_parquet(path / "judgments.parquet")
    with pytest.raises(DataError, match=r"'a' has no score for 1 of 4 scored queries, .* 'q2'"):
        read_against(path, "a")
    judged.assign(outcome=-judged["outcome"]).to_parquet(path / "judgments.parquet")
    with pytest.raises(DataError, match="recorded outcomes are not what their scores say"):
        read_against(path, "a")
    judged.assign(baseline_score=np.arange(12.0)).to_parquet(path / "judgments.parquet")
    with pytest.raises(DataError, match="baseline_score differs within query"):
        read_against(path, "a")


def test_outcomes_with_a_band_need_their_tolerance(tmp_path):
    path = folder(tmp_path / "set")
    judged = pd.read_parquet(path / "judgments.parquet")
    close = (judged["score"] - judged["baseline_score"]).abs() <= 1
    judged.loc[close, "outcome"] = 0
    judged.to_parquet(path / "judgments.parquet")
    with pytest.raises(DataError, match="give --tolerance"):
        read_against(path, "b")
    np.testing.assert_array_equal(read_against(path, "b", tolerance=1).recorded, against("b", 1))
