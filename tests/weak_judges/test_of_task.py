from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayessel import Task
from bayessel.errors import DataError
from bayessel.weak_judges import score_weak_judges
from bayessel.weak_judges.of_task import score_task

NAMES = ("length", "lexical-variety")


def names_of(task: Task) -> list[str]:
    return [str(name) for name in task.data["weak_judge"].values]


@pytest.mark.parametrize("cached", [False, True])
def test_a_task_gets_the_scores_asked_for(task: Task, tmp_path: Path, cached: bool) -> None:
    scored = score_task(task, NAMES, cache=tmp_path if cached else None)
    np.testing.assert_array_equal(
        scored.data["weak_score"], score_weak_judges(task.texts, NAMES)[0]
    )
    assert names_of(scored) == list(NAMES)
    assert any(tmp_path.iterdir()) is cached


def test_scores_that_are_there_are_not_computed_again(task: Task) -> None:
    own = np.arange(3 * task.n_queries * task.n_candidates, dtype=float)
    own = own.reshape(3, task.n_queries, task.n_candidates)
    scored = task.with_weak_judges(own, [*NAMES, "mine"])
    one = score_task(scored, NAMES[1:])
    assert names_of(one) == ["lexical-variety"]
    np.testing.assert_array_equal(one.data["weak_score"], own[1:2])
    assert score_task(scored, ("length", "kgram-2")) is scored  # not all there: those it has


def test_nothing_to_score(task: Task) -> None:
    bare = Task(task.data.drop_vars(["response", "baseline_response"]))
    assert score_task(bare, NAMES) is bare
    assert score_task(task, ()) is task


def test_given_weak_judges_are_kept_beside_the_text_statistics(task: Task) -> None:
    given = task.with_weak_judge("cheap", task.recorded, "verdict")
    scored = score_task(given, NAMES)
    assert names_of(scored) == [*NAMES, "cheap"]
    np.testing.assert_array_equal(scored.data["weak_score"][2], task.recorded)
    assert names_of(score_task(scored, NAMES[1:])) == [NAMES[1], "cheap"]
    bare = Task(given.data.drop_vars(["response", "baseline_response"]))
    assert names_of(score_task(bare, NAMES)) == ["cheap"]
    clash = task.with_weak_judge(NAMES[0], task.recorded, "verdict")
    with pytest.raises(DataError, match="'length' has the name of a text statistic"):
        score_task(clash, NAMES)
    assert score_task(clash, NAMES[1:]) is not clash
